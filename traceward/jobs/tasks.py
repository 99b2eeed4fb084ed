"""Scheduled jobs, kept by procrastinate in the same database."""

import logging

from django.db import connection
from procrastinate.contrib.django import app

from traceward.domain.stock.checkpoints import keep_checkpoints

LOG = logging.getLogger("traceward.worker")
KEEP_ANSWERS_DAYS = 400
#: So many commands warn or watch in an hour; what is left waits for the next one.
MAX_WARNINGS = 50


@app.periodic(cron="17 3 * * *")
@app.task(name="traceward.forget_old_answers", queueing_lock="forget_old_answers")
def forget_old_answers(timestamp: int) -> int:
    """Answers to request ids older than 400 days are gone; the audit entries stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM command_request WHERE at < tw_now() - make_interval(days => %s)",
            [KEEP_ANSWERS_DAYS],
        )
        return cursor.rowcount


@app.periodic(cron="40 2 * * *")
@app.task(name="traceward.verify_nightly", queueing_lock="verify_nightly")
def verify_nightly(timestamp: int) -> int:
    """The seals and self-checks were walked; findings are logged as errors, never repaired."""
    from traceward.kernel.audit.outlets import authority
    from traceward.kernel.audit.verifications import remember
    from traceward.kernel.audit.verify import verify

    report = verify(authority=authority())
    for finding in report.findings:
        LOG.error("verify: %s", finding)
    return remember(report).findings


@app.periodic(cron="27 * * * *")
@app.task(name="traceward.keep_checkpoints", queueing_lock="keep_checkpoints")
def keep_checkpoints_hourly(timestamp: int) -> int:
    """Questions about the past have a checkpoint near enough; says how many were written."""
    kept = keep_checkpoints()
    return kept.renewed + kept.made


@app.periodic(cron="7 * * * *")
@app.task(name="traceward.warn_early", queueing_lock="warn_early")
def warn_early(timestamp: int) -> int:
    """Whoever subscribed has heard of each lot and paper that reached a step of its rule.

    Every hour, since the day begins at each site in its own time; each step is told once.
    """
    from traceward.domain.stock.commands.warning import warn
    from traceward.kernel.command.delivery import system_actor

    raised = 0
    for _ in range(MAX_WARNINGS):
        done = warn(by=system_actor())
        raised += done.raised
        if done.is_complete:
            break
    return raised


@app.periodic(cron="37 * * * *")
@app.task(name="traceward.watch_stock", queueing_lock="watch_stock")
def watch_stock(timestamp: int) -> int:
    """Whoever subscribed has heard of stock that is out of its limits or dead, or is so no more."""
    from traceward.domain.stock.commands.watching import watch
    from traceward.kernel.command.delivery import system_actor
    from traceward.kernel.org.models import Site

    told = 0
    for site in Site.objects.order_by("pk").values_list("pk", flat=True):
        for _ in range(MAX_WARNINGS):
            done = watch(site, by=system_actor())
            told += done.raised + done.ended
            if done.is_complete:
                break
    return told


@app.periodic(cron="*/10 * * * *")
@app.task(name="traceward.catch_up_recalls", queueing_lock="catch_up_recalls")
def catch_up_recalls(timestamp: int) -> int:
    """What running recalls name is blocked, also what was moved where they reach. # TRC-03"""
    from traceward.domain.recalls.commands.scoping import catch_up, open_ended
    from traceward.kernel.command.delivery import system_actor

    return catch_up(by=system_actor()).blocks if open_ended() else 0


@app.periodic(cron="*/10 * * * *")
@app.task(name="traceward.remind_consignees", queueing_lock="remind_consignees")
def remind_consignees(timestamp: int) -> int:
    """Who has not answered a running recall for as long as the rule says is reminded. # TRC-03"""
    from traceward.domain.recalls.commands.reminding import cases_due, remind_due
    from traceward.kernel.command.delivery import system_actor
    from traceward.kernel.command.sending import database_now

    return sum(
        len(remind_due(case_id, by=system_actor()).consignee_ids)
        for case_id in cases_due(database_now())
    )
