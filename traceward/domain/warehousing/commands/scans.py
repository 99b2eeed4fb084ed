"""What was scanned stays on record, as the scanner gave it."""

from collections.abc import Sequence

from traceward.domain.warehousing.models import KeptScan
from traceward.domain.warehousing.scanning import Scanned
from traceward.kernel.base.rows import copy_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import Document


def keep_scans(document: Document, seen: Sequence[Scanned], *, by: Actor) -> None:
    """Each scan of this step is on record. Called by the commands whose steps are scanned.

    # INV-05 WMS-01
    """
    copy_rows(
        KeptScan,
        ("scan_number", "raw", "packs", "packaging", "item", "lot", "serial"),
        (
            (n, x.label.raw, x.quantity // x.label.base_units, x.label.packaging_id, *x.goods)
            for n, x in enumerate(seen, 1)
        ),
        document=document.pk,
        command_id=by.work.command_id,
    )
