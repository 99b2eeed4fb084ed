"""随货同行单 of a shipment as PDF: each lot or serial with its UDI, each case with its SSCC.

The fields are those of GSP art. 91 and 92. The paper is made once for each state that it can say
(on its way, cancelled) and archived; whoever prints it prints those bytes. # SAL-02
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from traceward.domain.catalog.rules import unit_words
from traceward.domain.stock.models import Precision
from traceward.domain.warehousing.models import Shipment
from traceward.domain.warehousing.queries import (
    DeliveryNote,
    NoteLine,
    Pallet,
    delivery_note,
    pallets_of,
)
from traceward.kernel.base.gs1 import CodeProblem, write_date
from traceward.kernel.base.refusals import NotFound, TooLarge, sentence
from traceward.kernel.documents import paper, symbols
from traceward.kernel.documents.files import Content, content_of, versions

ROLE = "delivery note"
TEMPLATE = Path(__file__).with_name("delivery_note.typ")
#: A page holds about eleven lines, and a command has thirty seconds.
MAX_LINES = 2_000


def delivery_note_of(shipment_id: int, version: int | None = None) -> Content:
    """The archived paper: the version that counts, or an older one; its hash was checked."""
    found = versions(shipment_id, ROLE)
    row = (found.filter(version=version) if version else found).first()
    if row is None:
        raise NotFound(
            sentence(
                "There is no such delivery note yet. It is made a moment after the goods leave; "
                "print it to have it at once."
            )
        )
    return content_of(row.file)


def made(shipment: Shipment, *, void_on: date | None) -> bytes:
    """The paper as PDF; marked 作废 where the shipment was cancelled on that day."""
    note = delivery_note(shipment.pk)
    if len(note.lines) > MAX_LINES:
        raise TooLarge(
            sentence("A delivery note takes {most} lines, this one has {lines}. Ship in parts."),
            most=MAX_LINES,
            lines=len(note.lines),
        )
    return paper.pdf(TEMPLATE, _data(shipment, note, void_on), at=shipment.dispatched_at)


def _data(shipment: Shipment, note: DeliveryNote, void_on: date | None) -> dict[str, Any]:
    """All texts of the paper, as the template asks for them."""
    checker = shipment.from_pick.checked_by
    cases = {code: str(n) for n, code in enumerate(_cases(note.lines), 1)}
    pallets = pallets_of(list(cases))
    numbers = {code: str(n) for n, code in enumerate([*cases, *(p.code for p in pallets)], 1)}
    vehicle, waybill = note.vehicle_plate, note.waybill
    if vehicle and note.driver:
        vehicle += f"　{note.driver}"
    return {
        "title": f"随货同行单 {note.number}",
        "number": note.number,
        "symbol": asdict(symbols.qr(note.number)),
        "supplier": note.supplier,
        "site": shipment.site.name("zh"),
        "dispatched_on": str(note.dispatched_on),
        "consignee": note.consignee,
        "address": note.address,
        "phone": note.phone,
        "place": note.place,
        "order": str(shipment.demand),
        "transport_mode": note.transport_mode,
        "conditions": note.conditions,
        "carrier": note.carrier,
        "vehicle": vehicle,
        "waybill": waybill,
        "void_on": str(void_on) if void_on else "",
        "lines": [_line(n, line, cases) for n, line in enumerate(note.lines, 1)],
        "line_count": len(note.lines),
        "totals": _by_unit(note.lines),
        "case_count": len(cases),
        "cases": [
            *(_case(number, code, note.lines) for code, number in cases.items()),
            *(_pallet(numbers[p.code], p, numbers) for p in pallets),
        ],
        "issued_by": shipment.created_by.name("zh"),
        "checked_by": checker.name("zh") if checker else "",
    }


def _line(number: int, line: NoteLine, cases: dict[str, str]) -> dict[str, Any]:
    expires = line.expires_on
    is_month = line.expiry_precision == Precision.MONTH
    shown = (f"{expires:%Y-%m}" if is_month else str(expires)) if expires else line.service_life
    return {
        **{name: value for name, value in asdict(line).items() if isinstance(value, str)},
        "number": str(number),
        "quantity": f"{line.quantity:,}",
        "unit": unit_words(line.unit),
        "expires": shown,
        "case": cases.get(line.sscc, ""),
        "symbol": _udi(line),
    }


def _udi(line: NoteLine) -> dict[str, Any] | None:
    """The UDI of what the line sends; nothing where the item's code is not one of GS1's.

    Device identifier, expiry, lot, serial: what the ledger knows, as the label has it.
    """
    precision: Any = line.expiry_precision
    elements = [("01", line.udi_di)]
    elements += [("17", write_date(line.expires_on, precision))] if line.expires_on else []
    elements += [("10", line.lot)] if line.lot else []
    elements += [("21", line.serial)] if line.serial else []
    try:
        return asdict(symbols.data_matrix(elements))
    except CodeProblem:
        return None


def _cases(lines: Sequence[NoteLine]) -> list[str]:
    """The codes of the cases, each once, as they come on the lines."""
    return list(dict.fromkeys(line.sscc for line in lines if line.sscc))


def _case(number: str, code: str, lines: Sequence[NoteLine]) -> dict[str, Any]:
    inside = [line for line in lines if line.sscc == code]
    return {
        "number": number,
        **_sscc(code),
        "totals": _by_unit(inside),
        "is_mixed": len({(line.lot, line.serial, line.udi_di) for line in inside}) > 1,
        "holds": "",
    }


def _pallet(number: str, pallet: Pallet, numbers: dict[str, str]) -> dict[str, Any]:
    holds = "、".join(numbers[code] for code in pallet.holds)
    return {"number": number, **_sscc(pallet.code), "totals": [], "is_mixed": False, "holds": holds}


def _sscc(code: str) -> dict[str, Any]:
    """The code as a symbol; as text only where it is no SSCC."""
    try:
        symbol = asdict(symbols.gs1_128([("00", code)]))
    except CodeProblem:
        return {"symbol": None, "text": code}
    return {"symbol": symbol, "text": symbol["text"]}


def _by_unit(lines: Sequence[NoteLine]) -> list[str]:
    """How much there is of each unit: "1,200 件"."""
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        totals[line.unit] += line.quantity
    return [f"{total:,} {unit_words(unit)}" for unit, total in totals.items()]
