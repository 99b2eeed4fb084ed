"""A small company for tests: two sites, bins, items, people with roles. Made fast, by SQL rows."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection

from traceward.domain.catalog.models import Item, PackagingLevel, Product
from traceward.domain.partners.models import CustomerClass, Licence, LicenceKind, Partner
from traceward.domain.places.models import OPEN_ENDED, Place, PlaceKind
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code, Lot, Status
from traceward.domain.stock.rules import Leg
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Party, Person, Role, RoleGrant, Site
from traceward.kernel.org.roles import RoleName
from traceward.kernel.org.scope import WHOLE_GROUP


def move_clock(day: date) -> None:
    """The sandbox's clock stands at noon of the day, in Shanghai."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [f"{day.isoformat()} 12:00:00+08"])


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """What the tests know by name."""

    entity: LegalEntity
    us: Party
    supplier: Party
    hospital: Party
    shanghai: Site
    chengdu: Site
    places: dict[str, Place] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)

    def by(self, role: RoleName) -> Actor:
        """Somebody with this role everywhere, asking for something new."""
        return self.people[role.code].asking()

    def lot(self, item: str, number: str, expires: date | None = date(2030, 12, 31)) -> Lot:
        row = self.items[item]
        lot, _ = Lot.objects.get_or_create(
            item=row,
            maker=row.maker,
            number=number,
            defaults={"raw_number": number, "expires_on": expires},
        )
        return lot

    def leg(self, code: Code, lot: Lot, quantity: int, source: str, target: str, **values) -> Leg:
        """A leg of this lot between two places, of our stock; status and owner may be given."""
        status = values.pop("status", Status.QUALIFIED)
        return Leg(
            code=code,
            item_id=lot.item_id,
            lot_id=lot.pk,
            serial_id=values.pop("serial_id", None),
            quantity=quantity,
            from_place_id=self.places[source].pk,
            from_status=values.pop("from_status", status),
            from_owner_id=values.pop("from_owner", self.us.pk),
            to_place_id=self.places[target].pk,
            to_status=values.pop("to_status", status),
            to_owner_id=values.pop("to_owner", self.us.pk),
            **values,
        )

    def stock(self, lot: Lot, quantity: int, place: str = "A-01") -> None:
        """So much of the lot stands qualified at the place: received, then released."""
        self.post(self.leg(Code.RECEIVE, lot, quantity, "SUP", place, status=Status.PENDING))
        self.post(
            self.leg(
                Code.RELEASE,
                lot,
                quantity,
                place,
                place,
                from_status=Status.PENDING,
                to_status=Status.QUALIFIED,
            )
        )

    def post(self, *legs: Leg, by: Actor | None = None, **times) -> int:
        """The legs are posted by the testing command, signed."""
        actor = by or self.by(roles.SYSTEM)
        return post_legs(legs=list(legs), by=actor.reauthenticated(), **times)


@command("testing.post", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def post_legs(
    legs: list[Leg],
    *,
    happened_at: datetime | None = None,
    reason: str | None = None,
    by: Actor,
) -> int:
    """Legs as they are given; for tests and benchmarks only."""
    from traceward.domain.stock.models import Lot, Serial
    from traceward.kernel.command.write import sign

    if any(leg.code in (Code.RELEASE, Code.REJECT) for leg in legs):
        lot = Lot.objects.filter(pk=legs[0].lot_id).first()
        uid = lot.uid if lot else Serial.objects.get(pk=legs[0].serial_id).uid
        sign("test", kind="lot", uid=uid, content={"legs": len(legs)}, by=by)
    posting = collect(legs, by=by)
    posting.happened_at, posting.backdate_reason = happened_at, reason
    return len(legs)


def build() -> World:
    """The company stands; everybody has one role, everywhere."""
    us = _party("沪安医疗器械", "Huan Medical")
    supplier = _party("北辰器械", "Beichen Devices")
    hospital = _party("江城医院", "Jiangcheng Hospital")
    entity = LegalEntity.objects.create(code="HA", party=us)
    shanghai = Site.objects.create(
        code="SH", name_zh="上海仓", name_en="Shanghai", kind="distribution", legal_entity=entity
    )
    chengdu = Site.objects.create(
        code="CD", name_zh="成都仓", name_en="Chengdu", kind="distribution", legal_entity=entity
    )
    world = World(entity, us, supplier, hospital, shanghai, chengdu)
    _partners(world)
    _places(world)
    _items(world)
    _people(world)
    return world


def _party(zh: str, en: str) -> Party:
    return Party.objects.create(
        name_zh=zh, name_en=en, address=f"{zh[:2]}路 1 号", phone="021-0000-0000"
    )


def _partners(world: World) -> None:
    Partner.objects.create(
        party=world.supplier, code="S1", is_supplier=True, is_maker=True, is_qualified=True
    )
    Partner.objects.create(
        party=world.hospital,
        code="H1",
        is_customer=True,
        customer_class=CustomerClass.HOSPITAL,
        is_qualified=True,
    )
    for party, kind in (
        (world.us, LicenceKind.DISTRIBUTION),
        (world.supplier, LicenceKind.PRODUCTION),
        (world.supplier, LicenceKind.AUTHORISATION),
        (world.supplier, LicenceKind.AGREEMENT),
        (world.hospital, LicenceKind.INSTITUTION),
    ):
        Licence.objects.create(
            party=party, kind=kind, number=f"L{party.pk}", classes=[1, 2, 3], valid_from=LONG_AGO
        )


PLACES = (
    ("SUP", PlaceKind.SUPPLIER, "shanghai", None),
    ("ADJ", PlaceKind.ADJUSTMENT, "shanghai", None),
    ("PRD", PlaceKind.PRODUCTION, "shanghai", None),
    ("DES", PlaceKind.DESTRUCTION, "shanghai", None),
    ("CUS", PlaceKind.CUSTOMER, "shanghai", None),
    ("DEP", PlaceKind.DEPARTMENT, "shanghai", None),
    ("USED", PlaceKind.USED, "shanghai", None),
    ("WAY", PlaceKind.TRANSIT, "shanghai", None),
    ("DOCK", PlaceKind.DOCK, "shanghai", None),
    ("STAGE", PlaceKind.STAGING, "shanghai", None),
    ("ZONE", PlaceKind.ZONE, "shanghai", None),
    ("A-01", PlaceKind.BIN, "shanghai", None),
    ("A-02", PlaceKind.BIN, "shanghai", None),
    ("C-01", PlaceKind.BIN, "shanghai", (2, 8)),
    ("B-01", PlaceKind.BIN, "chengdu", None),
    ("CD-ADJ", PlaceKind.ADJUSTMENT, "chengdu", None),
)

#: The bins that stand in the zone.
ZONED = ("A-01", "A-02")


def _places(world: World) -> None:
    for rank, (code, kind, site, temperature) in enumerate(PLACES):
        low, high = temperature or (10, 30)
        is_bin = kind == PlaceKind.BIN
        place = Place.objects.create(
            code=code,
            kind=kind,
            physical=kind not in OPEN_ENDED,
            site=getattr(world, site),
            legal_entity=world.entity,
            party=world.hospital if code in ("CUS", "DEP") else None,
            parent=world.places["ZONE"] if code in ZONED else None,
            pick_rank=rank,
            temperature_c_min=low if is_bin else None,
            temperature_c_max=high if is_bin else None,
        )
        place.refresh_from_db(fields=["path"])
        world.places[code] = place


def _items(world: World) -> None:
    product = Product.objects.create(
        name_zh="冠状动脉支架",
        name_en="Coronary stent",
        registration_number="国械注准20223130001",
        registrant=world.supplier,
        device_class=3,
        category="13-07-01",
        valid_from=date(2022, 1, 1),
        is_qualified=True,
    )
    rows = (
        ("STENT", True, False, None, "06901234567892"),
        ("PACER", True, True, None, "06901234567908"),
        ("REAGENT", True, False, (2, 8), "06901234567915"),
    )
    for code, has_lots, has_serials, temperature, di in rows:
        low, high = temperature or (None, None)
        item = Item.objects.create(
            code=code,
            name_zh=code,
            name_en=code,
            product=product,
            maker=world.supplier,
            model=code,
            has_lots=has_lots,
            has_serials=has_serials,
            is_implantable=has_serials,
            storage_c_min=Decimal(low) if low else None,
            storage_c_max=Decimal(high) if high else None,
        )
        PackagingLevel.objects.create(item=item, level=0, di=di, base_units=1)
        world.items[code] = item


def _people(world: World) -> None:
    ids = dict(Role.objects.values_list("code", "pk"))
    for role in (*roles.ALL, roles.CONSIGNEE):
        person = Person.objects.create(
            login=f"test-{role.code}", name_zh=role.zh, name_en=role.en, password="!"
        )
        RoleGrant.objects.create(person=person, role_id=ids[role.code], granted_at=LONG_AGO)
        world.people[role.code] = Actor(person.pk, person.login)
