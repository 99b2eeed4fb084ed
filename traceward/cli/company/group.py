"""The group as plain data: firms, sites, places, hospitals, people. Pure; nothing of it is real.

GS1 codes begin with 952, the prefix for demonstrations; credit codes have region 999999, which is
nobody's. Check digits and characters are right all the same.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from traceward.cli.company.tables import parts, table, words
from traceward.kernel.base.gs1 import check_digit
from traceward.kernel.org.rules import ALPHABET, uscc_check_digit

#: The morning on which the company is found: its history ends here and today's work begins.
TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Paper:
    """A licence: `categories` are those that it covers, none for all."""

    kind: str
    number: str
    classes: tuple[int, ...]
    valid_from: date
    valid_until: date | None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Firm:
    """A party: one of our own, a maker, trader or carrier, or a hospital."""

    code: str
    zh: str
    en: str
    country: str
    role: str
    uscc: str
    gln: str
    #: GS1 company prefix: its GTINs and SSCCs begin with it.
    prefix: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True)
class Warehouse:
    """One of our sites."""

    code: str
    entity: str
    kind: str
    zh: str
    en: str
    gln: str
    plates: tuple[str, ...]


@dataclass(frozen=True)
class Hospital:
    firm: Firm
    #: The warehouse that serves it.
    site: str
    departments: tuple[str, ...]


@dataclass(frozen=True)
class Spot:
    """A place to be opened. `celsius` are the limits within which it is kept."""

    code: str
    site: str
    kind: str
    zh: str
    en: str
    parent: str = ""
    party: str = ""
    zone: str = ""
    celsius: tuple[int, int] | None = None
    rank: int = 0


@dataclass(frozen=True)
class Worker:
    """Somebody with a role: everywhere, in a legal entity, or at a site."""

    login: str
    zh: str
    en: str
    role: str
    #: "group", or the code of an entity or a site.
    scope: str


#: What every site has, and how many of them.
CREW = (
    ("receiving_inspector", 1),
    ("maintenance_inspector", 1),
    ("storekeeper", 1),
    ("picker", 2),
    ("checker", 1),
    ("warehouse_supervisor", 1),
    ("dispatcher", 1),
    ("driver", 2),
    ("coordinator", 1),
    ("sales", 1),
)

ROOM, COLD = (15, 25), (2, 8)
#: code, zh, en, zone, limits: what is below the warehouse of each site.
ZONES = (
    ("DY", "待验区", "Pending area", "pending", ROOM),
    ("DYL", "待验冷库", "Pending cold room", "pending", COLD),
    ("HG", "合格品区", "Qualified area", "qualified", ROOM),
    ("LK", "合格品冷库", "Qualified cold room", "qualified", COLD),
    ("BH", "不合格品区", "Rejected area", "rejected", ROOM),
    ("BHL", "不合格品冷藏柜", "Rejected cold cabinet", "rejected", COLD),
    ("TH", "退货区", "Returns area", "returns", ROOM),
    ("THL", "退货冷藏柜", "Returns cold cabinet", "returns", COLD),
)
#: How many bins the zones have that do not grow with the site.
FEW_BINS = {"DY": 4, "DYL": 2, "BH": 2, "BHL": 1, "TH": 2, "THL": 1}
STAGINGS = 3


def uscc(kind: str, serial: int) -> str:
    """A credit code of nobody's region, with its right check character."""
    number, organisation = serial * 7919 + 104729, ""
    for _ in range(9):
        number, digit = divmod(number, len(ALPHABET))
        organisation += ALPHABET[digit]
    body = f"{kind}999999{organisation}"
    return body + uscc_check_digit(body)


def gln(serial: int) -> str:
    body = f"9521{serial:08d}"
    return body + check_digit(body)


def firms() -> tuple[Firm, ...]:
    """Our own firms and those we buy from or send with."""
    return tuple(_firm(n, row) for n, row in enumerate(table("firms"), 1))


def _firm(n: int, row: dict[str, str]) -> Firm:
    papers = []
    for m, text in enumerate(parts(row["licences"])):
        kind, _, classes = text.partition(":")
        from_year = 2020 + (n + m) % 4
        start = date(from_year, 1 + n % 12, 1 + n * 3 % 28)
        papers.append(
            Paper(
                kind,
                _licence_number(kind, row["area"], from_year, n),
                tuple(int(c) for c in words(classes)),
                start,
                SHORT_PAPERS.get((row["code"], kind), _until(start, 5)),
            )
        )
    is_ours_or_cn = row["country"] == "CN"
    return Firm(
        row["code"],
        row["zh"],
        row["en"],
        row["country"],
        row["role"],
        uscc("91", n) if is_ours_or_cn else "",
        gln(n),
        f"95210{n:02d}",
        tuple(papers),
    )


#: Papers whose last day is part of today's work: soon over, or over already.
SHORT_PAPERS = {
    ("LIGUANG", "production"): TODAY + timedelta(days=25),
    ("CYS", "filing"): TODAY + timedelta(days=72),
    ("QINGHE", "production"): TODAY + timedelta(days=41),
    ("SUBAI", "production"): TODAY - timedelta(days=9),
}
#: Hospitals whose licence ends soon (days from today) or has ended.
SHORT_HOSPITALS = {"H12": 34, "H21": 12, "H33": 88, "H24": -20}
#: The eye hospital's licence names what it may use; anything else is refused.
NARROW_HOSPITALS = {"H40": ("16", "14", "22")}


def _until(start: date, years: int) -> date:
    """The last day of a paper that was renewed as often as needed."""
    end = start.replace(year=start.year + years) - timedelta(days=1)
    return end if end > TODAY + timedelta(days=120) else _until(start, years + 5)


def _licence_number(kind: str, area: str, year: int, n: int) -> str:
    forms = {
        "production": f"{area}药监械生产许{year}{n:04d}号",
        "distribution": f"{area}药监械经营许{year}{n:04d}号",
        "filing": f"{area}药监械经营备{year}{n:04d}号",
        "business": uscc("91", n),
    }
    return forms[kind]


def warehouses() -> tuple[Warehouse, ...]:
    return tuple(
        Warehouse(
            row["code"],
            row["entity"],
            row["kind"],
            row["zh"],
            row["en"],
            gln(500 + n),
            tuple(words(row["plates"])),
        )
        for n, row in enumerate(table("sites"), 1)
    )


def hospitals() -> tuple[Hospital, ...]:
    found = []
    for n, row in enumerate(table("hospitals"), 1):
        start = date(2019 + n % 5, 1 + n % 12, 1 + n % 28)
        days = SHORT_HOSPITALS.get(row["code"])
        paper = Paper(
            "institution",
            f"999999{uscc('12', n)[8:16]}A1{n:03d}",
            (1, 2, 3),
            start,
            _until(start, 5) if days is None else TODAY + timedelta(days=days),
            NARROW_HOSPITALS.get(row["code"], ()),
        )
        firm = Firm(
            row["code"], row["zh"], row["en"], "CN", "hospital",
            uscc("12", 100 + n), gln(1000 + n), "", (paper,),
        )  # fmt: skip
        found.append(Hospital(firm, row["site"], tuple(words(row["departments"]))))
    return tuple(found)


def people(seed: int) -> tuple[Worker, ...]:
    """Everybody by name: those of the group, and each site's crew."""
    chance = random.Random(f"{seed}/people")
    wanted = [(row["zh"], row["en"], row["role"], row["scope"]) for row in table("people")]
    taken = {_login(en) for _, en, _, _ in wanted}
    for site in table("sites"):
        for role, count in CREW:
            for _ in range(count):
                zh, en = _name(chance, taken)
                wanted.append((zh, en, role, site["code"]))
    return tuple(Worker(_login(en), zh, en, role, scope) for zh, en, role, scope in wanted)


def _name(chance: random.Random, taken: set[str]) -> tuple[str, str]:
    """A name that nobody has yet."""
    while True:
        family, given = chance.choice(table("surnames")), chance.choice(table("given_names"))
        en = f"{family['en']} {given['en']}"
        if _login(en) not in taken:
            taken.add(_login(en))
            return family["zh"] + given["zh"], en


def _login(en: str) -> str:
    family, given = en.lower().replace("ü", "v").split(" ")
    return f"{given}.{family}"


def spots() -> tuple[Spot, ...]:
    """Every place of every site, parents first."""
    found = [spot for row in table("sites") for spot in _site(row)]
    names = {row["code"]: row for row in table("departments")}
    for row in table("hospitals"):
        code, site = row["code"], row["site"]
        zh, en = f"{row['zh']}收货处", f"{row['en']}, receiving point"
        found.append(Spot(code, site, "customer", zh, en, party=code))
        for department in words(row["departments"]):
            name = names[department]
            at = f"{code}-{department}"
            zh, en = f"{row['zh']}{name['zh']}", f"{row['en']}, {name['en']}"
            found.append(Spot(at, site, "department", zh, en, parent=code, party=code))
            found.append(Spot(f"{at}-U", site, "used", f"{zh}（已使用）", f"{en} (used)", at))
    return tuple(found)


def _site(row: dict[str, str]) -> list[Spot]:
    site = row["code"]
    root = f"{site}-W"
    found = [Spot(root, site, "warehouse", row["zh"], row["en"])]
    rank = 0
    for code, zh, en, zone, celsius in ZONES:
        at = f"{site}-{code}"
        found.append(Spot(at, site, "zone", zh, en, root, zone=zone, celsius=celsius))
        count = FEW_BINS.get(code) or int(row["cold" if code == "LK" else "ambient"])
        for n in range(1, count + 1):
            rank += 1
            name = f"{at}-{(n - 1) // 6 + 1:02d}-{(n - 1) % 6 + 1:02d}"
            found.append(Spot(name, site, "bin", name, name, at, zone=zone, rank=rank))
    dispatch = f"{site}-FH"
    found.append(Spot(dispatch, site, "zone", "发货区", "Dispatch area", root, zone="dispatch"))
    for n in range(1, STAGINGS + 1):
        zh, en = f"备货位 {n}", f"Staging {n}"
        found.append(
            Spot(f"{dispatch}-{n:02d}", site, "staging", zh, en, dispatch, zone="dispatch")
        )
    found += [
        Spot(f"{site}-DOCK-IN", site, "dock", "收货月台", "Receiving dock", root, zone="pending"),
        Spot(f"{site}-DOCK-OUT", site, "dock", "发货月台", "Dispatch dock", root, zone="dispatch"),
        Spot(f"{site}-SUP", site, "supplier", "供应商", "Suppliers"),
        Spot(f"{site}-ADJ", site, "adjustment", "盘点差异", "Count differences"),
        Spot(f"{site}-DES", site, "destruction", "销毁", "Destruction"),
    ]
    if row["kind"] == "plant":
        found.append(Spot(f"{site}-PRD", site, "production", "生产现场", "Production"))
        found.append(Spot(f"{site}-WIP", site, "staging", "在制区", "Work in progress", root))
    return found
