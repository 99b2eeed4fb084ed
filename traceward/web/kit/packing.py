"""Packing: the cards of the first page in three columns without holes, the worst at the top.

Each card in turn stands in the column that is least high by the rows that it is about to have. A
narrow screen shows the cards in their own order, one column after another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from traceward.web.kit.boards import ALERTING, DECIDING, Board, Line, Tile
from traceward.web.kit.panels import Panel

COLUMNS = 3
#: The head of a card and the gap below it, in rows.
HEAD = 1.2


@dataclass(frozen=True)
class Card:
    """One card: rows of several kinds, a drawing, or the rows of one kind."""

    place: int
    rows: float
    lines: tuple[tuple[Tile, Line], ...] = ()
    is_deciding: bool = False
    panel: Panel | None = None
    tile: Tile | None = None


def cards_of(board: Board, panels: Sequence[Panel]) -> list[Card]:
    """What is wrong, what is to be decided, the drawings, then each kind by itself."""
    made: list[Card] = []
    for tones in (ALERTING, DECIDING) if panels else ():
        lines = tuple(board.lines_of(tones))
        if lines:
            is_deciding = tones is DECIDING
            made.append(Card(len(made), len(lines), lines, is_deciding=is_deciding))
    made += [Card(n, one.rows, panel=one) for n, one in enumerate(panels, len(made))]
    made += [
        Card(n, len(one.found.lines), tile=one) for n, one in enumerate(board.cards, len(made))
    ]
    return made


def packed(cards: Sequence[Card]) -> list[list[Card]]:
    """The cards by their columns."""
    columns: list[list[Card]] = [[] for _ in range(COLUMNS)]
    high = [0.0] * COLUMNS
    for card in cards:
        n = high.index(min(high))
        columns[n].append(card)
        high[n] += HEAD + card.rows
    return [column for column in columns if column]
