"""Runs GS1's published vectors against the package and says passed, failed or skipped of each.

A vector is skipped only when it tests what the package does not offer; each skip says why, and
docs/reference/gs1.md counts them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from traceward.kernel.base.gs1 import (
    AI_TABLE,
    FNC1,
    CodeProblem,
    Element,
    build_digital_link,
    build_elements,
    identify,
    parse_digital_link,
    parse_elements,
    parse_hri,
)
from traceward.kernel.base.gs1.associations import (
    check_companions,
    check_exclusions,
    check_repeats,
    check_signature,
)
from traceward.kernel.base.gs1.digital_link import escape, unescape
from traceward.kernel.base.gs1.elements import check_element
from traceward.kernel.base.gs1.linters import LINTERS

TODAY = date(2026, 11, 22)

#: Name of an error in the vectors → the codes that we answer with.
OUR_CODES = {
    "NON_DIGIT_CHARACTER": {"not_digit"},
    "INVALID_CSET82_CHARACTER": {"bad_character"},
    "INVALID_CSET39_CHARACTER": {"bad_character"},
    "INVALID_CSET64_CHARACTER": {"bad_character"},
    "INVALID_CSET64_PADDING": {"bad_padding"},
    "INVALID_IMPORT_IDX_CHARACTER": {"bad_character"},
    "IMPORTER_IDX_MUST_BE_ONE_CHARACTER": {"value_too_short", "value_too_long"},
    "INVALID_IBAN_CHARACTER": {"bad_character"},
    "TOO_SHORT_FOR_CHECK_DIGIT": {"value_too_short"},
    "INCORRECT_CHECK_DIGIT": {"wrong_check_digit"},
    "TOO_SHORT_FOR_CHECK_PAIR": {"value_too_short"},
    "TOO_LONG_FOR_CHECK_PAIR_IMPLEMENTATION": {"value_too_long"},
    "INCORRECT_CHECK_PAIR": {"wrong_check_pair"},
    "TOO_SHORT_FOR_GCP": {"value_too_short"},
    "INVALID_GCP_PREFIX": {"bad_company_prefix"},
    "REQUIRES_NON_DIGIT_CHARACTER": {"needs_non_digit"},
    "DATE_TOO_SHORT": {"value_too_short"},
    "DATE_TOO_LONG": {"value_too_long"},
    "ILLEGAL_MONTH": {"bad_month"},
    "ILLEGAL_DAY": {"bad_day"},
    "HOUR_TOO_SHORT": {"value_too_short"},
    "HOUR_TOO_LONG": {"value_too_long"},
    "ILLEGAL_HOUR": {"bad_hour"},
    "MINUTE_TOO_SHORT": {"value_too_short"},
    "MINUTE_TOO_LONG": {"value_too_long"},
    "ILLEGAL_MINUTE": {"bad_minute"},
    "SECOND_TOO_SHORT": {"value_too_short"},
    "SECOND_TOO_LONG": {"value_too_long"},
    "ILLEGAL_SECOND": {"bad_second"},
    "HOUR_WITH_MINUTE_TOO_SHORT": {"value_too_short"},
    "HOUR_WITH_MINUTE_TOO_LONG": {"value_too_long"},
    "NOT_HYPHEN": {"bad_choice"},
    "NOT_ZERO": {"bad_choice"},
    "NOT_ZERO_OR_ONE": {"bad_choice"},
    "INVALID_WINDING_DIRECTION": {"bad_choice"},
    "INVALID_BIOLOGICAL_SEX_CODE": {"bad_choice"},
    "NOT_ISO3166": {"unknown_country"},
    "NOT_ISO3166_OR_999": {"unknown_country"},
    "NOT_ISO3166_ALPHA2": {"unknown_country"},
    "NOT_ISO4217": {"unknown_currency"},
    "ILLEGAL_IBAN_COUNTRY_CODE": {"unknown_country"},
    "IBAN_TOO_SHORT": {"value_too_short"},
    "IBAN_TOO_LONG": {"value_too_long"},
    "INCORRECT_IBAN_CHECKSUM": {"wrong_iban_check"},
    "INVALID_MEDIA_TYPE": {"unknown_media_type"},
    "INVALID_PACKAGE_TYPE": {"unknown_package_type"},
    "LATITUDE_INVALID_LENGTH": {"value_too_short", "value_too_long"},
    "INVALID_LATITUDE": {"bad_latitude"},
    "LONGITUDE_INVALID_LENGTH": {"value_too_short", "value_too_long"},
    "INVALID_LONGITUDE": {"bad_longitude"},
    "ILLEGAL_ZERO_VALUE": {"zero_not_allowed"},
    "ILLEGAL_ZERO_PREFIX": {"leading_zero"},
    "INVALID_PERCENT_SEQUENCE": {"bad_percent"},
    "INVALID_LENGTH_FOR_PIECE_OF_TOTAL": {"piece_length"},
    "ZERO_PIECE_NUMBER": {"zero_not_allowed"},
    "ZERO_TOTAL_PIECES": {"zero_not_allowed"},
    "PIECE_NUMBER_EXCEEDS_TOTAL": {"piece_exceeds_total"},
    "POSITION_IN_SEQUENCE_MALFORMED": {"bad_sequence"},
    "POSITION_EXCEEDS_END": {"piece_exceeds_total"},
}

NO_COUPONS = "8110 and 8112 (North American coupons) are refused as not supported"
NO_UNKNOWN = "the vector permits unknown application identifiers; we refuse them"
NO_REGISTER = "needs a register of company prefixes, which we do not have"
NO_PLAIN = "plain text is no code; we refuse it"
NO_EAN = "we write no EAN/UPC scan data"
NO_LAST_FNC1 = "we never write an FNC1 at the end"


class Skip(Exception):
    """The vector tests what the package does not offer, for the reason given."""


@dataclass
class Outcome:
    """What came of a group of vectors."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    skips: Counter[str] = field(default_factory=Counter)


def as_message(elements: Iterable[tuple[str, str]]) -> str:
    """Elements as the vectors write them, with ^ for FNC1."""
    return "^" + build_elements(elements, associations=False).replace(FNC1, "^")


def from_message(message: str) -> tuple[Element, ...]:
    if not message.startswith("^"):
        raise CodeProblem("unknown_code", found=message)
    return parse_elements(message[1:].replace("^", FNC1), associations=False)


def answer(action: Callable[[], Any]) -> Any:
    """What the action answers, or None when it raises a problem."""
    try:
        return action()
    except CodeProblem:
        return None


def expect(shown: str, got: Any, wanted: Any) -> None:
    if got != wanted:
        raise AssertionError(f"{shown}: got {got!r}, wanted {wanted!r}")


# --- Element strings ----------------------------------------------------------------------


def run_parse_bracketed(valid: bool, text: str, message: str) -> None:
    got = answer(lambda: as_message(parse_hri(text, associations=False)))
    expect(text, got, message if valid else None)


def run_error_markup(text: str, marked: str) -> None:
    """The wrong characters are the ones between the strokes."""
    problem = problem_of(lambda: parse_hri(text, associations=False))
    assert problem is not None, f"{text}: accepted"
    expect(text, problem.params["position"], marked.index("|") - marked.index(")"))
    expect(text, problem.params["found"], marked.split("|")[1])


def run_parse_message(valid: bool, message: str) -> None:
    elements = answer(lambda: from_message(message))
    expect(message, elements is not None, valid)
    if elements:
        expect(message, from_message(as_message(elements)), elements)


CHECKS: dict[str, Callable[[dict[str, str]], None]] = {
    "@validateAImutex": check_exclusions,
    "@validateAIrequisites": check_companions,
    "@validateDigSigRequiresSerialisedKey": check_signature,
}


def run_associations(valid: bool, check: str, text: str) -> None:
    if "(89)" in text:
        raise Skip(NO_UNKNOWN)

    def run() -> bool:
        present = check_repeats(parse_hri(text, associations=False))
        CHECKS.get(check, lambda _: None)(present)
        return True

    expect(f"{check} {text}", answer(run), True if valid else None)


def run_linters_table(text: str, wanted: str) -> None:
    head = re.match(r"\(([0-9]+)\)", text)
    assert head is not None
    if not AI_TABLE[head[1]].supported:
        expect(text, code_of(lambda: check_element(head[1], text[head.end() :])), UNSUPPORTED)
        raise Skip(NO_COUPONS)
    got = code_of(lambda: parse_hri(text, associations=False))
    assert got in codes_for(wanted), f"{text}: got {got}, wanted {wanted}"


UNSUPPORTED = "ai_not_supported"


def problem_of(action: Callable[[], Any]) -> CodeProblem | None:
    try:
        action()
    except CodeProblem as problem:
        return problem
    return None


def code_of(action: Callable[[], Any]) -> str | None:
    problem = problem_of(action)
    return problem.code if problem else None


def codes_for(name: str) -> set[str | None]:
    short = name.removeprefix("@").removeprefix("GS1_LINTER_")
    return {None} if short == "OK" else set(OUR_CODES[short])


# --- Digital Links ------------------------------------------------------------------------

_SHORT_GTIN = re.compile(r"(?:/01/|/gtin/|01=)[0-9]{8,13}(?![0-9])")


def run_parse_link(valid: bool, uri: str, message: str) -> None:
    if valid and "89=" in uri:
        raise Skip(NO_UNKNOWN)
    # The vectors switch the padding of short GTINs on and off, without saying so.
    modes = [True] if valid else [False] if _SHORT_GTIN.search(uri) else [False, True]
    for lenient in modes:
        got = answer(lambda lenient=lenient: parse_digital_link(uri, lenient=lenient))
        expect(uri, got and as_message(got.elements), message if valid else None)


def run_unescape(text: str, in_path: str, in_query: str) -> None:
    expect(text, unescape(text), in_path)
    expect(text, unescape(text, in_query=True), in_query)


def run_escape(text: str, in_path: str, in_query: str) -> None:
    expect(text, escape(text), in_path)
    expect(text, escape(text, in_query=True), in_query)


def run_build_link(valid: bool, stem: str, text: str, uri: str) -> None:
    elements = parse_hri(text, associations=False)
    got = answer(lambda: build_digital_link(elements, stem=stem))
    expect(text, got, uri if valid else None)


# --- Scans --------------------------------------------------------------------------------

_SYMBOLOGY = {"@QR": "]Q3", "@DM": "]d2", "@DotCode": "]J1"}


def run_build_scan(symbol: str, data: str, wanted: str | None) -> None:
    if symbol in {"@EAN13", "@EAN8", "@UPCA"}:
        raise Skip(NO_EAN)
    if not data.startswith("^"):
        raise Skip(NO_PLAIN)
    if data.endswith("^"):
        raise Skip(NO_LAST_FNC1)
    elements = [element for part in data.split("|") for element in from_message(part)]
    symbology = _SYMBOLOGY.get(symbol, "]e0")
    expect(data, build_elements(elements, symbology=symbology), wanted)


def run_read_scan(valid: bool, raw: str, symbol: str, data: str) -> None:
    got = answer(lambda: identify(raw, TODAY).elements)
    is_plain = valid and not data.startswith("^") and symbol not in {"@EAN13", "@EAN8"}
    if is_plain:
        expect(raw, got, None)
        raise Skip(NO_PLAIN)
    wanted: tuple[Element, ...] | None = None
    if valid:
        primary, _, composite = data.rpartition("|")
        if not data.startswith("^"):
            primary, _, composite = data.partition("|")
            wanted = (Element("01", primary.zfill(14)),)
            wanted += from_message(composite) if composite else ()
        else:
            wanted = from_message(data)
    expect(raw, got, wanted)


# --- Single values ------------------------------------------------------------------------


def _linter(name: str) -> Callable[[str], None]:
    return LINTERS[name.removeprefix("@gs1_lint_")]


def run_lint_pass(linter: str, value: str) -> None:
    expect(f"{linter} {value!r}", code_of(lambda: _linter(linter)(value)), None)


def run_lint_fail(linter: str, value: str, error: str, marked: str) -> None:
    """The code and the marked part are both as the vector has them."""
    if "gcppos" in linter and (error.endswith("OFFLINE") or value == "I1234567"):
        raise Skip(NO_REGISTER)
    shown = f"{linter} {value!r}"
    problem = problem_of(lambda: _linter(linter)(value))
    assert problem is not None, f"{shown}: accepted"
    assert problem.code in codes_for(error), f"{shown}: {problem} instead of {error}"
    at = int(problem.params["position"]) - 1
    found = problem.params["found"]
    # Where a length is at fault the whole value is.
    length = len(value) if isinstance(found, int) else len(found)
    end = min(at + length, len(value))
    expect(shown, f"{value[:at]}*{value[at:end]}*{value[end:]}", marked)


RUNNERS: dict[str, Callable[..., None]] = {
    "ai.c:test_parseAIdata": run_parse_bracketed,
    "ai.c:test_errMarkup": run_error_markup,
    "ai.c:test_processAIdata": run_parse_message,
    "ai.c:test_validateAIs": run_associations,
    "ai.c:test_linters_table": run_linters_table,
    "dl.c:test_parseDLuri": run_parse_link,
    "dl.c:test_URIunescape": run_unescape,
    "dl.c:test_URIescape": run_escape,
    "dl.c:test_testGenerateDLuri": run_build_link,
    "scandata.c:test_testGenerateScanData": run_build_scan,
    "scandata.c:test_testProcessScanData": run_read_scan,
}


def runner_for(group: str) -> Callable[..., None]:
    if group in RUNNERS:
        return RUNNERS[group]
    return run_lint_pass if group.endswith("PASS") else run_lint_fail


def run_group(group: str, vectors: list[list[Any]]) -> Outcome:
    runner, outcome = runner_for(group), Outcome()
    for vector in vectors:
        try:
            runner(*vector)
        except Skip as skip:
            outcome.skips[str(skip)] += 1
        except AssertionError as failure:
            outcome.failures.append(str(failure))
        else:
            outcome.passed += 1
    return outcome


def table(outcomes: dict[str, Outcome]) -> str:
    """Passed, failed and skipped by group, with the total and the reasons of the skips."""
    rows = [(name, o.passed, len(o.failures), o.skips.total()) for name, o in outcomes.items()]
    total = [sum(row[column] for row in rows) for column in (1, 2, 3)]
    reasons = sum((o.skips for o in outcomes.values()), Counter[str]())
    line = "{:42} {:>7} {:>7} {:>8}".format
    lines = [line("group", "passed", "failed", "skipped"), *(line(*row) for row in rows)]
    lines += [line("all", *total), "", "skipped because"]
    lines += [f"{count:5}  {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)
