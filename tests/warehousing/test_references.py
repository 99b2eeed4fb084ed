"""What the lines of deliveries refer to is looked up for all of them at once. # INB-02"""

import pytest
from django.db import IntegrityError, connection, transaction

from tests import inbound
from tests.world import World
from traceward.domain.purchasing.models import ShippingNoticeLine
from traceward.domain.warehousing.models import ExpectedLine, ReceiptLine
from traceward.kernel.base.references import references
from traceward.kernel.documents.models import DocumentLine


@pytest.mark.parametrize("model", [ShippingNoticeLine, ExpectedLine, ReceiptLine])
def test_a_line_refers_to_what_is_there(world: World, model: type) -> None:
    inbound.received(world, (inbound.code("PACER", "P1", serial="S1"), 1), item="PACER")
    row = model.objects.get()
    line = DocumentLine.objects.get(pk=row.pk)
    spare = DocumentLine.objects.create(document_id=line.document_id, line_number=99)
    fields = {f.attname: getattr(row, f.attname) for f in model._meta.local_concrete_fields}
    columns = [column for column, _ in references(model)]
    assert columns
    for column in columns:
        with pytest.raises(IntegrityError, match=column), transaction.atomic():
            model.objects.create(**{**fields, "line_id": spare.pk, column: -1})
        if column == "line_id":
            continue
        with pytest.raises(IntegrityError, match=column), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{column: -1})
    model.objects.create(**{**fields, "line_id": spare.pk})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
