"""What the forms begin with by which goods leave: where they are gathered, how they travel."""

from collections.abc import Iterable, Mapping
from typing import Any

from traceward.domain.warehousing.rules import needs_cold_chain
from traceward.web.kit.carriers import carrier_named, carriers
from traceward.web.kit.suggestions import Row, Suggested, known, narrow, needs_of, offer, suggest
from traceward.web.pages.suggestions import last_of, only_place, say
from traceward.web.visitors import Visitor

STARTS = ("outbound.start_pick", "transfers.start_pick", "warehousing.open_pick")
OWN, CARRIER = "own", "carrier"


@suggest(*STARTS)
def start_pick(order: Row, to: Visitor) -> Suggested:
    """To the site's staging place; where there are several, to the one of the last pick."""
    site = order["site_id"]
    last = last_of("warehousing.picks", to, site_id=site).get("staging_id")
    return {"staging_id": only_place(site, to, kind="staging") or last}


@narrow(*(f"{verb}.staging_id" for verb in STARTS))
def staging_areas(order: Row, _to: Visitor) -> Mapping[str, Any]:
    """The open staging areas of the site that the goods leave."""
    return {"site_id": order["site_id"], "kind": "staging", "is_open": True}


def usual(pick_: Row, to: Visitor) -> tuple[str, Row]:
    """Own vehicle or carrier: as the last goods to this place travelled, else the site's last."""
    here = {"site_id": pick_["site_id"]}
    last = last_of("warehousing.shipments", to, **here, deliver_to_id=pick_["deliver_to_id"])
    last = last or last_of("warehousing.shipments", to, **here)
    return CARRIER if last.get("carrier_name") and not last.get("vehicle_plate") else OWN, last


def travelling(kind: str, pick_: Row, to: Visitor) -> Suggested:
    """How goods go by such a vehicle; whose plate and who drives is said each time."""
    found, last = usual(pick_, to)
    if kind == OWN:
        mode = (
            last["transport_mode"] if last and found == OWN else say(to, "自有车辆", "own vehicle")
        )
        return {"transport": {"mode": mode}}
    is_known = bool(last) and found == CARRIER
    mode = last["transport_mode"] if is_known else say(to, "第三方运输", "carrier")
    name = carrier_named(last["carrier_name"], to) if is_known else None
    return {"transport": {"mode": mode, "carrier_name": name}}


@offer("warehousing.ship.carrier_name", "purchasing.send_return.carrier_name")
def carriers_of_ours(_row: Row, to: Visitor) -> list[tuple[str, str]]:
    """Who carries for us, by the name that the visitor knows."""
    return [(name, "") for name in carriers(to).values()]


@suggest("warehousing.ship")
def ship(pick_: Row, to: Visitor) -> Suggested:
    """As the last goods to this place travelled."""
    kind, last = usual(pick_, to)
    return travelling(kind, pick_, to) if last else {}


def _has_cold(lines: Iterable[Row], to: Visitor) -> bool:
    """Whether some of the goods are cold chain, whose temperature has to be on record."""
    items = known("catalog.items", to, id=sorted({line["item_id"] for line in lines}))
    return any(needs_cold_chain(one["storage_c_max"]) for one in items)


@needs_of("warehousing.ship")
def departure(pick_: Row, to: Visitor) -> list[str]:
    """How warm cold goods leave the house for a customer."""
    place = known("places.places", to, id=pick_["deliver_to_id"], kind=["customer", "department"])
    return ["transport.departure_c"] if place and _has_cold(pick_["lines"], to) else []


@needs_of("purchasing.send_return")
def departure_of_return(return_: Row, to: Visitor) -> list[str]:
    """How warm cold goods leave for the supplier."""
    return ["transport.departure_c"] if _has_cold(return_["lines"], to) else []


@needs_of("sales.sign_for")
def arrival(shipment: Row, to: Visitor) -> list[str]:
    """How warm cold goods arrive."""
    return ["arrival_c"] if _has_cold(shipment["lines"], to) else []


@narrow("warehousing.ship.driver_id")
def drivers(pick_: Row, to: Visitor) -> Mapping[str, Any]:
    """Who drives for the site; where nobody has that role, any of our people."""
    here = {"drives_for": pick_["site_id"]}
    return here if known("org.colleagues", to, limit=1, **here) else {}
