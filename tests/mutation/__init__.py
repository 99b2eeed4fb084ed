"""Mutants of the database: what guards the ledger is taken away, and a test has to notice."""
