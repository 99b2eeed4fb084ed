"""What a question answers, in words: names of records, values, tables among them, moments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from traceward.kernel.command.registry import REGISTRY
from traceward.resources import asking, labels, reading
from traceward.resources.ids import list_of as list_of_id
from traceward.resources.kit import RESOURCES
from traceward.web.kit import cells
from traceward.web.kit.cells import names_of
from traceward.web.visitors import Visitor

Json = dict[str, Any]

#: Fields of answers that name a record in another way than columns do.
MEANT = {
    "node_id": ("stock.lots", "stock.serials"),
    "input_id": ("stock.lots", "stock.serials"),
    "output_id": ("stock.lots", "stock.serials"),
    "consignee_id": ("org.parties",),
    "owner_id": ("org.parties",),
    "party_id": ("org.parties",),
    "actor_id": ("org.people",),
}
#: What tells a record from others; these are known by name.
TELLING = ("raw_number", "number", "line_number", "code", "login")
BY_NAME = frozenset(
    {"catalog.items", "org.parties", "org.people", "org.sites", "partners.partners"}
)
#: Goods are known by name and code: several sizes have one name.
ITEMS, CODE = "catalog.items", "code"
#: Fields that only machines read.
UNSAID = frozenset(
    {
        "next",
        "balance_id",
        "after_id",
        "command_id",
        "moment",
        "direction",
        "start",
        "sites",
        "names",
    }
)


def called(listed: str, keys: set[int], to: Visitor) -> dict[int, tuple[str, str]]:
    """By id what the record is called, and where its page is."""
    resource = RESOURCES[listed]
    stem = next((one for one in TELLING if one in resource.columns), "name")
    if listed in BY_NAME:
        stem = "name"
    names = ("id", *names_of(resource, stem), *(("code",) if listed == ITEMS else ()))
    asked = asking.read(resource, {"fields": [",".join(names)]})
    asked = replace(asked, condition=Q(pk__in=keys), limit=len(keys))
    found = reading.page(resource, asked, to.reader(listed)).rows
    path = f"/{listed.replace('.', '/')}"
    return {
        row["id"]: (
            " ".join(
                dict.fromkeys(
                    filter(None, (cells.plain(resource, stem, row, to).strip(), row.get(CODE)))
                )
            ),
            f"{path}/{row['id']}",
        )
        for row in found
    }


def by_name(row: Mapping[str, Any], name: str, within: str, to: Visitor) -> Mapping[str, Any]:
    """The row; what was asked for, or written down, tells records by name."""
    found = row.get(name)
    if not isinstance(found, dict) or set(found) == cells.PHRASE:
        return row
    verb = str(row.get("verb") or within)
    return {**row, name: named(_in_order(found, verb), verb.partition(".")[0], to)}


def _in_order(found: Json, verb: str) -> Json:
    """What a command was asked for as its form asks for it, without what was left empty."""
    if verb not in REGISTRY:
        return found
    schema = REGISTRY[verb].arguments.model_json_schema()
    names: dict[str, int] = {}
    for part in (schema, *schema.get("$defs", {}).values()):
        for name in part.get("properties", {}):
            names.setdefault(name, len(names))

    def told(one: Any) -> Any:
        if isinstance(one, list):
            return [told(part) for part in one]
        if not isinstance(one, dict):
            return one
        ranked = sorted(one.items(), key=lambda pair: names.get(pair[0], len(names)))
        return {name: told(part) for name, part in ranked if part not in (None, "", [])}

    made: Json = told(found)
    return made


def named(found: Json, area: str, to: Visitor) -> Json:
    """What was asked for, with the records' names in place of their ids."""
    wanted: dict[str, set[int]] = {}
    for name, key in _ids(found):
        for listed in filter(to.may, lists_of(name, area)):
            wanted.setdefault(listed, set()).add(key)
    names = {listed: called(listed, keys, to) for listed, keys in wanted.items()}

    def told(name: str, one: Any) -> Any:
        if isinstance(one, dict):
            return {key: told(key, part) for key, part in one.items()}
        if isinstance(one, list):
            return [told(name, part) for part in one]
        known = (names[listed].get(one) for listed in lists_of(name, area) if listed in names)
        return next((text for text, _ in filter(None, known)), one)

    return {name: told(name, one) for name, one in found.items()}


def _ids(found: Any, name: str = "") -> Iterator[tuple[str, int]]:
    """Ids within the value, each with the name under which it stands."""
    if isinstance(found, dict):
        for key, one in found.items():
            yield from _ids(one, key)
    elif isinstance(found, list):
        for one in found:
            yield from _ids(one, name)
    elif isinstance(found, int) and not isinstance(found, bool) and name.endswith("_id"):
        yield name, found


def text_of(name: str, found: Any, to: Visitor) -> str:
    """The value of this field in the visitor's language and time zone."""
    if found is None or found == "":
        return "—"
    if isinstance(found, bool):
        return labels.of_value(name, found).in_language(to.language)
    if isinstance(found, datetime):
        return found.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, int) and (words := labels.of_number(name, found)):
        return words.in_language(to.language)
    if isinstance(found, int):
        bare = name.endswith(("_id", ".id"))
        return str(found) if bare else f"{found:,}".replace("-", "−")
    if isinstance(found, dict):
        own = found.get("zh" if to.language.startswith("zh") else "en")
        return str(own) if own else ", ".join(str(one) for one in found.values())
    if isinstance(found, list):
        return ", ".join(text_of(name, one, to) for one in found) or "—"
    return labels.of_value(name, str(found)).in_language(to.language)


def lists_of(name: str, area: str) -> tuple[str, ...]:
    """The lists whose rows a field with an id may mean."""
    if not name.endswith("_id"):
        return ()
    if name in MEANT:
        return MEANT[name]
    found = list_of_id(name, area)
    return (found,) if found else ()


def is_table(found: Any) -> bool:
    """Whether it is rows of something."""
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict)


def flat(row: Json) -> Json:
    """The row with what its named parts hold beside it; tables within it left out."""
    made: Json = {}
    for name, found in row.items():
        if isinstance(found, dict) and not {"zh", "en"} & set(found) and name != "names":
            made.update(flat(found))
        elif not is_table(found):
            made[name] = found
    return made


def columns_of(rows_: Sequence[Json], to: Visitor) -> tuple[str, ...]:
    """The fields that say something to a person: of a record its name and not its id as well."""
    names = dict.fromkeys(name for row in rows_[:1] for name in row)
    other = "_en" if to.language.startswith("zh") else "_zh"
    own = {name[:-3] for name in names if name.endswith(("_zh", "_en"))}
    return tuple(
        name
        for name in names
        if name not in UNSAID
        and not (name.endswith("_id") and name.removesuffix("_id") in {*names, *own})
        and not (name.endswith(other) and name[:-3] in own)
        and not (name == "id" and len(names) > 1)
    )


def sheet_of(found: Json, to: Visitor) -> tuple[str, dict[str, str], list[Json]]:
    """A record as it would be printed: its title, its heads by number, its lines; 缺 for what is
    due and was not kept."""
    is_chinese = to.language.startswith("zh")
    title = (
        f"{found['zh']}（{found['articles']}）"
        if is_chinese
        else f"{found['en']} ({found['articles']})"
    )
    names = (one["zh" if is_chinese else "en"] for one in found["heads"])
    heads = {str(n): name[:1].upper() + name[1:] for n, name in enumerate(names)}
    missing = "缺" if is_chinese else "missing"
    lines = [
        {str(n): one["value"] or (missing if one["is_due"] else "") for n, one in enumerate(line)}
        for line in found["lines"]
    ]
    return title, heads, lines


def aware(text: str, to: Visitor) -> str:
    """A moment as a form sends it, at the visitor's place; as it is where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(to.time_zone))).isoformat()


def local(text: str, to: Visitor) -> str:
    """A moment as a form shows it, at the visitor's place."""
    try:
        found = datetime.fromisoformat(aware(text, to))
    except ValueError:
        return text
    return found.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%dT%H:%M")
