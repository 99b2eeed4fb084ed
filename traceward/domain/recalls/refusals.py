"""What a recall refuses."""

from traceward.kernel.base.refusals import Refusal


class NotReconciled(Refusal):
    """Something of the recall is not accounted for. # TRC-03"""
