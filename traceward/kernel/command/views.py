"""What a person asks of a list again and again stays under a name. # UX-01"""

import uuid
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from traceward.kernel.base.refusals import Conflict, InvalidInput, NotAllowed, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grants_of, own
from traceward.kernel.command.registry import READINGS
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created, record_change
from traceward.kernel.lists.models import EVERYBODY, ListView
from traceward.kernel.org import roles
from traceward.kernel.org.models import Role

#: A person keeps so many views of one list.
MAX_VIEWS = 50
MAX_NAME, MAX_QUESTION = 60, 2_000
ALL = tuple(role for role in roles.ALL if role != roles.SYSTEM)
#: Who lays out the work of others.
SHARING = (
    roles.QUALITY_HEAD,
    roles.QUALITY_CONTROLLER,
    roles.SUPERVISOR,
    roles.PLANNER,
    roles.COMPLIANCE,
    roles.DATA_OWNER,
    roles.EXECUTIVE,
    roles.ADMINISTRATOR,
)
Columns = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)]


@dataclass(frozen=True)
class ViewKept:
    """The view as it is found from now on."""

    view_uid: uuid.UUID
    name: str


@command("lists.save_view", roles=ALL, scope=own)
def save_view(
    list_name: str, name: str, question: str = "", *, columns: Columns | None = None, by: Actor
) -> ViewKept:
    """The question stands under this name among the person's views; an older one is replaced."""
    name = _checked(name)
    _require_list(list_name, by)
    if len(question) > MAX_QUESTION:
        raise InvalidInput(
            sentence("A view holds filters of {limit} characters at most. Take some away."),
            field="question",
            limit=MAX_QUESTION,
        )
    mine = ListView.objects.filter(person=by.person_id, list_name=list_name)
    found = mine.filter(name=name).values_list("pk", flat=True).first()
    if found is not None:
        view: ListView = ListView.objects.lock(found)
        amend(view, by=by, question=question, columns=columns or [])
        return ViewKept(view.uid, view.name)
    if mine.exclude(name="").count() >= MAX_VIEWS:
        raise InvalidInput(
            sentence("You keep {limit} views of this list already. Delete one first."),
            field="name",
            limit=MAX_VIEWS,
        )
    view = ListView.objects.create(
        person_id=by.person_id,
        list_name=list_name,
        name=name,
        question=question,
        columns=columns or [],
    )
    created(view, by=by, list_name=list_name, name=name, question=question)
    return ViewKept(view.uid, name)


@command("lists.rename_view", roles=ALL, scope=own)
def rename_view(view_uid: uuid.UUID, name: str, *, by: Actor) -> ViewKept:
    """The person's view has this name from now on."""
    view, name = _own(view_uid, by), _checked(name)
    twins = ListView.objects.filter(person=by.person_id, list_name=view.list_name, name=name)
    if twins.exclude(pk=view.pk).exists():
        raise Conflict(
            sentence("You have a view called “{name}” here already. Choose another name."),
            field="name",
            name=name,
        )
    amend(view, by=by, name=name)
    return ViewKept(view.uid, name)


@command("lists.share_view", roles=SHARING, scope=own)
def share_view(view_uid: uuid.UUID, audience: str = "", *, by: Actor) -> ViewKept:
    """Everybody (*), the holders of a role, or nobody but its owner finds the view in the list.

    It shows each of them what they may see anyway.
    """
    if audience not in ("", EVERYBODY) and not Role.objects.filter(code=audience).exists():
        raise NotFound(
            sentence("There is no role “{role}”."), field="audience", role=audience[:MAX_NAME]
        )
    view = _own(view_uid, by)
    amend(view, by=by, audience=audience)
    return ViewKept(view.uid, view.name)


@command("lists.remove_view", roles=ALL, scope=own)
def remove_view(view_uid: uuid.UUID, *, by: Actor) -> ViewKept:
    """The person's view is gone, for those it was shared with, too."""
    view = _own(view_uid, by)
    record_change(view, {"name": view.name, "question": view.question}, {}, by=by)
    view.delete()
    return ViewKept(view_uid, view.name)


@command("lists.arrange", roles=ALL, scope=own)
def arrange(
    list_name: str, *, columns: Columns | None = None, first: str | None = None, by: Actor
) -> ViewKept:
    """The person sees the list with these columns, and first this view; what is left out stays."""
    _require_list(list_name, by)
    if first is not None and len(first) > MAX_NAME:
        raise InvalidInput(sentence("There is no such view."), field="first")
    values = {
        name: value for name, value in (("columns", columns), ("first", first)) if value is not None
    }
    kept = ListView.objects.filter(person=by.person_id, list_name=list_name, name="")
    found = kept.values_list("pk", flat=True).first()
    if found is not None:
        view: ListView = ListView.objects.lock(found)
        amend(view, by=by, **values)
    else:
        view = ListView.objects.create(person_id=by.person_id, list_name=list_name, **values)
        created(view, by=by, list_name=list_name, **values)
    return ViewKept(view.uid, "")


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidInput(
            sentence("Give the view a name of 1 to {limit} characters."),
            field="name",
            limit=MAX_NAME,
        )
    return name


def _require_list(name: str, by: Actor) -> None:
    """Refused where there is no such list, or the person may not read it."""
    if name not in READINGS:
        raise InvalidInput(
            sentence("There is no list “{name}”."), field="list_name", name=name[:100]
        )
    if not grants_of(by.person_id, name):
        raise NotAllowed(
            sentence("You may not read this list. Ask an administrator for a role that has it.")
        )


def _own(view_uid: uuid.UUID, by: Actor) -> ListView:
    """The person's own view under a name, locked; not found where it is somebody else's."""
    mine = ListView.objects.filter(person=by.person_id, uid=view_uid).exclude(name="")
    pk = mine.values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound(
            sentence("You have no such view. Only who made a view changes it."), field="view_uid"
        )
    view: ListView = ListView.objects.lock(pk)
    return view
