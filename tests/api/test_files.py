"""An auditor finds the archived paper by the hash of its bytes. # DOC-01"""

import hashlib

from tests.api.test_reading import Elsewhere, getter, person
from tests.outbound import shipped
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.domain.warehousing.commands import noting
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.documents.files import content_of
from traceward.kernel.documents.models import DocumentFile
from traceward.kernel.org import roles


def test_a_paper_is_found_by_its_hash(world: World) -> None:
    STRANGERS.forget()
    world.stock(world.lot("STENT", "L1"), 5)
    shipment = Shipment.objects.get(pk=shipped(world).shipment_id)
    noting.archive_delivery_note(shipment.uid, by=world.by(roles.SYSTEM))
    row = DocumentFile.objects.select_related("file").get()
    digest = hashlib.sha256(content_of(row.file).content).hexdigest()
    get = getter(person(world, roles.AUDITOR))
    for asked in (digest, digest.upper()):
        status, page = get("documents/files", sha256=asked)
        assert status == 200, page
        (found,) = page["rows"]
        assert (found["sha256"], found["document_id"]) == (digest, shipment.pk)
    assert get("documents/files", sha256="0" * 64)[1]["rows"] == []
    assert get("documents/files", sha256="abc")[1]["field"] == "sha256"
    elsewhere = getter(Elsewhere(world, site=True).person)
    assert elsewhere("documents/files", sha256=digest)[1]["rows"] == []  # SEC-01
