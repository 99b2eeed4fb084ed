"""`traceward doctor`: what is wrong with this installation, and what to do."""

import argparse
import os
import shutil
import time
from collections.abc import Iterator

from django.utils.translation import get_language

from traceward.cli import standing
from traceward.cli.migrate import pending
from traceward.cli.standing import Finding
from traceward.kernel.base.refusals import fill, sentence

SEEN = sentence("{what}: {state}")
MIGRATE = sentence("Run “traceward migrate”.")
OTHER_SCRIPTS = sentence(
    "Made from other scripts: {name}. Make the database anew, or name another one."
)
HELP = "look the installation over and say what to mend"

MIN_FREE_BYTES = 1_500_000_000
MIN_SERVER = 150_000

#: How many minutes the oldest command waits, and who began to write before it and goes on.
HORIZON = """
WITH oldest AS (
  SELECT q.cluster, q.xid, a.at FROM outbox_queue q JOIN audit_entry a ON a.id = q.command_id
  ORDER BY a.at LIMIT 1
), holders AS (
  SELECT format('pid %s (%s)', s.pid, s.datname) AS holder FROM pg_stat_activity s, oldest o
  WHERE o.cluster = tw_cluster() AND s.pid <> pg_backend_pid()
    AND age(s.backend_xid) >= age(o.xid::xid)
  UNION ALL
  SELECT format('prepared %s (%s)', p.gid, p.database) FROM pg_prepared_xacts p, oldest o
  WHERE o.cluster = tw_cluster() AND age(p.transaction) >= age(o.xid::xid)
)
SELECT floor(extract(epoch FROM tw_now() - at) / 60)::int,
       (SELECT coalesce(string_agg(holder, ', '), '') FROM holders)
FROM oldest WHERE at < tw_now() - interval '1 minute'
"""
PARKED = """
SELECT format('%s ← %s, %s', p.handler, e.name, p.uid), p.why
FROM outbox_parked p JOIN outbox_event e ON e.id = p.event_id
WHERE p.solved_at IS NULL ORDER BY p.id LIMIT 20
"""


NO_KEY = sentence(
    "Sealing waits for its private key. Put it back into {name}, or run “traceward seal "
    "--key-is-lost”."
)
#: How much later than it was due a head may go out.
LATE_SECONDS = 600
HEADS_BY = {
    "mail": sentence("newest head by e-mail"),
    "time-stamp": sentence("newest head time-stamped"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--production", action="store_true", help="also refuse what only a sandbox may have"
    )


def run(chosen: argparse.Namespace) -> int:
    """Print each finding; exit code 1 where one needs mending."""
    from django.conf import settings

    language = get_language() or "en"
    schema = list(_schema())
    findings = [*_database(), *standing.clocks(), *schema, *_disk(), *_fonts(), *standing.hosts()]
    if not any(found.advice for found in schema):  # the rest reads its tables
        findings += [*_rights(), *_bookkeeping(), *standing.work(), *_key(), *_heads(language)]
        findings += _production() if chosen.production else ()
    is_production = chosen.production
    findings += standing.backup(settings.VAR, time.time(), is_production=is_production)
    for finding in findings:
        sign = "!!" if finding.advice else "ok"
        values = {"what": finding.what, "state": finding.seen}
        print(f"{sign}  {fill(SEEN, values, language)}")
        if finding.advice:
            print(f"      {fill(finding.advice, {'name': finding.name}, language)}")
    return 1 if any(f.advice for f in findings) else 0


def _value(sql: str, alias: str = "default") -> object:
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _rows(sql: str) -> list[tuple[str, str]]:
    from django.db import connections

    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
        return [(str(first), str(second)) for first, second in cursor.fetchall()]


def _database() -> Iterator[Finding]:
    version = int(str(_value("SELECT current_setting('server_version_num')")))
    advice = "" if version >= MIN_SERVER else sentence("Use PostgreSQL 15 or newer.")
    yield Finding(sentence("server"), str(_value("SHOW server_version")), advice)
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        value = str(_value(f"SHOW {name}"))
        advice = sentence("Set {name} = on; committed work could be lost.")
        yield Finding(name, value, "" if value == "on" else advice, name)


def _rights() -> Iterator[Finding]:
    user = str(_value("SELECT current_user"))
    advice = sentence("The application must run as traceward_app.")
    advice = "" if user == "traceward_app" else advice
    yield Finding(sentence("role of the application"), user, advice)
    for table in ("stock_move", "stock_balance", "audit_entry", "audit_seal"):
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            if _value(f"SELECT has_table_privilege('{table}', '{right}')"):
                yield Finding(f"{right} {table}", sentence("allowed"), MIGRATE)
    disabled = _value(
        "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled <> 'A' AND t.tgname IN"
        " ('append_only_rows', 'append_only_table', 'hash_row')"
    )
    advice = sentence("Somebody disabled triggers that protect history. Run “traceward verify”.")
    yield Finding(sentence("protecting triggers off"), str(disabled), advice if disabled else "")


def _schema() -> Iterator[Finding]:
    from django.db import connections

    from traceward.kernel.base.sqlfile import changed_since

    missing = pending(connections["owner"])
    advice = MIGRATE if missing else ""
    yield Finding(sentence("pending migrations"), str(missing), advice)
    changed = changed_since(connections["owner"])
    advice = OTHER_SCRIPTS if changed else ""
    seen = str(len(changed))
    yield Finding(sentence("scripts changed since"), seen, advice, ", ".join(changed[:3]))


def _bookkeeping() -> Iterator[Finding]:
    waiting = int(str(_value("SELECT count(*) FROM outbox_queue")))
    advice = standing.START if waiting > 1000 else ""
    yield Finding(sentence("commands without a sequence"), str(waiting), advice)
    yield from _waiting_for_the_horizon()
    parked = int(str(_value("SELECT count(*) FROM outbox_parked WHERE solved_at IS NULL")))
    advice = sentence("Look at the parked events and retry or solve them.")
    yield Finding(sentence("parked events"), str(parked), advice if parked else "")
    for name, why in _rows(PARKED):
        retry = sentence("Run outbox.retry_parked or outbox.solve_parked for {name}.")
        yield Finding(sentence("parked event"), why, retry, name)


def _waiting_for_the_horizon() -> Iterator[Finding]:
    """What keeps the oldest command from its sequence, where it is older than a minute."""
    for minutes, holders in _rows(HORIZON):
        advice = standing.START
        if holders:
            advice = sentence("End the transaction of {name}: all later commands wait for it.")
        yield Finding(
            sentence("oldest command without a sequence"), f"{minutes} min", advice, holders
        )


def _key() -> Iterator[Finding]:
    """Whether what is committed can be sealed; before the first seal no key is made yet."""
    from traceward.kernel.audit import keys
    from traceward.kernel.audit.sealing import Folders

    folder = Folders.below(None).keys
    public = keys.newest(keys.public_keys(folder))
    if public is not None:
        is_there = (folder / f"{public.key_id}.pem").is_file()
        yield Finding(
            sentence("private key for sealing"),
            public.key_id if is_there else "—",
            "" if is_there else NO_KEY,
            str(folder),
        )


def _heads(language: str) -> Iterator[Finding]:
    """Where heads go out to, how far they got, and what keeps them."""
    # Late: the models need Django.
    from traceward.kernel.audit import outlets
    from traceward.kernel.audit.sealing import last_seal, log_uid, statement_of

    try:
        ways, minutes = outlets.outlets(), outlets.pause_minutes()
    except outlets.Unusable as problem:
        advice = sentence("Correct the setting: {name}")
        yield Finding(sentence("heads outside"), "—", advice, problem.in_language(language))
        return
    newest, log = last_seal("default"), log_uid("default")
    head = statement_of(newest, log).digest.hex() if newest else ""
    for way in ways:
        state = outlets.state_of(way.name, log)
        advice = ""
        if state.failures:
            advice = sentence("The newest head does not go out, it is tried again: {name}")
        elif newest and state.is_due(head, time.time() - LATE_SECONDS, minutes):
            advice = sentence("Start “traceward worker”: heads wait.")
        what = HEADS_BY.get(way.name, way.name)
        yield Finding(what, f"{state.number}/{newest.number if newest else 0}", advice, state.error)


def _disk() -> Iterator[Finding]:
    from django.conf import settings

    yield from standing.folders(settings.VAR)
    folder = settings.VAR if settings.VAR.exists() else settings.HOME
    free = shutil.disk_usage(folder).free
    advice = sentence("Free some disk space: at least 1.5 GB.")
    advice = "" if free >= MIN_FREE_BYTES else advice
    yield Finding(sentence("free disk"), f"{free / 1e9:.1f} GB", advice)


def _fonts() -> Iterator[Finding]:
    """Whether documents can be made."""
    from traceward.kernel.documents import paper

    missing = paper.missing_fonts()
    advice = sentence("Nothing can be printed. In a clone run ./dev, or install the package again.")
    seen = sentence("missing") if missing else sentence("there")
    yield Finding(sentence("fonts of documents"), seen, advice if missing else "")


def _production() -> Iterator[Finding]:
    from traceward.kernel.audit import outlets
    from traceward.kernel.base import post
    from traceward.kernel.outbox import mails

    if standing.HOSTS not in os.environ:
        advice = sentence("Set TRACEWARD_HOSTS to the names that people use; others get no answer.")
        yield Finding(standing.HOSTS, "—", advice)
    if not outlets.is_configured():
        advice = sentence(
            "Heads stay on this machine. Set TRACEWARD_HEADS_TO or TRACEWARD_TSA_URL."
        )
        yield Finding(sentence("heads outside"), "—", advice)
    if not {post.SMTP, mails.ADDRESS} <= os.environ.keys():
        advice = sentence("Recall notices and reminders do not go out. Set: {name}")
        names = ", ".join((post.SMTP, mails.FROM, mails.ADDRESS))
        yield Finding(sentence("e-mails"), "—", advice, names)
    is_sandbox = bool(_value("SELECT is_sandbox FROM base_database"))
    advice = sentence("A sandbox may move its clock: make a new database for real work.")
    seen = sentence("yes") if is_sandbox else sentence("no")
    yield Finding(sentence("sandbox"), seen, advice if is_sandbox else "")
    offset = _value("SELECT clock_offset FROM base_database")
    advice = sentence("The clock of this database was moved.")
    yield Finding(sentence("clock offset"), str(offset), advice if offset else "")
