"""The verbs of the warehouse. Every module is imported here so that its commands are registered."""

from traceward.domain.warehousing.commands import inbound

__all__ = ["inbound"]
