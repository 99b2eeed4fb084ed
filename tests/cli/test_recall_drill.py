"""`traceward recall-drill`: held, timed, scored, compared with every move, proved untouched."""

import argparse
from typing import Any

import pytest
from django.utils import translation

from tests.outbound import allocated, signed
from tests.refusing import refused
from tests.world import World
from traceward.cli.recall_drill import add_arguments, held, run
from traceward.domain.recalls.models import RecallDrill
from traceward.domain.stock.models import Lot
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party


@pytest.fixture
def spread(world: World) -> World:
    """Of 20 units 3 are at the hospital, 2 are promised, the rest is in the house."""
    world.stock(world.lot("STENT", "L1"), 20)
    Lot.objects.filter(number="L1").update(supplier_lot="V-1")
    signed(world, quantity=3)
    allocated(world, quantity=2)
    return world


def told(capsys: pytest.CaptureFixture[str], *words: str, language: str = "en") -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with translation.override(language):
        code = run(parser.parse_args(words))
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [(), ("--lot", "l1"), ("--supplier-lot", "V-1"), ("--item", "STENT")],
    ids=["everywhere", "lot", "supplier's lot", "item"],
)
def test_it_agrees_with_a_walk_of_every_move(  # TRC-04
    spread: World, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, said = told(capsys, *words)
    assert code == 0
    assert "The drill found the same units by lot, serial, place, status and owner." in said
    assert "Score: 100.0 of 100." in said
    assert "every unit is located: 40.0 of 40 (20 of 20)" in said
    assert "Untouched:" in said
    assert "1 promises that would fall" in said
    row = RecallDrill.objects.get()
    assert row.created_by_id == spread.by(roles.QUALITY_HEAD).person_id


def test_a_document_is_drilled_by_its_number(
    spread: World, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = Shipment.objects.get(pk=signed(spread, quantity=1).shipment_id)
    code, said = told(capsys, "--document", str(paper), "--level", "2")
    assert code == 0
    assert f"Drilled: {paper}, level 2" in said


def test_it_speaks_chinese(spread: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "--lot", "L1", language="zh-hans")
    assert code == 0
    assert "件件有着落：40.0 / 40（20 / 20）" in said
    assert "演练结果与逐笔核对一致" in said


def test_what_the_drill_misses_is_said(
    spread: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    all_of_them = held.queries.list_units
    monkeypatch.setattr(held.queries, "list_units", lambda goods: all_of_them(goods)[1:])
    code, said = told(capsys)
    assert code == 1
    assert "The walk finds otherwise, 1 rows differ." in said


def test_what_was_touched_is_said(
    spread: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drill = held.drill

    def touching(*given: Any, **more: Any) -> Any:
        Party.objects.filter(pk=spread.hospital.pk).update(address="moved")
        return drill(*given, **more)

    monkeypatch.setattr(held, "drill", touching)
    code, said = told(capsys)
    assert code == 1
    assert "Touched since before: org_party." in said


def test_the_walk_may_be_left_out(spread: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "--no-walk")
    assert code == 0
    assert "Walked" not in said


def test_what_is_not_known_is_refused(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--lot", "X"), ("--serial", "X"), ("--item", "X"), ("--document", "X"), ()):
        with refused(NotFound):
            told(capsys, *words)
    world.stock(world.lot("STENT", "L1"), 2)
    with refused(NotFound):
        told(capsys, "--login", "nobody")
    world.stock(world.lot("REAGENT", "L1"), 2, "C-01")
    with refused(InvalidInput):
        told(capsys, "--lot", "L1")
