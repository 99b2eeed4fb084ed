"""Pages name only what is there, and colours are named in one place. # UX-01"""

import re

import pytest

from tests.house.source import PACKAGE
from traceward.kernel.base.assets import ICONS
from traceward.kernel.command.registry import REGISTRY
from traceward.resources import asking
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.web import addresses
from traceward.web.administration import AREAS
from traceward.web.kit.arrivals import ARRIVALS, arrival_of
from traceward.web.kit.cells import cells_of
from traceward.web.kit.documents import DOCUMENTS, page_of
from traceward.web.kit.forms import OWN
from traceward.web.kit.lists import LISTS
from traceward.web.kit.shell import MODULES, module_of
from traceward.web.kit.stations import STATIONS

WEB = PACKAGE / "web"
STYLES = WEB / "static" / "tw"
#: Lists that are opened from a document and stand in no panel.
INNER = re.compile(
    r"_lines$|^org\.colleagues$|^documents\.(links|lines|printings)$|^lists\.views$|\.(issued|components|answers|destinations|messages|checks)$"
    r"|\.drill_(actions|consignees|findings|points|targets)$"
)


def tokens(theme: str) -> dict[str, str]:
    """Token → colour, of "light" or "dark"."""
    css = (STYLES / "tokens.css").read_text()
    (block,) = re.findall(rf"\[data-bs-theme={theme}\] {{(.*?)\n}}", css, flags=re.S)
    return dict(re.findall(r"--tw-([\w-]+): (#[0-9A-Fa-f]+);", block))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, 1.4.3)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


FAMILIES = ("ok", "warn", "bad", "info", "hold", "wait", "cold", "mute")
TEXTS = [(f"{family}", f"{family}-t") for family in FAMILIES]
TEXTS += [(text, ground) for text in FAMILIES for ground in ("surface", "surface-2")]
TEXTS += [
    (text, ground)
    for text in ("ink", "ink-2", "ink-3")
    for ground in ("bg", "surface", "surface-2", "sunken", "brand-t")
]
TEXTS += [("brand", "surface"), ("brand", "brand-t"), ("brand-on", "brand"), ("rail-ink", "rail")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(theme: str) -> None:  # UX-05
    known = tokens("light") | (tokens("dark") if theme == "dark" else {})
    poor = {
        f"{text} on {ground}": round(found, 2)
        for text, ground in TEXTS
        if (found := contrast(known[text], known[ground])) < 4.5
    }
    assert not poor, f"these need 4.5:1 (WCAG AA) in the {theme} theme: {poor}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_input_can_be_seen(theme: str) -> None:  # UX-05
    known = tokens("light") | (tokens("dark") if theme == "dark" else {})
    assert contrast(known["field"], known["surface"]) >= 3


def test_colours_are_tokens() -> None:
    places = [*STYLES.glob("*.css"), *(WEB / "templates").rglob("*.html")]
    wild = [
        f"{path.name}: {found}"
        for path in places
        if path.name != "tokens.css"
        for found in re.findall(r"#[0-9A-Fa-f]{3,8}\b(?=[;\s\"'])", path.read_text())
    ]
    assert not wild, "name these colours in tokens.css:\n" + "\n".join(wild)


def test_every_rule_of_a_style_sheet_is_closed() -> None:
    for path in STYLES.glob("*.css"):
        depth = 0
        for number, line in enumerate(path.read_text().splitlines(), 1):
            depth += line.count("{") - line.count("}")
            assert 0 <= depth <= 2, f"{path.name}:{number}"
        assert depth == 0, f"{path.name} leaves a rule open"


def test_every_icon_is_fetched() -> None:
    used = {m.icon for m in MODULES} | {b.icon for p in LISTS.values() for b in p.bulk}
    used |= {s.icon for s in STATIONS.values()}
    used |= {k.icon for s in STATIONS.values() for step in s.steps for k in step.keys}
    for path in (WEB / "templates").rglob("*.html"):
        used |= set(re.findall(r'{% icon "([\w-]+)" %}', path.read_text()))
    assert used <= set(ICONS), f"add these to assets.ICONS: {used - set(ICONS)}"
    assert set(ICONS) <= used, f"nothing draws these; delete them: {set(ICONS) - used}"


def test_pages_name_what_is_there() -> None:
    for page in LISTS.values():
        for cell in cells_of(page.resource, page.cells):
            assert cell.label("en"), page.name
            assert cell.label("zh-hans"), page.name
        assert not page.create or page.create in REGISTRY, page.create
        names = {name for cell in page.shown for name in cell.names}
        assert {cell.key for cell in page.shown} >= set(page.phone), page.name
        assert names >= set(page.sums), page.name
        for one in page.bulk:
            assert set(one.needs) <= set(page.resource.columns), f"{page.name} {one.verb}"
            schema = one.command.arguments.model_json_schema()["properties"]
            filled = {path.partition(".")[0] for path in one.filled}
            assert ({one.lines} if one.lines else filled) <= set(schema), one.verb
            assert set(one.common) <= set(schema), one.verb
    for found in DOCUMENTS.values():
        for name, cells in found.lines.items():
            rows, _ = found.resource.parts[name]
            assert all(cell.label("en") for cell in cells_of(RESOURCES[rows], cells))
        usable = {about.verb for about in found.verbs}
        assert set(found.next) <= usable, f"{found.name}: no command is about it"
        assert set(found.when) <= usable, found.name
        assert set(found.edits) <= set(REGISTRY), found.name
        for one in found.related:
            assert one.column in RESOURCES[one.name].columns, f"{found.name}: {one}"
            asking.read(RESOURCES[one.name], {k: [v] for k, v in one.where.items()})
        lines, _ = found.resource.parts.get("lines", ("", ""))
        assert all(name in RESOURCES[lines].columns for name in found.progress), found.name
        for state, column in found.promised.items():
            assert state in found.steps, f"{found.name} has no state {state} on its way"
            assert column in found.resource.columns, found.name


def test_every_row_has_a_page_that_can_name_its_facts() -> None:
    for name in RESOURCES:
        assert all(cell.label("zh-hans") for cell in page_of(name).shown), name


def test_pages_are_known_with_their_addresses() -> None:
    assert addresses.urlpatterns
    assert len(LISTS) > 20


def test_every_list_and_question_stands_in_a_module() -> None:  # UX-01
    names = (*RESOURCES, *QUESTIONS)
    lost = [name for name in names if not module_of(name) and not INNER.search(name)]
    assert not lost, f"give these a place in web/pages/modules.py: {lost}"


def test_every_area_has_a_name_among_the_rights() -> None:  # ORG-02
    ours = [x.verb for x in REGISTRY.values() if x.function.__module__.startswith("traceward.")]
    areas = {name.partition(".")[0] for name in (*ours, *RESOURCES, *QUESTIONS)}
    assert set(AREAS) == areas, "name each area in traceward/web/administration.py"


def test_every_list_says_what_brings_its_rows() -> None:  # UX-01
    assert set(ARRIVALS) <= set(RESOURCES)
    told = {name: arrival_of(name) for name in RESOURCES}
    lost = [name for name, one in told.items() if not (one.steps or one.words.en)]
    assert not lost, f"say it in web/pages/arrivals.py: {lost}"
    assert all(step.verb in REGISTRY for one in told.values() for step in one.steps)


def test_no_argument_is_called_as_what_a_form_sends_itself() -> None:
    taken = [
        (verb, name)
        for verb, command in REGISTRY.items()
        for name in command.arguments.model_fields
        if name in OWN
    ]
    assert not taken
