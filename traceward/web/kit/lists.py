"""List: find, compare, act on many. Views, filters, search and order stand in the address.

    list_page("stock.lots", cells=("item", "raw_number", "expires_on"), views=(View(...),))

A resource without a declaration has a list, too: of all its columns that say something.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest

from traceward.resources import reading
from traceward.resources.documents import DEVICE
from traceward.resources.kit import RESOURCES, Resource
from traceward.web.kit.cells import Cell, cells_of, names_of, stems_of, telling
from traceward.web.kit.filters import Given, filters_of
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.views import ALL, Bucket, Kept, View
from traceward.web.visitors import Visitor


@dataclass(frozen=True)
class ListPage:
    """What the list of a resource shows first, and what may be done from it."""

    name: str
    cells: tuple[str, ...] = ()
    views: tuple[View, ...] = ()
    #: The verb of its one main button.
    create: str = ""
    #: What may be done with several rows at once, the main verb first.
    bulk: tuple[Bulk, ...] = ()
    #: Parts of the rows that are counted above them.
    summary: tuple[Bucket, ...] = ()
    #: Columns that are added up where all rows share the column `sum_by`.
    sums: tuple[str, ...] = ()
    sum_by: str = "item_id"
    #: Cells of the card that a row is on a telephone.
    phone: tuple[str, ...] = ()

    @property
    def resource(self) -> Resource:
        return RESOURCES[self.name]

    @property
    def address(self) -> str:
        return f"/{self.name.replace('.', '/')}"

    @cached_property
    def shown(self) -> tuple[Cell, ...]:
        return cells_of(self.resource, self.cells or telling(self.resource, *DEVICE))

    @cached_property
    def choosable(self) -> dict[str, Cell]:
        """Every cell that a visitor may choose, by name."""
        used = {stem for cell in self.shown for stem in (cell.name, cell.under)}
        read = {name for cell in self.shown for name in cell.names}
        stems = [stem for stem in stems_of(self.resource) if stem not in used]
        others = tuple(s for s in stems if not read.issuperset(names_of(self.resource, s)))
        cells = (*self.shown, *(cells_of(self.resource, others) if others else ()))
        return {cell.key: cell for cell in cells}


LISTS: dict[str, ListPage] = {}


def list_page(name: str, **how: Any) -> ListPage:
    """The resource's list looks like this from now on."""
    made = LISTS[name] = ListPage(name, **how)
    return made


def list_of(name: str) -> ListPage:
    """The list of this resource, declared or not."""
    if name not in RESOURCES:
        raise Http404
    return LISTS.get(name) or list_page(name)


def given_of(request: HttpRequest) -> dict[str, list[str]]:
    """What the address asks for."""
    return {name: [str(text) for text in texts] for name, texts in request.GET.lists()}


def views_of(page: ListPage, kept: Kept) -> tuple[View, ...]:
    """The page's own and all rows, then what the visitor keeps or is shared with them."""
    every = () if ALL in page.views else (ALL,)
    return (*page.views, *every, *kept.views)


def view_of(page: ListPage, given: Given, kept: Kept | None = None) -> View:
    """The view that was asked for; the first one that needs work, else all."""
    kept = kept or Kept()
    views = {view.key: view for view in views_of(page, kept)}
    wanted = (given.get("view") or [""])[-1]
    first = views.get(kept.first) or next(iter(views.values()))
    if filters_of(given) or "q" in given:
        first = ALL
    return views.get(wanted) or first


def cells_for(page: ListPage, view: View, kept: Kept, to: Visitor) -> tuple[Cell, ...]:
    """The cells that the visitor sees: those of their view, their own choice, or the page's."""
    chosen = kept.columns
    if view.kept is not None and (columns := view.kept["columns"]):
        is_own = to.person is not None and view.kept["person_id"] == to.person.pk
        if is_own or not chosen:
            chosen = tuple(columns)  # type: ignore[arg-type]  # a list of names
    found = [page.choosable[name] for name in chosen if name in page.choosable]
    return tuple(found) or page.shown


@dataclass(frozen=True)
class Link:
    """Something to press: where it leads, what stands on it, whether it is where one is."""

    text: str
    address: str
    is_on: bool = False
    count: str = ""
    tone: str = ""
    key: str = ""


def figure(count: int | None) -> str:
    """The count as it is shown; empty where it is not known."""
    if count is None:
        return ""
    return f"{count:,}".replace("-", "−") + ("+" if count == reading.MAX_COUNT else "")
