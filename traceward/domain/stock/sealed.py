"""What of the ledger is sealed: moves and genealogy edges; balances follow from the moves."""

from traceward.kernel.audit.leaves import Form, LeafKind, register
from traceward.kernel.base.refusals import sentence

N, T, AT = Form.NUMBER, Form.TEXT, Form.TIME

STOCK_MOVE = LeafKind(
    code=16,
    name=sentence("stock move"),
    tag="M1",
    table="stock_move",
    hash_column="content_hash",
    fields=(
        ("id", N),
        ("command_id", N),
        ("posted_at", AT),
        ("happened_at", AT),
        ("code", N),
        ("document_id", N),
        ("line_id", N),
        ("item_id", N),
        ("lot_id", N),
        ("serial_id", N),
        ("quantity", N),
        ("from_place_id", N),
        ("from_status", N),
        ("from_owner_id", N),
        ("from_container_id", N),
        ("to_place_id", N),
        ("to_status", N),
        ("to_owner_id", N),
        ("to_container_id", N),
        ("actor_id", N),
        ("reverses_id", N),
        ("di", T),
        ("reason", T),
        ("device", T),
        ("clock_offset_ms", N),
    ),
)
GENEALOGY_EDGE = LeafKind(
    code=17,
    name=sentence("genealogy edge"),
    tag="G1",
    table="stock_genealogy",
    fields=(
        ("id", N),
        ("command_id", N),
        ("input_lot_id", N),
        ("input_serial_id", N),
        ("output_lot_id", N),
        ("output_serial_id", N),
        ("quantity", N),
    ),
)


def register_leaf_kinds() -> None:
    """Moves and genealogy edges stand in the sealed log."""
    register(STOCK_MOVE)
    register(GENEALOGY_EDGE)
