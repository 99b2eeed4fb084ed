"""One call of every command of sales and of the way out, as in `examples`."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests import inbound, outbound
from tests.world import World
from traceward.domain.sales.commands import ordering, using
from traceward.domain.sales.models import Delivery
from traceward.domain.warehousing.commands import checking, labelling, shipping
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles

Arguments = dict[str, Any]

OUTBOUND: dict[str, Callable[[World], Arguments]] = {}
LABEL = inbound.code("STENT", "L1")


def example(verb: str) -> Callable[..., Callable[[World], Arguments]]:
    def keep(made: Callable[[World], Arguments]) -> Callable[[World], Arguments]:
        OUTBOUND[verb] = made
        return made

    return keep


def stocked(world: World, quantity: int = 5) -> World:
    world.stock(world.lot("STENT", "L1"), quantity)
    return world


@example("sales.order")
def sell(world: World) -> Arguments:
    return {
        "site_id": world.shanghai.pk,
        "customer_id": world.hospital.pk,
        "deliver_to_id": world.places["DEP"].pk,
        "lines": [ordering.OrderedItem(world.items["STENT"].pk, 2)],
    }


@example("sales.cancel")
def cancel(world: World) -> Arguments:
    return {"order_id": outbound.ordered(world).order_id, "reason": "budget"}


@example("sales.close")
def close_order(world: World) -> Arguments:
    return {"order_id": outbound.short(stocked(world), 5).order_id, "reason": "budget"}


@example("outbound.allocate")
def allocate(world: World) -> Arguments:
    return {"order_id": outbound.ordered(stocked(world)).order_id}


@example("outbound.start_pick")
def start_pick(world: World) -> Arguments:
    going = outbound.allocated(stocked(world))
    return {"order_id": going.order_id, "staging_id": world.places["STAGE"].pk}


@example("warehousing.open_pick")
def open_pick(world: World) -> Arguments:
    values = start_pick(world)
    return {"demand_id": values.pop("order_id"), **values}


@example("warehousing.pick")
def pick(world: World) -> Arguments:
    return {"pick_id": outbound.opened(stocked(world)).pick_id, "scans": [outbound.scan("L1")]}


@example("warehousing.cancel_pick")
def cancel_pick(world: World) -> Arguments:
    return {"pick_id": outbound.opened(stocked(world)).pick_id, "reason": "mistake"}


@example("warehousing.end_pick")
def end_pick(world: World) -> Arguments:
    going = outbound.opened(stocked(world))
    outbound.picking.pick(going.pick_id, [outbound.scan("L1", 2)], by=world.by(roles.PICKER))
    return {"pick_id": going.pick_id, "reason": "one is damaged"}


@example("warehousing.change_lot")
def change_lot(world: World) -> Arguments:
    going = outbound.opened(stocked(world))
    world.stock(world.lot("STENT", "L2", date(2031, 6, 30)), 3)
    return {"pick_id": going.pick_id, "line_number": 1, "why": "damaged"}


@example("warehousing.put_back")
def put_back(world: World) -> Arguments:
    going = outbound.opened(stocked(world))
    outbound.picking.pick(going.pick_id, [outbound.scan("L1", 2)], by=world.by(roles.PICKER))
    return {"pick_id": going.pick_id, "scans": [outbound.scan("L1", 1)]}


@example("warehousing.check")
def check(world: World) -> Arguments:
    return {
        "pick_id": outbound.picked(stocked(world)).pick_id,
        "scans": [checking.CheckScan([LABEL], 3)],
        "is_package_intact": True,
        "is_label_right": True,
    }


@example("warehousing.pack")
def pack(world: World) -> Arguments:
    return {"pick_id": outbound.checked(stocked(world)).pick_id, "sscc": "095200000000000011"}


@example("warehousing.unpack")
def unpack(world: World) -> Arguments:
    going = outbound.checked(stocked(world))
    sscc = "095200000000000011"
    outbound.shipping.pack(going.pick_id, sscc=sscc, by=world.by(roles.STOREKEEPER))
    return {"pick_id": going.pick_id, "sscc": sscc}


@example("warehousing.ship")
def ship(world: World) -> Arguments:
    going = outbound.checked(stocked(world))
    return {"pick_id": going.pick_id, "transport": outbound.VAN}


@example("warehousing.arrive")
def arrive(world: World) -> Arguments:
    return {"shipment_id": outbound.shipped(stocked(world)).shipment_id}


@example("warehousing.resume_shipment")
def resume_shipment(world: World) -> Arguments:
    return {"shipment_id": outbound.shipped(stocked(world)).shipment_id}


@example("warehousing.archive_delivery_note")
def archive_delivery_note(world: World) -> Arguments:
    shipment = Document.objects.get(pk=outbound.shipped(stocked(world)).shipment_id)
    return {"shipment_uid": shipment.uid}


@example("warehousing.print_delivery_note")
def print_delivery_note(world: World) -> Arguments:
    return {"shipment_id": outbound.shipped(stocked(world)).shipment_id, "copies": 3}


@example("warehousing.print_goods_labels")
def print_goods_labels(world: World) -> Arguments:
    lot = stocked(world).lot("STENT", "L1")
    return {
        "site_id": world.shanghai.pk,
        "labels": [labelling.GoodsLabel(lot.pk, copies=3)],
        "size": "70x40",
    }


@example("warehousing.print_box_labels")
def print_box_labels(world: World) -> Arguments:
    going = outbound.checked(stocked(world))
    by = world.by(roles.STOREKEEPER)
    box = shipping.pack(going.pick_id, sscc="095200000000000011", by=by).container_id
    return {"site_id": world.shanghai.pk, "labels": [labelling.BoxLabel(box)]}


@example("warehousing.print_place_labels")
def print_place_labels(world: World) -> Arguments:
    places = [labelling.PlaceLabel(world.places[code].pk, 2) for code in ("A-01", "A-02")]
    return {"site_id": world.shanghai.pk, "labels": places}


@example("warehousing.cancel_shipment")
def cancel_shipment(world: World) -> Arguments:
    return {**resume_shipment(world), "reason": "wrong van"}


@example("sales.sign_for")
def sign_for(world: World) -> Arguments:
    going = outbound.shipped(stocked(world))
    return {"shipment_id": going.shipment_id, "receiver": Erasable("张三")}


@example("sales.read_contact")
def read_contact(world: World) -> Arguments:
    order = ordering.order(**sell(world), contact=Erasable("王五"), by=world.by(roles.SALES))
    return {"order_id": order.order_id, "reason": "nobody opens the door"}


@example("sales.erase_contact")
def erase_contact(world: World) -> Arguments:
    wanted = read_contact(world)
    ordering.cancel(wanted["order_id"], "ordered twice", by=world.by(roles.SALES))
    return wanted | {"reason": "asked for by the person"}


@example("sales.read_receiver")
@example("sales.erase_receiver")
@example("sales.cancel_delivery")
def cancel_delivery(world: World) -> Arguments:
    going = outbound.signed(stocked(world))
    delivery = Delivery.objects.get(of_shipment=going.shipment_id)
    return {"delivery_id": delivery.pk, "reason": "wrong ward"}


@example("sales.use")
def use(world: World) -> Arguments:
    outbound.signed(stocked(world))
    items = [using.UsedItem([LABEL], 1, patient=Erasable("P-7F3K-0001"))]
    return {"place_id": world.places["DEP"].pk, "items": items}


@example("sales.cancel_usage")
def cancel_usage(world: World) -> Arguments:
    used = using.use(**use(world), by=world.by(roles.COORDINATOR))
    return {"usage_id": used.usage_id, "reason": "wrong patient"}


@example("sales.read_patient")
def read_patient(world: World) -> Arguments:
    used = using.use(**use(world), by=world.by(roles.COORDINATOR))
    return {"usage_line_id": used.line_ids[0], "reason": "recall"}


@example("sales.erase_patient")
def erase_patient(world: World) -> Arguments:
    return read_patient(world)
