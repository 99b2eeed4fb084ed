"""What the steps of the story hand on to each other."""

from dataclasses import dataclass, field
from typing import Any

from traceward.cli.story import company as companies
from traceward.cli.story.files import Notice, Order
from traceward.cli.story.telling import Teller
from traceward.domain.catalog.scanning import Label
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.documents.models import Document


@dataclass
class Story:
    """How far the story is: the documents and what was read of them."""

    teller: Teller
    company: companies.Company
    notice: Notice
    order: Order
    read: list[Label] = field(default_factory=list)
    receipt_id: int = 0
    order_id: int = 0
    pick_id: int = 0
    shipment_id: int = 0

    def number(self, pk: int) -> str:
        return str(Document.objects.get(pk=pk))

    def refused(self, kind: str, attempt: Any) -> None:
        """The attempt must be refused, and is told; the story ends where it is not."""
        try:
            attempt()
        except Refusal as refusal:
            said = f"{type(refusal).__name__}: {refusal.in_language(self.teller.language)}"
            self.teller.must(
                type(refusal).__name__ == kind,
                f"应以 {kind} 拒绝，实际为 {said}",
                f"should be refused as {kind}, was {said}",
            )
            self.teller.refused(refusal)
            return
        self.teller.must(False, f"应以 {kind} 拒绝，却通过了", f"should be refused as {kind}")
