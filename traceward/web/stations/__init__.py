"""The stations of the floor: what is done with a scanner in the hand, one question at a time."""

from traceward.web.stations import asking, picking

__all__ = ["asking", "picking"]
