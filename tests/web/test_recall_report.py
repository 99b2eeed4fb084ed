"""A recall and a drill on paper, in both languages. # TRC-03 TRC-04"""

import pytest

from tests.outbound import signed
from tests.recalls.test_commands import opened, reported
from tests.recalls.test_drilling import drilled
from tests.web.local import browser_at, browser_of
from tests.web.test_trace_page import printed
from tests.world import World
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.models import CheckHow, CheckResult
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


@pytest.fixture
def spread(world: World) -> World:
    """Of 20 units 3 are at the hospital, the rest is in the house."""
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    return world


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                *("Recall progress report", "Level 1", "strut may break", "Limits", "85.0%"),
                *("All that came in", "Jiangcheng Hospital", "Recall decision", "Open points"),
                *("Electronic signatures", "Approved by", "As of", "L1"),
            ),
        ),
        (
            "zh-hans",
            (
                *("召回进展报告", "一级", "时限", "入库总量", "江城医院", "召回决定", "未了事项"),
                *("电子签名", "批准", "截至", "L1"),
            ),
        ),
    ],
)
def test_a_running_recall_is_printed(spread: World, language: str, words: tuple[str, ...]) -> None:
    case = opened(spread).case_id
    recalls.notify(case, by=spread.by(roles.COMPLIANCE))
    reported(spread, case)
    answer = browser_of(roles.QUALITY_HEAD, language=language).get(f"/recall/{case}/report.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    told = printed(answer.content)
    for word in words:
        assert word in told, word


def test_what_was_checked_is_printed_in_words(spread: World) -> None:
    case = opened(spread).case_id
    recalls.notify(case, by=spread.by(roles.COMPLIANCE))
    how, result = CheckHow.TELEPHONE, CheckResult.ACTED
    by = spread.by(roles.COMPLIANCE)
    recalls.check_effectiveness(case, spread.hospital.pk, how, result, by=by)
    client = browser_of(roles.QUALITY_HEAD)
    told = printed(client.get(f"/recall/{case}/report.pdf").content).replace("\n", "")
    for word in ("已知悉并处置", "未确认", "通知时间"):
        assert word in told, word
    assert "Words(" not in told


def test_a_recall_that_has_ended_has_a_summary(world: World) -> None:
    """None of the lot was ever made, so nothing is left to be found."""
    case = opened(world, by=world.by(roles.COMPLIANCE)).case_id
    reported(world, case)
    recalls.close(case, "none was made", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    client = browser_of(roles.QUALITY_HEAD, language="en")
    told = printed(client.get(f"/recall/{case}/report.pdf").content)
    for word in ("Recall summary report", "none was made", "Nobody outside got any of it."):
        assert word in told
    assert "Recall closed" in told.partition("Electronic signatures")[2]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                *("Drill report", "Nothing was held, nobody was told", "Score", "of 100 points"),
                *("20 of 20 units that came in", "Hold the goods", "the switchboard was shut"),
                "Jiangcheng Hospital",
            ),
        ),
        (
            "zh-hans",
            (
                "召回演练报告",
                "未冻结货物",
                "得分",
                "冻结货物",
                "the switchboard was shut",
                "江城医院",
            ),
        ),
    ],
)
def test_a_drill_is_printed(spread: World, language: str, words: tuple[str, ...]) -> None:
    done = drilled(spread)
    by = spread.by(roles.COMPLIANCE)
    recalls.conclude_drill(done.drill_id, "the switchboard was shut", by=by)
    client = browser_of(roles.QUALITY_HEAD, language=language)
    answer = client.get(f"/drill/{done.drill_id}/report.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    told = printed(answer.content)
    for word in words:
        assert word in told, word


def test_it_is_printed_for_who_may_see_it(spread: World) -> None:
    case, drill = opened(spread).case_id, drilled(spread).drill_id
    local = browser_at(spread, roles.QUALITY_HEAD, spread.shanghai)
    whole = browser_of(roles.QUALITY_HEAD)
    for kind, key in (("recall", case), ("drill", drill)):
        assert local.get(f"/{kind}/{key}/report.pdf").status_code == 403
        assert whole.get(f"/{kind}/{2**63}/report.pdf").status_code == 404
        assert whole.get(f"/{kind}/999999/report.pdf").status_code == 404
        assert f"/{kind}/{key}/report.pdf" in whole.get(f"/{kind}/{key}").content.decode()
