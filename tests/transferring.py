"""A transfer on its way to another site, for tests: its promise, its pick, its shipment."""

from dataclasses import dataclass
from typing import Any

from tests import outbound
from tests.inbound import code
from tests.world import LONG_AGO, World
from traceward.domain.partners.models import Licence, LicenceKind
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.models import StockBalance
from traceward.domain.transfers.commands import receiving, requesting
from traceward.domain.warehousing.commands import picking, shipping
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Party, Site
from traceward.kernel.rules.models import Parameter


def place(world: World, kind: PlaceKind, site: Site, **more: Any) -> Place:
    """The site's place of this kind, opened where there is none yet."""
    number = f"{site.code}-{kind.value[:5].upper()}-{more.get('zone', '')}"
    found = Place.objects.filter(site=site, kind=kind, zone=more.get("zone", "")).first()
    if found is None:
        found = Place.objects.create(
            code=number,
            kind=kind,
            physical=kind != PlaceKind.ADJUSTMENT,
            site=site,
            legal_entity=site.legal_entity,
            **more,
        )
        found.refresh_from_db(fields=["path"])
    return found


@dataclass
class Going:
    """A transfer on its way: one item, one lot, from one site to the other."""

    transfer_id: int
    line_ids: list[int]
    source: Site
    target: Site
    dock: Place
    pick_id: int = 0
    shipment_id: int = 0


def requested(world: World, quantity: int = 3, **more: Any) -> Going:
    """Chengdu asks Shanghai, unless told otherwise."""
    source = more.pop("source", world.shanghai)
    target = more.pop("target", world.chengdu)
    item = world.items[more.pop("item", "STENT")]
    dock = place(world, PlaceKind.DOCK, target)
    wanted = requesting.WantedItem(item.pk, quantity, more.pop("lot_id", None))
    by = more.pop("by", None) or world.by(roles.PLANNER)
    made = requesting.request(source.pk, dock.pk, [wanted], "days of cover", by=by, **more)
    return Going(made.transfer_id, made.line_ids, source, target, dock)


def approved(world: World, quantity: int = 3, **more: Any) -> Going:
    going = requested(world, quantity, **more)
    requesting.approve(going.transfer_id, by=world.by(roles.SUPERVISOR))
    return going


def allocated(world: World, quantity: int = 3, **more: Any) -> Going:
    going = approved(world, quantity, **more)
    requesting.allocate(going.transfer_id, by=world.by(roles.PLANNER))
    return going


def opened(world: World, quantity: int = 3, **more: Any) -> Going:
    going = allocated(world, quantity, **more)
    staging = place(world, PlaceKind.STAGING, going.source)
    going.pick_id = requesting.start_pick(
        going.transfer_id, staging.pk, by=world.by(roles.STOREKEEPER)
    ).pick_id
    return going


def checked(world: World, quantity: int = 3, **more: Any) -> Going:
    bin_code, lot = more.pop("bin", "A-01"), more.pop("lot", "L1")
    item = more.get("item", "STENT")
    going = opened(world, quantity, **more)
    scan = picking.PickScan([code(item, lot)], bin_code, quantity)
    picking.pick(going.pick_id, [scan], by=world.by(roles.PICKER))
    checks = [outbound.checking.CheckScan(scan.codes, quantity)]
    outbound.checking.check(going.pick_id, checks, True, True, by=world.by(roles.CHECKER))
    return going


def shipped(world: World, quantity: int = 3, **more: Any) -> Going:
    going = checked(world, quantity, **more)
    sent = shipping.ship(going.pick_id, outbound.VAN, by=world.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    return going


def received(world: World, going: Going, *packs: tuple[int, bool], **more: Any) -> Any:
    """So many units each, damaged or not, at the other site's dock unless told otherwise."""
    lot, item = more.pop("lot", "L1"), more.pop("item", "STENT")
    at = more.pop("at", going.dock)
    scans = [Pack([code(item, lot)], count, is_damaged) for count, is_damaged in packs]
    by = more.pop("by", None) or world.by(roles.STOREKEEPER)
    return receiving.receive(going.shipment_id, at.pk, scans, by=by, **more)


def statuses(at: Place) -> dict[int, int]:
    """What stands in the place, by status."""
    rows = StockBalance.objects.filter(place=at, on_hand__gt=0)
    return {row.status: row.on_hand for row in rows}


def stay_qualified(**context: Any) -> None:
    key = "transfers.arrives_qualified"
    Parameter.objects.create(key=key, context=context, value=True, valid_from=LONG_AGO)


def write_off(world: World, going: Going, **more: Any) -> receiving.WrittenOff:
    by = more.pop("by", None) or world.by(roles.SUPERVISOR).reauthenticated()
    reason = more.pop("reason", "the carrier found nothing")
    return receiving.write_off(going.shipment_id, reason, by=by)


def other_entity(world: World, *, licensed: bool = True) -> Site:
    """A site of another legal entity of the group."""
    party = Party.objects.create(name_zh="东海医疗", name_en="Donghai Medical")
    entity = LegalEntity.objects.create(code="DH", party=party)
    if licensed:
        Licence.objects.create(
            party=party,
            kind=LicenceKind.DISTRIBUTION,
            number="L-DH",
            classes=[1, 2, 3],
            valid_from=LONG_AGO,
        )
    return Site.objects.create(
        code="NB", name_zh="宁波仓", kind="distribution", legal_entity=entity
    )
