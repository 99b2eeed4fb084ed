"""Each area's tables are made by one migration, which renders each model once. # docs/adr/0110"""

from importlib import import_module
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

from tests.house.migrations import NAME, areas, file_of
from traceward.kernel.base.sqlfile import PACKAGE
from traceward.kernel.base.tables import NewTable


@pytest.mark.parametrize("area", list(areas()), ids=lambda area: area.label)
def test_an_area_has_one_migration_that_makes_its_tables_whole(area: Any) -> None:
    file = file_of(area)
    others = {f.name for f in file.parent.glob("*.py")} - {file.name, "__init__.py"}
    how = "until the first release `python -m tests.house.migrations` rewrites the first migration"
    assert not others, f"{area.label} has {others}: {how}"
    first = import_module(f"{area.name}.migrations.{NAME}").Migration
    kinds = {type(operation) for operation in first.operations}
    assert kinds == {NewTable, migrations.RunSQL}, f"{area.label} does more than tables: {how}"
    (_, remembered) = first.operations[-1].sql[-1]
    assert remembered[0] == file.relative_to(PACKAGE).as_posix(), "end with remember_tables"


def _shelf_and_box() -> ProjectState:
    """A rendered state with a model, to which a second was added that refers to it."""
    state = ProjectState()
    state.add_model(ModelState("testing", "Shelf", [("id", models.BigAutoField(primary_key=True))]))
    assert state.apps.get_model("testing", "shelf")
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("shelf", models.ForeignKey("testing.Shelf", models.PROTECT, related_name="boxes")),
    ]
    NewTable("Box", fields).state_forwards("testing", state)
    return state


def test_a_new_table_is_rendered_alone() -> None:
    state = _shelf_and_box()
    shelf, box = (state.apps.get_model("testing", name) for name in ("shelf", "box"))
    assert box._meta.get_field("shelf").remote_field.model is shelf
    assert [r.related_model for r in shelf._meta.related_objects] == [box]
    NewTable("Lid", [("id", models.BigAutoField(primary_key=True))]).state_forwards(
        "testing", state
    )
    assert state.apps.get_model("testing", "shelf") is shelf


def test_a_table_changed_after_a_new_one_is_seen_by_it() -> None:
    state = _shelf_and_box()
    migrations.AddField("shelf", "code", models.TextField()).state_forwards("testing", state)
    migrations.AddField("box", "code", models.TextField()).state_forwards("testing", state)
    shelf, box = (state.apps.get_model("testing", name) for name in ("shelf", "box"))
    assert shelf._meta.get_field("code")
    assert box._meta.get_field("shelf").remote_field.model is shelf
    assert [r.related_model for r in shelf._meta.related_objects] == [box]
