"""Builds the small company of a run, and writes down all that its clients may know of it.

`python -m tests.kills.company FILE`, with the run's home and settings in the environment.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django

DEMANDS, LOTS, REVERSIBLE = 400, 40, 4_000
PASSWORD = "correct horse battery staple"


def main(target: Path) -> None:
    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from tests import world as worlds
    from traceward.kernel.command.setup import set_up_roles
    from traceward.kernel.org import roles
    from traceward.kernel.org.models import Person

    set_up_roles()  # the world's own command was not there when the database was migrated
    with transaction.atomic():
        world = worlds.build()
        signer = world.people[roles.QUALITY_HEAD.code]
        Person.objects.filter(pk=signer.person_id).update(password=make_password(PASSWORD))
        lots = [world.lot("STENT", f"L{n:03d}") for n in range(LOTS)]
        demands, expected = _documents(world)
        _tally_item(world)
    _stock(world, lots)
    plain = {
        **_names(world),
        "password": PASSWORD,
        "lots": [{"id": lot.pk, "number": lot.number} for lot in lots],
        "demands": demands,
        "expected": expected,
        **_state(),
    }
    target.write_text(json.dumps(plain))


def _documents(world: Any) -> tuple[list[dict[str, int]], int]:
    """Demand documents of one line each, and one that announces more than will ever come."""
    from traceward.domain.warehousing.commands.picking import destine
    from traceward.domain.warehousing.commands.receiving import Announcement, expect
    from traceward.kernel.documents.models import Document, DocumentLine

    def document(kind: str) -> Any:
        made = Document.objects.create(
            kind=kind,
            legal_entity=world.entity,
            site=world.shanghai,
            state="open",
            created_at="2026-01-01T00:00:00Z",
            created_by_id=next(iter(world.people.values())).person_id,
        )
        return DocumentLine.objects.create(document=made, line_number=1)

    demands = [document("sales.order") for _ in range(DEMANDS)]
    for demand in demands:
        destine(demand.document, world.hospital.pk, world.places["CUS"].pk)
    line = document("test.notice")
    announced = Announcement(line.pk, world.items["STENT"].pk, 10_000_000)
    expect(line.document, world.supplier.pk, [announced])
    plain = [{"document_id": x.document_id, "line_id": x.pk} for x in demands]
    return plain, line.document_id


def _tally_item(world: Any) -> None:
    from tests.kills.commands import TALLY
    from traceward.domain.catalog.models import Item

    world.items[TALLY] = Item.objects.create(
        code=TALLY,
        name_zh=TALLY,
        name_en=TALLY,
        maker=world.supplier,
        material_category="raw",
        model=TALLY,
        has_lots=True,
        has_serials=False,
    )
    world.lot(TALLY, TALLY)


def _stock(world: Any, lots: list[Any]) -> None:
    """Plenty of each lot in two bins; and many single moves that can be taken back later."""
    from traceward.domain.stock.models import Code, Status

    amounts = {"A-01": 20_000, "A-02": 3_000}
    both = {"from_status": Status.PENDING, "to_status": Status.QUALIFIED}
    for place, amount in amounts.items():
        world.post(
            *(world.leg(Code.RECEIVE, x, amount, "SUP", place, status=Status.PENDING) for x in lots)
        )
        world.post(*(world.leg(Code.RELEASE, x, amount, place, place, **both) for x in lots))
    world.post(
        *(
            world.leg(Code.MOVE, lots[n % len(lots)], 1 + n % 3, "A-01", "A-02")
            for n in range(REVERSIBLE)
        )
    )


def _names(world: Any) -> dict[str, Any]:
    from traceward.kernel.command.delivery import NAMESPACE, handlers, system_actor
    from traceward.kernel.command.tokens import token_for
    from traceward.kernel.org.models import Person

    people = {p.pk: p for p in Person.objects.all()}
    return {
        "tokens": {role: token_for(people[a.person_id]) for role, a in world.people.items()},
        "people": {role: actor.person_id for role, actor in world.people.items()},
        "system": system_actor().person_id,
        "item": world.items["STENT"].pk,
        "di": "06901234567892",
        "us": world.us.pk,
        "supplier": world.supplier.pk,
        "hospital": world.hospital.pk,
        "site": world.shanghai.pk,
        "places": {code: place.pk for code, place in world.places.items()},
        "handlers": {h.verb: list(h.subscribes) for h in handlers()},
        "namespace": str(NAMESPACE),
    }


def _state() -> dict[str, Any]:
    """The ledger before the first client: what the judge starts to count from."""
    from django.db import connection

    from traceward.domain.stock.models import Code

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM audit_entry")
        (command,) = cursor.fetchone()
        cursor.execute(
            "SELECT item_id, coalesce(lot_id, 0), place_id, status, owner_id, on_hand"
            " FROM stock_balance"
        )
        balances = cursor.fetchall()
        cursor.execute(
            "SELECT id, lot_id, quantity FROM stock_move WHERE code = %s ORDER BY id", [Code.MOVE]
        )
        reversible = cursor.fetchall()
    return {"last_command": command, "balances": balances, "reversible": reversible}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
