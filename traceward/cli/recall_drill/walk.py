"""A walk of every move in plain Python, which asks none of the product's questions.

Rows are added up one by one and edges are followed by hand, so that what a drill found can be
compared with it. It reads the whole ledger; nothing of it is quick.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection

from traceward.domain.places.models import Place
from traceward.domain.recalls.models import RecallDrill
from traceward.domain.stock.models import (
    GenealogyEdge,
    Lot,
    Serial,
    StockMove,
    VoidTransformation,
)
from traceward.kernel.documents.models import DocumentLink
from traceward.kernel.org.models import Party

#: Lot, serial, place, status and owner, as people call them.
Where = tuple[str, str, str, int, str]
CHUNK = 50_000
#: What the record of any command writes: audit, events, answers, sign-ins, jobs, numbers.
OF_COMMANDS = ("audit_", "outbox_", "command_", "procrastinate_", "django_", "documents_number")


@dataclass
class Walk:
    """From these lots and serials on: where everything stands by the moves, and what is in it."""

    start: set[int]
    nodes: set[int] = field(default_factory=set)
    moves: int = 0
    units: Counter[Where] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.nodes = _reached(self.start)
        stands: Counter[tuple[int, int, int, int]] = Counter()
        columns = (
            *("serial", "lot", "quantity", "from_place", "from_status", "from_owner"),
            *("to_place", "to_status", "to_owner"),
        )
        rows = StockMove.objects.order_by("pk").values_list(*columns)
        for serial, lot, quantity, a, a_status, a_owner, b, b_status, b_owner in rows.iterator(
            chunk_size=CHUNK
        ):
            self.moves += 1
            node = serial or lot
            if node in self.nodes:
                stands[node, a, a_status, a_owner] -= quantity
                stands[node, b, b_status, b_owner] += quantity
        self.units = _named(stands)


def _reached(start: Iterable[int]) -> set[int]:
    """The nodes themselves, their serials, and all that was made of them at any distance."""
    gone = set(VoidTransformation.objects.values_list("command_id", flat=True))
    into: dict[int, set[int]] = defaultdict(set)
    edges = GenealogyEdge.objects.values_list(
        "command_id", "input_lot", "input_serial", "output_lot", "output_serial"
    )
    for command, lot, serial, made_lot, made_serial in edges.iterator(chunk_size=CHUNK):
        if command not in gone:
            into[serial or lot].add(made_serial or made_lot)
    members = Serial.objects.exclude(lot=None).values_list("lot", "pk")
    for lot, serial in members.iterator(chunk_size=CHUNK):
        into[lot].add(serial)
    seen, waiting = set(start), list(start)
    while waiting:
        for node in into.get(waiting.pop(), set()) - seen:
            seen.add(node)
            waiting.append(node)
    return seen


def _named(stands: Counter[tuple[int, int, int, int]]) -> Counter[Where]:
    """What stands in places that hold goods, in the words of people."""
    places = {pk: code for pk, code, is_real in _places() if is_real}
    there = {key: n for key, n in stands.items() if n and key[1] in places}
    nodes = {node for node, *_ in there}
    serials = {s.pk: s for s in Serial.objects.filter(pk__in=nodes)}
    lots = dict(
        Lot.objects.filter(
            pk__in=nodes | {s.lot_id for s in serials.values() if s.lot_id}
        ).values_list("pk", "raw_number")
    )
    owners = dict(Party.objects.values_list("pk", "name_zh"))
    found: Counter[Where] = Counter()
    for (node, place, status, owner), n in there.items():
        serial = serials.get(node)
        lot = lots.get((serial.lot_id or 0) if serial else node, "")
        number = serial.raw_number if serial else ""
        found[lot, number, places[place], status, owners[owner]] += n
    return found


def _places() -> list[tuple[int, str, bool]]:
    return list(Place.objects.values_list("pk", "code", "physical"))


def moved_under(document: int) -> set[int]:
    """Lots and serials that moved under the document and those that followed it."""
    later: dict[int, set[int]] = defaultdict(set)
    for earlier, after in DocumentLink.objects.values_list("earlier", "later"):
        later[earlier].add(after)
    papers, waiting = {document}, [document]
    while waiting:
        for paper in later.get(waiting.pop(), set()) - papers:
            papers.add(paper)
            waiting.append(paper)
    rows = StockMove.objects.filter(document__in=papers).values_list("serial", "lot")
    return {serial or lot for serial, lot in rows}


def fingerprint() -> dict[str, str]:
    """By table a digest of all its rows, but for drills and for the record of commands."""
    tables = sorted({model._meta.db_table for model in apps.get_models()})
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            if table.startswith((*OF_COMMANDS, "recalls_drill")):
                continue
            where = "WHERE kind <> %s" if table == "documents_document" else ""
            # Digests of rows, in an order that does not depend on where they lie.
            cursor.execute(
                f"SELECT md5(t::text) FROM {table} t {where} ORDER BY 1",  # noqa: S608
                [RecallDrill.KIND] if where else [],
            )
            whole = hashlib.md5(usedforsecurity=False)
            while rows := cursor.fetchmany(CHUNK):
                whole.update("".join(row for (row,) in rows).encode())
            found[table] = whole.hexdigest()
    return found
