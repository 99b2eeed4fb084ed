"""Recalls: every unit of what is in doubt is held and found, and accounted for before the end.

Nouns: RecallCase with its scope (items, lots, serials, and what was made of them), and the
notices to consignees with what they answered. Opening a case blocks its scope at once, wherever
the goods are and whatever comes in later; where the units stand is read from the ledger.

A case is open until it is closed, and it is closed only when nothing is unaccounted for.
"""
