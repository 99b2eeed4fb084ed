"""The verbs of transfers. Every module is imported here so that its commands are registered."""

from traceward.domain.transfers.commands import closing, receiving, requesting

__all__ = ["closing", "receiving", "requesting"]
