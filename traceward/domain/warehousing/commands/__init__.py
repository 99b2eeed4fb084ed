"""The verbs of the warehouse. Every module is imported here so that its commands are registered."""

from traceward.domain.warehousing.commands import (
    checking,
    noting,
    picking,
    receiving,
    shipping,
    storing,
)

__all__ = ["checking", "noting", "picking", "receiving", "shipping", "storing"]
