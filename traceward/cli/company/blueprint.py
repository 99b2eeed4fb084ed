"""The whole company as plain data, at a scale: what is set up, before anything happens. Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from traceward.cli.company import articles as goods
from traceward.cli.company import group
from traceward.cli.company.articles import Article, Certificate, Recipe
from traceward.cli.company.group import TODAY, Firm, Hospital, Spot, Warehouse, Worker


@dataclass(frozen=True)
class Scale:
    """How large a company, how long a history, how busy."""

    name: str
    months: float
    #: Distribution centres of each legal entity, and hospitals of each of them.
    sites: int
    hospitals: int
    #: Every so-manieth product; at most so many sizes of each, and so many bins in a zone.
    products: int
    sizes: int
    bins: int
    #: A department orders about once in so many weeks.
    weeks: float
    #: So many of this morning's orders wait at each stage at each site.
    waiting: int
    #: Moves between bins make the history so long, for benchmarks.
    moves: int = 0


FULL = Scale("full", 18, 3, 8, 1, 99, 99, 24.0, 2)
LARGE = replace(FULL, name="large", moves=10_000_000)
SMALL = Scale("small", 1.5, 1, 1, 2, 1, 2, 2.0, 1)


@dataclass(frozen=True)
class Blueprint:
    seed: int
    scale: Scale
    firms: tuple[Firm, ...]
    warehouses: tuple[Warehouse, ...]
    hospitals: tuple[Hospital, ...]
    workers: tuple[Worker, ...]
    spots: tuple[Spot, ...]
    certificates: dict[str, Certificate]
    articles: dict[str, Article]
    recipes: tuple[Recipe, ...]
    renewals: tuple[tuple[date, str, date], ...]
    #: The day on which the company opens; goods come from then on.
    opens_on: date

    def firm(self, code: str) -> Firm:
        return next(firm for firm in self.firms if firm.code == code)


def draw(seed: int, scale: Scale) -> Blueprint:
    """The same seed and scale give the same company."""
    needed = _needed()
    kept = set(list(goods.certificates())[:: scale.products])
    articles = {
        code: article
        for code, article in goods.articles().items()
        if code in needed or (article.family in kept and int(code[-2:]) <= scale.sizes)
    }
    families = {article.family for article in articles.values()} - {""}
    warehouses = _warehouses(scale)
    sites = {warehouse.code for warehouse in warehouses}
    chosen: dict[str, list[Hospital]] = {}
    for hospital in group.hospitals():
        mine = chosen.setdefault(hospital.site, [])
        if hospital.site in sites and len(mine) < scale.hospitals:
            mine.append(hospital)
    hospitals = tuple(h for row in chosen.values() for h in row)
    certificates = {c: x for c, x in goods.certificates().items() if c in families}
    opens_on = TODAY - timedelta(days=round(scale.months * 30.5))
    renewals = tuple(row for row in goods.renewals() if row[1] in families)
    for day, code, until in renewals:
        if day <= opens_on:
            certificates[code] = replace(certificates[code], valid_until=until)
    made = Blueprint(
        seed,
        scale,
        group.firms(),
        warehouses,
        hospitals,
        tuple(w for w in group.people(seed) if _is_there(w, sites)),
        (),
        certificates,
        articles,
        goods.recipes(),
        tuple(row for row in renewals if row[0] > opens_on),
        opens_on,
    )
    return replace(made, spots=_spots(made))


def _needed() -> set[str]:
    """Items that are made or go into what is made: there at every scale."""
    recipes = goods.recipes()
    return {r.output for r in recipes} | {code for r in recipes for code, _ in r.inputs}


def _warehouses(scale: Scale) -> tuple[Warehouse, ...]:
    """Plants, and the first distribution centres of each legal entity."""
    kept: dict[str, int] = {}
    found = []
    for warehouse in group.warehouses():
        if warehouse.kind == "distribution":
            kept[warehouse.entity] = kept.get(warehouse.entity, 0) + 1
        if kept.get(warehouse.entity, 0) <= scale.sites:
            found.append(warehouse)
    return tuple(found)


def _is_there(worker: Worker, sites: set[str]) -> bool:
    """People of a site that is left out at this scale are left out too."""
    is_of_site = worker.scope in {warehouse.code for warehouse in group.warehouses()}
    return worker.scope in sites or not is_of_site


def _spots(made: Blueprint) -> tuple[Spot, ...]:
    known = {hospital.firm.code for hospital in made.hospitals}
    counts: dict[str, int] = {}
    found = []
    sites = {warehouse.code for warehouse in made.warehouses}
    for spot in group.spots():
        if spot.site not in sites:
            continue
        if spot.party and spot.party not in known:
            continue
        if spot.kind == "used" and spot.parent.split("-")[0] not in known:
            continue
        if spot.kind == "bin":
            counts[spot.parent] = counts.get(spot.parent, 0) + 1
            if counts[spot.parent] > made.scale.bins:
                continue
        found.append(spot)
    return tuple(found)
