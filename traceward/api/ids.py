"""What is said of an argument that asks for ids: the list whose rows are meant."""

from typing import Any

from traceward.resources.ids import list_of


def told(name: str, area: str = "") -> str | None:
    """What is said of an argument that asks for ids; none where it asks for none."""
    if not name.endswith(("_id", "_ids")):
        return None
    rows = list_of(name, area)
    if rows is None:
        return None
    rows = rows.replace(".", "/")
    return f"ids of rows of `{rows}`" if name.endswith("_ids") else f"id of a row of `{rows}`"


def describe(schema: dict[str, Any], area: str = "") -> None:
    """Each property of the schema that is an id says of what; what is described stays so."""
    for name, field in schema.get("properties", {}).items():
        text = told(name, area)
        if text is not None and "$ref" not in field:
            field.setdefault("description", text)
