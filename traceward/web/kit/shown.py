"""A row as its page shows it: header, steps, what belongs to it, lines, facts, history, files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.seen import mark_of, tag_of
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.resources.labels import Words
from traceward.web.kit.answers import by_name
from traceward.web.kit.attached import Files, files_of
from traceward.web.kit.begun import begun
from traceward.web.kit.cells import NONE, Cell, called_by, cells_of, plain
from traceward.web.kit.documents import Banner, DocumentPage, is_undoing, telling
from traceward.web.kit.history import History, history_of
from traceward.web.kit.lists import LISTS, Link
from traceward.web.kit.questions import links_of
from traceward.web.kit.related import related_of, rows_of
from traceward.web.kit.steps import Step
from traceward.web.kit.tones import tone_of
from traceward.web.kit.verbs import ELSEWHERE, About, address, asks_for, may_at, who_does
from traceward.web.visitors import Visitor

#: By what a row is called, the first that says something.
TITLES = (
    *("number", "raw_number", "registration_number", "code", "name", "login", "label", "party"),
    *("permission", "verb", "person", "list_name"),
)
#: Columns of lines that add up.
ADDED = frozenset(
    (
        *("quantity", "promised", "picked", "shipped", "signed", "announced", "received"),
        *("checked", "put_away"),
        *("refused", "due", "short", "accepted", "rejected", "amount"),
        *("consumed", "returned", "scrapped", "to_promise"),
    )
)
#: … and those that should come to the line's quantity.
FOLLOWING = frozenset(
    (
        *("promised", "picked", "checked", "shipped", "signed", "announced", "received"),
        "put_away",
    )
)
#: Booleans that say that something is wrong.
FAULTS = frozenset({"is_damaged"})
#: What is told above the lines where it is the same in each of several.
ONCE = frozenset({"owner"})
#: What lines still lack.
LACKING = frozenset({"to_promise"})
#: Steps of the work, where the column says less: what was sent is promised no longer.
STEPS = {"promised": Words("已配", "Promised")}


@dataclass(frozen=True)
class Shown:
    """The row as its template asks for it."""

    page: DocumentPage
    row: Mapping[str, Any]
    to: Visitor

    @property
    def kind(self) -> str:
        return labels.of_row(self.page.name).in_language(self.to.language)

    @property
    def list_address(self) -> str:
        return f"/{self.page.name.replace('.', '/')}"

    @property
    def address(self) -> str:
        return f"{self.list_address}/{self.row['id']}"

    @property
    def list_title(self) -> str:
        return labels.of_resource(self.page.name).in_language(self.to.language)

    @cached_property
    def title(self) -> str:
        of_goods = "device_name" in self.page.resource.columns
        for name in filter(None, (self.page.title, *TITLES)):
            if of_goods and name == "registration_number":
                continue  # it says which goods the row is of
            try:
                shown = plain(self.page.resource, name, self.row, self.to)
            except ValueError:
                continue
            if shown and shown != "—":
                return shown
        return self._of_another or f"{self.kind} {self.row['id']}"

    @cached_property
    def about(self) -> str:
        """What stands beside the title: what the code is called, and of which kind the row is."""
        called = called_by(self.page.resource, self.title, self.row, self.to)
        kind = "" if self.title.startswith(self.kind) else self.kind
        return " · ".join(filter(None, (called, kind)))

    @property
    def _of_another(self) -> str:
        """By the number of the document that it belongs to, and its line; by its goods."""
        for name in self.page.resource.columns:
            stem = name.removesuffix("_number")
            if stem != name and f"{stem}_id" in self.page.resource.columns and self.row[name]:
                line = self.row.get("line_number")
                return f"{self.row[name]} / {line}" if line else str(self.row[name])
        if "item_id" not in self.page.resource.columns:
            return ""
        return plain(self.page.resource, "item", self.row, self.to)

    @property
    def state(self) -> Link | None:
        found = self.row.get("state")
        if not isinstance(found, str):
            return None
        return Link(self._state(found), "", tone=tone_of(found, self.page.name))

    def _state(self, state: str) -> str:
        words = labels.of_value(f"{self.page.name}.state", str(state))
        return words.in_language(self.to.language)

    @cached_property
    def stepper(self) -> list[dict[str, Any]]:
        """The steps of its life: done with who and when, now, to come with the day promised."""
        steps, now = self.page.steps, self.row.get("state")
        if len(steps) < 2 or "state" not in self.page.resource.columns:
            return []
        reached = self.history.reached
        if isinstance(now, str) and now not in steps:  # it left the way
            steps = (*(s for s in steps if s in reached or s == steps[0]), now)
        at = steps.index(now) if now in steps else -1
        is_over = at == len(steps) - 1
        made: list[dict[str, Any]] = []
        for n, step in enumerate(steps):
            entry = reached.get(step)
            about = f"{entry.who} {entry.at[5:]}" if entry and n <= at else self._promised(step)
            made.append({"text": self._state(step), "is_done": n < at or is_over, "about": about})
        if not is_over and at == len(steps) - 2:  # the work is done before the last state
            made[at]["is_done"] |= bool(self._worked)
            made[-1:-1] = self._worked
        if self.page.way is not None:
            first, between = self.page.way(self.row, self.to)
            if between and at == len(steps) - 2:
                made[at]["is_done"] = True
            made[-1:-1] = [vars(one).copy() for one in between]
            made[:0] = [vars(one).copy() for one in first]
        now_at = next((n for n, step in enumerate(made) if not step["is_done"]), None)
        for n, one in enumerate(made):
            css = "tw-done" if one["is_done"] else "tw-now" if n == now_at else "tw-todo"
            one |= {"css": css, "n": n + 1}
        return made

    @cached_property
    def _worked(self) -> list[dict[str, Any]]:
        """How far the lines are, by each quantity through which they go."""
        lines = self.row.get("lines") or []
        asked = sum(line["quantity"] for line in lines)
        rows, _ = self.page.resource.parts.get("lines", ("", ""))
        made: list[dict[str, Any]] = []
        done = 0
        for name in reversed(self.page.progress) if asked else ():
            own = sum(line[name] or 0 for line in lines)
            if name == "promised":  # what has left is promised no longer
                own += sum(line.get("shipped") or 0 for line in lines)
            done = max(own, done)
            words = STEPS.get(name) or labels.of_column(f"{rows}.{name}")
            label = words.in_language(self.to.language)
            about = f"{done:,} / {asked:,}"
            text = label.removesuffix("数量")
            made.insert(0, {"text": text, "is_done": done >= asked, "about": about})
        return made

    def _promised(self, step: str) -> str:
        found = self.row.get(self.page.promised.get(step, ""))
        if not isinstance(found, date):
            return ""
        label = labels.of_column(f"{self.page.name}.{self.page.promised[step]}")
        return f"{label.in_language(self.to.language)} {found:%m-%d}"

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """Facts that say something; what is empty, or said by the record beside it, is left out."""
        named = {name for cell in self.page.shown for name in cell.names}
        return [
            (
                cell.label(self.to.language),
                cell.html(by_name(self.row, cell.name, self.page.name, self.to), self.to),
            )
            for cell in self.page.shown
            if any(self.row.get(name) not in (None, "", []) for name in cell.names)
            and not self._is_said(cell, named)
        ]

    def _is_said(self, cell: Cell, named: set[str]) -> bool:
        """Whether the cell says again what a record's own name says, or a bare id only."""
        if self.page.facts:
            return False
        stem = cell.name.removesuffix("_name")
        if stem != cell.name and f"{stem}_id" in named:
            shown = {self.row.get(f"{stem}_name_zh"), self.row.get(f"{stem}_name_en")}
            return self.row.get(cell.name) in shown
        return cell.names == (f"{cell.name}_id",)

    @property
    def headline(self) -> list[tuple[str, Any]]:
        """The first facts, for the side of a form."""
        return self.facts[:10]

    @cached_property
    def _links(self) -> list[tuple[About, Link]]:
        return [
            (
                one,
                Link(
                    labels.of_verb(one.verb).in_language(self.to.language),
                    address(one.verb, **self.filled(one, self.address)),
                    is_on=not is_undoing(one.verb),
                    tone=one.verb,
                ),
            )
            for one in self.page.legal(self.row, self.to)
            if one.verb not in self.page.edits
        ]

    @cached_property
    def actions(self) -> list[Link]:
        """What comes next, then what stands beside it: the first is the one primary button."""
        links = {about.verb: link for about, link in self._links}
        coming = [one.verb for one in self.steps if self._is_open(one)]
        shut = {one.verb for one in self.steps} - set(coming)
        beside = [verb for verb in self.page.next if verb not in shut]
        made = [links[verb] for verb in dict.fromkeys([*coming, *beside]) if verb in links]
        also = [] if self.page.is_document else begun(self.page, self.row, self.to)
        return [*made, *also][:3]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What is due of it, whoever does it."""
        return self.page.coming([self.row], self.to).get(self.row["id"], ())

    def _is_open(self, step: Step) -> bool:
        """Whether the visitor may be the one who does it, where the row is."""
        where = None if step.verb in ELSEWHERE else self.row.get("site_id")
        return step.is_open and may_at(step.verb, where, self.to)

    @cached_property
    def waits_for(self) -> str:
        """Who does what comes next, where the visitor may not."""
        page = self.page
        mine = {about.verb for about, _ in self._links}
        for due in self.steps:
            verb = due.verb
            if verb in mine and self._is_open(due):
                return ""
            command = REGISTRY[verb]
            is_elsewhere = all(verb != one.verb for one in page.verbs)
            is_open = str(self.row.get("state")) in command.from_states
            is_open = is_open or (not command.from_states and page.lead is not None)
            if not page.fits(verb, self.row) or not (is_elsewhere or is_open):
                continue
            step = labels.of_verb(verb).in_language(self.to.language)
            return f"{step} · {who_does(verb, self.to)}"
        return ""

    @cached_property
    def more(self) -> list[Link]:
        """What else is possible with it."""
        links = [*(link for _, link in self._links), *begun(self.page, self.row, self.to)]
        return [link for link in links if link not in self.actions]

    @cached_property
    def edits(self) -> list[Link]:
        """What may be changed here, in place."""
        made = []
        for verb, column in self.page.edits.items():
            argument, _ = asks_for(REGISTRY[verb])
            if self.row.get(column) is not None and self.to.may(verb):
                given = {argument: str(self.row[column]), "next": self.address}
                label = labels.of_verb(verb).in_language(self.to.language)
                made.append(Link(label, address(verb, **given)))
        return made

    def filled(self, about: About, after: str) -> dict[str, str]:
        """What the form of a command about this row begins with, and where it leads afterwards."""
        seen = {} if about.verb in ELSEWHERE else self.seen()
        return {**about.given(self.row), "next": after, **seen}

    def coming(self, steps: Sequence[Step], after: str) -> Link | None:
        """The first of the steps that is open to the visitor; to end it only where all is done."""
        possible = {about.verb: about for about in self.page.legal(self.row, self.to)}
        for n, one in enumerate(steps):
            is_next = not n or not is_undoing(one.verb)
            if one.verb in possible and is_next and self._is_open(one):
                text = labels.of_verb(one.verb).in_language(self.to.language)
                return Link(text, address(one.verb, **self.filled(possible[one.verb], after)))
        return None

    def seen(self) -> dict[str, str]:
        """The version of the document that is looked at."""
        if not self.page.is_document or "version" not in self.row:
            return {}
        return {"version_seen": tag_of(self.row["id"], self.row["version"])}

    def mark(self) -> str:
        """The version of a record that counts none, as its values stand now."""
        model = self.page.resource.model
        found = model._default_manager.filter(pk=self.row["id"]).first()
        return f"{model._meta.label}:{found.pk}:{mark_of(found)}" if found is not None else ""

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """Its lines, each kind as a table with its totals."""
        return [self.part(name) for name in self.page.resource.parts]

    def part(self, name: str, declared: tuple[str, ...] = (), where: str = "") -> dict[str, Any]:
        """Its lines of one kind; only those in which something stands in this column."""
        rows, column = self.page.resource.parts[name]
        lines = RESOURCES[rows]
        own = declared or self.page.lines.get(name) or telling(lines, column.removesuffix("_id"))
        found = [line for line in self.row[name] if not where or line[where]]
        cells = [c for c in cells_of(lines, own) if not found or _says(c, found)]
        once = [c for c in cells if c.name in ONCE and _is_alike(c, found)]
        cells = [c for c in cells if c not in once]
        return {
            "title": labels.of_resource(rows).in_language(self.to.language),
            "count": len(found),
            "once": [(c.label(self.to.language), c.html(found[0], self.to)) for c in once],
            "heads": [(c.label(self.to.language), _css(c)) for c in cells],
            "rows": [[self._value(c, r) for c in cells] for r in found],
            "totals": self._totals(cells, found),
            "more": f"/{rows.replace('.', '/')}?{column}={self.row['id']}",
            "is_cut": len(found) >= reading.MAX_PARTS,
        }

    def _value(self, cell: Cell, row: Mapping[str, Any]) -> tuple[SafeString, str, str]:
        """The value, red where it falls short of what was asked for; nothing yet is a dash."""
        shown, found = cell.html(row, self.to), row.get(cell.name)
        asked = row.get("quantity")
        if cell.name in FOLLOWING | LACKING and found == 0:
            shown = NONE
        is_short = cell.name in FOLLOWING and isinstance(asked, int) and 0 < (found or 0) < asked
        is_off = cell.name == "counted" and found != row.get("booked")
        if is_short or is_off or (cell.name in FAULTS | LACKING and found):
            shown = format_html('<b class="tw-c-bad">{}</b>', shown)
        return shown, _css(cell), cell.label(self.to.language)

    def _totals(self, cells: list[Cell], rows: list[Mapping[str, Any]]) -> list[str]:
        """Sums of what adds up, where there are several lines; nothing else."""
        if len(rows) < 2 or not any(cell.name in ADDED for cell in cells):
            return []
        summed = {
            cell.name: sum(row.get(cell.name) or 0 for row in rows)
            for cell in cells
            if cell.name in ADDED
        }
        return [cell.text(summed, self.to) if cell.name in summed else "" for cell in cells]

    @cached_property
    def related(self) -> list[dict[str, Any]]:
        """What belongs to it: by kind, how many and how they stand."""
        return related_of(self.page, self.row, self.to)

    @cached_property
    def banners(self) -> list[Banner]:
        """What is to be decided about it: goods that are held or recalled, and the page's own."""
        return [*self._blocked(), *self.page.warn(self.row, self.to)]

    def _blocked(self) -> list[Banner]:
        which = self._blockable()
        if not which or not self.to.may("stock.blocks"):
            return []
        kinds_of: dict[str, list[Mapping[str, Any]]] = {}
        for column, ids in which.items():
            given = {column: ids, "lifted_at__isnull": ["true"]}
            for row in rows_of("stock.blocks", given, self.to):
                kinds_of.setdefault(row["kind"], []).append(row)
        made = []
        for kind, rows in kinds_of.items():
            word = labels.of_value("stock.blocks.kind", kind).in_language(self.to.language)
            about = ", ".join(sorted({row["reason"] for row in rows if row["reason"]}))[:120]
            target = f"/stock/blocks/{rows[0]['id']}"
            if len(rows) > 1:
                column, ids = next(iter(which.items()))
                asked = "&".join(f"{column}={one}" for one in ids)
                target = f"/stock/blocks?lifted_at__isnull=true&{asked}"
            tone = "tw-bad" if kind == "recall" else "tw-hold"
            made.append(Banner(f"{word} {len(rows)} · {about}", tone, target))
        return made

    def _blockable(self) -> dict[str, list[str]]:
        """The lots of the lines; or the record itself, where it can be blocked."""
        own = {"stock.lots": "lot_id", "stock.serials": "serial_id", "places.places": "place_id"}
        if self.page.name in own:
            return {own[self.page.name]: [str(self.row["id"])]}
        rows = [row for name in self.page.resource.parts for row in self.row[name]]
        lots = {row.get("lot_id") for row in [*rows, self.row]} - {None}
        return {"lot_id": sorted(map(str, lots))[: asking.MAX_VALUES]} if lots else {}

    @cached_property
    def questions(self) -> list[Link]:
        """What may be asked about it."""
        return links_of(self.page.name, self.row, self.to)

    @cached_property
    def history(self) -> History:
        """What was done to it."""
        created = LISTS[self.page.name].create if self.page.name in LISTS else ""
        verbs = [*(one.verb for one in self.page.verbs), *self.page.edits, created]
        also = [(name, column) for name, column in self.page.lives if self.to.may(name)]
        return history_of(self.page.resource, self.row, [v for v in verbs if v], self.to, also)

    @cached_property
    def files(self) -> Files:
        """What belongs to the document as files."""
        return files_of(self.row["id"], self.address, self.to)


def _css(cell: Cell) -> str:
    """The class of a column of lines."""
    return "tw-nr" if cell.name == "line_number" else "tw-num" if cell.is_number else ""


def _is_alike(cell: Cell, rows: list[Mapping[str, Any]]) -> bool:
    """Whether several lines say the same in the column."""
    return len(rows) > 1 and len({tuple(row.get(n) for n in cell.names) for row in rows}) == 1


def _says(cell: Cell, rows: list[Mapping[str, Any]]) -> bool:
    """Whether the column says something in one of the lines."""
    found = [row.get(name) for row in rows for name in cell.names]
    return any(value not in (None, "") and value is not False for value in found)
