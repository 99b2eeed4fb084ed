"""A new kind of record, as a newcomer adds one: what it takes, and what comes by itself."""
