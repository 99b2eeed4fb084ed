"""What is written once is not changed by the application's role, whatever the code does."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from tests.world import World
from traceward.domain.stock.models import Lot

KEEPING = [m for m in apps.get_models() if vars(m).get("kept")]


@pytest.mark.django_db
@pytest.mark.parametrize("model", KEEPING, ids=lambda m: m._meta.label)
def test_the_role_may_not_change_what_is_kept(model) -> None:  # SEC-02
    names = {f.name: f.column for f in model._meta.local_concrete_fields}
    with connection.cursor() as cursor:
        for name in model.kept:
            cursor.execute(
                "SELECT has_column_privilege(current_user, %s, %s, 'UPDATE')",
                [model._meta.db_table, names[name]],
            )
            assert cursor.fetchone() == (False,), f"{model._meta.label}.{name} may be changed"


def test_nobody_makes_a_lot_last_longer(world: World) -> None:  # INV-05 INV-07
    lot = world.lot("STENT", "K1")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(expires_on="2099-12-31")
    lot.refresh_from_db()
    assert str(lot.expires_on) == "2030-12-31"
