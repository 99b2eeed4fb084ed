"""`python -m tests.kills --minutes N --seed S`: ends with 1 where something is wrong."""

import argparse
import secrets
import signal
import sys
from pathlib import Path

from tests.kills.crew import KINDS
from tests.kills.run import Plan, Run, say


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--commands", type=int, default=0, help="go on until so many are answered")
    parser.add_argument("--kills", type=int, default=0, help="and until so many were killed")
    parser.add_argument("--most-minutes", type=float, default=0.0, help="but no longer than this")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs of all processes")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--gap", type=float, nargs=2, default=(5.0, 16.0), metavar="SECONDS")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of kills")
    parser.add_argument("--http-clients", type=int, default=4)
    parser.add_argument("--terminal-clients", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.02, help="of a client, in seconds")
    parser.add_argument("--sabotage", choices=("", "lookup", "lazy commit"), default="")
    chosen = parser.parse_args()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, frame: sys.exit(128 + number))
    plan = Plan(
        seed=secrets.randbelow(10**6) if chosen.seed is None else chosen.seed,
        seconds=chosen.minutes * 60,
        http_clients=chosen.http_clients,
        terminal_clients=chosen.terminal_clients,
        gap=tuple(chosen.gap),
        kinds=tuple(chosen.kinds),
        pause=chosen.pause,
        sabotage=chosen.sabotage,
        kills=chosen.kills,
        commands=chosen.commands,
        most_seconds=chosen.most_minutes * 60,
        keep_logs=chosen.keep_logs,
    )
    outcome = Run(plan).carry_out()
    for name, value in outcome.figures.items():
        say(f"{name}: {value:.1f} s" if isinstance(value, float) else f"{name}: {value}")
    for fault in outcome.faults:
        say(f"FAULT {fault}")
    say("SOUND" if not outcome.faults else f"{len(outcome.faults)} FAULTS")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
