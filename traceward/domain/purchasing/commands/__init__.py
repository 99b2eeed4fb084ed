"""The verbs of purchasing; other areas call them from here."""

from traceward.domain.purchasing.commands.announcing import (
    Noticed,
    Notified,
    NotOrdered,
    Settled,
    notify,
    settle,
)
from traceward.domain.purchasing.commands.closing import (
    Ended,
    close,
    close_notice,
)
from traceward.domain.purchasing.commands.ordering import (
    Approved,
    Ordered,
    Wanted,
    approve,
    order,
)
from traceward.domain.purchasing.commands.returning import (
    ReturnStep,
    approve_return,
    cancel_return,
    propose_return,
    send_return,
)

__all__ = [
    "Approved",
    "Ended",
    "NotOrdered",
    "Noticed",
    "Notified",
    "Ordered",
    "ReturnStep",
    "Settled",
    "Wanted",
    "approve",
    "approve_return",
    "cancel_return",
    "close",
    "close_notice",
    "notify",
    "order",
    "propose_return",
    "send_return",
    "settle",
]
