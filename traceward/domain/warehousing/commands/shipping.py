"""Packing into containers, and sending on the way: staging to a transit place of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from traceward.domain.catalog.queries import papers_of
from traceward.domain.partners.queries import carrier_written
from traceward.domain.places.commands import open_place
from traceward.domain.places.models import PlaceKind
from traceward.domain.stock.commands import Said, collect, promise
from traceward.domain.stock.commands.containers import whole_containers
from traceward.domain.stock.commands.identity import ensure_container
from traceward.domain.stock.commands.moves import take_back
from traceward.domain.stock.models import Code, Container, StockBalance
from traceward.domain.stock.rules import Promise, is_expired
from traceward.domain.warehousing import events, queries
from traceward.domain.warehousing.commands.checking import require_good, require_papers_kept
from traceward.domain.warehousing.commands.journeys import require_cold_enough
from traceward.domain.warehousing.commands.packing import PackedPart, parted
from traceward.domain.warehousing.commands.picking import (
    leg,
    lines_of,
    locked,
    pick_scope,
    staged,
)
from traceward.domain.warehousing.models import (
    Pick,
    PickLine,
    PickState,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from traceward.domain.warehousing.scanning import sscc_of
from traceward.kernel.base.gs1 import build_sscc
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import Conflict, InvalidInput, WrongState, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.keys import people_among
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_lines,
    apply_rules,
    emit,
    enter,
    link,
    open_document,
    record_change,
    touch,
)
from traceward.kernel.org.roles import COORDINATOR, DISPATCHER, PICKER, STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.kernel.rules.queries import declare, reader

GS1_PREFIX = declare(
    "warehousing.gs1_company_prefix",
    "",
    "legal_entity",
    doc="GS1 company prefix of the legal entity, 4 to 12 digits: its SSCCs begin with it.",
)
#: Extension digit of the SSCCs that we give out ourselves.
SSCC_EXTENSION = 1
#: So long is the column of the conditions.
MAX_CONDITIONS, MAX_NAME = 200, 200


@dataclass(frozen=True)
class PackedInto:
    container_id: int
    sscc: str
    quantity: int


@command(
    "warehousing.pack",
    roles=(PICKER, STOREKEEPER),
    scope=pick_scope,
    from_states=(PickState.CHECKED,),
)
def pack(
    pick_id: int,
    *,
    line_numbers: list[int] | None = None,
    parts: list[PackedPart] | None = None,
    sscc: str = "",
    by: Actor,
) -> PackedInto:
    """Checked goods stand in one container: all that is loose, these lines, or parts of lines.

    What is left of a line is a line of its own, for the next container. The SSCC is the one
    scanned from a label, or a new one of the legal entity's.
    """
    document = locked(pick_id, PickState.CHECKED)
    lines = lines_of(document)
    loose = [line for line in lines if line.picked and line.container_id is None]
    if parts:
        chosen = parted(document, lines, loose, parts, by)
    else:
        chosen = [
            line for line in loose if line_numbers is None or line.line.line_number in line_numbers
        ]
    if not chosen or (line_numbers and not parts and len(chosen) < len(set(line_numbers))):
        raise InvalidInput(
            sentence("Choose lines of {number} that are picked and not packed yet."),
            field="line_numbers",
            number=str(document),
        )
    require_good(document, chosen, by)
    require_papers_kept(chosen)
    today = document.site.day_at(by.now)
    code = sscc_of(sscc, today, field="sscc") if sscc else _new_sscc(document, by)
    container = Container.objects.lock(ensure_container(code, by=by).pk)
    if StockBalance.objects.filter(container=container, on_hand__gt=0).exists():
        raise Conflict(
            sentence("Container {sscc} holds other goods. Take an empty one."),
            field="sscc",
            sscc=code,
        )
    legs, promises = [], []
    for line in chosen:
        before = staged(line, document.staging_id)
        boxed = staged(line, document.staging_id, container.pk)
        legs.append(leg(Code.PACK, before, boxed, line.picked, document, line))
        promises.append(Promise(line.demand_line_id, before, -line.picked))
        promises.append(Promise(line.demand_line_id, boxed, line.picked))
        record_change(line, {"container": None}, {"container": container.pk}, by=by)
        line.container_id = container.pk
    collect(legs, said=Said("pick_id"), by=by)
    promise(promises, by=by)
    save_rows(chosen, ["container"])
    touch(document, by=by)
    return PackedInto(container.pk, code, sum(line.picked for line in chosen))


def _new_sscc(document: Pick, by: Actor) -> str:
    context = {"legal_entity": document.legal_entity_id}
    prefix = apply_rules(reader(GS1_PREFIX), context, by=by).value
    if not prefix:
        raise InvalidInput(
            sentence(
                "The legal entity has no GS1 company prefix, so no SSCC can be made. "
                "Scan a label that has one, or have the prefix entered."
            ),
            field="sscc",
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('warehousing_sscc')")
        (serial,) = cursor.fetchone()
    if serial >= 10 ** (16 - len(str(prefix))):
        raise InvalidInput(
            sentence(
                "All SSCCs that begin with {prefix} were given out. "
                "Scan a label that has one, or have a shorter prefix entered."
            ),
            field="sscc",
            prefix=str(prefix),
        )
    return build_sscc(SSCC_EXTENSION, str(prefix), serial)


@dataclass(frozen=True)
class Transport:
    """How the goods travel: by our own vehicle, or by a carrier under a waybill (GSP art. 96).

    The conditions are those of the labels where nothing else is said.
    """

    mode: str
    vehicle_plate: str = ""
    carrier_name: str = ""
    waybill: str = ""
    conditions: str = ""
    #: Who drives our own vehicle.
    driver_id: int | None = None
    #: What the logger says as the goods leave; cold chain asks for it.
    departure_c: Celsius | None = None


@dataclass(frozen=True)
class Shipped:
    shipment_id: int
    transit_id: int
    lines: int
    quantity: int


@command(
    "warehousing.ship",
    roles=(DISPATCHER, STOREKEEPER),
    scope=pick_scope,
    from_states=(PickState.CHECKED,),
)
def ship(pick_id: int, transport: Transport, *, by: Actor) -> Shipped:
    """The checked goods are on their way; the order's promise is kept and gone.

    They need not be packed: what is not goes loose, and no SSCC stands on its delivery note.
    """
    document = locked(pick_id, PickState.CHECKED)
    require_transport(transport)
    lines = [line for line in lines_of(document) if line.picked]
    require_good(document, lines, by)
    require_papers_kept(lines)
    items = {line.item_id: line.item for line in lines}
    is_outside = document.deliver_to.kind in queries.HANDED_OVER
    require_cold_enough(
        items.values(), transport.departure_c, "transport.departure_c", is_asked=is_outside
    )
    papers = papers_of(items.values(), document.site.day_at(by.now))
    shipment = _opened(document, transport, _conditions(transport, papers.values()), by)
    whole = whole_containers((line.container_id, line.picked) for line in lines)
    legs, promises = [], []
    for line in lines:
        here = staged(line, document.staging_id, line.container_id)
        box = line.container_id if line.container_id in whole else None
        there = here._replace(place_id=shipment.transit_id, container_id=box)
        legs.append(leg(Code.SHIP, here, there, line.picked, shipment, line))
        promises.append(Promise(line.demand_line_id, here, -line.picked))
    collect(legs, said=Said("pick_id"), by=by)
    promise(promises, by=by)
    _write_lines(shipment, lines, whole, papers)
    enter(document, PickState.SHIPPED, by=by)
    emit(
        events.ShipmentDispatched(shipment.uid, document.demand.uid),
        subject=shipment.uid,
        by=by,
    )
    return Shipped(shipment.pk, shipment.transit_id, len(lines), sum(line.picked for line in lines))


def require_transport(transport: Transport) -> None:
    """Refused unless it says how the goods travel and with whom (GSP art. 96)."""
    if not transport.mode.strip():
        raise InvalidInput(sentence("Say how the goods travel."), field="transport.mode")
    is_own = bool(transport.vehicle_plate.strip())
    if not is_own and not (transport.carrier_name.strip() and transport.waybill.strip()):
        raise InvalidInput(
            sentence(
                "Give the plate of our own vehicle, or the carrier's name with the waybill number."
            ),
            field="transport.vehicle_plate",
        )
    if is_own and not people_among([transport.driver_id or 0]):
        raise InvalidInput(
            sentence("Say which of our people drives the vehicle."), field="transport.driver_id"
        )


def _conditions(transport: Transport, papers: Iterable[Mapping[str, Any]]) -> str:
    """运输及贮存条件 of the papers: as said, else what the labels ask for."""
    asked = sorted({str(facts["storage_conditions"]) for facts in papers} - {""})
    return (transport.conditions.strip() or " / ".join(asked))[:MAX_CONDITIONS]


def _opened(document: Pick, transport: Transport, conditions: str, by: Actor) -> Shipment:
    consignee = document.consignee
    is_outside = document.deliver_to.kind in queries.HANDED_OVER
    if is_outside and not (document.delivery_address and consignee.phone):
        raise InvalidInput(
            sentence(
                "The papers state the address and telephone of {party}; one is missing. "
                "Have it entered first."
            ),
            field="pick_id",
            party=consignee.names,
        )
    shipment = Shipment(
        from_pick=document,
        demand_id=document.demand_id,
        shipper_name=document.legal_entity.party.name("zh"),
        consignee=consignee,
        consignee_name=document.consignee_name,
        consignee_address=document.delivery_address,
        consignee_phone=consignee.phone,
        deliver_to_id=document.deliver_to_id,
        dispatched_at=by.now,
        transport_mode=transport.mode.strip(),
        carrier_name=carrier_written(transport.carrier_name),
        waybill=transport.waybill.strip(),
        vehicle_plate=transport.vehicle_plate.strip(),
        driver_id=transport.driver_id if transport.vehicle_plate.strip() else None,
        transport_conditions=conditions,
        departure_c=transport.departure_c,
    )
    transit = open_place(
        document.site_id,
        _transit_code(document),
        PlaceKind.TRANSIT,
        name_zh=f"在途 → {consignee.name('zh')}"[:MAX_NAME],
        name_en=f"On the way to {consignee.name('en')}"[:MAX_NAME],
        by=by,
    )
    shipment.transit_id = transit.id
    open_document(shipment, site=document.site, state=ShipmentState.SHIPPED, by=by)
    link(document, shipment, "shipment")
    link(document.demand, shipment, "shipment")
    return shipment


def _transit_code(document: Pick) -> str:
    """What the place on the way is called: the pick, and which of its shipments it is."""
    before = Shipment.objects.filter(from_pick=document).count()
    return f"T-{document}" + (f"-{before + 1}" if before else "")


def _write_lines(
    shipment: Shipment,
    lines: list[PickLine],
    whole: set[int],
    papers: Mapping[int, Mapping[str, Any]],
) -> None:
    """The shipment's lines keep the papers as they are today."""
    numbered = add_lines(shipment, len(lines))
    add_rows(
        ShipmentLine(
            line=number,
            shipment=shipment,
            demand_line_id=line.demand_line_id,
            item_id=line.item_id,
            lot_id=line.lot_id,
            serial_id=line.serial_id,
            owner_id=line.owner_id,
            container_id=line.container_id if line.container_id in whole else None,
            quantity=line.picked,
            **papers[line.item_id],
        )
        for number, line in zip(numbered, lines, strict=True)
    )


def shipment_scope(shipment_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Shipment, shipment_id)


@dataclass(frozen=True)
class OnTheWay:
    """The state of the shipment after the step."""

    state: str


@command(
    "warehousing.arrive",
    roles=(COORDINATOR,),
    scope=shipment_scope,
    from_states=(ShipmentState.SHIPPED,),
)
def arrive(shipment_id: int, *, by: Actor) -> OnTheWay:
    """The shipment is delivered once nothing of it is left on the way.

    What the running command hands over counts as gone already.
    """
    shipment: Shipment = Shipment.objects.select_related("demand").lock(shipment_id)
    shipment.require(ShipmentState.SHIPPED)
    touch(shipment, by=by)
    going = (x for x in collect((), by=by).legs if x.from_place_id == shipment.transit_id)
    if queries.left_on_the_way(shipment) == sum(x.quantity for x in going):
        enter(shipment, ShipmentState.DELIVERED, by=by)
        emit(
            events.ShipmentDelivered(shipment.uid, shipment.demand.uid),
            subject=shipment.uid,
            by=by,
        )
    return OnTheWay(shipment.state)


@command(
    "warehousing.resume_shipment",
    roles=(COORDINATOR,),
    scope=shipment_scope,
    from_states=(ShipmentState.DELIVERED,),
)
def resume_shipment(shipment_id: int, *, by: Actor) -> OnTheWay:
    """The shipment is on its way again, since goods come back to its transit place."""
    shipment: Shipment = Shipment.objects.lock(shipment_id)
    touch(shipment, by=by)
    if shipment.state == ShipmentState.SHIPPED:
        return OnTheWay(shipment.state)
    coming = any(x.to_place_id == shipment.transit_id for x in collect((), by=by).legs)
    if not coming and not queries.left_on_the_way(shipment):
        raise _is_over(shipment)
    enter(shipment, ShipmentState.SHIPPED, by=by)
    return OnTheWay(shipment.state)


def _is_over(shipment: Shipment) -> WrongState:
    return WrongState(
        sentence("{number} is “{state}”; nothing of it is on the way any more."),
        number=str(shipment),
        state=shipment.state,
    )


@dataclass(frozen=True)
class ShipmentUndone:
    """So many base units stand in the staging area of this pick again."""

    pick_id: int
    quantity: int


@command(
    "warehousing.cancel_shipment",
    roles=(DISPATCHER, STOREKEEPER, SUPERVISOR),
    scope=shipment_scope,
    from_states=(ShipmentState.SHIPPED,),
)
def cancel_shipment(shipment_id: int, reason: str, *, by: Actor) -> ShipmentUndone:
    """Goods that nobody signed for stand in staging again, checked; the number stays, cancelled.

    They are promised to the order as before; what was blocked or expired meanwhile is not.
    """
    known = Shipment.objects.filter(pk=shipment_id).values_list("from_pick", flat=True).first()
    if known is not None:
        Pick.objects.lock(known)
    shipment: Shipment = Shipment.objects.lock(shipment_id)
    document: Pick = shipment.from_pick
    if shipment.state != ShipmentState.SHIPPED:
        raise _is_over(shipment)
    lines = [line for line in lines_of(document) if line.picked]
    picked = sum(line.picked for line in lines)
    left = queries.left_on_the_way(shipment)
    if left != picked:
        raise WrongState(
            sentence(
                "{signed} units of {number} were signed for already. Cancel that delivery first."
            ),
            number=str(shipment),
            signed=picked - left,
        )
    take_back(shipment, reason, by=by)
    promise(_promised_again(document, lines, by), by=by)
    enter(shipment, ShipmentState.CANCELLED, by=by)
    enter(document, PickState.CHECKED, by=by)
    emit(
        events.ShipmentCancelled(shipment.uid, document.demand.uid),
        subject=shipment.uid,
        by=by,
    )
    return ShipmentUndone(document.pk, picked)


def _promised_again(document: Pick, lines: list[PickLine], by: Actor) -> list[Promise]:
    """The promises that the shipment had kept, as far as the goods may be promised today."""
    today = document.site.day_at(by.now)
    keys = [staged(line, document.staging_id, line.container_id) for line in lines]
    blocked = {row["n"] for row in queries.blocking(keys)}
    return [
        Promise(line.demand_line_id, key, line.picked)
        for n, (line, key) in enumerate(zip(lines, keys, strict=True), 1)
        if n not in blocked and not is_expired(line.lot.expires_on if line.lot else None, today)
    ]
