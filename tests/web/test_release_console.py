"""The release console: evidence, looks, one signature for many, and what it refuses. # QUA-02"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import making, outbound
from tests.inbound import code, inspected, received
from tests.ledger import database_now, set_clock
from tests.refusing import everything
from tests.returns.test_returns import announced
from tests.returns.test_returns import received as brought_back
from tests.web.local import browser_at
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.web.test_worklists import form_of
from tests.world import LONG_AGO, World
from traceward.domain.catalog.models import Item
from traceward.domain.quality import commands as quality
from traceward.domain.quality.commands import releasing
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Lot
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.base.enclosed import enclose
from traceward.kernel.base.refusals import NotFound
from traceward.kernel.command.accounts import PURPOSE
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, SecondFactor
from traceward.kernel.rules.models import Parameter
from traceward.resources.kit import Reader
from traceward.resources.releasing import judge_release

__all__ = ["company"]
SIGN = "/release/sign"


def rule(spec: Any, value: object, **context: object) -> None:
    Parameter.objects.create(
        key=spec.key, context=context, value=value, valid_from=LONG_AGO, version=1
    )


@pytest.fixture
def lots(world: World) -> list[Inspection]:
    """Three lots with every check passed; class III may be signed together."""
    rule(releasing.queries.TOGETHER_CLASS, 3)
    return [inspected(world, (code("STENT", f"L{n}"), 5))[0] for n in (1, 2, 3)]


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def looked(client: Client, row: Inspection, then: str = "next") -> Any:
    """The evidence is opened, and it is said that it was looked through."""
    address = f"/release?at={row.pk}"
    html = page(client, address)
    given = {name: hidden(html, name) for name in ("request_id", "evidence")}
    return client.post(address, {**given, "then": then})


def to_sign(client: Client, *rows: Inspection) -> dict[str, Any]:
    """The page of signing, filled in for these lots."""
    html = page(client, SIGN)
    form = form_of(html.replace('class="tw-card tw-form', 'id="form" class="tw-card tw-form'))
    return {**form, "lot": [row.pk for row in rows], "signature": PASSWORD}


def sent(client: Client, *rows: Inspection, **changed: Any) -> Any:
    """The same, sent."""
    return client.post(SIGN, {**to_sign(client, *rows), **changed})


def states(rows: list[Inspection]) -> list[str]:
    return [Inspection.objects.get(pk=row.pk).state for row in rows]


def test_evidence_stands_side_by_side_and_is_judged(world: World) -> None:  # QUA-02
    done = received(world, (code("STENT", "L1"), 5))
    opened = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM))
    pk = opened.inspection_ids[0]
    by = world.by(roles.INSPECTOR)
    quality.record_result(pk, "packaging", False, 2, defective_quantity=1, note="torn", by=by)
    client = browser(world, roles.QUALITY_HEAD, "en")
    html = page(client, f"/release?at={pk}")
    told = text_of(html)
    for part in ("Inspection", "Goods", "Arrival", "Certificate of the product", "Files"):
        assert f"<h3>{part}</h3>" in html
    assert "torn" in told
    assert "not recorded" in told
    assert "国械注准20223130001" in told
    assert "9/12" in told, "nobody can say yet whether all passed, nor who inspected all"
    assert "Once every required check has its result." in told
    assert "no result yet for label, certificate" in told
    assert "It cannot be released until every point is fulfilled." in told
    assert f"Waits for {roles.INSPECTOR.en}" in told, "who settles it is named"
    assert "data-look" not in html
    assert f"/do/quality.record_result?inspection_id={pk}" not in html, "the head may not record"


def test_the_most_urgent_comes_first(world: World, lots: list[Inspection]) -> None:
    (cold,) = inspected(world, (code("PACER", "P1", serial="S1"), 1), item="PACER")
    Item.objects.filter(code="PACER").update(storage_c_min=2, storage_c_max=8)
    html = page(browser(world, roles.QUALITY_HEAD, "en"), "/release")
    listed = re.findall(r'<li><a href="/release\?at=(\d+)"', html)
    assert listed == [str(row.pk) for row in (cold, *lots)]
    assert "4 lots wait" in text_of(html)


def test_many_are_signed_with_one_password_each_by_itself(  # QUA-04
    world: World, lots: list[Inspection]
) -> None:
    client = browser(world, roles.QUALITY_HEAD, "en")
    first, second, third = lots
    answer = looked(client, first)
    assert answer["Location"] == f"/release?at={second.pk}", "the next one opens by itself"
    answer = looked(client, second)
    assert answer["Location"] == f"/release?at={third.pk}"
    html = page(client, SIGN)
    assert "One entry of your password releases at most 20 lots of class 3" in text_of(html)
    assert html.count('name="lot"') == 2, "what was not looked through is not offered"
    answer = sent(client, first, second)
    assert answer["Location"] == "/release/signed"
    assert "2 lots released" in text_of(page(client, "/release/signed"))
    assert states(lots) == ["decided", "decided", "open"]
    entries = AuditEntry.objects.filter(verb="quality.release", outcome="done")
    assert len({entry.request_id for entry in entries}) == 2
    signatures = Signature.objects.filter(subject_kind=Inspection.KIND)
    assert len({row.content_hash for row in signatures}) == 2
    assert set(signatures.values_list("subject_uid", flat=True)) == {first.uid, second.uid}


def test_sent_twice_it_counts_once(world: World, lots: list[Inspection]) -> None:  # QUA-04
    client = browser(world, roles.QUALITY_HEAD)
    for row in lots[:2]:
        looked(client, row)
    given = to_sign(client, *lots[:2])
    for _ in range(2):
        assert client.post(SIGN, given)["Location"] == "/release/signed"
    assert Signature.objects.filter(subject_kind=Inspection.KIND).count() == 2
    assert "2 批已放行" in text_of(page(client, "/release/signed"))


def test_what_changed_in_between_is_refused_and_the_rest_is_released(  # QUA-04
    world: World, lots: list[Inspection]
) -> None:
    client = browser(world, roles.QUALITY_HEAD, "en")
    for row in lots:
        looked(client, row)
    given = to_sign(client, *lots)
    block(
        Scope(lot_id=lots[0].lot_id), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_CONTROLLER)
    )
    other = world.by(roles.QUALITY_CONTROLLER).asking().reauthenticated()
    quality.decide(lots[1].pk, [Share(world.places["DOCK"].pk, 5, 0)], "fit", by=other)
    assert client.post(SIGN, given)["Location"] == "/release/signed"
    told = text_of(page(client, "/release/signed"))
    assert "1 lot released, 2 refused" in told
    assert "a block stands on it" in told
    assert states(lots) == ["open", "decided", "decided"]
    assert Inspection.objects.get(pk=lots[1].pk).decided_by_id == other.person_id


def test_results_recorded_since_are_a_conflict(world: World, lots: list[Inspection]) -> None:
    client = browser(world, roles.QUALITY_HEAD, "en")
    row = lots[0]
    html = page(client, f"/release?at={row.pk}")
    quality.record_result(
        row.pk, "odour", True, 1, is_additional=True, by=world.by(roles.INSPECTOR)
    )
    given = {"evidence": hidden(html, "evidence"), "then": "next"}
    answer = client.post(f"/release?at={row.pk}", given)
    assert answer.status_code == 409
    assert "the evidence has changed since" in text_of(answer.content.decode())
    looked(client, row)
    quality.record_result(
        row.pk, "colour", True, 1, is_additional=True, by=world.by(roles.INSPECTOR)
    )
    html = page(client, SIGN)
    assert 'name="lot"' not in html, "an old look does not count"


def test_nothing_is_signed_without_the_password_or_the_code(  # QUA-04
    world: World, lots: list[Inspection]
) -> None:
    from tests.house.account_examples import SECRET, code_now

    client = browser(world, roles.QUALITY_HEAD, "en")
    for row in lots[:2]:
        looked(client, row)
    before = everything()
    answer = sent(client, *lots[:2], signature="wrong")
    assert answer.status_code == 401
    assert "wrong" in text_of(answer.content.decode())
    person = Person.objects.get(pk=world.by(roles.QUALITY_HEAD).person_id)
    SecondFactor.objects.create(
        person=person,
        kind="app",
        label="telephone",
        secret=enclose(SECRET.encode(), PURPOSE),
        added_at=database_now(),
    )
    assert 'name="code"' in page(client, SIGN)
    answer = sent(client, *lots[:2], code="000000")
    assert answer.status_code == 401
    assert "The code is wrong" in text_of(answer.content.decode())
    assert sent(client, *lots[:2]).status_code == 401, "no code is a wrong one"
    assert states(lots) == ["open"] * 3
    assert {k: v for k, v in before.items() if k.startswith(("quality", "stock"))} == {
        k: v for k, v in everything().items() if k.startswith(("quality", "stock"))
    }
    assert sent(client, *lots[:2], code=code_now())["Location"] == "/release/signed"
    assert states(lots) == ["decided", "decided", "open"]


def test_the_policy_cannot_be_talked_out_of(world: World, lots: list[Inspection]) -> None:  # QUA-04
    client = browser(world, roles.QUALITY_HEAD, "en")
    for row in lots:
        looked(client, row)
    given = to_sign(client, *lots)
    rule(releasing.queries.TOGETHER, 2)
    answer = client.post(SIGN, given)
    assert answer.status_code == 409
    assert "signs 2 lots at most" in text_of(answer.content.decode())
    rule(releasing.queries.TOGETHER_CLASS, 2, site=world.shanghai.pk)
    answer = client.post(SIGN, {**given, "lot": [row.pk for row in lots[:2]]})
    assert answer.status_code == 409
    assert "signed by itself" in text_of(answer.content.decode())
    assert states(lots) == ["open"] * 3
    html = page(client, SIGN)
    assert "Signed each by itself" in text_of(html)
    one = page(client, f"{SIGN}?lot={lots[0].pk}")
    given = {
        "lot": lots[0].pk,
        f"evidence.{lots[0].pk}": hidden(one, f"evidence.{lots[0].pk}"),
        "conclusion": "fit",
        "signature": PASSWORD,
    }
    assert client.post(f"{SIGN}?lot={lots[0].pk}", given)["Location"] == "/release/signed"
    assert states(lots) == ["decided", "open", "open"]


def test_evidence_made_up_or_never_seen_releases_nothing(
    world: World, lots: list[Inspection]
) -> None:  # QUA-04
    client, other = browser(world, roles.QUALITY_HEAD), browser(world, roles.QUALITY_CONTROLLER)
    looked(client, lots[0])
    by = world.by(roles.QUALITY_CONTROLLER)
    found = Inspection.objects.select_related(*releasing.OF_EVIDENCE).get(pk=lots[0].pk)
    (judged,) = releasing.judge([found], by, database_now())
    for evidence in ("", "0" * 64, judged.evidence):
        given = {
            "lot": lots[0].pk,
            f"evidence.{lots[0].pk}": evidence,
            "conclusion": "fit",
            "signature": PASSWORD,
        }
        other.post(SIGN, given)
    assert states(lots) == ["open"] * 3
    assert "拒绝" in text_of(page(other, "/release/signed"))


def test_a_look_grows_old_between_look_and_signature(world: World, lots: list[Inspection]) -> None:
    client = browser(world, roles.QUALITY_HEAD, "en")
    looked(client, lots[0])
    looked(client, lots[1])
    given = to_sign(client, *lots[:2])
    set_clock(database_now() + timedelta(minutes=61))
    client.post(SIGN, given)
    assert states(lots) == ["open"] * 3
    assert "within 60 minutes" in text_of(page(client, "/release/signed"))


def test_only_who_may_release_is_let_in(world: World, lots: list[Inspection]) -> None:  # SEC-01
    for role in (roles.INSPECTOR, roles.STOREKEEPER, roles.AUDITOR):
        client = browser(world, role)
        for address in ("/release", SIGN, "/release/signed", f"/release?at={lots[0].pk}"):
            assert client.get(address).status_code == 403
            assert client.post(address, {"lot": lots[0].pk}).status_code == 403
    assert states(lots) == ["open"] * 3
    assert Client().get("/release").status_code == 302


def test_who_is_not_let_in_is_told_which_roles_are(world: World) -> None:  # UX-02
    for language, words in (
        ("zh-hans", (roles.QUALITY_HEAD.zh, "可由以下角色使用")),
        ("en", (roles.QUALITY_HEAD.en, "Open to:")),
    ):
        html = page(browser(world, roles.STOREKEEPER, language), "/release", 403)
        for said in words:
            assert said in html


def test_the_question_judges_many_as_the_console_shows_them(
    world: World, lots: list[Inspection]
) -> None:  # QUA-02
    block(Scope(lot_id=lots[1].lot_id), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    person = world.by(roles.QUALITY_HEAD).person_id
    to = Reader(person, grants_of(person, "quality.judge_release"))
    asked = [lots[2].pk, lots[1].pk]
    found = judge_release(asked, to=to)
    assert [one.inspection_id for one in found] == asked
    assert [one.is_clear for one in found] == [True, False]
    html = page(browser(world, roles.QUALITY_HEAD, "en"), f"/release?at={lots[1].pk}")
    (why,) = [one.why["en"] for one in found[1].judged if not one.is_fulfilled]
    assert why in text_of(html)
    counts = []
    for some in (asked, [row.pk for row in lots]):
        with CaptureQueriesContext(connection) as seen:
            judge_release(some, to=to)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    with pytest.raises(NotFound) as refused:
        judge_release([*asked, 999_999], to=to)
    assert refused.value.field == "inspection_ids"


def test_elsewhere_nothing_is_seen_nor_released(world: World, lots: list[Inspection]) -> None:
    away = browser_at(world, roles.QUALITY_CONTROLLER, world.chengdu, "en")
    html = page(away, f"/release?at={lots[0].pk}")
    assert "no lot waits" in text_of(html)
    assert lots[0].number not in text_of(html).replace(f"at={lots[0].pk}", "")
    answer = away.post(f"/release?at={lots[0].pk}", {"evidence": "0" * 64})
    assert answer.status_code == 403


def test_who_did_the_step_before_is_refused(world: World) -> None:  # ORG-03
    (row,) = inspected(world, (code("STENT", "L1"), 5))
    by = world.by(roles.QUALITY_CONTROLLER)
    quality.record_result(row.pk, "odour", True, 1, is_additional=True, by=by)
    client = browser(world, roles.QUALITY_CONTROLLER, "en")
    told = text_of(page(client, f"/release?at={row.pk}"))
    assert "You did the step before this one yourself" in told
    assert "lacks 1" in told
    other = text_of(page(browser(world, roles.QUALITY_HEAD, "en"), f"/release?at={row.pk}"))
    assert "passes every gate" in other


def test_two_people_who_sign_at_once_release_it_once(
    world: World, lots: list[Inspection]
) -> None:  # QUA-04
    one, other = browser(world, roles.QUALITY_HEAD), browser(world, roles.QUALITY_CONTROLLER)
    for client in (one, other):
        looked(client, lots[0])
        looked(client, lots[1])
    forms = [(client, to_sign(client, *lots[:2])) for client in (one, other)]
    for client, given in forms:
        client.post(SIGN, given)
    assert Signature.objects.filter(subject_kind=Inspection.KIND).count() == 2
    assert "2 批已放行" in text_of(page(one, "/release/signed"))
    assert "0 批已放行" in text_of(page(other, "/release/signed"))


def test_it_asks_little_however_many_wait(world: World, lots: list[Inspection]) -> None:
    client = browser(world, roles.QUALITY_HEAD)
    counted = []
    for address in ("/release", SIGN):
        with CaptureQueriesContext(connection) as seen:
            page(client, address)
        counted.append(len(seen))
    for n in range(4, 9):
        inspected(world, (code("STENT", f"L{n}"), 5))
    for address, before in zip(("/release", SIGN), counted, strict=True):
        with CaptureQueriesContext(connection) as seen:
            page(client, address)
        assert len(seen) <= before
    assert max(counted) <= 75


def test_the_board_and_the_menu_lead_there(world: World, lots: list[Inspection]) -> None:
    client = browser(world, roles.QUALITY_HEAD)
    assert 'href="/release"' in page(client, "/")
    assert ">放行工作台<" in page(client, "/quality/results")


def test_filters_and_what_is_over_are_told(world: World, lots: list[Inspection]) -> None:
    client = browser(world, roles.QUALITY_HEAD, "en")
    looked(client, lots[0])
    assert text_of(page(client, "/release?show=looked")).count("looked through") >= 2
    assert "None of the lots is so." in text_of(page(client, "/release?show=lacking"))
    assert "does not wait for release any more" in text_of(page(client, "/release?at=999999"))
    assert page(client, "/release?at=<script>&show=nothing")
    controller = browser(world, roles.QUALITY_CONTROLLER, "en")
    assert "Nothing is to be signed" in text_of(page(controller, SIGN))


def open_of(world: World, document_id: int) -> Inspection:
    """The inspection of what the document brought in, with every check passed."""
    source = Document.objects.get(pk=document_id)
    opened = quality.open_inspections(source.uid, by=world.by(roles.SYSTEM))
    pk = opened.inspection_ids[0]
    for name in ("packaging", "label", "certificate"):
        quality.record_result(pk, name, True, 1, by=world.by(roles.INSPECTOR))
    return Inspection.objects.get(pk=pk)


def test_of_what_was_made_its_inputs_stand_there(world: World) -> None:  # QUA-02 PRO-02
    making.plant(world)
    made = making.complete(world, making.issued(world), making.pacers(world, "S1", "S2", "S3"))
    row = open_of(world, made.transformation_id)
    client = browser(world, roles.QUALITY_HEAD, "en")
    html = page(client, f"/release?at={row.pk}")
    assert "<h3>What went into it</h3>" in html
    assert "<h3>Production</h3>" in html
    told = text_of(html)
    assert "RAW2" in told, "the lot that expires first went into it"
    assert "no record" in told, "it was never inspected here"
    lot = Lot.objects.get(number="RAW2")
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "odour", by=world.by(roles.QUALITY_CONTROLLER))
    told = text_of(page(client, f"/release?at={row.pk}"))
    assert "a block stands on what went into it (hold: odour)" in told
    assert "on hold" in told


def test_what_came_back_from_a_customer_needs_no_suppliers_licence(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    going = outbound.signed(world, quantity=3)
    returned = announced(world, going)
    back = brought_back(world, returned)
    row = open_of(world, back.receipt_id)
    told = text_of(page(browser(world, roles.QUALITY_HEAD, "en"), f"/release?at={row.pk}"))
    assert "passes every gate" in told
    assert "licence counts" in told


def test_there_is_no_other_way_to_sign_many(world: World, lots: list[Inspection]) -> None:  # QUA-04
    client = browser(world, roles.QUALITY_HEAD)
    given = {"row": [row.pk for row in lots], "step": "run", "signature": PASSWORD}
    for verb in ("quality.release", "quality.decide"):
        assert client.post(f"/quality/inspections/bulk/{verb}", given).status_code == 404
    set_up_roles()
    person = Person.objects.get(pk=world.by(roles.QUALITY_HEAD).person_id)
    found = Inspection.objects.select_related(*releasing.OF_EVIDENCE).get(pk=lots[0].pk)
    (judged,) = releasing.judge([found], world.by(roles.QUALITY_HEAD), database_now())
    body = {"inspection_id": found.pk, "evidence": judged.evidence, "conclusion": "fit"}
    headers = {"Authorization": f"Bearer {token_for(person)}", "Idempotency-Key": "1"}
    answer = Client().post(
        "/api/v1/commands/quality.release",
        body,
        content_type="application/json",
        headers={**headers, "Signature-Password": PASSWORD},
    )
    assert (answer.status_code, answer.json()["field"]) == (409, "evidence")
    assert states(lots) == ["open"] * 3
