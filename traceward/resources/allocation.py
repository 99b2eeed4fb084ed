"""Why a lot was not promised to an order: asked of the order itself, or of one of its lines."""

from collections import defaultdict
from collections.abc import Mapping

from traceward.domain.production.models import WorkOrder
from traceward.domain.sales.models import SalesOrder
from traceward.domain.stock.allocation import Demand
from traceward.domain.stock.commands.explained import ENOUGH, Considered, explained
from traceward.domain.stock.queries.asked import TELLING, Asked
from traceward.domain.transfers.models import TransferOrder
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.resources.kit import Id, Reader, question

#: Lines that are explained at once.
MOST = 200
#: Documents that have stock promised, by kind.
SERVED: dict[str, type[Document]] = {
    one.KIND: one for one in (SalesOrder, TransferOrder, WorkOrder)
}


@question("stock.passed_over", scope=None)
def passed_over_stock(
    document_id: Id | None = None, line_id: Id | None = None, *, to: Reader
) -> list[Considered]:
    """Which stock could serve an order's lines, what of it would be promised, and why not the rest.

    Of one line where it is named, else of all lines of the document; nothing where neither is.
    Lines that lack something come first, stock that is free and not needed last.
    # INV-06
    """
    found = DocumentLine.objects.select_related("document").order_by("pk")
    if line_id is not None:
        found = found.filter(pk=line_id)
    elif document_id is not None:
        found = found.filter(document=document_id)
    else:
        return []
    sites = to.sites()
    lines = [x for x in found[:MOST] if sites is None or x.document.site_id in sites]
    if not lines:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="line_id" if line_id is not None else "document_id",
            what="document line" if line_id is not None else "document",
            id=line_id or document_id,
        )
    kind = lines[0].document.kind
    if kind not in SERVED:
        raise InvalidInput(
            sentence(
                "{number} asks for no goods. Choose a line of a sales order, a transfer or a "
                "work order."
            ),
            field="line_id" if line_id is not None else "document_id",
            number=str(lines[0].document),
        )
    told = TELLING[kind]([line.pk for line in lines])
    order = SERVED[kind].objects.select_related("legal_entity").get(pk=lines[0].document_id)
    return _telling_first(_demands(order, told))


def _telling_first(demands: list[Demand]) -> list[Considered]:
    """Lines that lack something first, and last what is free and not needed."""
    found = explained(demands)
    covered: dict[int, int] = defaultdict(int)
    for one in found:
        covered[one.line_id] += one.promised + one.quantity
    full = {d.line_id for d in demands if covered[d.line_id] >= d.quantity}
    return sorted(found, key=lambda one: (one.why == ENOUGH, one.line_id in full))


def _demands(order: Document, told: Mapping[int, Asked]) -> list[Demand]:
    """What the lines ask for, of whom and for whom."""
    owner, customer = order.legal_entity.party_id, None
    if isinstance(order, TransferOrder):
        owner, customer = order.from_owner_id, order.to_owner_id
    if isinstance(order, SalesOrder):
        customer = order.customer_id
    return [
        Demand(
            line_id=line_id,
            item_id=asked.item_id,
            quantity=max(asked.quantity, 0),
            site_id=order.site_id,
            owner_id=owner,
            customer_id=customer,
            lot_id=asked.lot_id,
            serial_ids=(asked.serial_id,) if asked.serial_id else (),
        )
        for line_id, asked in told.items()
    ]
