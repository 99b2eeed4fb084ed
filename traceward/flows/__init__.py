"""Commands that need two neighbours; they own no tables."""
