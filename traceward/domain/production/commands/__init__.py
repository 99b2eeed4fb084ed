"""The verbs of production. Every module is imported here so that its commands are registered."""

from traceward.domain.production.commands import (
    cancelling,
    completing,
    issuing,
    planning,
    returning,
    transforming,
)

__all__ = ["cancelling", "completing", "issuing", "planning", "returning", "transforming"]
