"""The bytes of printed labels, for whoever may see the print and may print such labels."""

from collections.abc import Callable

from traceward.domain.warehousing.models import LabelKind, LabelPrint
from traceward.domain.warehousing.papers import labels as papers
from traceward.kernel.base.refusals import NotAllowed, NotFound, sentence
from traceward.kernel.documents.files import Content
from traceward.resources import reading
from traceward.resources.kit import RESOURCES, Reader

PRINTS = "warehousing.label_prints"
#: By kind of label, the command that prints it.
PRINTED_BY = {
    LabelKind.UDI.value: "warehousing.print_goods_labels",
    LabelKind.SSCC.value: "warehousing.print_box_labels",
    LabelKind.PLACE.value: "warehousing.print_place_labels",
}
FORMS = {"pdf": papers.pdf_of, "zpl": papers.zpl_of, "png": papers.picture_of}


def labels_as(form: str, key: str, to: Reader, may: Callable[[str], bool]) -> Content:
    """The labels of the print as PDF or printer's commands, or the first one as a picture.

    `may` tells which commands the reader may use: who may not print them only looks at the first.
    """
    resource = RESOURCES[PRINTS]
    row = reading.one(resource, key, (resource.columns["id"],), to)
    if form not in FORMS:
        raise NotFound(
            sentence("Labels are not there in this form. Fetch them from the page of the print.")
        )
    made = LabelPrint.objects.get(pk=row["id"])
    verb = PRINTED_BY[made.kind]
    if form != "png" and not may(verb):
        raise NotAllowed(
            sentence("You may not use “{verb}”. Ask an administrator for a role that has it."),
            verb=verb,
        )
    return FORMS[form](made)
