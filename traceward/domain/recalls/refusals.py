"""What a recall refuses."""

from traceward.kernel.base.refusals import Refusal


class ToldOutside(Refusal):
    """Consignees or the regulator know of the recall, so it cannot count as never opened."""


class NotCovered(Refusal):
    """The other case leaves out something that this one covers."""


class NotReconciled(Refusal):
    """Something of the recall is not accounted for. # TRC-03"""


class UnknownLink(Refusal):
    """No link of ours has this secret: altered, cut off, or never sent."""

    http_status = 404
    exit_code = 3


class LinkEnded(Refusal):
    """The link counted once: it is too old, a newer one was sent, or the recall has ended."""

    http_status = 410


class LinkUsed(Refusal):
    """The consignee has answered by this link."""


class NobodyToRemind(Refusal):
    """Whoever is meant has answered, or has no address."""
