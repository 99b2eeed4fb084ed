"""Figures that count: ratios measured in the same run against the least that is needed.

`./dev bench [B1 B2 …] [--quick | --full] [--json FILE]`; docs/guides/benchmarks.md explains how
to read them. Each benchmark works on a database of its own, filled through the ledger's own door.
"""
