"""What production refuses in a way of its own."""

from traceward.kernel.base.refusals import Refusal


class LotLogicBroken(Refusal):
    """The outputs cannot have come of these inputs. # PRO-02"""


class NotCleared(Refusal):
    """Goods issued to the order are neither consumed nor returned nor scrapped. # PRO-02"""


class NotIssued(Refusal):
    """Less was issued to the order than what was made has taken. # PRO-01"""
