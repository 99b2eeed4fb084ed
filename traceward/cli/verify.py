"""`traceward verify`: the ledger proves itself, or the bad entries are named."""

import argparse
import contextlib
import re
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from traceward.kernel.audit import leaves
from traceward.kernel.base.refusals import InvalidInput, fill, sentence

if TYPE_CHECKING:
    from traceward.kernel.audit.verify import Report

HELP = "verify the ledger against its seals, and run the self-checks; repairs nothing"

READ = sentence(
    "Read {seals} seals over {leaves} rows in {seconds} s ({rate} rows/s); head {head}."
)
FAST = sentence("Fast: only the rows of the newest {count} seals were hashed again.")
SOUND = sentence("Sound: every sealed row is as it was written.")
NOTHING = sentence("Nothing is sealed yet, so there is nothing to prove.")
NOT_SOUND = sentence("Not sound: {count} findings, the first bad entry first. Nothing was changed.")
NOTE = sentence("Note: {note}")
ROWS = sentence("{kind}: {count}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fast", action="store_true", help="hash only the rows of the newest ten seals again"
    )
    parser.add_argument(
        "--head", action="append", default=[], help="a head known from elsewhere, as from an e-mail"
    )
    parser.add_argument("--sandbox", metavar="NAME", help="of a sandbox that was kept")


def run(chosen: argparse.Namespace) -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from django.db import Error

    from traceward.cli.scratch import use_sandbox
    from traceward.kernel.audit.outlets import authority
    from traceward.kernel.audit.verifications import remember
    from traceward.kernel.audit.verify import verify

    if chosen.sandbox:
        use_sandbox(chosen.sandbox)
    given = [head.strip().lower() for head in chosen.head]
    if not all(re.fullmatch("[0-9a-f]{64}", head) for head in given):
        raise InvalidInput(
            sentence("A head is 64 digits of 0-9 and a-f. Copy it whole."), field="head"
        )
    report = verify(fast=chosen.fast, given=given, authority=authority())
    print_report(report)
    with contextlib.suppress(Error):  # where nothing may be written, it was verified all the same
        remember(report)
    return 0 if report.is_sound else 1


def print_report(report: "Report") -> None:
    """Findings, notes and figures in the language of the command line."""
    language = get_language() or "en"
    for finding in report.findings:
        print(finding.in_language(language))
    for note in report.notes:
        print(fill(NOTE, {"note": note.in_language(language)}, language))
    figures = {
        "seals": report.seals,
        "leaves": report.leaves.total(),
        "seconds": round(report.seconds, 1),
        "rate": round(report.leaves_per_second),
        "head": report.head or "—",
    }
    print(fill(READ, figures, language))
    for kind in leaves.kinds():
        rows = {"kind": kind.name, "count": report.leaves[kind.code]}
        print(f"  {fill(ROWS, rows, language)}")
    if report.is_fast:
        print(fill(FAST, {"count": report.hashed_seals}, language))
    verdict = NOT_SOUND if not report.is_sound else SOUND if report.seals else NOTHING
    print(fill(verdict, {"count": len(report.findings)}, language))
