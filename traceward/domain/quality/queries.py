"""What waits for inspection, and what was found."""

from dataclasses import dataclass

from django.db.models import Sum

from traceward.domain.quality.models import Result
from traceward.domain.stock.models import Code, Status, StockMove
from traceward.kernel.rules.queries import declare

#: Checks that must have a result before the decision. # INB-02
REQUIRED_CHECKS = declare(
    "quality.inspection.checks",
    ["packaging", "label", "certificate"],
    "item",
    "product_line",
    "site",
    doc="Checks without which no usage decision is taken.",
)
#: Segregation of duties: whoever recorded a result does not decide. # ORG-03
DECIDER_IS_ANOTHER = declare(
    "quality.decide.other_person",
    True,
    "product_line",
    "site",
    doc="The usage decision is taken by somebody other than the inspector.",
)


@dataclass(frozen=True)
class Brought:
    """What a document brought in of one lot, of one owner."""

    item_id: int
    lot_id: int | None
    owner_id: int
    supplier_id: int
    quantity: int


def brought_in(document_id: int) -> list[Brought]:
    """By item and lot, what the document's receipt moves brought in pending inspection."""
    rows = (
        StockMove.objects.filter(
            document_id=document_id, code=Code.RECEIVE, to_status=Status.PENDING
        )
        .values_list("item_id", "lot_id", "to_owner_id", "from_owner_id")
        .annotate(total=Sum("quantity"))
        .order_by("item_id", "lot_id")
    )
    return [Brought(*row) for row in rows]


def last_results(inspection_id: int) -> dict[str, bool]:
    """By check, whether its last result is passed."""
    rows = Result.objects.filter(inspection_id=inspection_id).order_by("pk")
    return dict(rows.values_list("check_name", "is_passed"))
