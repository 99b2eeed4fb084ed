"""`traceward demo`: a company that feels real, in a sandbox of its own that stays.

The first time it is made, by the same commands as real work on a clock that moves through its
history; from then on it is found. The story of the main job is `traceward story`.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from traceward import __version__
from traceward.kernel.base.refusals import fill, sentence

if TYPE_CHECKING:
    from traceward.cli.company.blueprint import Scale
    from traceward.cli.company.work import Worker

HELP = "make a company with a history and today's work in a sandbox, or show the one there"
SEED = 952
#: Kept beside the sandbox's keys: that the company is whole, and of which version.
MARK = "company.json"

MAKING = sentence("Making the company (seed {seed}, scale {scale}). It takes some minutes.")
SO_FAR = sentence("  {percent} %: {day}")
MADE = sentence("Made in {seconds} s: {moves} stock moves in {documents} documents.")
HAS = sentence(
    "The company of the sandbox {database}: {entities} legal entities, {sites} sites, "
    "{hospitals} hospitals with {departments} departments, {items} items, {people} people; "
    "{moves} stock moves since {since}."
)
WORK = sentence("Today's work:")
WAITS = sentence("  {who}: {what}: {count}")
SIGN_IN = sentence(
    "Who works there, one for each role, at a site where work waits (“TRACEWARD_SANDBOX={database} "
    "{program} token LOGIN” prints a bearer token; to sign, the password is {password}):"
)
PERSON = sentence("  {who}: {login} {where}")
TRY = sentence("Try:")
LINES = (
    sentence("  {program} story: the main job, step by step, in a sandbox that is thrown away"),
    sentence("  {program} verify --sandbox {database}: the company's ledger proves itself"),
    sentence(
        "  TRACEWARD_SANDBOX={database} {program} serve --with-worker: the pages at "
        "http://127.0.0.1:8000/, where one click signs in as any of them"
    ),
    sentence("  {program} demo --new: the company anew"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--new", action="store_true", help="make the company again")
    parser.add_argument("--seed", type=int, default=SEED, help="another company")
    parser.add_argument("--scale", choices=("full", "small", "large"), default="full")
    parser.add_argument("--sandbox-name", default="traceward_demo", metavar="NAME")


def run(chosen: argparse.Namespace) -> int:
    """Exit code 0 once the company is there."""
    from django.conf import settings

    from traceward.cli.company.blueprint import FULL, LARGE, SMALL
    from traceward.cli.scratch import exists, use_sandbox

    name = chosen.sandbox_name
    scale = {scale.name: scale for scale in (FULL, LARGE, SMALL)}[chosen.scale]
    mark = settings.HOME / "var" / name / MARK
    wanted = {"version": __version__, "seed": chosen.seed, "scale": scale.name}
    found = _read(mark)
    if chosen.new or found is None or found["wanted"] != wanted or not exists(name, settings.HOME):
        found = _make(name, settings.HOME, chosen.seed, scale)
        found["wanted"] = wanted
        mark.write_text(json.dumps(found), encoding="utf-8")
    use_sandbox(name)
    found |= _show(name, found)
    mark.write_text(json.dumps(found), encoding="utf-8")
    return 0


def _read(mark: Path) -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return read


def _say(text: str, **values: Any) -> None:
    print(fill(text, values, get_language() or "en"), flush=True)


def _make(name: str, home: Path, seed: int, scale: "Scale") -> dict[str, Any]:
    from traceward.cli.company.blueprint import SMALL, draw
    from traceward.cli.company.play.loading import load
    from traceward.cli.company.work import figures
    from traceward.cli.scratch import scratch

    began = time.monotonic()
    _say(MAKING, seed=seed, scale=scale.name)
    with scratch(name, home, keep_whole=True):
        load(
            draw(seed, scale),
            lambda share, day: _say(SO_FAR, percent=round(100 * share), day=day.isoformat()),
            processes=1 if scale is SMALL else 2,
        )
        found = figures()
    seconds = round(time.monotonic() - began)
    _say(MADE, seconds=seconds, moves=found["moves"], documents=found["documents"])
    return {"figures": found, "seconds": seconds}


def _show(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """What is there, what waits, who works there, what to try; for the door, the accounts."""
    from traceward.cli.company.play.opening import PASSWORD
    from traceward.cli.company.work import one_of_each, today, todays_work

    language = get_language() or "en"
    _say(HAS, database=name, **found["figures"])
    _say(WORK)
    for work in todays_work(today()):
        who = work.role.zh if language.startswith("zh") else work.role.en
        _say(WAITS, who=who, what=work.what, count=work.count)
    program = os.environ.get("TRACEWARD_PROGRAM", "traceward")
    _say(SIGN_IN, database=name, program=program, password=PASSWORD)
    workers = one_of_each(today())
    for worker in workers:
        who = worker.role.zh if language.startswith("zh") else worker.role.en
        _say(PERSON, who=who, login=worker.login, where=worker.where)
    _say(TRY)
    for line in LINES:
        _say(line, program=program, database=name)
    return {"password": PASSWORD, "accounts": [_account(worker) for worker in workers]}


def _account(worker: "Worker") -> dict[str, str]:
    from traceward.kernel.org.models import Person

    person = Person.objects.get(pk=worker.person_id)
    return {
        "login": worker.login,
        "name_zh": person.name_zh,
        "name_en": person.name_en,
        "role": worker.role.code,
        "where": worker.where,
    }
