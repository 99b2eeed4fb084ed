"""The story's small company, set up by the same commands as a real one. All of it is invented."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from traceward.domain.catalog.commands import (
    add_packaging_level,
    qualify_product,
    register_item,
    register_product,
)
from traceward.domain.partners.commands import add_licence, qualify, register
from traceward.domain.partners.models import CustomerClass, LicenceKind
from traceward.domain.places.commands import open_place
from traceward.domain.places.models import PlaceKind, Zone
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.administration import set_password
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.command.people import (
    grant_role,
    open_site,
    register_legal_entity,
    register_party,
    register_person,
)
from traceward.kernel.command.setup import SYSTEM_LOGIN
from traceward.kernel.command.signing import reauthenticated
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, SiteKind

#: 952 is GS1's prefix for demonstrations.
GS1_PREFIX = "9521000"
PHONE = "021-0000-0000"

PEOPLE = (
    ("chen.jing", "陈静", "Chen Jing", roles.QUALITY_HEAD),
    ("liu.yang", "刘洋", "Liu Yang", roles.INSPECTOR),
    ("wang.lei", "王磊", "Wang Lei", roles.STOREKEEPER),
    ("zhao.min", "赵敏", "Zhao Min", roles.PICKER),
    ("sun.hao", "孙浩", "Sun Hao", roles.CHECKER),
    ("zhou.qiang", "周强", "Zhou Qiang", roles.SUPERVISOR),
    ("wu.dan", "吴丹", "Wu Dan", roles.BUYER),
    ("zheng.yu", "郑宇", "Zheng Yu", roles.SALES),
    ("feng.kai", "冯凯", "Feng Kai", roles.DISPATCHER),
    ("he.tao", "何涛", "He Tao", roles.DRIVER),
    ("xu.fang", "徐芳", "Xu Fang", roles.COORDINATOR),
    ("ma.li", "马丽", "Ma Li", roles.COMPLIANCE),
    ("deng.bo", "邓波", "Deng Bo", roles.PRODUCTION),
    ("gao.ning", "高宁", "Gao Ning", roles.DATA_OWNER),
    ("lin.xia", "林霞", "Lin Xia", roles.MAINTENANCE),
)

#: code, zh, en, model, class, category, registration, storage, serials, implant, line, DIs by level
ITEMS: tuple[tuple[Any, ...], ...] = (
    (
        "ST-3018",
        "冠状动脉药物洗脱支架",
        "Drug-eluting coronary stent",
        "3.0 × 18 mm",
        ("国械注准20223130101", 3, "13-07-01"),
        None,
        False,
        True,
        (("09521000001015", 1), ("19521000001012", 5)),
    ),
    (
        "TN-0050",
        "肌钙蛋白 I 检测试剂盒",
        "Troponin I assay kit",
        "50 tests",
        ("沪械注准20222400202", 2, "22-05-01"),
        (Decimal(2), Decimal(8)),
        False,
        False,
        (("09521000002029", 1),),
    ),
    (
        "PM-8800",
        "植入式心脏起搏器",
        "Implantable pacemaker",
        "DR-8800",
        ("国械注准20213120303", 3, "12-01-01"),
        None,
        True,
        True,
        (("09521000003033", 1),),
    ),
    (
        "KT-0100",
        "冠脉介入手术包",
        "Coronary intervention kit",
        "CIK-1",
        ("国械注准20223130404", 3, "13-07-01"),
        None,
        False,
        True,
        (("09521000005051", 1),),
    ),
)

BINS = (
    ("A-01-01", (10, 30), 1),
    ("A-01-02", (10, 30), 2),
    ("C-01-01", (2, 8), 3),
)


@dataclass
class Company:
    """Ids of what was set up, by name."""

    site: int = 0
    us: int = 0
    supplier: int = 0
    hospital: int = 0
    people: dict[str, Actor] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    def by(self, role: roles.RoleName) -> Actor:
        """The person of this role, asking for something new."""
        return self.people[role.code].asking()

    def signing(self, role: roles.RoleName) -> Actor:
        """The person of this role, who has just entered the password again."""
        actor = self.by(role)
        person = Person.objects.get(pk=actor.person_id)
        return reauthenticated(person, self.password, actor)


def set_up() -> Company:
    """The company can work: firms, site, places, people, partners, papers and items are known."""
    company = Company()
    system = Person.objects.get(login=SYSTEM_LOGIN)
    by = Actor(system.pk, system.login, "story")
    _firms(company, by)
    _people(company, by)
    _partners(company)
    _places(company)
    _items(company)
    set_parameter("warehousing.gs1_company_prefix", GS1_PREFIX, by=company.by(roles.DATA_OWNER))
    set_parameter(
        "stock.allocation.minimum_days",
        90,
        {"customer_class": CustomerClass.HOSPITAL.value},
        by=company.by(roles.QUALITY_HEAD),
    )
    return company


def _firms(company: Company, by: Actor) -> None:
    names = {
        "us": ("沪安医疗器械（上海）有限公司", "Huan Medical (Shanghai)", "云台路 1 号"),
        "supplier": ("北辰医疗科技有限公司", "Beichen Medical Technology", "北辰路 2 号"),
        "hospital": ("江城第一医院", "Jiangcheng First Hospital", "江城路 3 号"),
    }
    for name, (zh, en, address) in names.items():
        party = register_party(zh, en, address=address, phone=PHONE, by=by.asking())
        setattr(company, name, party.id)
    entity = register_legal_entity("HA", company.us, by=by.asking()).id
    company.site = open_site(
        "SH01",
        entity,
        SiteKind.DISTRIBUTION,
        name_zh="上海配送中心",
        name_en="Shanghai distribution centre",
        by=by.asking(),
    ).id


def _people(company: Company, by: Actor) -> None:
    """Everybody works at the site; quality, data and compliance count for the whole group."""
    everywhere = {roles.QUALITY_HEAD, roles.DATA_OWNER, roles.COMPLIANCE, roles.BUYER, roles.SALES}
    signing = {roles.QUALITY_HEAD, roles.DRIVER, roles.COMPLIANCE}
    for login, zh, en, role in PEOPLE:
        person = register_person(login, zh, en, by=by.asking())
        site = None if role in everywhere else company.site
        grant_role(person.id, role.code, site_id=site, by=by.asking())
        if role in signing:
            set_password(person.id, Erasable(company.password), must_change=False, by=by.asking())
        company.people[role.code] = Actor(person.id, login, "story")
    picker = company.people[roles.PICKER.code].person_id
    # The picker may check as well; the system sees to it that nobody checks their own pick.
    grant_role(picker, roles.CHECKER.code, site_id=company.site, by=by.asking())


def _partners(company: Company) -> None:
    start = date(2022, 1, 1)
    by = company.by
    supplier = register(
        company.supplier, "BC", is_supplier=True, is_maker=True, by=by(roles.BUYER)
    ).id
    hospital = register(
        company.hospital,
        "JC1",
        is_customer=True,
        customer_class=CustomerClass.HOSPITAL,
        by=by(roles.SALES),
    ).id
    papers = (
        (company.us, LicenceKind.DISTRIBUTION, "沪浦药监械经营许20220011号", [3]),
        (company.us, LicenceKind.FILING, "沪浦药监械经营备20220012号", [2]),
        (company.supplier, LicenceKind.PRODUCTION, "沪药监械生产许20220013号", [2, 3]),
        (company.supplier, LicenceKind.AGREEMENT, "ZB-2026-01", [1, 2, 3]),
        (company.hospital, LicenceKind.INSTITUTION, "JC-0001", [1, 2, 3]),
    )
    for party, kind, number, classes in papers:
        add_licence(
            party,
            kind,
            number,
            classes,
            start,
            valid_until=date(2031, 12, 31),
            by=by(roles.COMPLIANCE),
        )
    add_licence(
        company.supplier,
        LicenceKind.AUTHORISATION,
        "SQ-2026-01",
        [1, 2, 3],
        start,
        valid_until=date(2031, 12, 31),
        territory="全国",
        salesperson=Erasable("方晓 999999199001010000"),
        by=by(roles.COMPLIANCE),
    )
    for partner in (supplier, hospital):
        qualify(partner, "首营企业审核通过", by=company.signing(roles.QUALITY_HEAD))


def _places(company: Company) -> None:
    def place(code: str, kind: PlaceKind, **values: Any) -> None:
        opened = open_place(company.site, code, kind, by=company.by(roles.SUPERVISOR), **values)
        company.places[code] = opened.id

    place("SUP", PlaceKind.SUPPLIER, party_id=company.supplier)
    place("ADJ", PlaceKind.ADJUSTMENT)
    place("DOCK", PlaceKind.DOCK, zone=Zone.PENDING)
    place("PRD", PlaceKind.PRODUCTION)
    place("STAGE", PlaceKind.STAGING, zone=Zone.DISPATCH)
    place("JC1-OR", PlaceKind.DEPARTMENT, party_id=company.hospital)
    place("JC1-USED", PlaceKind.USED)
    for code, (low, high), rank in BINS:
        place(
            code,
            PlaceKind.BIN,
            zone=Zone.QUALIFIED,
            temperature_c_min=Decimal(low),
            temperature_c_max=Decimal(high),
            pick_rank=rank,
        )


def _items(company: Company) -> None:
    by = company.by(roles.DATA_OWNER)
    for code, zh, en, model, certificate, storage, serials, implant, packs in ITEMS:
        number, device_class, category = certificate
        product = register_product(
            number,
            company.supplier,
            device_class,
            category,
            date(2022, 1, 1),
            name_zh=zh,
            name_en=en,
            valid_until=date(2031, 12, 31),
            by=by.asking(),
        ).id
        qualify_product(product, "首营品种审核通过", by=company.signing(roles.QUALITY_HEAD))
        low, high = storage or (None, None)
        item = register_item(
            code,
            company.supplier,
            name_zh=zh,
            name_en=en,
            product_id=product,
            model=model,
            has_serials=serials,
            is_implantable=implant,
            storage_c_min=low,
            storage_c_max=high,
            by=by.asking(),
        ).id
        company.items[code] = item
        for level, (di, units) in enumerate(packs):
            add_packaging_level(item, level, di, units, by=by.asking())
