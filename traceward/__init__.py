"""Traceward: one system from supplier to patient over one stock ledger."""

__version__ = "0.1.0"
