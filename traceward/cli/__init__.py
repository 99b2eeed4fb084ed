"""The command line: a thin door. Each subcommand is a module with `HELP`, `add_arguments`, `run`.

A subcommand says at its top whether it needs the server running (`NEEDS_SERVER`, true unless it
says otherwise). Exit codes: 0 done, 2 wrong usage or input, 10 and others a refusal's own code.
"""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from traceward import __version__
from traceward.cli.language import language_of, say, usage_in
from traceward.kernel.base.refusals import sentence

ABOUT = sentence("The supply chain of medical devices on one stock ledger that proves itself.")
STOPPED = sentence("Stopped.")
CLOSED = 141  # as a shell says of a program whose reader went away

#: Subcommand -> module below this package.
SUBCOMMANDS = {
    "migrate": "migrate",
    "shell": "shell",
    "serve": "serve",
    "worker": "worker",
    "token": "token",
    "key": "key",
    "administrator": "administrator",
    "run-command": "run_command",
    "doctor": "doctor",
    "demo": "demo",
    "story": "story",
    "recall-drill": "recall_drill",
    "verify": "verify",
    "export-proof": "export_proof",
    "seal": "seal",
    "backup": "backup",
    "restore": "restore",
    "upgrade-db": "upgrade_db",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand and give its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # no sentence fails for want of a letter
    try:
        try:
            return _run(_chosen(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED


def _chosen(words: Sequence[str]) -> argparse.Namespace:
    language = language_of(words)
    with usage_in(language):
        chosen = parser(language).parse_args(words)
    chosen.language = chosen.language or language
    return chosen


def parser(language: str) -> argparse.ArgumentParser:
    """What can be typed, explained in the language."""
    made = argparse.ArgumentParser(prog="traceward", description=say(ABOUT, language))
    made.add_argument("--version", action="version", version=__version__, help="its number")
    made.add_argument("--language", choices=("zh", "en"), help="of what is printed")
    commands = made.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    subs = []
    for name, module_name in SUBCOMMANDS.items():
        module = importlib.import_module(f"traceward.cli.{module_name}")
        told = say(module.HELP, language)
        sub = commands.add_parser(name, help=told, description=told)
        module.add_arguments(sub)
        sub.set_defaults(module=module)
        subs.append(sub)
    for one in (made, *subs):
        for action in one._actions:
            if action.help:
                action.help = say(action.help, language)
    return made


def _run(chosen: argparse.Namespace) -> int:
    from traceward.cli.problems import told
    from traceward.kernel.base.server import Server
    from traceward.kernel.base.spoken import told as spoken

    try:
        if getattr(chosen.module, "NEEDS_SERVER", True):
            home = Path(os.environ.get("TRACEWARD_HOME", Path.cwd()))
            language = chosen.language
            Server(home, say=lambda line: print(spoken(line, language), file=sys.stderr)).start()
        if getattr(chosen.module, "NEEDS_DJANGO", True):
            import django

            django.setup()
        return _answer(chosen)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        print(say(STOPPED, chosen.language), file=sys.stderr)
        return 130
    except Exception as error:
        problem = told(error, chosen.language)
        if problem is None:
            raise
        print(problem, file=sys.stderr)
        return 1


def _answer(chosen: argparse.Namespace) -> int:
    from django.utils import translation

    from traceward.kernel.base.refusals import Refusal

    language = "zh-hans" if chosen.language == "zh" else "en"
    with translation.override(language):
        try:
            return chosen.module.run(chosen) or 0
        except Refusal as refusal:
            print(refusal.in_language(language), file=sys.stderr)
            return refusal.exit_code
