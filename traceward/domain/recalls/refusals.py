"""What a recall refuses."""

from traceward.kernel.base.refusals import Refusal


class ToldOutside(Refusal):
    """Consignees or the regulator know of the recall, so it cannot count as never opened."""


class NotCovered(Refusal):
    """The other case leaves out something that this one covers."""


class NotReconciled(Refusal):
    """Something of the recall is not accounted for. # TRC-03"""
