"""What production refuses in a way of its own."""

from traceward.kernel.base.refusals import Refusal


class LotLogicBroken(Refusal):
    """The outputs cannot have come of these inputs. # PRO-02"""
