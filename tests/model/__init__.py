"""The ledger against a model that knows nothing of its SQL."""
