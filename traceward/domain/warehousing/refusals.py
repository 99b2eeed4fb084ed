"""What the outbound floor refuses: a wrong scan, a broken promise, a failed check."""

from traceward.kernel.base.refusals import Refusal


class WrongPick(Refusal):
    """Another item, lot, serial, place or quantity than was to be fetched. # OUT-05"""


class PromiseGone(Refusal):
    """The goods are promised to this demand no longer."""


class CheckFailed(Refusal):
    """What stands in staging is not what was picked, or is not fit to go out."""


class ColdChainBroken(Refusal):
    """The journey was too warm, too cold, or is not on record. # INB-02"""
