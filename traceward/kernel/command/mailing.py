"""E-mails are sent after the commit that asked for them, again where that failed. # TRC-03

Bookkeeping of the worker, like webhooks (docs/adr/0252): no transaction is open while a server
answers, and an advisory lock keeps other workers from the same mail. What is not recorded as sent
is sent again, under the same message id.
"""

import logging
import random
import threading

from django.db import close_old_connections, connection
from django.db.models import QuerySet

from traceward.kernel.base.enclosed import CannotOpen
from traceward.kernel.base.refusals import fill, sentence
from traceward.kernel.command.sending import alone, database_now
from traceward.kernel.outbox import mails
from traceward.kernel.outbox.models import Mail, MailState
from traceward.kernel.outbox.rules import MAX_ATTEMPTS, pause_after

LOG = logging.getLogger("traceward.worker")
PAUSE_SECONDS = 2.0
#: So many are sent before the next look at what is due.
BATCH = 50

ELSEWHERE = sentence(
    "It was written by another installation, whose key is not here: send it again from here."
)


def send_due(outlet: mails.Outlet | None = None) -> int:
    """What is due is sent, or its failure is on record; how many came through."""
    way = outlet or mails.outlet()
    if way is None:
        return 0
    due = Mail.objects.filter(state=MailState.QUEUED, due_at__lte=database_now())
    return sum(
        _send(pk, way) for pk in due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]
    )


def _send(pk: int, way: mails.Outlet) -> bool:
    with alone(f"mail {pk}") as is_alone:
        mail = Mail.objects.filter(pk=pk, state=MailState.QUEUED).first() if is_alone else None
        if mail is None:
            return False
        try:
            way.send(mails.message_of(mail))
        except CannotOpen:
            why = " ".join(fill(ELSEWHERE, {}, language) for language in ("zh-hans", "en"))
            _failed(mail, why, is_over=True)
        except Exception as error:
            is_over = mail.attempts + 1 >= MAX_ATTEMPTS or mails.is_hopeless(error)
            _failed(mail, f"{type(error).__name__}: {error}", is_over=is_over)
            LOG.warning("e-mail %s did not go out: %s", mail.uid, type(error).__name__)
        else:
            _settle(mail, state=MailState.SENT.value, outlet=way.name, why="")
            return True
    return False


def _failed(mail: Mail, why: str, *, is_over: bool) -> None:
    """It is tried again, ever later; or given up, and what it could open is forgotten."""
    if is_over:
        _settle(mail, state=MailState.FAILED.value, why=why[:500])
        return
    pause = pause_after(mail.attempts + 1, random.random())
    _waiting(mail).update(attempts=mail.attempts + 1, due_at=database_now() + pause, why=why[:500])


def _settle(mail: Mail, **values: str) -> None:
    _waiting(mail).update(
        attempts=mail.attempts + 1, settled_at=database_now(), secret=b"", **values
    )


def _waiting(mail: Mail) -> QuerySet[Mail]:
    return Mail.objects.filter(pk=mail.pk, state=MailState.QUEUED)


def run_until(stopping: threading.Event) -> None:
    """E-mails are sent until told to stop; nothing that goes wrong ends it."""
    told = ""
    while not stopping.is_set():
        close_old_connections()
        try:
            send_due()
            told = ""
        except Exception as error:
            if repr(error) != told:
                LOG.warning("e-mails are not sent: %s", error)
            told = repr(error)
            connection.close()
        stopping.wait(PAUSE_SECONDS)
    connection.close()
