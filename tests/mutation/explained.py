"""Mutants that live, each with why nothing can notice; docs/reference/mutation.md says more."""

EXPLAINED: dict[str, str] = {}
