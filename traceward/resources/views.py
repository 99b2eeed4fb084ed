"""Views of lists that people keep for themselves and for others."""

from django.db.models import Q

from traceward.kernel.lists.models import EVERYBODY, ListView
from traceward.kernel.org.models import RoleGrant
from traceward.resources.kit import resource, shared


def own_or_shared(person_id: int) -> Q:
    """The person's views, and those shared with everybody or with a role of theirs."""
    held = RoleGrant.objects.filter(person=person_id, revoked_at=None).values("role__code")
    return Q(person=person_id) | Q(audience=EVERYBODY) | Q(audience__in=held)


resource(
    "lists.views",
    ListView,
    scope=shared,
    own=own_or_shared,
    columns=(
        *("id", "uid", "list_name", "name", "question", "columns"),
        *("audience", "first", "person.*"),
    ),
    order=("list_name", "name"),
)
