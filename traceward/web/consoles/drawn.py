"""One lot or serial as its flow is drawn: how its goods stand, what is promised, in colours."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from traceward.domain.stock.models import BlockKind
from traceward.domain.stock.queries import Moment, held_at
from traceward.domain.stock.rules import STATUSES
from traceward.domain.trace.queries import as_array, made, papers_of_commands
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.consoles.asked import Asked
from traceward.web.consoles.flow import Flow, lying, standing
from traceward.web.consoles.picture import Picture
from traceward.web.consoles.spots import Plan, Seen, Spot, station_of

#: More lots of a making are not asked for their blocks one by one.
CHECKED = 5_000
#: Of more lots than these it is not told how much of each was made.
SUMMED = 200


class Drawn(Asked):
    """What was asked for, as boxes and lines."""

    @cached_property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks on the lot or unit that stood at the moment, as far as one may see them."""
        own = {node.id for node in self.trace.nodes if self._is_own(node)}
        return self._blocks_on([*own, self.key, self.row.get("lot_id")])

    @cached_property
    def held(self) -> set[str]:
        """How all of it was held at the moment; told to all, also where none of it is theirs."""
        if self.at is None:
            return {self.row["held_as"]} - {None}
        own = self.kind == "serial"
        lot, serial = (self.row["lot_id"], self.key) if own else (self.key, None)
        at, item = self.at, self.row["item_id"]
        return persistent(lambda: held_at(at, item=item, lot=lot, serial=serial))

    def _blocks_on(self, nodes: Sequence[int | None]) -> list[dict[str, Any]]:
        if not self.to.may("stock.blocks"):
            return []
        resource = RESOURCES["stock.blocks"]
        fields = "id,kind,lot_id,serial_id,place_id,container_id,case_id,case_number,reason"
        asked = asking.read(resource, {"fields": [f"{fields},placed_at,until,lifted_at"]})
        # as one text: the driver and Django take thousands of numbers one by one
        ids = RawSQL("SELECT unnest(%s::bigint[])", [as_array(pk for pk in nodes if pk)])
        held = Q(lot__in=ids) | Q(serial__in=ids)
        found = reading.page(
            resource, replace(asked, condition=held, limit=500), self.to.reader(resource.name)
        )
        at = self.at or self.now
        return [
            row
            for row in found.rows
            if row["placed_at"] <= at
            and (row["lifted_at"] is None or row["lifted_at"] > at)
            and (row["until"] is None or row["until"] > at)
        ]

    @cached_property
    def _picture(self) -> Picture:
        commands = set()
        for trace, end in ((self.backward, "output_id"), (self.forward, "input_id")):
            if trace:
                own = {node.id for node in trace.nodes if self._is_own(node)} | {self.key}
                own |= {self.row["lot_id"] or 0} if self.kind == "serial" else set()
                commands |= {e.command_id for e in trace.edges if getattr(e, end) in own}
        seen = Seen(
            self.key,
            self.row.get("lot_id"),
            self.title,
            self.item_name,
            self.backward,
            self.forward,
            self.flows,
            papers_of_commands(commands),
            self.tones,
            self.blocked_lots,
            self.plans,
            self.made,
        )

        def link(group: str) -> str:
            return f"{self.address(open=sorted({*self.opened, group}))}#flow"

        return Picture(
            *(seen, self.names, frozenset(self.opened), link, self._peek, self.row_address)
        )

    def _peek(self, box: str) -> str:
        path = self.address(open="", every="").partition("?")
        return f"{path[0]}/box/{box}" + path[1] + path[2]

    @property
    def spots(self) -> dict[str, Spot]:
        """All that is drawn, by its key, before any of it is grouped."""
        return self._picture.spots

    def called(self, box: str) -> tuple[str, str]:
        return self._picture.called(box)

    @cached_property
    def drawing(self) -> Flow:
        return self._picture.flow()

    @property
    def told(self) -> str:
        """What the drawing is, for who hears it."""
        drawing = self.drawing
        told = gettext("{boxes} places and lots, {lines} flows; the table below says the same.")
        return told.format(boxes=len(drawing.boxes), lines=len(drawing.lines))

    @property
    def picture(self) -> SafeString:
        return lying(self.drawing, gettext("Flow of {lot}").format(lot=self.title), self.told)

    @property
    def tall_picture(self) -> SafeString:
        return standing(self.drawing, gettext("Flow of {lot}").format(lot=self.title), self.told)

    @cached_property
    def flow_rows(self) -> list[tuple[str, str, str, bool]]:
        """The drawing's lines as rows of a table."""
        boxes = self.drawing.by_key
        return [
            (
                _box_text(boxes[line.source]),
                _box_text(boxes[line.target]),
                "—" if line.quantity is None else f"{line.quantity:,}",
                line.is_planned,
            )
            for line in self.drawing.lines
        ]

    @cached_property
    def made(self) -> dict[int, int]:
        """How much of each lot that it went into was made."""
        if not self.forward:
            return {}
        others = [node for node in self.forward.nodes if not self._is_own(node)]
        lots = {node.id for node in others if not node.is_serial}
        nodes = [node.id for node in others if not node.is_serial or node.lot_id not in lots]
        if not nodes or len(nodes) > SUMMED:
            return {}
        moment = Moment(self.at, posted=self.moment["posted"]) if self.at else None
        return persistent(lambda: made(nodes, sites=self.trace.sites, moment=moment))

    @cached_property
    def blocked_lots(self) -> dict[int, str]:
        """The lots of its making that are blocked, with their tone."""
        nodes = {n.id for t in (self.backward, self.forward) if t for n in t.nodes} - {self.key}
        near = {e.input_id for e in self.backward.edges} if self.backward else set()
        if len(nodes) > CHECKED:  # those on the way here matter most
            nodes &= near
        found: dict[int, str] = {}
        for block in self._blocks_on(sorted(nodes)[:CHECKED]) if nodes else ():
            if block["place_id"] or block["container_id"]:
                continue
            pk = block["serial_id"] or block["lot_id"]
            tone = "tw-bad" if block["kind"] == BlockKind.RECALL else "tw-hold"
            if found.get(pk) != "tw-bad":
                found[pk] = tone
        return found

    @cached_property
    def _states(self) -> dict[tuple[int, Any], str]:
        """Place and status → what keeps goods there from being used, as of now."""
        if self.at is not None or not self.to.may("stock.on_hand"):
            return {}
        rows = self._ask("stock.on_hand", **self._start, limit=2_000)
        found: dict[tuple[int, Any], str] = {}
        for row in rows:
            state = "recalled" if row.is_recalled else "hold" if row.is_on_hold else ""
            if state and found.get((row.place_id, row.status)) != "recalled":
                found[row.place_id, row.status] = state
        return found

    def _state_of(
        self, place_id: int, status: int, kind: str, is_own: bool = True
    ) -> tuple[str, str]:
        """The state of goods in a place, in a word and a tone; of other goods without blocks."""
        if not is_own:
            return self._plain_state(status, kind)
        kinds = self.held | {b["kind"] for b in self.blocks if not b["place_id"]}
        recalled, held = BlockKind.RECALL in kinds, BlockKind.HOLD in kinds
        state = self._states.get((place_id, status), "")
        if state == "recalled" or recalled:
            return gettext("Recalled"), "tw-bad"
        if state == "hold" or held:
            return gettext("On hold"), "tw-hold"
        return self._plain_state(status, kind)

    def _plain_state(self, status: int, kind: str) -> tuple[str, str]:
        if kind == "transit":
            return gettext("In transit"), "tw-info"
        word = str(STATUSES.words[status])
        shown = labels.of_value("trace.forward.status", word).in_language(self.to.language)
        return shown, {1: "tw-wait", 3: "tw-bad"}.get(status, "tw-ok")

    @cached_property
    def tones(self) -> dict[tuple[str, int | None], str]:
        """Each station's colour: the worst of what stands there."""
        worst = ("tw-bad", "tw-hold", "tw-wait", "tw-info", "tw-ok")
        found: dict[tuple[str, int | None], str] = {}
        for one in self.own_whereabouts:
            station = station_of(one.place_kind, one.site_id, one.place_id, one.party_id)
            _, tone = self._state_of(one.place_id, one.status, one.place_kind)
            if worst.index(tone) < worst.index(found.get(station, "tw-ok")):
                found[station] = tone
            found.setdefault(station, tone)
        for party in self.unanswered:
            found["consignee", party] = "tw-bad"
        return found

    @cached_property
    def unanswered(self) -> set[int]:
        """Consignees who were told of its recall and have not answered."""
        cases = [block["case_id"] for block in self.blocks if block["case_id"]]
        if not cases or self.at is not None or not self.to.may("recalls.notices"):
            return set()
        resource = RESOURCES["recalls.notices"]
        texts = {"case_id": [str(pk) for pk in cases], "limit": ["500"]}
        texts["fields"] = ["consignee_id,answered_at"]
        asked = asking.read(resource, texts)
        rows = reading.page(resource, asked, self.to.reader(resource.name)).rows
        return {row["consignee_id"] for row in rows if row["answered_at"] is None}

    @cached_property
    def plans(self) -> list[Plan]:
        """What is promised to somebody, and what is on the way to them."""
        if self.at is not None or self.way == "up" or not self.to.may("stock.reservations"):
            return []
        resource = RESOURCES["stock.reservations"]
        column = f"{self.kind}_id"
        fields = "document_id,place_id,quantity"
        asked = asking.read(
            resource, {column: [str(self.key)], "fields": [fields], "limit": ["500"]}
        )
        rows = reading.page(resource, asked, self.to.reader(resource.name)).rows
        targets = self._targets([row["document_id"] for row in rows])
        sites = {one.place_id: one.site_id for one in self.own_whereabouts}
        sums: dict[tuple[Any, Any], int] = {}
        for row in rows:
            source, target = sites.get(row["place_id"]), targets.get(row["document_id"])
            if source and target:
                key = (("site", source), target)
                sums[key] = sums.get(key, 0) + row["quantity"]
        return [Plan(a, b, quantity) for (a, b), quantity in sums.items()]

    def _targets(self, demands: Sequence[int]) -> dict[int, tuple[str, int | None]]:
        """Whom each demand is for."""
        if not demands or not self.to.may("warehousing.destinations"):
            return {}
        resource = RESOURCES["warehousing.destinations"]
        texts = {"demand_id": [str(pk) for pk in dict.fromkeys(demands)][:200], "limit": ["200"]}
        texts["fields"] = ["demand_id,consignee_id,deliver_to_id"]
        asked = asking.read(resource, texts)
        rows = reading.page(resource, asked, self.to.reader(resource.name)).rows
        return {row["demand_id"]: ("consignee", row["consignee_id"]) for row in rows}

    @property
    def item_name(self) -> str:
        own, other = ("zh", "en") if self.to.language.startswith("zh") else ("en", "zh")
        return str(self.row[f"item_name_{own}"] or self.row[f"item_name_{other}"])

    @property
    def title(self) -> str:
        return str(self.row["raw_number"])


def _box_text(box: Any) -> str:
    return " · ".join(filter(None, (box.title, box.sub)))
