"""What the company trades in, as plain data: certificates, items, packs, recipes. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from traceward.cli.company.group import TODAY, firms
from traceward.cli.company.tables import parts, table, words
from traceward.kernel.base.gs1 import check_digit


@dataclass(frozen=True)
class Certificate:
    """A registration certificate or filing, and until when it counts at the beginning."""

    code: str
    number: str
    zh: str
    en: str
    maker: str
    device_class: int
    category: str
    old_category: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class Pack:
    """A packaging level: its GTIN, packs of the level below, and base units."""

    level: int
    di: str
    of_below: int
    base_units: int


@dataclass(frozen=True)
class Article:
    """An item with its packs, and how it is asked for."""

    code: str
    zh: str
    en: str
    specification: str
    maker: str
    supplier: str
    #: Its family, which is the certificate's code; "" for what is no device.
    family: str
    unit: str
    has_lots: bool
    has_serials: bool
    is_implantable: bool
    celsius: tuple[int, int] | None
    shelf_life_days: int | None
    price: Decimal
    packs: tuple[Pack, ...]
    line: str
    #: steady, winter, intermittent, rare: how demand comes.
    profile: str
    departments: tuple[str, ...]

    @property
    def category(self) -> str:
        """物料类别: what has no certificate is made here, or raw material."""
        is_made = any(recipe.output == self.code for recipe in recipes())
        return "device" if self.family else "semi_finished" if is_made else "raw"

    @property
    def is_cold(self) -> bool:
        return self.celsius is not None and self.celsius[1] <= 8


@dataclass(frozen=True)
class Recipe:
    """What is made of what: `inputs` are (item code, base units for one)."""

    output: str
    batch: int
    inputs: tuple[tuple[str, int], ...]


#: Certificates that end within this many days are part of today's work.
ENDING = {"IS": 45, "GC": 80, "TC": 18}


@cache
def certificates() -> dict[str, Certificate]:
    """By family."""
    return {row["code"]: _certificate(n, row) for n, row in enumerate(table("products"), 1)}


@cache
def newcomers() -> dict[str, tuple[int, Certificate]]:
    """By code, products that are new to us 首营品种: entered so many days ago, 0 this morning."""
    rows = enumerate(table("newcomers"), 501)
    return {row["code"]: (int(row["days_ago"]), _certificate(n, row)) for n, row in rows}


def _certificate(n: int, row: dict[str, str]) -> Certificate:
    area, origin, year = row["reg"][0], row["reg"][1], int(row["reg"][2:])
    start = date(year, 1 + n * 5 % 12, 1 + n * 7 % 28)
    return Certificate(
        row["code"],
        _number(area, origin, year, row, n),
        row["zh"],
        row["en"],
        row["maker"],
        int(row["class"]),
        row["category"],
        row["old"],
        start,
        None if row["class"] == "1" else _until(row["code"], start),
    )


def _number(area: str, origin: str, year: int, row: dict[str, str], n: int) -> str:
    if row["class"] == "1":
        return f"{area}械备{year}{9000 + n:04d}号"
    code = "40" if row["old"] == "6840" else row["category"][:2]
    return f"{area}械注{origin}{year}{row['class']}{code}{9000 + n:04d}"


def _until(code: str, start: date) -> date:
    if code in ENDING:
        return TODAY + timedelta(days=ENDING[code])
    end = start.replace(year=start.year + 5) - timedelta(days=1)
    return end if end.year >= 2026 else end.replace(year=end.year + 5)


def renewals() -> list[tuple[date, str, date]]:
    """On which day which certificate was renewed, and until when it counts since."""
    found = []
    for code, certificate in certificates().items():
        end = certificate.valid_until
        if end is not None and end < TODAY + timedelta(days=120) and code not in ENDING:
            found.append((end - timedelta(days=150), code, end.replace(year=end.year + 5)))
    return sorted(found)


@cache
def articles() -> dict[str, Article]:
    """Every item by its code: devices, materials, semi-finished goods."""
    prefixes = {firm.code: firm.prefix for firm in firms()}
    found: list[Article] = []
    serial: dict[str, int] = {}
    for row in table("products"):
        for n, variant in enumerate(parts(row["variants"]), 1):
            serial[row["maker"]] = serial.get(row["maker"], 0) + 1
            packs = _packs(prefixes[row["maker"]], serial[row["maker"]], row["packs"])
            found.append(_device(row, n, variant, packs))
    for row in (*table("materials"), *(r for r in table("recipes") if r["zh"])):
        maker = row.get("supplier") or "CYT"
        serial[maker] = serial.get(maker, 0) + 1
        found.append(_material(row, maker, _packs(prefixes[maker], serial[maker], "")))
    return {article.code: article for article in found}


def _packs(prefix: str, serial: int, larger: str) -> tuple[Pack, ...]:
    """The base unit and the packs above it; "10 200" are packs of 10 and cases of 200 units."""
    units = [1, *(int(u) for u in words(larger) if int(u) > 1)]
    body = f"{prefix}{serial:05d}"
    packs = []
    for level, base_units in enumerate(units):
        digits = f"{level}{body}"
        below = units[level - 1] if level else 1
        packs.append(Pack(level, digits + check_digit(digits), base_units // below, base_units))
    return tuple(packs)


def _device(row: dict[str, str], n: int, variant: str, packs: tuple[Pack, ...]) -> Article:
    low_high = [int(c) for c in words(row["storage"])]
    is_capital = row["line"] == "capital"
    return Article(
        code=f"{row['code']}-{n:02d}",
        zh=row["zh"],
        en=row["en"],
        specification=variant,
        maker=row["maker"],
        supplier=row["supplier"],
        family=row["code"],
        unit=row["unit"],
        has_lots=not is_capital,
        has_serials=row["serial"] == "Y",
        is_implantable=row["implant"] == "Y",
        celsius=(low_high[0], low_high[1]) if low_high else None,
        shelf_life_days=int(row["days"]) if row["days"] else None,
        price=Decimal(row["price"]),
        packs=packs,
        line=row["line"],
        profile=row["profile"],
        departments=tuple(words(row["departments"])),
    )


def _material(row: dict[str, str], maker: str, packs: tuple[Pack, ...]) -> Article:
    return Article(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        specification="",
        maker=maker,
        supplier=maker,
        family="",
        unit="EA",
        has_lots=True,
        has_serials=False,
        is_implantable=False,
        celsius=None,
        shelf_life_days=int(row["days"]) if row["days"] else None,
        price=Decimal(row.get("price") or "0"),
        packs=packs,
        line="material",
        profile="none",
        departments=(),
    )


def recipes() -> tuple[Recipe, ...]:
    """Sub-assemblies before what they go into."""
    found = []
    for row in table("recipes"):
        pairs = [words(part) for part in parts(row["inputs"])]
        inputs = tuple((code, int(quantity)) for code, quantity in pairs)
        found.append(Recipe(row["output"] or row["code"], int(row["batch"]), inputs))
    return tuple(found)
