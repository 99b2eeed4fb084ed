"""One command from the terminal: the same door as the API, once per request id."""

import argparse
import json
import uuid

import pytest
from django.contrib.auth.hashers import make_password

from tests.world import World
from traceward.cli import run_command
from traceward.domain.stock.models import StockMove
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, SignatureRequired
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person


def typed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    run_command.add_arguments(parser)
    return parser.parse_args(words, argparse.Namespace(language="en"))


@pytest.fixture
def storekeeper(world: World, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Signed in at the terminal."""
    person = Person.objects.get(pk=world.people[roles.STOREKEEPER.code].person_id)
    monkeypatch.setenv(run_command.TOKEN, token_for(person))
    return person


def moving(world: World) -> str:
    lot = world.lot("STENT", "L1")
    line = {
        "item_id": lot.item_id,
        "lot_id": lot.pk,
        "quantity": 2,
        "from_place_id": world.places["A-01"].pk,
        "to_place_id": world.places["A-02"].pk,
        "owner_id": world.us.pk,
    }
    return json.dumps({"lines": [line]})


def test_run_command_answers_a_repeated_request_with_its_first_answer(
    world: World, storekeeper: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stock(world.lot("STENT", "L1"), 10)
    before = StockMove.objects.count()
    request = str(uuid.uuid4())
    words = ("stock.move", "--json", moving(world), "--request-id", request)
    for _ in range(2):
        assert run_command.run(typed(*words)) == 0
        told = {"outcome": "done", "answer": {"moves": 1}, "documents": []}
        assert json.loads(capsys.readouterr().out) == told
    assert StockMove.objects.count() == before + 1
    entry = AuditEntry.objects.get(request_id=request)
    assert (entry.actor_id, entry.origin) == (storekeeper.pk, "terminal")


def test_run_command_names_the_request_id_that_it_made(
    world: World, storekeeper: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stock(world.lot("STENT", "L1"), 10)
    assert run_command.run(typed("stock.move", "--json", moving(world))) == 0
    made = capsys.readouterr().err.split()[-1]
    assert AuditEntry.objects.filter(request_id=made, outcome="done").exists()


def test_run_command_refuses_without_a_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(run_command.TOKEN, raising=False)
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowed, match="traceward token"):
        run_command.run(typed("stock.move", "--json", moving(world)))
    assert AuditEntry.objects.count() == before


def test_run_command_names_a_token_that_is_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(run_command.TOKEN, "bad")
    with pytest.raises(NotAllowed, match="is wrong or has run out"):
        run_command.run(typed("stock.move", "--json", moving(world)))


def test_run_command_asks_no_signature_where_nobody_can_type(
    world: World, storekeeper: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(word: str) -> str:
        raise EOFError

    monkeypatch.setattr(run_command.getpass, "getpass", nobody)
    with pytest.raises(SignatureRequired, match="Run this at a terminal"):
        run_command.run(typed("stock.move", "--sign", "--json", moving(world)))


@pytest.mark.parametrize("text", ["", "[1]", "{", '"a"'])
def test_run_command_refuses_what_is_no_object(
    world: World, storekeeper: Person, text: str
) -> None:
    with pytest.raises(InvalidInput, match="JSON object"):
        run_command.run(typed("stock.move", "--json", text))


def test_run_command_signs_only_with_the_password(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # QUA-04
    person = Person.objects.get(pk=world.people[roles.QUALITY_HEAD.code].person_id)
    Person.objects.filter(pk=person.pk).update(password=make_password("right"))
    person.refresh_from_db()
    monkeypatch.setenv(run_command.TOKEN, token_for(person))
    scope = {"lot_id": world.lot("STENT", "L1").pk}
    blocking = json.dumps({"scope": scope, "kind": "hold", "reason": "complaint"})
    assert run_command.run(typed("stock.block", "--json", blocking)) == 0
    block = json.loads(capsys.readouterr().out)["answer"]["block_uid"]
    lifting = json.dumps({"block_uid": block, "reason": "harmless"})
    with pytest.raises(NotAllowed):
        run_command.run(typed("stock.lift_block", "--json", lifting))
    for password, is_right in (("wrong", False), ("right", True)):
        monkeypatch.setattr(run_command.getpass, "getpass", lambda _, word=password: word)
        chosen = typed("stock.lift_block", "--sign", "--json", lifting)
        if is_right:
            assert run_command.run(chosen) == 0
        else:
            with pytest.raises(NotAllowed, match="password"):
                run_command.run(chosen)
