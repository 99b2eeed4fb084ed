"""What `traceward doctor` says of work that waits or fails, of clocks, folders and settings."""

import json
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from traceward.kernel.base.refusals import sentence

HOSTS = "TRACEWARD_HOSTS"
#: Beside the data: when the last backup was written, and where to.
BACKUP_MARK = "last-backup.json"

MAX_LAG_SECONDS = 300.0
MAX_SKEW_SECONDS = 2.0
MAX_BACKUP_DAYS = 7.0
MAX_VERIFICATION_DAYS = 3.0
#: Two checkpoints stand at most 100,000 moves apart; a job of the worker sees to it every hour.
MAX_MOVES = 200_000
#: So many failed attempts in a row are no passing trouble any more.
FAILING = 5

MOVES_SINCE = """
SELECT count(*) FROM (
  SELECT FROM stock_move WHERE happened_at > coalesce(%s, '-infinity'::timestamptz) LIMIT %s
) m
"""
HOST = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]")

START = sentence("Start “traceward worker”: events and seals wait.")
START_JOBS = sentence("Start “traceward worker” with its scheduled jobs.")


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `advice` is empty where it is in order."""

    what: str
    seen: str
    advice: str = ""
    #: What the advice names.
    name: str = ""


def work() -> Iterator[Finding]:
    """Lags, webhooks, checkpoints, the last verification: what the worker should see to."""
    # Late: the models need Django.
    from traceward.kernel.command import figures

    for what, waiting in (
        (sentence("commands that are not sealed yet"), figures.sealing()),
        *((verb, waiting) for verb, waiting in figures.handlers().items()),
    ):
        is_late = waiting.seconds > MAX_LAG_SECONDS
        seen = f"{waiting.count} ({waiting.seconds:.0f} s)"
        yield Finding(what, seen, START if is_late else "")
    yield from _webhooks()
    yield from _checkpoints()
    verified = figures.last_verification()
    if verified is not None:
        advice = ""
        if verified.seconds_ago > MAX_VERIFICATION_DAYS * 86_400:
            advice = START_JOBS
        if verified.findings:
            advice = sentence("The last verification found: {name} Run “traceward verify”.")
        seen = f"{verified.at:%Y-%m-%d %H:%M}, {verified.findings}"
        yield Finding(sentence("last verification"), seen, advice, verified.first_finding)


def _webhooks() -> Iterator[Finding]:
    from traceward.kernel.command import figures

    found = figures.webhooks()
    yield Finding(sentence("webhooks"), str(len(found)))
    for webhook in found:
        seen = f"{webhook.name} {webhook.uid}"
        if webhook.state == "paused":
            advice = sentence(
                "It is paused. Mend what is named, then run outbox.resume_webhook: {name}"
            )
            yield Finding(sentence("webhook"), seen, advice, webhook.reason)
        elif webhook.failures >= FAILING:
            advice = sentence("{name} attempts failed in a row. Look at its consumer.")
            yield Finding(sentence("webhook"), seen, advice, str(webhook.failures))
        if webhook.parked:
            advice = sentence(
                "{name} events were tried too often. Run outbox.retry_delivery or "
                "outbox.skip_delivery for them; what stands behind them waits."
            )
            yield Finding(sentence("webhook"), seen, advice, str(webhook.parked))


def _checkpoints() -> Iterator[Finding]:
    from django.db import connection

    from traceward.domain.stock.checkpoints import newest_checkpoint

    newest = newest_checkpoint()
    with connection.cursor() as cursor:
        cursor.execute(MOVES_SINCE, [newest, MAX_MOVES + 1])
        moves = cursor.fetchone()[0]
    advice = START_JOBS if moves > MAX_MOVES else ""
    yield Finding(sentence("moves since the newest checkpoint"), str(moves), advice)


def clocks() -> Iterator[Finding]:
    """Whether this machine's clock and the database server's show the same."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the connection stands
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
    skew = theirs - (before + time.time()) / 2
    advice = sentence("Set both clocks by the same time server: tokens and devices depend on them.")
    is_off = abs(skew) > MAX_SKEW_SECONDS
    yield Finding(
        sentence("clock of the database server"), f"{skew:+.1f} s", advice if is_off else ""
    )


def folders(var: Path) -> Iterator[Finding]:
    """Whether files, heads and keys can be written."""
    for folder in (var, var / "files"):
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent  # what is missing is made when it is needed
        advice = ""
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            advice = sentence("Make {name} writable for whoever runs Traceward.")
        seen = sentence("writable") if not advice else sentence("not writable")
        yield Finding(str(folder), seen, advice, str(folder))


def hosts(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Whether the names under which the server answers are names."""
    given = environment.get(HOSTS)
    if given is None:
        return
    wrong = [one for one in given.split(",") if not HOST.fullmatch(one) and one != "*"]
    advice = ""
    if wrong:
        advice = sentence(
            "{name} is no host name. Write names with commas between, and nothing else."
        )
    elif "*" in given.split(","):
        advice = sentence("TRACEWARD_HOSTS lets every name in. List those that people use.")
    yield Finding(HOSTS, given, advice, repr(wrong[0]) if wrong else "")


def remember_backup(var: Path, path: Path, now: float) -> None:
    """When the last backup was written stands beside the data, for the doctor."""
    mark = json.dumps({"at": now, "file": str(path.resolve())})
    (var / BACKUP_MARK).write_text(mark, encoding="utf-8")


def backup(var: Path, now: float, *, is_production: bool) -> Iterator[Finding]:
    """How old the last backup is that was made here."""
    try:
        mark = json.loads((var / BACKUP_MARK).read_text(encoding="utf-8"))
        days, file = (now - float(mark["at"])) / 86_400, str(mark["file"])
    except (OSError, ValueError, KeyError, TypeError):
        if is_production:
            advice = sentence("No backup was made here yet: run “traceward backup” every day.")
            yield Finding(sentence("last backup"), "—", advice)
        return
    advice = sentence("Run “traceward backup” every day.") if days > MAX_BACKUP_DAYS else ""
    yield Finding(sentence("last backup"), f"{days:.1f} d, {file}", advice)
