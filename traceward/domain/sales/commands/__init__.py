"""The verbs of sales. Every module is imported here so that its commands are registered."""

from traceward.domain.sales.commands import closing, delivering, ordering, reading, returning, using

__all__ = ["closing", "delivering", "ordering", "reading", "returning", "using"]
