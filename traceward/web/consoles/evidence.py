"""What is known of goods that wait for release, side by side: the evidence of one inspection."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from traceward.domain.quality.commands.gates import (
    Gate,
    require_inputs_free,
    require_not_blocked,
    require_whole,
)
from traceward.domain.quality.commands.releasing import Judged
from traceward.domain.quality.rules import missing_checks
from traceward.domain.stock.models import StockBlock
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.consoles.parts import Fact, Part, Step, Table, degrees, is_outside, local
from traceward.web.kit.attached import Files, files_of
from traceward.web.kit.cells import cells_of, ending
from traceward.web.kit.lists import Link
from traceward.web.kit.suggestions import known
from traceward.web.kit.verbs import address, may_at, who_does
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]
RECEIPT, TRANSFORMATION = "warehousing.receipt", "production.transformation"
INSPECTIONS, RECEIPTS = "quality.inspections", "warehousing.receipts"
MOVES, PROGRESS = "stock.moves", "recalls.progress"
MADE, PRODUCTS, LICENCES = "production.transformations", "catalog.products", "partners.licences"
#: Rows of a table beside others.
ROWS = 12


class Evidence:
    """The evidence of one inspection, as far as the visitor may read it."""

    def __init__(self, judged: Judged, wanted: int, to: Visitor, back: str) -> None:
        self.judged, self.to, self.back = judged, to, back
        self.inspection = judged.inspection
        self.row = self._one(INSPECTIONS, self.inspection.pk) or {}
        #: Units that orders wait for.
        self.wanted = wanted

    def _one(self, name: str, pk: int | None) -> dict[str, Any] | None:
        """The record; None where it is not there, or not for the visitor."""
        if not pk or not self.to.may(name):
            return None
        resource, to = RESOURCES[name], self.to.reader(name)
        columns = tuple(resource.columns.values())
        try:
            return persistent(lambda: reading.one(resource, str(pk), columns, to))
        except Refusal:
            return None

    def _facts(self, name: str, row: Row | None, *wanted: str) -> list[Fact]:
        """What these cells of the row say; what is empty is left out."""
        if row is None:
            return []
        cells = cells_of(RESOURCES[name], wanted)
        return [
            (cell.label(self.to.language), cell.html(row, self.to))
            for cell in cells
            if any(row.get(one) not in (None, "", []) for one in cell.names)
        ]

    # --- What is judged ---------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[Step]:
        """Every gate; why one is not fulfilled, and the form that settles it."""
        return [
            self._open(gate, why) if why is not None else Step(gettext(gate.name), True)
            for gate, why in self.judged.said
        ]

    def _open(self, gate: Gate, why: Refusal) -> Step:
        """A gate that is not fulfilled: why, and who settles it where."""
        settle = self._looked_at(gate) or self._settled(gate.settled_with)
        who = "" if settle or not gate.settled_with else who_does(gate.settled_with, self.to)
        told = why.in_language(self.to.language)
        return Step(gettext(gate.name), False, told, settle, who)

    def _looked_at(self, gate: Gate) -> Link | None:
        """Where a gate that no verb settles at once is looked at: a recall, the moves."""
        own = self.inspection
        if gate.check is require_whole and self.to.may(MOVES):
            goods = f"lot_id={own.lot_id}" if own.lot_id else f"item_id={own.item_id}"
            text = labels.of_resource(MOVES).in_language(self.to.language)
            return Link(text, f"/stock/moves?{goods}")
        held: dict[Any, dict[int, list[StockBlock]]] = {
            require_not_blocked: self.judged.facts.blocks,
            require_inputs_free: self.judged.facts.input_blocks,
        }
        block = next(iter(held.get(gate.check, {}).get(own.pk, ())), None)
        if block is not None and block.case_id and self.to.may(PROGRESS):
            text = labels.of_resource("recalls.progress").in_language(self.to.language)
            return Link(text, f"/recall/{block.case_id}")
        return None

    @property
    def open_steps(self) -> list[Step]:
        return [one for one in self.steps if not one.is_fulfilled]

    @property
    def kept_steps(self) -> list[Step]:
        return [one for one in self.steps if one.is_fulfilled]

    def _settled(self, verb: str) -> Link | None:
        """The form of the verb about this, where the visitor may use it."""
        own = self.inspection
        if not verb or not self.to.may(verb) or not may_at(verb, own.site_id, self.to):
            return None
        blocks = [
            *self.judged.facts.blocks[own.pk],
            *self.judged.facts.input_blocks[own.pk],
        ]
        forms: dict[str, dict[str, Any]] = {
            "quality.record_result": {"inspection_id": own.pk},
            "quality.decide": {"inspection_id": own.pk},
            "catalog.renew_product": {"product_id": own.item.product_id},
            "partners.add_licence": {"party_id": own.supplier_id},
            "stock.lift_block": {"block_uid": blocks[0].uid} if blocks else {},
        }
        given = forms.get(verb, {})
        if not given:
            return None
        text = labels.of_verb(verb).in_language(self.to.language)
        return Link(text, address(verb, **given, next=self.back))

    # --- What is known ----------------------------------------------------------------------

    @cached_property
    def parts(self) -> list[Part]:
        """The sides of the evidence, those that are about what was found first."""
        made = [self._results, self._goods, self._arrival, self._standing, self._product]
        if self.judged.facts.inputs[self.inspection.pk]:
            made.insert(3, self._inputs)
        return [one() for one in made]

    def _results(self) -> Part:
        """What was checked against what is asked; what failed or is missing stands out."""
        rows = known("quality.results", self.to, inspection_id=self.inspection.pk)
        rows.sort(key=lambda row: (row["is_additional"], row["id"]))
        facts = self.judged.facts
        names = facts.decided(facts.required, self.inspection).value
        lacks = missing_checks(names, facts.required_found[self.inspection.pk])
        heads = (
            (self._column("check_name"), ""),
            (gettext("Required"), ""),
            (self._column("sample_quantity"), "tw-num"),
            (self._column("defective_quantity"), "tw-num"),
            (self._column("is_passed"), ""),
            (self._column("recorded_by"), ""),
        )
        table = Table(heads)
        for row in rows:
            passed = labels.of_value("is_passed", row["is_passed"]).in_language(self.to.language)
            tone = "tw-ok" if row["is_passed"] else "tw-bad"
            bad = "tw-num tw-c-bad tw-b" if row["defective_quantity"] else "tw-num"
            table.rows.append(
                [
                    (self._said("quality.results.check_name", row["check_name"]), "tw-b"),
                    (gettext("additional") if row["is_additional"] else gettext("yes"), "tw-t3"),
                    (f"{row['sample_quantity']:,}", "tw-num"),
                    (f"{row['defective_quantity']:,}", bad),
                    (self._verdict(tone, passed, row["note"]), ""),
                    (self._who(row, "recorded_by", row["recorded_at"]), "tw-t2"),
                ]
            )
        for name in lacks:
            missing = format_html(
                '<span class="tw-tag tw-dot tw-warn">{}</span>', gettext("not recorded")
            )
            table.rows.append(
                [
                    (self._said("quality.results.check_name", name), "tw-b"),
                    (gettext("yes"), "tw-t3"),
                    *(("—", "tw-num"), ("—", "tw-num"), (missing, ""), ("—", "tw-t3")),
                ]
            )
        return Part(gettext("Inspection"), "checklist", table=table, count=len(rows))

    def _goods(self) -> Part:
        """How much, where it stands, until when it is good, who waits for it."""
        own = self.inspection
        facts = self._facts(INSPECTIONS, self.row, "item", "lot", "quantity")
        stands = self.judged.facts.waiting[own.pk]
        places: dict[str, int] = {}
        for row in stands:
            places[row.place_code] = places.get(row.place_code, 0) + row.on_hand
        shown = [f"{code} · {count:,}" for code, count in list(places.items())[:4]]
        more = f" +{len(places) - 4}" if len(places) > 4 else ""
        comma = "、" if self.to.language.startswith("zh") else ", "
        facts.append((gettext("Stands at"), (comma.join(shown) + more) or "—"))
        ends = own.lot.expires_on if own.lot else None
        if ends is not None:
            label = labels.of_column("stock.lots.expires_on").in_language(self.to.language)
            facts.append((label, ending(ends, ends.isoformat(), self.to)))
            if (share := self._life(ends)) is not None:
                css = "tw-c-warn tw-b" if share < 33 else ""
                facts.append(
                    (gettext("Life left"), format_html('<span class="{}">{}%</span>', css, share))
                )
        facts += self._facts(INSPECTIONS, self.row, "storage_conditions")
        if self.wanted:
            told = format_html('<b class="tw-c-info">{}</b>', f"{self.wanted:,}")
            facts.append((gettext("Orders wait for"), told))
        return Part(gettext("Goods"), "packages", facts)

    def _life(self, ends: date) -> int | None:
        """How much of its life is left, in percent."""
        made = self.inspection.lot.made_on if self.inspection.lot else None
        days = self.inspection.item.shelf_life_days or (made and (ends - made).days) or 0
        today = self.judged.facts.day(self.inspection)
        return max(0, min(100, (ends - today).days * 100 // days)) if days > 0 else None

    def _arrival(self) -> Part:
        """Where it came from: a receipt with its temperatures, or what it was made by."""
        source = self.inspection.source
        if source.kind == TRANSFORMATION:
            row = self._one(MADE, source.pk)
            facts = self._facts(MADE, row, "number", "order", "made_on", "lost", "created_by")
            facts += self._facts(INSPECTIONS, self.row, "supplier")
            return Part(gettext("Production"), "tools", facts, nothing=self._hidden(facts))
        row = self._one(RECEIPTS, source.pk) if source.kind == RECEIPT else None
        facts = self._facts(INSPECTIONS, self.row, "source", "supplier")
        facts += self._licence()
        if row is not None:
            facts += self._facts(
                *(RECEIPTS, row, "order", "delivery_note", "arrived_at", "transport_mode"),
                "created_by",
            )
            facts += self._temperatures(row)
        return Part(gettext("Arrival"), "package-import", facts, nothing=self._hidden(facts))

    def _licence(self) -> list[Fact]:
        """Whether the supplier may supply it, by which paper, until when."""
        need = self.judged.facts.need(self.inspection)
        if need is None:
            return []
        label = gettext("Supplier's licence")
        row = self.judged.facts.lacking.get(self.inspection.pk)
        if row is None:
            until = [
                one["valid_until"]
                for one in known(LICENCES, self.to, party_id=need.party_id)
                if one["valid_until"] and not one["revoked_at"]
            ]
            told = gettext("counts")
            last = f" · {gettext('next ends')} {min(until)}" if until else ""
            return [
                (
                    label,
                    format_html('<span class="tw-tag tw-dot tw-ok">{}</span>{}', told, last),
                )
            ]
        why = gettext(row["why"])
        told = format_html(
            '<span class="tw-tag tw-dot tw-bad">{}</span> {}',
            why,
            f"{row['number']} {row['until']}",
        )
        return [(label, told)]

    def _temperatures(self, receipt: Row) -> list[Fact]:
        """What was measured on the way and at the door, against what the label allows."""
        item = self.inspection.item
        low, high = item.storage_c_min, item.storage_c_max
        limits = " – ".join(degrees(one) if one is not None else "" for one in (low, high))
        made: list[Fact] = []
        for name in ("arrival_c", "transit_c_min", "transit_c_max"):
            value = receipt.get(name)
            if value is None:
                continue
            label = labels.of_column(f"{RECEIPTS}.{name}").in_language(self.to.language)
            is_out = is_outside(value, low, high)
            css = "tw-c-bad tw-b" if is_out else "tw-c-ok" if low is not None else ""
            shown = format_html('<span class="{}">{} ℃</span>', css, degrees(value))
            made.append((label, shown))
        if made and (low is not None or high is not None):
            made.append((gettext("Allowed by the label"), f"{limits} ℃"))
        return made

    def _inputs(self) -> Part:
        """What went into it: each lot with its release, and whether something stands on it."""
        goods = self.judged.facts.inputs[self.inspection.pk]
        lots = sorted({lot for lot, _ in goods if lot is not None})
        rows = known("stock.lots", self.to, id=lots[:ROWS])
        past = known(INSPECTIONS, self.to, lot_id=lots[:ROWS])
        blocked = {one.lot_id for one in self.judged.facts.input_blocks[self.inspection.pk]}
        heads = (
            (labels.of_column("stock.lots.item").in_language(self.to.language), ""),
            (labels.of_column("stock.moves.lot").in_language(self.to.language), ""),
            (gettext("Its release"), ""),
        )
        table = Table(heads)
        for row in rows:
            own = [one for one in past if one["lot_id"] == row["id"]]
            table.rows.append(
                [
                    (self._named(row, "item"), ""),
                    (
                        format_html(
                            '<a class="tw-lnk tw-code" href="/stock/lots/{}">{}</a>',
                            *(row["id"], row["raw_number"]),
                        ),
                        "",
                    ),
                    (self._release_of(own, is_blocked=row["id"] in blocked), ""),
                ]
            )
        title, nothing = gettext("What went into it"), gettext("No lot went into it.")
        left = len(lots) - len(rows)
        tail = gettext("Others: {count}").format(count=left) if left > 0 else ""
        return Part(title, "tools", table=table, nothing=tail or ("" if rows else nothing))

    def _release_of(self, inspections: list[Any], *, is_blocked: bool) -> SafeString:
        if is_blocked:
            told, tone = gettext("on hold"), "tw-hold"
        elif any(one["state"] == "open" for one in inspections):
            told, tone = gettext("not decided"), "tw-warn"
        elif any(one["rejected"] for one in inspections):
            told, tone = gettext("partly rejected"), "tw-warn"
        elif inspections:
            told, tone = gettext("released"), "tw-ok"
        else:
            told, tone = gettext("no record"), "tw-warn"
        return format_html('<span class="tw-tag tw-dot {}">{}</span>', tone, told)

    def _standing(self) -> Part:
        """Blocks, recalls and what was kept back; damage and earlier rejections."""
        own, facts = self.inspection, self.judged.facts
        table = Table(((gettext("Kind"), ""), (gettext("What"), ""), (gettext("Since"), "")))
        for block in (*facts.blocks[own.pk], *facts.input_blocks[own.pk]):
            kind = labels.of_value("stock.blocks.kind", block.kind).in_language(self.to.language)
            tone = "tw-bad" if block.kind == "recall" else "tw-hold"
            tag = format_html('<span class="tw-tag tw-dot {}">{}</span>', tone, kind)
            link = f"/stock/blocks/{block.pk}"
            what = format_html('<a class="tw-lnk" href="{}">{}</a>', link, block.reason)
            table.rows.append([(tag, ""), (what, ""), (self._at(block.placed_at), "tw-t2")])
        kept = facts.kept_back.get((own.source_id, own.item_id))
        if kept:
            tag = format_html('<span class="tw-tag tw-dot tw-bad">{}</span>', gettext("Cold chain"))
            table.rows.append([(tag, ""), (gettext(kept), ""), ("—", "tw-t2")])
        table.rows.extend(self._earlier())
        nothing = "" if table.rows else gettext("No block, recall, damage or earlier rejection.")
        tone = "tw-bad" if table.rows else "tw-ok"
        title = gettext("Deviations, blocks, recalls")
        return Part(title, "lock", table=table if table.rows else None, nothing=nothing, tone=tone)

    def _earlier(self) -> Iterable[list[tuple[Any, str]]]:
        """Damage seen at the door, and earlier decisions about the same lot that rejected some."""
        own = self.inspection
        goods: dict[str, Any] = {"item_id": own.item_id, "lot_id": own.lot_id}
        if not own.lot_id:
            del goods["lot_id"]
        if own.source.kind == RECEIPT:
            given = {**goods, "receipt_id": own.source_id, "is_damaged": True}
            damaged = known("warehousing.receipt_lines", self.to, **given)
            for row in damaged[:ROWS]:
                tag = format_html(
                    '<span class="tw-tag tw-dot tw-warn">{}</span>',
                    labels.of_column("is_damaged").in_language(self.to.language),
                )
                yield [(tag, ""), (f"{row['quantity']:,}", ""), ("—", "tw-t2")]
        if not own.lot_id:
            return
        for row in known(INSPECTIONS, self.to, lot_id=own.lot_id, state="decided")[:ROWS]:
            if row["rejected"]:
                tag = format_html(
                    '<span class="tw-tag tw-dot tw-warn">{}</span>', gettext("Rejected before")
                )
                link = format_html(
                    '<a class="tw-lnk tw-code" href="/quality/inspections/{}">{}</a> · {}',
                    *(row["id"], row["number"], row["defects"]),
                )
                yield [(tag, ""), (link, ""), (self._at(row["decided_at"]), "tw-t2")]

    def _product(self) -> Part:
        """The certificate that covers it."""
        row = self._one(PRODUCTS, self.inspection.item.product_id)
        facts = self._facts(
            *(PRODUCTS, row, "registration_number", "registrant", "device_class"),
            *("category", "is_qualified", "valid_until"),
        )
        nothing = "" if facts else gettext("It is no device, and needs no certificate.")
        return Part(gettext("Certificate of the product"), "shield-check", facts, nothing=nothing)

    @cached_property
    def files(self) -> list[tuple[str, Files]]:
        """Papers of what brought it in, and of the inspection itself."""
        return [
            (title, found)
            for title, pk in (
                (gettext("Files of its source"), self.inspection.source_id),
                (gettext("Files of the inspection"), self.inspection.pk),
            )
            if (found := files_of(pk, self.back, self.to)).files
        ]

    # --- Words ------------------------------------------------------------------------------

    def _column(self, name: str) -> str:
        return labels.of_column(f"quality.results.{name}").in_language(self.to.language)

    def _said(self, name: str, value: str) -> str:
        return labels.of_value(name, value).in_language(self.to.language)

    @staticmethod
    def _verdict(tone: str, told: str, note: str) -> SafeString:
        return format_html(
            '<span class="tw-tag tw-dot {}">{}</span>{}',
            *(tone, told),
            format_html('<div class="tw-sm tw-t2">{}</div>', note) if note else "",
        )

    def _named(self, row: Row, stem: str) -> str:
        zh, en = row.get(f"{stem}_name_zh"), row.get(f"{stem}_name_en")
        first, second = (zh, en) if self.to.language.startswith("zh") else (en, zh)
        return str(first or second or "—")

    def _who(self, row: Row, stem: str, at: Any) -> str:
        return f"{self._named(row, stem)} {self._at(at)}"

    def _at(self, at: Any) -> str:
        return local(at, self.to)

    @staticmethod
    def _hidden(facts: list[Fact]) -> str:
        return "" if facts else gettext("You may not read where it came from.")
