"""Erasable arguments are passed on, and kept out of everything that is stored or shown."""

import pytest
from pydantic import ValidationError

from traceward.kernel.base.canonical import digest
from traceward.kernel.command.erasable import KEPT_OUT, Erasable
from traceward.kernel.command.registry import REGISTRY


def test_the_text_is_revealed_and_never_shown() -> None:
    value = Erasable(" P-1 ")
    assert value.reveal() == "P-1"
    assert f"{value}{value!r}{[value]}" == f"{KEPT_OUT}{KEPT_OUT}[{KEPT_OUT}]"
    assert not Erasable("  ")
    with pytest.raises(TypeError):
        hash(value)


def test_arguments_differ_in_nothing_that_is_digested() -> None:
    arguments = REGISTRY["sales.use"].arguments
    marks = set()
    for patient in ("P-1", "P-2"):
        item = {"codes": ["x"], "patient": patient}
        checked = arguments.model_validate({"place_id": 1, "items": [item]})
        assert checked.items[0].patient.reveal() == patient
        marks.add(digest(checked.model_dump(mode="json")))
    assert len(marks) == 1


def test_an_erasable_text_has_a_limit() -> None:
    item = {"codes": ["x"], "patient": "x" * 201}
    with pytest.raises(ValidationError):
        REGISTRY["sales.use"].arguments.model_validate({"place_id": 1, "items": [item]})


def test_commands_that_take_personal_data_are_known() -> None:
    taking = {verb for verb, found in REGISTRY.items() if found.has_erasable}
    assert {"sales.order", "sales.sign_for", "sales.use"} <= taking
