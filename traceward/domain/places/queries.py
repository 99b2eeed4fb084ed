"""Places by what they are for."""

from django.db.models import Q, QuerySet

from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.places.rules import Offer
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import NotFound, sentence


def open_bins(site_id: int) -> QuerySet[Place]:
    """The bins of a site that take goods, the nearest first."""
    bins = Place.objects.filter(site_id=site_id, kind=PlaceKind.BIN, is_open=True)
    return bins.order_by("pick_rank", "code")


def offer_of(place: Place, *, holds_lot: bool, is_empty: bool) -> Offer:
    """The place as plain values for `rules.best`."""
    return Offer(
        place.pk,
        place.code,
        place.pick_rank,
        place.zone,
        place.temperature_c_min,
        place.temperature_c_max,
        holds_lot,
        is_empty,
    )


_BOUNDARY = Prepared(
    lambda site, kind, party: Place.objects.filter(site_id=site, kind=kind, is_open=True).filter(
        Q(party=None) | Q(party=party)
    )
)


def boundary_place(site_id: int, kind: PlaceKind, party_id: int | None = None) -> Place:
    """The site's boundary place of that kind: the party's own one before the common one."""
    fitting = _BOUNDARY(site_id, PlaceKind(kind).value, party_id)
    found = min(fitting, key=lambda place: (place.party_id is None, place.pk), default=None)
    if found is None:
        raise NotFound(
            sentence("The site has no open place of kind “{kind}”. Open one first."),
            kind=PlaceKind(kind).label,
        )
    return found
