"""`traceward export-proof`: sealed rows leave the house with a verifier for strangers."""

import argparse
from pathlib import Path

from django.utils.translation import get_language

from traceward.kernel.base.refusals import fill, sentence

HELP = "write sealed rows, seals, keys and a stand-alone verifier into a folder"

DONE = sentence(
    "{seals} seals with {leaves} rows and {files} files are in {folder}. "
    "Verify them there: python verify_export.py ."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="an empty or new folder")
    parser.add_argument("--from-seal", type=int, default=1, help="the first seal, 1 if not given")
    parser.add_argument("--to-seal", type=int, help="the last seal, the newest if not given")
    parser.add_argument("--without-files", action="store_true", help="leave stored files out")
    parser.add_argument("--sandbox", metavar="NAME", help="of a sandbox that was kept")


def run(chosen: argparse.Namespace) -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from traceward.cli.scratch import use_sandbox
    from traceward.kernel.audit.proof import export_proof

    if chosen.sandbox:
        use_sandbox(chosen.sandbox)
    done = export_proof(
        chosen.out,
        from_seal=chosen.from_seal,
        to_seal=chosen.to_seal,
        with_files=not chosen.without_files,
    )
    values = {
        "seals": done.seals,
        "leaves": done.leaves,
        "files": done.files,
        "folder": str(chosen.out),
    }
    print(fill(DONE, values, get_language() or "en"))
    return 0
