"""B6, of it the recall: a lot in 500 places and 40 documents is found, blocked and listed."""

from benchmarks.company import Company
from benchmarks.figures import Figure
from benchmarks.scale import Scale


def recall(made: Company, moves: int, scale: Scale) -> list[Figure]:
    return []
