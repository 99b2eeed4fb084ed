"""What the records of a console are called, and where their pages are; read once for each list."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db.models import Q

from traceward.kernel.documents.models import kinds
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.kit.cells import name_of, names_of, plain
from traceward.web.visitors import Visitor

ITEMS, SITES, PARTIES, PLACES = "catalog.items", "org.sites", "org.parties", "places.places"
DOCUMENTS, LOTS, SERIALS = "documents.documents", "stock.lots", "stock.serials"
STEMS = {DOCUMENTS: ("number", "kind"), LOTS: ("raw_number",), SERIALS: ("raw_number",)}


@dataclass(frozen=True)
class Name:
    """A record in words: what it is called, its code, what kind of document it is, its page."""

    text: str
    code: str = ""
    kind: str = ""
    address: str = ""


NOBODY = Name("")


@dataclass
class Names:
    """Ids are gathered first; then all of one list are read together, those that may be seen."""

    to: Visitor
    wanted: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    known: dict[str, dict[int, Name]] = field(default_factory=lambda: defaultdict(dict))

    def want(self, listed: str, ids: Iterable[int | None]) -> None:
        """These will be asked for."""
        self.wanted[listed].update(key for key in ids if key)

    def of(self, listed: str, key: int | None) -> Name:
        """The record's name; empty where there is none or the visitor may not see it."""
        missing = self.wanted[listed] - self.known[listed].keys()
        if missing and self.to.may(listed):
            self.known[listed].update(dict.fromkeys(missing, NOBODY))
            self.known[listed].update(self._read(listed, missing))
        return self.known[listed].get(key or 0, NOBODY)

    def _read(self, listed: str, ids: set[int]) -> dict[int, Name]:
        resource = RESOURCES[listed]
        stem, *others = STEMS.get(listed, ("name",))
        others += ["code"] if "code" in resource.columns else []
        columns = ",".join(dict.fromkeys(["id", *names_of(resource, stem), *others]))
        asked = asking.read(resource, {"fields": [columns]})
        asked = replace(asked, condition=Q(pk__in=ids), limit=len(ids))
        found = {}
        for row in reading.page(resource, asked, self.to.reader(listed)).rows:
            text = plain(resource, stem, row, self.to).strip()
            kind, address = "", f"/{listed.replace('.', '/')}/{row['id']}"
            if listed == DOCUMENTS:
                own = name_of(kinds().get(row["kind"]))
                kind = labels.of_row(own or listed).in_language(self.to.language)
                if own and self.to.may(own):
                    address = f"/{own.replace('.', '/')}/{row['id']}"
            found[row["id"]] = Name(text, row.get("code") or "", kind, address)
        return found
