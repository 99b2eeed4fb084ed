"""The stations of the floor: what is done with a scanner in the hand, one question at a time."""

# In the order of the work.
from traceward.web.stations import receiving  # isort: skip
from traceward.web.stations import storing  # isort: skip
from traceward.web.stations import picking  # isort: skip
from traceward.web.stations import checking  # isort: skip
from traceward.web.stations import sending  # isort: skip
from traceward.web.stations import asking  # isort: skip

__all__ = ["asking", "checking", "picking", "receiving", "sending", "storing"]
