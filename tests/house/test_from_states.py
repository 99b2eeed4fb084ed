"""In which states of its document a command is possible, as it says itself, and as it turns out.

Every command about a document is asked in every state of that document.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.house.examples import EXAMPLES
from tests.house.test_matrix import somebody
from tests.world import World
from traceward.kernel.base.refusals import Refusal, WrongState
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.command.run import run
from traceward.kernel.documents.models import Document
from traceward.resources.kit import RESOURCES
from traceward.web.kit.verbs import asks_for


def about_documents() -> Iterator[str]:
    """Commands whose first id is that of a document with a life."""
    for verb, command in sorted(REGISTRY.items()):
        _, rows = asks_for(command)
        if rows and getattr(RESOURCES[rows].model, "TRANSITIONS", None):
            yield verb


ABOUT = list(about_documents())


def is_possible(command: Command, arguments: dict[str, object], by: Actor) -> bool:
    """Whether the command is not refused for the state, whatever else it may be refused for."""
    start = transaction.savepoint()
    try:
        run(command, arguments, by)
    except WrongState:
        return False
    except Refusal:
        return True
    finally:
        transaction.savepoint_rollback(start)
    return True


#: Commands that also go by what belongs to the document, which stands still in this test.
BY_MORE = {
    "inbound.receive_notice": "the delivery that is expected ends together with its notice",
    "sales.announce_return": "a cancelled shipment has nothing that could come back",
    "warehousing.print_delivery_note": "a note of what did not leave says that it is void",
    "warehousing.resume_shipment": "what is on its way goes on",
}


@pytest.mark.parametrize("verb", ABOUT)
def test_a_command_says_in_which_states_it_is_possible(world: World, verb: str) -> None:  # UX-01
    command = REGISTRY[verb]
    argument, rows = asks_for(command)
    model = RESOURCES[rows].model
    arguments = EXAMPLES[verb](world)
    key = arguments[argument]
    by = somebody(command.roles[0].code, None, None)
    states = {str(state) for pair in model.TRANSITIONS for state in pair}
    possible = set()
    for state in sorted(states):
        start = transaction.savepoint()
        Document.objects.filter(pk=key).update(state=state)
        if is_possible(command, arguments, by.asking().reauthenticated()):
            possible.add(state)
        transaction.savepoint_rollback(start)
    declared = set(command.from_states) or states
    if verb in BY_MORE:
        assert declared < possible, f"{verb} needs no exemption: take it out"
    else:
        assert declared == possible, f"say so at its declaration: from_states of {verb}"
