"""Labels that were printed: who printed how many of what, and what stood on them. # WMS-06"""

from traceward.domain.warehousing.models import LabelPrint, PrintedLabel
from traceward.resources.kit import by_site, resource

resource(
    "warehousing.label_prints",
    LabelPrint,
    scope=by_site(),
    columns=(
        *("id", "uid", "kind", "size", "labels", "site.*", "person.*", "at"),
        "command_id",
    ),
    parts={"lines": ("warehousing.printed_labels", "label_print_id")},
)
resource(
    "warehousing.printed_labels",
    PrintedLabel,
    scope=by_site("label_print__"),
    columns=(
        "id",
        "label_print",
        "line_number",
        *("kind=label_print.kind", "at=label_print.at", "person=label_print.person.*"),
        "code",
        "copies",
        *("item.*", "lot.*", "serial.*", "packaging", "packaging.di", "packaging.base_units"),
        *("container.*", "place.*"),
    ),
)
