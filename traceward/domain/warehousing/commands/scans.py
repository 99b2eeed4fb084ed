"""What was scanned stays on record, as the scanner gave it."""

from collections.abc import Sequence

from traceward.domain.warehousing.models import KeptScan
from traceward.domain.warehousing.scanning import Scanned
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import Document


def keep_scans(document: Document, seen: Sequence[Scanned], *, by: Actor) -> None:
    """Each scan of this step is on record. Called by the commands whose steps are scanned.

    # INV-05 WMS-01
    """
    KeptScan.objects.bulk_create(
        KeptScan(
            document=document,
            command_id=by.work.command_id,
            scan_number=n,
            raw=one.label.raw,
            packs=one.quantity // one.label.base_units,
            packaging_id=one.label.packaging_id,
            **one.goods._asdict(),
        )
        for n, one in enumerate(seen, 1)
    )
