"""`traceward recall-drill`: a recall is tried on live data, timed, scored, and proved untouched.

It sends the command `recalls.drill`, then walks every move of the ledger by itself and compares:
the same units must stand in the same places, and every other row of the database must be as it was.
"""

import argparse

HELP = "drill a recall: find every unit, timed and scored, and prove that nothing was touched"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--lot", metavar="NUMBER", help="a lot; left out, the one in most places")
    which.add_argument("--serial", metavar="NUMBER", help="one serial")
    which.add_argument("--supplier-lot", metavar="NUMBER", help="what the supplier calls the lot")
    which.add_argument("--item", metavar="CODE", help="a whole item")
    which.add_argument("--document", metavar="NUMBER", help="what moved under a document")
    parser.add_argument("--level", type=int, choices=(1, 2, 3), default=1, help="as of a recall")
    parser.add_argument("--reason", default="drill", help="what is supposed to be wrong")
    parser.add_argument("--login", metavar="LOGIN", help="of who drills; else a head of quality")
    parser.add_argument("--no-walk", action="store_true", help="do not compare with every move")
    parser.add_argument("--sandbox", metavar="NAME", help="of a sandbox that was kept")


def run(chosen: argparse.Namespace) -> int:
    """Exit code 0 where the drill found what the walk finds and touched nothing."""
    # Late: subcommands are listed before Django is set up, and the models need it.
    from traceward.cli.recall_drill.held import hold
    from traceward.cli.scratch import use_sandbox

    if chosen.sandbox:
        use_sandbox(chosen.sandbox)
    return hold(chosen)
