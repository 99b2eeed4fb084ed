"""What the lines of a document still ask for: told by the area whose document it is.

Stock lies below the areas that ask it for goods, so each of them puts its own telling in place.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from traceward.kernel.documents.models import Document


@dataclass(frozen=True)
class Asked:
    """Base units that a line may have promised; of one lot or serial only where it is given."""

    item_id: int
    quantity: int
    lot_id: int | None = None
    serial_id: int | None = None


Telling = Callable[[Collection[int]], Mapping[int, Asked]]

#: By kind of document, what tells it of given lines, whatever their number in as many statements.
TELLING: dict[str, Telling] = {}


def told_by(kind: type[Document]) -> Callable[[Telling], Telling]:
    """The function tells what lines of this kind ask for; one for each kind that is served."""

    def keep(telling: Telling) -> Telling:
        assert kind.SERVED_IN, "say in which state of the document stock is promised to it"
        TELLING[kind.KIND] = telling
        return telling

    return keep
