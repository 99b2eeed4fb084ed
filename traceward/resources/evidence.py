"""What proves the rest: audit entries, signatures, seals, events, held commands, parameters."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Model, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from traceward.domain.catalog.models import Item, Product
from traceward.domain.partners.models import Licence, Partner
from traceward.domain.stock.models import StockBlock
from traceward.kernel.audit.models import AuditEntry, Seal, Signature, Verification
from traceward.kernel.base.refusals import sentence
from traceward.kernel.command.signing import AT_THE_DOOR
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, SecondFactor, SharedDevice
from traceward.kernel.org.scope import Grant
from traceward.kernel.outbox.models import (
    CommandOrder,
    Event,
    HandlerProgress,
    Mail,
    ParkedEvent,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from traceward.kernel.rules.models import Parameter
from traceward.kernel.rules.queries import SPECS
from traceward.kernel.workflow.models import Acknowledgement, HeldCommand
from traceward.resources import labels
from traceward.resources.history import of_document
from traceward.resources.kit import (
    Finder,
    Reader,
    by_site,
    question,
    resource,
    shared,
    whole_group,
)

#: Who looks after other systems.
WATCHING = (roles.ADMINISTRATOR, roles.AUDITOR)
OVERSIGHT = (roles.AUDITOR, roles.COMPLIANCE, roles.QUALITY_HEAD, roles.ADMINISTRATOR)

#: Of whatever kind: ids and numbers of documents are one range.
DOCUMENT_ID = sentence("id of a document: all that was done to it")
DOCUMENT_NUMBER = sentence("number of a document: all that was done to it")


def _called(model: type[Model], *names: str) -> Subquery:
    """What the record with the signature's uid is called."""
    rows = model._default_manager.filter(uid=OuterRef("subject_uid"))
    known = Coalesce(*names, Value("")) if len(names) > 1 else F(*names)
    return Subquery(rows.annotate(called=known).values("called")[:1])


def _about(name: str) -> Subquery:
    """This of the document that an e-mail is about."""
    return Subquery(Document.objects.filter(uid=OuterRef("about")).values(name)[:1])


#: What was signed, as people call it: the number or code of a record of any kind.
SIGNED = Case(
    When(subject_kind="catalog.item", then=_called(Item, "code")),
    When(subject_kind="catalog.product", then=_called(Product, "registration_number")),
    When(subject_kind="partners.partner", then=_called(Partner, "code")),
    When(subject_kind="partners.licence", then=_called(Licence, "number")),
    When(subject_kind="org.person", then=_called(Person, "login")),
    When(subject_kind="org.second_factor", then=_called(SecondFactor, "label")),
    When(subject_kind="org.shared_device", then=_called(SharedDevice, "label")),
    When(
        subject_kind="stock.block",
        then=_called(
            *(StockBlock, "lot__raw_number", "serial__raw_number", "container__code"),
            *("place__code", "item__code"),
        ),
    ),
    default=_called(Document, "number"),
    output_field=CharField(),
)

resource(
    "audit.entries",
    AuditEntry,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "at", "actor.*", "verb", "request_id", "origin", "outcome", "detail"),
    only=("at", "actor_id", "verb", "outcome"),
    finders={
        "document_id": Finder(int, lambda pk: of_document(pk=pk), DOCUMENT_ID),
        "document_number": Finder(str, lambda n: of_document(number=n), DOCUMENT_NUMBER),
    },
    as_json=("detail",),
)
resource(
    "audit.sign_ins",
    AuditEntry,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "at", "actor.*", "verb", "origin", "detail"),
    only=("at", "actor_id", "verb"),
    where=Q(verb__in=AT_THE_DOOR),
    as_json=("detail",),
)
resource(
    "audit.signatures",
    Signature,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=(
        *("id", "uid", "person.*", "at", "meaning", "subject_kind", "subject_uid"),
        *("subject_number", "command_id"),
    ),
    made={"subject_number": SIGNED},
)
resource(
    "audit.seals",
    Seal,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "first_sequence", "last_sequence", "tree_size", "sealed_at", "key_id"),
)
resource(
    "outbox.events",
    Event,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "uid", "command_id", "ordinal", "at", "name", "subject", "data"),
    only=("uid", "command_id"),
)
resource(
    "outbox.handlers",
    HandlerProgress,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "last_sequence", "last_ordinal", "failures"),
)
resource(
    "outbox.parked",
    ParkedEvent,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "uid", "handler", "event", "event.name", "parked_at", "why", "solved_at"),
)
resource(
    "outbox.webhooks",
    Webhook,
    scope=by_site(),
    readers=WATCHING,
    columns=(
        "id",
        "uid",
        "name",
        "url",
        "patterns",
        "legal_entity.*",
        "site.*",
        "state",
        "reason",
        "created_at",
        "former_secret_until",
        "last_sequence",
        "replays",
        "failures",
        "failing_since",
        "resting_until",
    ),
)
resource(
    "outbox.deliveries",
    WebhookDelivery,
    scope=by_site("webhook__"),
    readers=WATCHING,
    columns=(
        "id",
        "uid",
        "webhook",
        "event",
        "event.uid",
        "event.name",
        "sequence",
        "ordinal",
        "subject",
        "replay",
        "state",
        "attempts",
        "due_at",
        "settled_at",
        "why",
    ),
)
resource(
    "outbox.attempts",
    WebhookAttempt,
    scope=by_site("delivery__webhook__"),
    readers=WATCHING,
    columns=("id", "delivery", "at", "milliseconds", "status", "answer"),
)
resource(
    "outbox.mails",
    Mail,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=(
        *("id", "uid", "subject_kind", "subject_uid=about", "subject_number", "address", "name"),
        *("heading", "body", "queued_at", "state", "attempts", "due_at", "settled_at", "outlet"),
        "why",
    ),
    made={"subject_kind": _about("kind"), "subject_number": _about("number")},
    search=("address", "name", "heading", "subject_number"),
)
resource(
    "audit.verifications",
    Verification,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "at", "seconds", "seals", "is_fast", "findings", "first_finding"),
)
resource(
    "rules.parameters",
    Parameter,
    scope=shared,
    columns=("id", "uid", "key", "context", "value", "version", "valid_from", "replaced_at"),
)


@dataclass(frozen=True)
class KnownParameter:
    """A parameter: what it decides, its value where none is set, by what it may differ.

    Where there are choices, only these are values.
    """

    key: str
    meaning: dict[str, str]
    default: Any
    dimensions: list[str]
    choices: list[Any]


@question("rules.known_parameters", scope=None)
def known_parameters(*, to: Reader) -> list[KnownParameter]:
    """Every parameter of the rules; everybody may know them."""
    del to
    return [
        KnownParameter(
            spec.key,
            dict(labels.of_parameter(spec)._asdict()),
            spec.default,
            list(spec.dimensions),
            list(spec.choices),
        )
        for _, spec in sorted(SPECS.items())
    ]


def decidable(grants: tuple[Grant, ...]) -> Q:
    """Held commands that touch one place only, which the reader may see; all for the group."""
    if Grant(None, None) in grants:
        return Q()
    seen = Q(pk__in=())
    for entity, site in grants:
        key = {"scope__0__0": entity} if site is None else {"scope__0__1": site}
        seen |= Q(scope__1__isnull=True, **key)
    return seen


resource(
    "workflow.held",
    HeldCommand,
    scope=decidable,
    columns=(
        "id",
        "uid",
        "verb",
        "arguments",
        "why",
        "requested_by.*",
        "requested_at",
        "state",
        "decided_by.*",
        "decided_at",
        "reason",
    ),
    as_json=("arguments", "why"),
)
resource(
    "workflow.acknowledgements",
    Acknowledgement,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "uid", "subject", "record", "person.*", "acknowledged_at"),
)
resource(
    "outbox.order",
    CommandOrder,
    scope=whole_group,
    readers=OVERSIGHT,
    columns=("id", "command_id"),
)
