"""How large and how long: quick, ordinary, full."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    name: str
    #: Lots of the company in B1 and B2, each in two bins.
    lots: int
    #: Rounds that count, after one that does not.
    rounds: int
    #: Length of a round of clients.
    seconds: float
    #: Moves in the ledger of B5, and of its first, smaller size.
    moves: int
    fewer_moves: int


QUICK = Scale("quick", 5_000, 5, 0.4, 60_000, 30_000)
USUAL = Scale("usual", 10_000, 5, 3.0, 1_000_000, 250_000)
FULL = Scale("full", 25_000, 7, 5.0, 10_000_000, 1_000_000)
