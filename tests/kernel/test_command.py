"""The runner: request ids, refusals on record, held commands, limits, retries, scope, audit."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.world import World
from traceward.domain.stock.commands.moves import Difference, Line, adjust, move
from traceward.domain.stock.models import Reservation, Status, StockBalance, StockBlock, StockMove
from traceward.domain.stock.refusals import ShortStock
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.base import refusals
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.command import database_errors, registry, run, write
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.commands import reject, release
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.run import Held, command, run_json
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents.models import Document, NumberSeries
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Party, Person, Role, RoleGrant, Site
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey
from traceward.kernel.outbox.models import Event, QueuedCommand
from traceward.kernel.workflow.models import HeldCommand

EVERYWHERE = {"roles": (roles.SYSTEM,), "scope": lambda **_: [WHOLE_GROUP]}


@dataclass(frozen=True)
class Named:
    """A party that was made."""

    id: int
    name: str
    times: int


@dataclass(frozen=True)
class PartyNamed:
    """An event of the tests."""

    name: str


RUNS: list[str] = []


@command("testing.name", **EVERYWHERE)
def name_party(
    name: str,
    *,
    then: str = "",
    words: dict[str, str] | None = None,
    numbers: list[int] | None = None,
    by: Actor,
) -> Named:
    """A party has this name; `then` says what happens after it was written."""
    RUNS.append(name)
    party = Party.objects.create(name_en=name)
    write.created(party, by=by, name=name)
    write.emit(PartyNamed(name), subject=party.uid, by=by)
    if then == "refuse":
        raise refusals.WrongState(sentence("Not {name}. Choose another."), name=name)
    if then:
        with connection.cursor() as cursor:
            cursor.execute(then)
    return Named(party.pk, name, len(RUNS))


@command("testing.sign", signed="seen", **EVERYWHERE)
def sign_party(party_id: int, *, forget: bool = False, by: Actor) -> int:
    """The party is signed as seen."""
    party = Party.objects.lock(party_id)
    if not forget:
        write.sign("seen", kind="party", uid=party.uid, content={"id": party_id}, by=by)
    return party_id


def site_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    site = Site.objects.get(pk=site_id)
    return [ScopeKey(site.legal_entity_id, site.pk)]


@command("testing.visit", roles=(roles.DRIVER,), scope=site_scope)
def visit(site_id: int, *, by: Actor) -> int:
    """The site was visited."""
    return site_id


@command("testing.outer", **EVERYWHERE)
def outer(name: str, *, by: Actor) -> Named:
    """A command that uses another one."""
    return name_party(name, by=by)


@pytest.fixture
def by(world: World) -> Actor:
    set_up_roles()
    RUNS.clear()
    return world.by(roles.SYSTEM)


def entry(of: Actor) -> AuditEntry:
    return AuditEntry.objects.get(request_id=of.request_id)


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
        granted_at=_now(),
    )
    name_party("Lan", by=by)
    name_party("Lan", by=world.by(roles.BUYER).asking(by.request_id))
    assert RUNS == ["Lan", "Lan"]


def _now() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        return cursor.fetchone()[0]


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


def raising(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """SQLSTATEs that the next finishes of a command fail with; waiting between takes no time."""
    monkeypatch.setattr(run.time, "sleep", lambda seconds: None)
    states: list[str] = []
    finish = run._finish

    def failing(*arguments: Any) -> None:
        if states:
            with connection.cursor() as cursor:
                cursor.execute(raising(states.pop(0)))
        finish(*arguments)

    monkeypatch.setattr(run, "_finish", failing)
    return states


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03"])
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
        ("INSERT INTO org_role (uid, code, name_zh, name_en, sort_key)"
         " SELECT gen_random_uuid(), code, '', '', '' FROM org_role LIMIT 1", refusals.Conflict),
        ("SELECT 9223372036854775807 + 1", refusals.InvalidInput),
        (raising("22001"), refusals.InvalidInput),
        (raising("22P05"), refusals.InvalidInput),
        (raising("23503"), refusals.NotFound),
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
    assert database_errors.refusal_for(DatabaseError("no cause")) is None


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
    RoleGrant.objects.filter(person_id=by.person_id).update(revoked_at=_now())
    with pytest.raises(refusals.NotAllowed):
        name_party("Lan", by=by.asking())


def test_grant_counts_where_it_was_given(by: Actor, world: World) -> None:  # ORG-03
    other = LegalEntity.objects.create(code="HB", party=world.supplier)
    abroad = Site.objects.create(code="HB1", kind="store", legal_entity=other)
    driver = world.by(roles.DRIVER)
    grant = RoleGrant.objects.filter(person_id=driver.person_id)
    allowed = {
        (None, None): {world.shanghai, world.chengdu, abroad},
        (world.entity.pk, None): {world.shanghai, world.chengdu},
        (world.entity.pk, world.chengdu.pk): {world.chengdu},
        (None, world.shanghai.pk): {world.shanghai},
    }
    for (entity, site), places in allowed.items():
        grant.update(legal_entity_id=entity, site_id=site)
        for target in (world.shanghai, world.chengdu, abroad):
            actor = driver.asking()
            if target in places:
                assert visit(target.pk, by=actor) == target.pk
            else:
                with pytest.raises(refusals.NotAllowed, match="not at this site"):
                    visit(target.pk, by=actor)


def test_site_grant_does_not_cover_the_group(by: Actor, world: World) -> None:
    RoleGrant.objects.filter(person_id=by.person_id).update(site_id=world.shanghai.pk)
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


# --- what a body writes ------------------------------------------------------------------------


@command("testing.rename", **EVERYWHERE)
def rename(party_id: int, name: str, *, by: Actor) -> int:
    """The party has another name."""
    write.amend(Party.objects.lock(party_id), by=by, name_en=name, name_zh="")
    return party_id


def test_audit_row_has_before_and_after(by: Actor) -> None:  # QUA-04
    party = Party.objects.create(name_en="Lan")
    rename(party.pk, "Mei", by=by)
    assert entry(by).facts["changes"] == [
        {
            "kind": "org.Party",
            "id": party.pk,
            "before": {"name_en": "Lan"},
            "after": {"name_en": "Mei"},
        }
    ]
    same = by.asking()
    rename(party.pk, "Mei", by=same)
    assert "changes" not in entry(same).facts, "nothing changed, nothing is said"


@command("testing.rename_all", **EVERYWHERE)
def rename_all(party_ids: list[int], *, by: Actor) -> int:
    """Every party has another name."""
    for party in Party.objects.lock_all(party_ids):
        write.amend(party, by=by, name_en=f"{party.name_en}!")
    return len(party_ids)


def test_audit_row_has_the_first_fifty_changes_and_their_count(by: Actor) -> None:
    made = Party.objects.bulk_create(Party(name_en=f"P{n}") for n in range(60))
    rename_all([p.pk for p in made], by=by)
    facts = entry(by).facts
    assert (len(facts["changes"]), facts["change_count"]) == (50, 60)


class Slip(Document):
    """A document for tests; stands in the supertype's table only."""

    KIND, PREFIX = "testing.slip", "SL"
    TRANSITIONS = frozenset({("open", "closed")})

    class Meta:
        proxy = True
        app_label = "documents"


@command("testing.open_slips", **EVERYWHERE)
def open_slips(site_ids: list[int], *, by: Actor) -> list[int]:
    """A slip is open at each site."""
    made = []
    for site in Site.objects.filter(pk__in=site_ids).order_by("pk"):
        slip = Slip()
        write.open_document(slip, site=site, state="open", by=by)
        write.add_lines(slip, 2)
        if made:
            write.link(made[-1], slip, "follows")
        made.append(slip)
    return [slip.pk for slip in made]


@command("testing.close_slip", **EVERYWHERE)
def close_slip(slip_id: int, *, version: int | None = None, by: Actor) -> str:
    """The slip is closed by another person than the one who opened it."""
    slip = Slip.objects.lock(slip_id)
    slip.expect_version(version)
    write.require_other_person(slip.created_by_id, by=by)
    write.enter(slip, "closed", by=by)
    return slip.state


def test_documents_get_gapless_numbers_at_the_end(by: Actor, world: World) -> None:
    sites = [world.shanghai.pk, world.chengdu.pk]
    slips = Slip.objects.in_bulk(open_slips(sites, by=by))
    year = _now().year
    numbers = sorted(s.number for s in slips.values())
    assert numbers == [f"SL-HA-{year}-00000{n}" for n in (1, 2)]
    assert str(next(iter(slips.values()))) in numbers
    assert NumberSeries.objects.get().next_number == 3
    assert entry(by).facts["documents"] == [str(s.uid) for s in slips.values()]


def test_document_goes_only_where_its_transitions_lead(by: Actor, world: World) -> None:
    (slip_id,) = open_slips([world.shanghai.pk], by=by)
    with pytest.raises(refusals.SamePerson):
        close_slip(slip_id, by=by.asking())
    Slip.objects.filter(pk=slip_id).update(created_by_id=world.by(roles.BUYER).person_id)
    with pytest.raises(refusals.Conflict):
        close_slip(slip_id, version=7, by=by.asking())
    assert close_slip(slip_id, version=1, by=by.asking()) == "closed"
    with pytest.raises(refusals.WrongState, match="closed"):
        close_slip(slip_id, by=by.asking())
    assert Slip.objects.get(pk=slip_id).version == 2


# --- held: asked for, decided by somebody else, checked again -----------------------------------


@pytest.fixture
def held(by: Actor, world: World) -> Held:
    """150 of 200 are counted off at A-01; that waits for another person."""
    lot = world.lot("STENT", "H1")
    world.stock(lot, 200)
    difference = Difference(lot.item_id, world.places["A-01"].pk, -150, world.us.pk, lot_id=lot.pk)
    asking = world.by(roles.STOREKEEPER)
    answer = adjust([difference], "counted twice", by=asking)
    assert isinstance(answer, Held)
    assert adjust([difference], "counted twice", by=asking) == answer, "a retry waits as well"
    row = AuditEntry.objects.get(request_id=asking.request_id)
    assert row.outcome == "held"
    assert row.facts["rules"] == ["default"]
    return answer


def on_hand(world: World, place: str = "A-01") -> int:
    rows = StockBalance.objects.filter(place=world.places[place], status=Status.QUALIFIED)
    return sum(rows.values_list("on_hand", flat=True))


def test_held_command_does_nothing_until_released(held: Held, world: World) -> None:
    assert on_hand(world) == 200
    assert HeldCommand.objects.get(uid=held.held_uid).state == "waiting"


def test_released_command_runs_in_the_name_of_who_asked(held: Held, world: World) -> None:
    approver = world.by(roles.SUPERVISOR)
    decided = release(held.held_uid, by=approver)
    assert (decided.state, decided.answer) == ("released", {"moves": 1})
    assert on_hand(world) == 50
    requester = world.people[roles.STOREKEEPER.code].person_id
    assert StockMove.objects.latest("pk").actor_id == requester
    facts = AuditEntry.objects.get(request_id=approver.request_id).facts
    assert (facts["requested_by"], facts["approved_by"]) == (requester, approver.person_id)
    with pytest.raises(refusals.WrongState):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    assert on_hand(world) == 50


def test_release_is_refused_when_the_world_has_changed(held: Held, world: World) -> None:
    lot = world.lot("STENT", "H1")
    world.post(world.leg(3, lot, 100, "A-01", "A-02"))
    with pytest.raises(ShortStock):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    row = HeldCommand.objects.get(uid=held.held_uid)
    assert (row.state, row.decided_by_id) == ("waiting", None)
    assert on_hand(world) == 100
    reject(held.held_uid, "goods were moved meanwhile", by=world.by(roles.SUPERVISOR))


def test_release_is_refused_when_the_requester_lost_the_right(held: Held, world: World) -> None:
    requester = world.people[roles.STOREKEEPER.code].person_id
    RoleGrant.objects.filter(person_id=requester).update(revoked_at=_now())
    with pytest.raises(refusals.NotAllowed):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    RoleGrant.objects.filter(person_id=requester).update(revoked_at=None)
    Person.objects.filter(pk=requester).update(is_active=False)
    with pytest.raises(refusals.NotAllowed):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    assert on_hand(world) == 200


def test_rejected_command_is_not_carried_out(held: Held, world: World) -> None:
    with pytest.raises(refusals.InvalidInput):
        reject(held.held_uid, " ", by=world.by(roles.SUPERVISOR))
    assert reject(held.held_uid, "count again", by=world.by(roles.SUPERVISOR)).state == "rejected"
    with pytest.raises(refusals.WrongState):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    assert on_hand(world) == 200


def test_nobody_decides_about_an_own_request(held: Held, world: World) -> None:  # ORG-03
    requester = world.people[roles.STOREKEEPER.code]
    supervisor = Role.objects.get(code=roles.SUPERVISOR.code)
    RoleGrant.objects.create(
        person_id=requester.person_id, role=supervisor, granted_at=_now() - timedelta(days=1)
    )
    with pytest.raises(refusals.SamePerson):
        release(held.held_uid, by=requester.asking())
    with pytest.raises(refusals.SamePerson):
        reject(held.held_uid, "no", by=requester.asking())


def test_decision_counts_where_the_request_does(held: Held, world: World) -> None:
    elsewhere = RoleGrant.objects.filter(person_id=world.people[roles.SUPERVISOR.code].person_id)
    elsewhere.update(site_id=world.chengdu.pk)
    with pytest.raises(refusals.NotAllowed):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    elsewhere.update(site_id=world.shanghai.pk)
    assert release(held.held_uid, by=world.by(roles.SUPERVISOR)).state == "released"


def test_unknown_request_is_not_found(by: Actor, world: World) -> None:
    with pytest.raises(refusals.NotFound):
        release(uuid.uuid4(), by=world.by(roles.SUPERVISOR))


def test_caller_cannot_claim_an_approval(by: Actor, world: World) -> None:  # ORG-03
    lot = world.lot("STENT", "H2")
    world.stock(lot, 200)
    claiming = replace(world.by(roles.STOREKEEPER), approved_by=by.person_id)
    difference = Difference(lot.item_id, world.places["A-01"].pk, -150, world.us.pk, lot_id=lot.pk)
    assert isinstance(adjust([difference], "counted", by=claiming), Held)
    assert on_hand(world) == 200


def test_refused_command_leaves_no_trace_in_the_stock(by: Actor, world: World) -> None:
    lot = world.lot("STENT", "H3")
    world.stock(lot, 5)
    before = list(StockBalance.objects.order_by("pk").values())
    line = Line(
        lot.item_id, 6, world.places["A-01"].pk, world.places["A-02"].pk, world.us.pk, lot.pk
    )
    with pytest.raises(ShortStock):
        move([line], by=world.by(roles.STOREKEEPER))
    assert list(StockBalance.objects.order_by("pk").values()) == before
    assert not Reservation.objects.exists()
    assert not StockBlock.objects.exists()
