"""Days as people and labels write them; what may be two days is not guessed. # UX-01 INV-05"""

import uuid
from datetime import date

import pytest

from tests.web.test_pages import browser, company
from tests.world import World
from traceward.kernel.base.refusals import tell
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org import roles
from traceward.web.kit import fields
from traceward.web.kit.days import Read, read_day
from traceward.web.kit.pickers import Resolver
from traceward.web.visitors import Visitor

__all__ = ["company"]
TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    "text",
    [
        "2027-05-31",
        "2027/5/31",
        "2027.5.31",
        "2027年5月31日",
        "20270531",
        "270531",
        " ２０２７-05-31 ",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read_day(text, TODAY) == Read(date(2027, 5, 31))


@pytest.mark.parametrize(
    ("text", "end", "begin", "precision"),
    [
        ("2027-05", date(2027, 5, 31), date(2027, 5, 1), "month"),
        ("2027年2月", date(2027, 2, 28), date(2027, 2, 1), "month"),
        ("202705", date(2027, 5, 31), date(2027, 5, 1), "month"),
        ("280200", date(2028, 2, 29), date(2028, 2, 1), "month"),
        ("2027", date(2027, 12, 31), date(2027, 1, 1), "year"),
        ("2027年", date(2027, 12, 31), date(2027, 1, 1), "year"),
    ],
)
def test_a_month_or_year_ends_on_its_last_day_and_begins_on_its_first(
    text: str, end: date, begin: date, precision: str
) -> None:
    assert read_day(text, TODAY, is_end=True) == Read(end, precision)
    assert read_day(text, TODAY, is_end=False) == Read(begin, precision)
    assert "whole day" in tell(read_day(text, TODAY), "en")  # type: ignore[arg-type]  # a phrase


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2027-02-29", "no such day"),
        ("2027-13", "no such day"),
        ("271331", "no such day"),
        ("0000-00-00", "no such day"),
        ("tomorrow", "it is no day"),
        ("2027-5-31-1", "it is no day"),
        ("5/31/2027", "it is no day"),
        ("2" * 10_000, "it is no day"),
        ("201203", "2020-12-03 or 2012-03"),
    ],
)
def test_what_is_no_day_or_two_is_said(text: str, told: str) -> None:
    assert told in tell(read_day(text, TODAY, is_end=True), "en")  # type: ignore[arg-type]


def read(verb: str, **given: str) -> tuple[dict[str, object], dict[str, object]]:
    """The arguments and the problems of such a form."""
    schema = REGISTRY[verb].arguments.model_json_schema()
    to = Resolver(verb, Visitor(None, "zh-hans"))
    texts = {name.replace("__", "."): text for name, text in given.items()}
    return fields.read(schema, schema["$defs"], texts, to), dict(to.problems)


def test_the_form_of_making_keeps_how_exactly_an_expiry_is_known() -> None:
    arguments, problems = read(
        "production.complete", outputs__0__expires_on="2027-05", made_on="2026-11"
    )
    assert arguments["outputs"] == [{"expires_on": "2027-05-31", "expiry_precision": "month"}]
    assert arguments["made_on"] == "2026-11-01"
    assert not problems
    arguments, _ = read("production.complete", outputs__0__expires_on="20270530")
    assert arguments["outputs"] == [{"expires_on": "2027-05-30"}]
    _, problems = read("production.complete", outputs__0__expires_on="2027-02-30")
    assert list(problems) == ["outputs.0.expires_on"]


def test_other_days_are_whole_and_refused_at_their_field(world: World) -> None:
    client = browser(world, roles.BUYER)
    line = {"lines.0.item_id": str(world.items["STENT"].pk), "lines.0.quantity": "5"}
    order = {
        "request_id": str(uuid.uuid4()),
        "site_id": str(world.shanghai.pk),
        "supplier_id": str(world.supplier.pk),
        **line,
    }
    answer = client.post("/do/purchasing.order", {**order, "wanted_on": "2027-05"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "须写完整日期" in html[html.index('id="wanted_on-problem"') :]
    arguments, problems = read("purchasing.order", wanted_on="2027年5月3日")
    assert (arguments["wanted_on"], problems) == ("2027-05-03", {})


def test_what_is_typed_is_said_as_the_day_it_counts_as(world: World) -> None:
    client = browser(world, roles.PRODUCTION)
    asked = {"~verb": "production.complete", "~path": "outputs.0.expires_on"}

    def said(text: str, **more: str) -> str:
        return client.get("/day", {**asked, "~text": text, **more}).content.decode().strip()

    assert "= <b>2027-05-31</b> （标签只有年月）" in said("2027-05")
    assert "= <b>2027-05-31</b>" in said("270531")
    assert "= <b>2027-05-01</b>" in said("2027-05", **{"~path": "made_on"})
    assert said("2027-05-31") == said("") == said("x") == ""
