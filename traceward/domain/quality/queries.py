"""What waits for inspection, and what was found."""

from dataclasses import dataclass

from django.db.models import Sum
from django.db.models.functions import Coalesce

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


#: Moves that bring goods in which wait for inspection: from a supplier, from production, from
#: another site, back from a customer.
BRINGING = (Code.RECEIVE, Code.PRODUCE, Code.TRANSFER, Code.RETURN_FROM_CUSTOMER)


def brought_in(document_id: int) -> list[Brought]:
    """By item and lot, what the document's moves brought in pending inspection and still stands.

    Who gave it is whose place it came from: the supplier, the customer who sends it back; else
    its former owner.
    """
    gone = StockMove.objects.filter(document_id=document_id, reverses__isnull=False)
    rows = (
        StockMove.objects.filter(
            document_id=document_id, code__in=BRINGING, to_status=Status.PENDING
        )
        .exclude(pk__in=gone.values("reverses"))
        .annotate(giver=Coalesce("from_place__party_id", "from_owner_id"))
        .values_list("item_id", "lot_id", "to_owner_id", "giver")
        .annotate(total=Sum("quantity"))
        .order_by("item_id", "lot_id")
    )
    return [Brought(*row) for row in rows]


def last_results(inspection_id: int) -> dict[str, bool]:
    """By check, whether its last result is passed."""
    rows = Result.objects.filter(inspection_id=inspection_id).order_by("pk")
    return dict(rows.values_list("check_name", "is_passed"))
