"""Files of documents: what they are, who put them there, whether they count, who printed them."""

import re

from django.db.models import Case, CharField, Exists, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.documents.models import DocumentFile, FileRole, Printing, VoidedFile
from traceward.resources.kit import Finder, by_site, resource


class Encode(Func):
    """Bytes as hexadecimal digits."""

    function = "encode"
    template = "%(function)s(%(expressions)s, 'hex')"
    output_field = CharField()


SHA256 = sentence("SHA-256 of the file's bytes, 64 hexadecimal digits")


def of_hash(text: str) -> Q:
    """The files with these bytes."""
    if not re.fullmatch("[0-9A-Fa-f]{64}", text):
        raise InvalidInput(
            sentence("A SHA-256 has 64 hexadecimal digits. Copy it as it was shown."),
            field="sha256",
        )
    return Q(file__sha256=bytes.fromhex(text))


def _of_attaching(field: str) -> Subquery:
    """What the audit entry of the command that put the file there says."""
    return Subquery(AuditEntry.objects.filter(pk=OuterRef("command_id")).values(field))


def _of_voiding(field: str) -> Subquery:
    return Subquery(VoidedFile.objects.filter(voided=OuterRef("pk")).values(field))


ATTACHED = {
    "attached_at": _of_attaching("at"),
    "attached_by_id": _of_attaching("actor"),
    "attached_by_login": _of_attaching("actor__login"),
    "attached_by_name_zh": _of_attaching("actor__name_zh"),
    "attached_by_name_en": _of_attaching("actor__name_en"),
}
VOIDED = {
    "voided_at": _of_voiding("at"),
    "voided_because": _of_voiding("reason"),
    "voided_by_id": _of_voiding("person"),
    "voided_by_login": _of_voiding("person__login"),
    "voided_by_name_zh": _of_voiding("person__name_zh"),
    "voided_by_name_en": _of_voiding("person__name_en"),
}
#: Whether a file counts: of those that people attached each does until it is replaced or void; of
#: papers of ours the newest that is not void.
STANDING = Case(
    When(
        Q(is_void=True) | Q(Exists(VoidedFile.objects.filter(voided=OuterRef("pk")))), Value("void")
    ),
    When(
        Exists(DocumentFile.objects.filter(replaces=OuterRef("pk")))
        | (
            ~Q(role__in=FileRole.values)
            & Exists(
                DocumentFile.objects.filter(
                    document=OuterRef("document"),
                    role=OuterRef("role"),
                    version__gt=OuterRef("version"),
                )
            )
        ),
        Value("replaced"),
    ),
    default=Value("counts"),
    output_field=CharField(),
)
resource(
    "documents.files",
    DocumentFile,
    scope=by_site("document__"),
    columns=(
        "id",
        "uid",
        "document.*",
        "document.kind",
        "role",
        "version",
        "is_void",
        "standing",
        "replaces",
        "file_name",
        "file.media_type",
        "file.size",
        "sha256",
        "file.stored_at",
        "file.retain_until",
        *ATTACHED,
        *VOIDED,
    ),
    made={
        "sha256": Encode("file__sha256"),
        "standing": STANDING,
        "file_name": Coalesce(NullIf("name", Value("")), "file__name", output_field=CharField()),
        **ATTACHED,
        **VOIDED,
    },
    asked=("standing", "file_name", "attached_by_id"),
    finders={"sha256": Finder(str, of_hash, SHA256)},
)
resource(
    "documents.printings",
    Printing,
    scope=by_site("printed__document__"),
    columns=(
        "id",
        "uid",
        "printed",
        "document=printed.document",
        "document_number=printed.document.number",
        "person.*",
        "at",
        "copies",
    ),
)
