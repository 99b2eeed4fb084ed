"""Runs the vectors of HIBC and MA, and the registered UDI-DIs, and says what came of each.

A vector that the published standard itself contradicts runs as what a strict reader must answer.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from tests.kernel.gs1.vectors import Outcome
from tests.kernel.shared_data import GUDID, HIBC, MA
from traceward.kernel.base.codes import normalise_di
from traceward.kernel.base.gs1 import CodeDate, CodeProblem
from traceward.kernel.base.hibc import Hibc, parse_hibc
from traceward.kernel.base.ma import MaCode, parse_ma

TODAY = date(2026, 11, 28)

#: What a vector says is wrong → the codes that we answer with.
OUR_CODES = {
    "check character": {"hibc_check"},
    "link character": {"hibc_link"},
    "LIC must start with a letter": {"hibc_labeler"},
    "not MA": {"ma_address"},
    "incomplete DI": {"ma_di"},
}
#: As the register names the agencies.
AGENCIES = {"GS1": "GS1", "HIBCC": "HIBC"}


def day(value: CodeDate | None) -> str | None:
    """The day, with the hour where there is one, as the vectors write it."""
    if value is None:
        return None
    return f"{value.on}T{value.at:%H:%M}" if value.at else str(value.on)


def month(value: CodeDate | None) -> str | None:
    return f"{value.on:%Y-%m}" if value and value.precision == "month" else None


HIBC_FIELDS: dict[str, Callable[[Hibc], Any]] = {
    "lic": lambda x: x.labeler,
    "pcn": lambda x: x.product,
    "uom": lambda x: x.unit_of_measure,
    "lot": lambda x: x.lot,
    "serial": lambda x: x.serial,
    "expiry": lambda x: day(x.expires),
    "expiry_month": lambda x: month(x.expires),
    "mfg": lambda x: day(x.produced),
    "quantity": lambda x: x.quantity,
}
MA_FIELDS: dict[str, Callable[[MaCode], Any]] = {
    "di": lambda x: x.di,
    "country": lambda x: x.di.split(".")[1],
    "industry": lambda x: x.di.split(".")[2],
    "registrant": lambda x: x.di.split(".")[3],
    "package_level": lambda x: x.level,
    "item": lambda x: x.di[-7:-1],
    "check": lambda x: x.di[-1],
    "lot": lambda x: x.lot,
    "serial": lambda x: x.serial,
    "mfg": lambda x: day(x.produced),
    "expiry": lambda x: day(x.expires),
    "valid_until": lambda x: day(x.valid_until),
    "sterilisation_lot": lambda x: x.sterilisation_lot,
    "checksum": lambda x: dict(x.others).get("C"),
}
#: Said by a vector in words, not as a value.
REMARKS = {"note", "link"}


def _expect(wanted: dict[str, Any], fields: dict[str, Callable[[Any], Any]], found: Any) -> None:
    for name, value in wanted.items():
        if name == "pi":
            _expect(value, fields, found)
        elif name not in REMARKS:
            assert fields[name](found) == value, f"{name}: {fields[name](found)} for {value}"


def _run(
    vector: dict[str, Any], read: Callable[[], Any], fields: dict[str, Callable[[Any], Any]]
) -> None:
    error = vector.get("expect_error") or vector.get("strict_expect_error")
    problem, found = None, None
    try:
        found = read()
    except CodeProblem as caught:
        problem = caught
    if error is None:
        assert problem is None, f"{vector}: {problem}"
        _expect(vector["expect"], fields, found)
    else:
        assert problem is not None, f"{vector}: accepted"
        assert problem.code in OUR_CODES[error], f"{vector}: {problem} instead of {error}"


def run_hibc(vector: dict[str, Any]) -> None:
    raws = vector.get("barcodes_in_scan_order") or [vector["barcode"]]
    _run(vector, lambda: parse_hibc(raws, TODAY), HIBC_FIELDS)


def run_ma(vector: dict[str, Any]) -> None:
    _run(vector, lambda: parse_ma(vector["code"], TODAY), MA_FIELDS)


def run_registered(identifier: dict[str, str]) -> None:
    """A UDI-DI of the register is one that its agency can have given."""
    agency, di = AGENCIES[identifier["deviceIdIssuingAgency"]], identifier["deviceId"]
    try:
        normalise_di(agency, di)
    except CodeProblem as problem:
        raise AssertionError(f"{agency} {di}: {problem}") from None


def registered() -> Iterable[dict[str, str]]:
    for line in GUDID.read_text(encoding="utf-8").splitlines():
        yield from json.loads(line)["identifiers"]


GROUPS: dict[str, tuple[Callable[[], Iterable[Any]], Callable[[Any], None]]] = {
    "HIBC": (lambda: json.loads(HIBC.read_text(encoding="utf-8")), run_hibc),
    "MA": (lambda: json.loads(MA.read_text(encoding="utf-8")), run_ma),
    "registered UDI-DIs (GUDID)": (registered, run_registered),
}


def run_group(name: str) -> Outcome:
    vectors, runner = GROUPS[name]
    outcome = Outcome()
    for vector in vectors():
        try:
            runner(vector)
        except AssertionError as failure:
            outcome.failures.append(str(failure))
        else:
            outcome.passed += 1
    return outcome
