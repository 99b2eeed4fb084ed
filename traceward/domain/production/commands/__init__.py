"""The verbs of production. Every module is imported here so that its commands are registered."""

from traceward.domain.production.commands import cancelling, transforming

__all__ = ["cancelling", "transforming"]
