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
    #: Moves in the ledger of B5 at its two sizes.
    fewer_moves: int
    moves: int
    #: Lots of B5, each in all its bins.
    standing_lots: int
    #: Families of 5,000 lots in B4.
    families: int
    #: Balances and order lines of B3.
    balances: int
    demand_lines: int
    #: Serials of B13.
    serials: int


QUICK = Scale("quick", 5_000, 5, 0.4, 20_000, 60_000, 500, 1, 20_000, 500, 1_000)
USUAL = Scale("usual", 10_000, 5, 3.0, 250_000, 1_000_000, 5_000, 5, 200_000, 5_000, 10_000)
FULL = Scale("full", 25_000, 7, 5.0, 1_000_000, 10_000_000, 25_000, 25, 200_000, 5_000, 10_000)
