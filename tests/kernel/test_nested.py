"""A command inside another one asks for the same signature and the same second person."""

from typing import Any

from tests.kernel.verbs import EVERYWHERE, sign_party
from tests.refusing import refused
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.refusals import Phrase, SignatureRequired, WrongState, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.models import Party


def why_held(amount: int, *, by: Actor, limit: int = 10, **_: Any) -> Phrase | None:
    """Held above the limit, which the caller may leave out."""
    return phrase(sentence("above the limit of {limit}"), limit=limit) if amount > limit else None


@command("testing.spend", hold=why_held, **EVERYWHERE)
def spend(amount: int, *, limit: int = 10, by: Actor) -> int:
    """So much is spent."""
    return amount


@command("testing.around", **EVERYWHERE)
def around(party_id: int = 0, amount: int = 0, *, by: Actor) -> int:
    """A signed and a held command are used."""
    if party_id:
        sign_party(party_id, by=by)
    return spend(amount, by=by)


def test_a_nested_signed_command_asks_for_the_password_again(by: Actor) -> None:  # QUA-04
    party = Party.objects.create(name_en="Lan")
    with refused(SignatureRequired):
        around(party.pk, by=by.asking())
    around(party.pk, by=by.asking().reauthenticated())
    assert Signature.objects.get().subject_uid == party.uid


def test_a_nested_command_is_not_held_but_refused(by: Actor) -> None:  # ORG-03
    assert around(amount=10, by=by.asking()) == 10
    with refused(WrongState) as caught:
        around(amount=11, by=by.asking())
    assert "testing.spend" in str(caught.value)
