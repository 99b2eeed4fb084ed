"""The verbs of sales. Every module is imported here so that its commands are registered."""

from traceward.domain.sales.commands import delivering, ordering, returning, using

__all__ = ["delivering", "ordering", "returning", "using"]
