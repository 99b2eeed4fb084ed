"""The command line: a thin door. Each subcommand is a module with `HELP`, `add_arguments`, `run`.

A subcommand says at its top whether it needs the server running (`NEEDS_SERVER`, true unless it
says otherwise). Exit codes: 0 done, 2 wrong usage or input, 10 and others a refusal's own code.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

#: Subcommand -> module below this package.
SUBCOMMANDS = {
    "migrate": "migrate",
    "shell": "shell",
    "serve": "serve",
    "worker": "worker",
    "token": "token",
    "run-command": "run_command",
    "doctor": "doctor",
    "demo": "demo",
    "story": "story",
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
    parser = argparse.ArgumentParser(prog="traceward", description=__doc__.split("\n")[0])
    parser.add_argument("--language", choices=("zh", "en"), help="of what is printed")
    commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    for name, module_name in SUBCOMMANDS.items():
        module = importlib.import_module(f"traceward.cli.{module_name}")
        sub = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(sub)
        sub.set_defaults(module=module)
    chosen = parser.parse_args(arguments)
    return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.base.server import Server, ServerProblem

    try:
        if getattr(chosen.module, "NEEDS_SERVER", True):
            Server(Path(os.environ.get("TRACEWARD_HOME", Path.cwd()))).start()
        if getattr(chosen.module, "NEEDS_DJANGO", True):
            import django

            django.setup()
        return _answer(chosen)
    except ServerProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _answer(chosen: argparse.Namespace) -> int:
    from django.utils import translation

    from traceward.kernel.base.refusals import Refusal

    chosen.language = chosen.language or ("zh" if os.environ.get("LANG", "")[:2] == "zh" else "en")
    language = "zh-hans" if chosen.language == "zh" else "en"
    with translation.override(language):
        try:
            return chosen.module.run(chosen) or 0
        except Refusal as refusal:
            print(refusal.in_language(language), file=sys.stderr)
            return refusal.exit_code
