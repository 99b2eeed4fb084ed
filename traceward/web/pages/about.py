"""What may be asked about a row, offered on its page."""

from traceward.kernel.base.refusals import sentence
from traceward.kernel.documents.models import Document
from traceward.resources.kit import RESOURCES
from traceward.web.kit.by_hand import BY_HAND, CALLED, OPENED
from traceward.web.kit.questions import about
from traceward.web.kit.suggestions import leads
from traceward.web.kit.tabled import columns

about(
    "stock.lots",
    ("trace.forward", "lots"),
    ("trace.backward", "lots"),
    ("trace.timeline", "nodes"),
    ("trace.mass_balances", "nodes"),
    ("stock.on_hand", "lots"),
)
about(
    "stock.serials",
    ("trace.forward", "serials"),
    ("trace.backward", "serials"),
    ("trace.timeline", "nodes"),
    ("trace.mass_balances", "nodes"),
    ("stock.on_hand", "serials"),
)
about("stock.containers", ("trace.backward", "containers"))
about(
    "catalog.items",
    ("stock.on_hand", "items"),
    ("stock.items_on_hand", "items"),
    ("stock.near_expiry", "items"),
)
about("places.places", ("stock.on_hand", "places"), ("stock.near_expiry", "places"))
about("org.parties", ("trace.forward", "partners"))
about(
    "recalls.cases",
    ("recalls.units", "case_id"),
    ("recalls.groups", "case_id"),
)
about("org.sites", ("places.standing", "site_id"), ("transfers.unsettled", "site_id"))
for _name in ("sales.orders", "transfers.orders", "production.orders"):
    about(_name, ("stock.passed_over", "document_id"))
for _name in ("sales.order_lines", "transfers.lines"):
    about(_name, ("stock.passed_over", "line_id"))
BY_HAND["stock.lots"] = (("trace.identify", "/trace/lot/{id}"),)
BY_HAND["stock.serials"] = (("trace.identify", "/trace/serial/{id}"),)
BY_HAND["stock.containers"] = (("trace.identify", "/trace?containers={id}"),)
BY_HAND["org.parties"] = (("trace.identify", "/trace?partners={id}"),)
for _one in RESOURCES.values():
    if issubclass(_one.model, Document):
        BY_HAND[_one.name] = (("trace.identify", "/trace?documents={id}"),)
        about(_one.name, ("records.of_document", "document_id"), ("trace.forward", "documents"))
OPENED["recalls.cases"] = ("recalls.progress", "/recall/{id}")
BY_HAND["recalls.cases"] = (("recalls.progress", "/recall/{id}"), *BY_HAND["recalls.cases"])
OPENED["recalls.drills"] = ("recalls.drill_units", "/drill/{id}")
CALLED["/drill/{id}"] = sentence("Console of the drill")
leads("recalls.drill", "recalls.drills")
BY_HAND["recalls.drills"] = (("recalls.drill_units", "/drill/{id}"), *BY_HAND["recalls.drills"])
about("sales.orders", ("sales.used_and_sold", "order_id"))
columns(
    "stock.on_hand",
    "item_id",
    "lot_id",
    "serial_id",
    "on_hand",
    "reserved",
    "status",
    "place_id",
    "site_id",
    "owner_id",
    "container_id",
    "is_expired",
    "is_on_hold",
    "is_recalled",
)
for _name in ("stock.near_expiry", "stock.expired"):
    columns(
        _name,
        "item",
        "lot",
        "expires_on",
        "on_hand",
        "reserved",
        "place",
        "status",
        "owner",
        "is_on_hold",
        "is_recalled",
        "what_to_do",
    )
columns(
    "recalls.units",
    "item",
    "lot",
    "serial",
    "quantity",
    "status",
    "held_as",
    "place",
    "site",
    "consignee_id",
    "owner",
    "expires_on",
    "is_consigned",
    "sscc",
)
columns(
    "recalls.progress",
    "party_id",
    "told",
    "answered_at",
    "found",
    "gone_then",
    "corrected",
    "answer",
    "delivered",
    "returned",
    "used",
    "destroyed",
    "passed_on",
    "standing",
    of="answers",
)
