"""The runner: request ids, refusals on record, limits, retries, scope, audit."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.kernel.verbs import (
    EVERYWHERE,
    RUNS,
    PartyNamed,
    entry,
    name_party,
    outer,
    sign_party,
    visit,
)
from tests.ledger import database_now
from tests.refusing import granted_only
from tests.world import World
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.base import refusals
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.command import database_errors, registry, run, write
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.run import command, run_json
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Party, Person, Role, RoleGrant, Site
from traceward.kernel.outbox.models import Event, QueuedCommand


def test_begin_says_who_may_in_plain_words(world: World) -> None:
    """Nobody is not active, and a grant that reaches everywhere counts as entity 0, site 0."""
    keeper = world.people[roles.STOREKEEPER.code].person_id
    with connection.cursor() as cursor:
        for person, said in ((keeper, (True, [0], [0])), (999_999, (False, None, None))):
            cursor.execute(
                "SELECT is_active, entities, sites FROM tw_command_begin(%s, %s, %s, 0)",
                [person, uuid.uuid4(), "stock.move"],
            )
            assert cursor.fetchone() == said


def test_done_is_answered_audited_queued_and_emitted_in_one_go(by: Actor) -> None:  # INT-01
    answer = name_party("Lan", by=by)
    party = Party.objects.get(pk=answer.id)
    row = entry(by)
    assert (row.verb, row.outcome, row.actor_id, row.origin) == (
        "testing.name",
        "done",
        by.person_id,
        "python",
    )
    assert row.facts["changes"] == [
        {"kind": "org.Party", "id": party.pk, "before": {}, "after": {"name": "Lan"}}
    ]
    assert row.facts["change_count"] == 1
    assert QueuedCommand.objects.filter(command_id=row.pk).count() == 1
    event = Event.objects.get(command_id=row.pk)
    assert (event.name, event.subject, event.data) == (
        "testing.name.PartyNamed",
        party.uid,
        {"name": "Lan"},
    )
    assert event.ordinal == 1


def test_same_request_gets_same_answer_and_runs_once(by: Actor) -> None:  # INV-08
    first = name_party("Lan", by=by)
    assert name_party("Lan", by=by) == first
    assert RUNS == ["Lan"]
    assert AuditEntry.objects.filter(request_id=by.request_id).count() == 1


def test_same_request_with_other_arguments_is_conflict(by: Actor) -> None:
    name_party("Lan", by=by)
    with pytest.raises(refusals.Conflict):
        name_party("Mei", by=by)
    with pytest.raises(refusals.Conflict):
        sign_party(1, by=by)
    assert RUNS == ["Lan"]
    assert name_party("Lan", by=by).name == "Lan", "the first answer stays"


def test_same_request_id_of_two_people_is_two_requests(by: Actor, world: World) -> None:
    RoleGrant.objects.create(
        person_id=world.by(roles.BUYER).person_id,
        role=Role.objects.get(code=roles.SYSTEM.code),
        granted_at=database_now(),
    )
    name_party("Lan", by=by)
    name_party("Lan", by=world.by(roles.BUYER).asking(by.request_id))
    assert RUNS == ["Lan", "Lan"]


def test_refused_changes_nothing_is_on_record_and_is_answered_again(by: Actor) -> None:
    parties = Party.objects.count()
    for _ in range(2):
        with pytest.raises(refusals.WrongState, match=r"Not Lan\. Choose another\."):
            name_party("Lan", then="refuse", by=by)
    assert RUNS == ["Lan"], "the second answer came from the record"
    assert Party.objects.count() == parties
    assert not Event.objects.exists()
    row = entry(by)
    assert row.outcome == "refused"
    assert row.facts["refusal"]["refusal"] == "WrongState"
    assert row.facts["refusal"]["values"] == {"name": "Lan"}
    assert QueuedCommand.objects.filter(command_id=row.pk).exists()


def test_refusal_is_spoken_in_both_languages_with_words_of_ours_translated() -> None:
    made = Refusal(sentence("“{state}” {x}"), state="draft", x="draft")
    assert str(made) == "“draft” draft"
    assert made.in_language("zh-hans").endswith("draft")
    again = Refusal.from_json(json.loads(json.dumps(made.as_json())))
    assert (again.message, again.values, str(again)) == (made.message, made.values, str(made))
    unknown = Refusal.from_json({**made.as_json(), "refusal": "OfAnotherVersion"})
    assert type(unknown) is Refusal
    assert str(Refusal("{gone}")) == "—"


def test_invalid_arguments_are_refused_by_field_and_on_record(by: Actor) -> None:
    with pytest.raises(refusals.InvalidInput) as refused:
        run_json("testing.name", {"name": 5, "numbers": ["x"], "other": 1}, by)
    fields = {row["field"] for row in refused.value.details}
    assert fields == {"name", "numbers.0", "other"}
    assert entry(by).outcome == "refused"
    assert RUNS == []


def test_unknown_verb_is_refused(by: Actor) -> None:
    with pytest.raises(refusals.InvalidInput):
        run_json("testing.nothing", {}, by)


@pytest.mark.parametrize("numbers", [list(range(20_001)), set(range(20_001))])
def test_too_many_lines_are_refused(by: Actor, numbers: Any) -> None:
    with pytest.raises(refusals.TooLarge) as refused:
        name_party("Lan", numbers=numbers, by=by)
    assert refused.value.field == "numbers"
    assert RUNS == []


def test_as_many_lines_as_allowed_are_taken(by: Actor) -> None:
    assert name_party("Lan", numbers=list(range(20_000)), by=by).name == "Lan"


def test_more_than_a_megabyte_of_other_arguments_is_refused(by: Actor) -> None:
    words = {str(n): "x" * 9_900 for n in range(100)}
    assert name_party("Lan", words=words, by=by).name == "Lan"
    words.update({str(n): "x" * 9_900 for n in range(100, 102)})
    with pytest.raises(refusals.TooLarge):
        name_party("Lan", words=words, by=by.asking())


def test_event_over_64_kb_is_a_fault_of_ours(by: Actor) -> None:
    @command("testing.shout", **EVERYWHERE)
    def shout(*, by: Actor) -> int:
        """Say too much."""
        write.emit(PartyNamed("x" * 64_000), by=by)
        return 1

    try:
        set_up_roles()
        with pytest.raises(AssertionError, match="64 KB"):
            shout(by=by)
    finally:
        del registry.REGISTRY["testing.shout"]
    assert not AuditEntry.objects.filter(request_id=by.request_id).exists()


def raising(state: str, constraint: str = "") -> str:
    using = f"ERRCODE = '{state}', CONSTRAINT = '{constraint}'"
    return f"DO $$ BEGIN RAISE EXCEPTION 'x' USING {using}; END $$"


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """SQLSTATEs that the next finishes of a command fail with; waiting between takes no time."""
    monkeypatch.setattr(run.time, "sleep", lambda seconds: None)
    states: list[str] = []
    finish = run._finish

    def failing(*arguments: Any) -> None:
        if states:
            with connection.cursor() as cursor:
                cursor.execute(raising(*states.pop(0).split()))
        finish(*arguments)

    monkeypatch.setattr(run, "_finish", failing)
    return states


OVERTAKEN = [f"23505 {index}" for index in sorted(database_errors.OVERTAKEN)]


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03", *OVERTAKEN])
def test_passing_failure_is_tried_again(by: Actor, failures: list[str], state: str) -> None:
    failures.extend([state] * 4)
    answer = name_party("Lan", by=by)
    assert answer.times == 5
    assert Party.objects.filter(name_en="Lan").count() == 1


def test_exhausted_deadlock_is_no_answer(by: Actor, failures: list[str]) -> None:
    failures.extend(["40P01"] * 5)
    with pytest.raises(refusals.Busy):
        name_party("Lan", by=by)
    assert not AnsweredRequest.objects.filter(request_id=by.request_id).exists()
    assert name_party("Lan", by=by).times == 6, "the same request may pass later"


def test_timeout_is_told_as_busy_and_not_kept(by: Actor) -> None:
    slow = "SET LOCAL statement_timeout = 20; SELECT pg_sleep(2)"
    with pytest.raises(refusals.Busy):
        name_party("Lan", then=slow, by=by)
    assert RUNS == ["Lan"], "what took too long is not tried again"
    assert not AnsweredRequest.objects.filter(request_id=by.request_id).exists()


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        ("INSERT INTO org_role (uid, code, name_zh, name_en, sort_key, needs_second_factor)"
         " SELECT gen_random_uuid(), code, '', '', '', false FROM org_role LIMIT 1",
         refusals.Conflict),
        ("SELECT 9223372036854775807 + 1", refusals.InvalidInput),
        (raising("22001"), refusals.InvalidInput),
        (raising("22P05"), refusals.InvalidInput),
        (raising("23503"), refusals.NotFound),
        (raising("23505", "stock_balance_key"), refusals.Conflict),
        ("SELECT chr(0)", refusals.InvalidInput),
    ],
)  # fmt: skip
def test_database_refusal_is_a_refusal_on_record(by: Actor, then: str, kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        name_party("Lan", then=then, by=by)
    assert entry(by).facts["refusal"]["refusal"] == kind.__name__
    assert not Party.objects.filter(name_en="Lan").exists()


def test_text_that_no_database_takes_is_refused(by: Actor) -> None:
    with pytest.raises(refusals.InvalidInput):
        name_party("La\x00n", by=by)


def test_other_database_errors_stay_faults(by: Actor) -> None:
    with pytest.raises(DatabaseError):
        name_party("Lan", then="SELECT 1/0", by=by)
    assert not AnsweredRequest.objects.filter(request_id=by.request_id).exists()


def test_broken_detail_of_ours_is_a_fault() -> None:
    assert database_errors.sqlstate(DatabaseError("no cause")) == ""
    assert database_errors.refusal_for(DatabaseError("no cause"), {}) is None


def test_without_permission_is_refused(by: Actor, world: World) -> None:  # ORG-03
    stranger = world.by(roles.BUYER)
    with pytest.raises(refusals.NotAllowed):
        name_party("Lan", by=stranger)
    assert entry(stranger).facts["refusal"]["refusal"] == "NotAllowed"
    nobody = Actor(999_999, "nobody")
    with pytest.raises(refusals.NotAllowed):
        name_party("Lan", by=nobody)
    assert RUNS == []


def test_inactive_person_and_revoked_grant_are_refused(by: Actor) -> None:
    Person.objects.filter(pk=by.person_id).update(is_active=False)
    with pytest.raises(refusals.NotAllowed):
        name_party("Lan", by=by)
    Person.objects.filter(pk=by.person_id).update(is_active=True)
    RoleGrant.objects.filter(person_id=by.person_id).update(revoked_at=database_now())
    with pytest.raises(refusals.NotAllowed):
        name_party("Lan", by=by.asking())


def test_grant_counts_where_it_was_given(by: Actor, world: World) -> None:  # ORG-03
    other = LegalEntity.objects.create(code="HB", party=world.supplier)
    abroad = Site.objects.create(code="HB1", kind="store", legal_entity=other)
    driver = world.by(roles.DRIVER)
    allowed = {
        (None, None): {world.shanghai, world.chengdu, abroad},
        (world.entity.pk, None): {world.shanghai, world.chengdu},
        (world.entity.pk, world.chengdu.pk): {world.chengdu},
        (None, world.shanghai.pk): {world.shanghai},
    }
    for (entity, site), places in allowed.items():
        granted_only(driver, entity_id=entity, site_id=site)
        for target in (world.shanghai, world.chengdu, abroad):
            actor = driver.asking()
            if target in places:
                assert visit(target.pk, by=actor) == target.pk
            else:
                with pytest.raises(refusals.NotAllowed, match="not at this site"):
                    visit(target.pk, by=actor)


def test_site_grant_does_not_cover_the_group(by: Actor, world: World) -> None:
    granted_only(by, site_id=world.shanghai.pk)
    with pytest.raises(refusals.NotAllowed):
        name_party("Lan", by=by)


def test_signature_needs_reauthentication_and_is_bound_to_content(by: Actor) -> None:  # QUA-04
    party = Party.objects.create(name_en="Lan")
    with pytest.raises(refusals.SignatureRequired):
        sign_party(party.pk, by=by)
    signer = by.asking().reauthenticated()
    sign_party(party.pk, by=signer)
    row = Signature.objects.get()
    assert (row.meaning, row.subject_uid, row.person_id) == ("seen", party.uid, by.person_id)
    assert row.command_id == entry(signer).pk
    assert entry(signer).facts["signatures"][0]["content_hash"] == bytes(row.content_hash).hex()
    with pytest.raises(AssertionError, match="must sign"):
        sign_party(party.pk, forget=True, by=by.asking().reauthenticated())
    with pytest.raises(refusals.NotFound):
        sign_party(0, by=by.asking().reauthenticated())


def test_nested_command_joins_the_outer_one(by: Actor) -> None:
    outer("Lan", by=by)
    assert AuditEntry.objects.filter(request_id=by.request_id).count() == 1
    assert entry(by).verb == "testing.outer"


def test_event_keeps_the_verb_of_the_command_that_said_it(by: Actor) -> None:  # INT-01
    outer("Lan", by=by)
    assert Event.objects.get().name == "testing.name.PartyNamed"


def test_two_commands_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"testing\.name"):
        command("testing.name", **EVERYWHERE)(name_party)


def test_command_cannot_be_both_signed_and_held() -> None:
    with pytest.raises(ValueError, match="signed"):
        command("testing.both", signed="x", hold=lambda **_: None, **EVERYWHERE)(name_party)
    assert "testing.both" not in registry.REGISTRY


def test_command_says_what_it_is() -> None:
    found = registry.REGISTRY["testing.name"]
    assert found.summary.startswith("A party has this name")
    assert set(found.arguments.model_fields) == {"name", "then", "words", "numbers"}


def test_only_a_running_command_knows_the_time(by: Actor) -> None:
    with pytest.raises(AssertionError):
        _ = by.now
    with pytest.raises(AssertionError):
        _ = by.work
