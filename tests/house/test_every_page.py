"""Every page asks the database little; every command is found and used by keyboard alone.

Each form is opened on the record of its command's own example (`tests/house/examples.py`), each
list and document where such an example has happened.
"""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.pages import BELL
from tests.house.examples import EXAMPLES
from tests.house.focus import Element, faults, read
from tests.house.nothing_there import plain
from tests.trace.test_reading import job
from tests.web.local import browser_of
from tests.web.test_boards import busy
from tests.world import World
from traceward.domain.recalls.models import RecallCase
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import run
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.resources import labels
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.web import administration
from traceward.web.find import SHOWN
from traceward.web.kit.lists import list_of
from traceward.web.kit.suggestions import CHOSEN_FIRST
from traceward.web.kit.verbs import asks_for, form_of

#: Statements that a page of each kind takes at most, whatever there is, who looks and what they
#: may do with it included; a board with the bell that it fetches.
MOST = {"list": 12, "counts": 16, "document": 26, "form": 20, "question": 14, "board": 60}
MOST |= {"worklist": 40, "trace": 48, "recall": 44, "release": 70, "closing": 26}
#: Forms that tell all that is in their way before anything is typed: what is open of a recall.
CLOSING = frozenset({"recalls.close"})
READERS = tuple(role for role in roles.ALL if role != roles.SYSTEM)
#: By command the role of people that may use it; what only our own jobs do has no door.
USER = {
    verb: role
    for verb, command in sorted(REGISTRY.items())
    if not verb.startswith("testing.")
    for role in [next((one for one in command.roles if one in READERS), None)]
    if role is not None
}
#: Of these the examples together fill nearly every list.
TELLING = (
    *("recalls.drill", "recalls.remind", "recalls.check_effectiveness", "partners.name_contact"),
    "org.end_device",
    *("sales.receive_return", "production.complete", "inbound.decide_lots", "recalls.acknowledge"),
    *("quality.check_stock", "transfers.write_off", "warehousing.count", "outbox.retry_delivery"),
    *("purchasing.approve_return", "sales.cancel_usage", "stock.watch", "stock.warn"),
    *("warehousing.print_delivery_note", "warehousing.read_refused_deliverer", "lists.arrange"),
    *("org.add_authenticator", "org.issue_key", "outbox.retry_parked", "recalls.close"),
    *("stock.close_period", "stock.move_container", "warehousing.approve_destruction"),
    *("workflow.acknowledge", "workflow.reject", "warehousing.print_goods_labels"),
)
#: Rows that no command makes alone: jobs, the door, or what other lists sum up.
NONE_HERE = {
    "audit.seals",
    "audit.sign_ins",
    "audit.verifications",
    "outbox.attempts",
    "outbox.order",
    "quality.restrictions",
    "records.storings",
    "records.used_sales",
    "sales.consignment_sales",
}


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


@pytest.fixture(autouse=True)
def words_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that other tests made are on the pages, too, once their files were read."""
    for verb in REGISTRY.keys() - labels.VERBS.keys():
        monkeypatch.setitem(labels.VERBS, verb, (verb, verb))
        monkeypatch.setitem(administration.AREAS, verb.partition(".")[0], (verb, verb))


def asked(client: Client, address: str) -> tuple[HttpResponse, int]:
    """The page, and how many statements it took."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    if answer.status_code == 302:  # a document in general leads to its own kind
        return asked(client, answer["Location"])
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return answer, len(seen)


def looked_at(client: Client, kind: str, address: str) -> Element:
    """The page, which takes few statements and has nothing that the keyboard cannot reach."""
    answer, queries = asked(client, address)
    assert queries <= MOST[kind], f"{address} takes {queries} statements, {MOST[kind]} at most"
    page = read(answer.content.decode())
    assert not faults(page), f"{address}:\n" + "\n".join(faults(page)[:20])
    return page


@pytest.mark.parametrize("verb", USER)
def test_every_form_is_used_by_keyboard_and_asks_little(world: World, verb: str) -> None:  # UX-05
    addresses = [f"/do/{verb}"]
    argument, _ = asks_for(REGISTRY[verb])
    if argument and verb in EXAMPLES:
        given = plain(EXAMPLES[verb](world))
        addresses.append(f"/do/{verb}?{urlencode({argument: given[argument]})}")
    client = browser_of(*READERS)
    for address in addresses:
        page = looked_at(client, "closing" if verb in CLOSING else "form", address)
        is_first = verb in CHOSEN_FIRST and address == f"/do/{verb}"
        form = next(
            one for one in page.all() if is_form(one, "tw-asking" if is_first else "tw-card")
        )
        assert sends(form), f"{address} has no button that sends it"
        grids = [one for one in form.all() if "data-lines" in one.attributes]
        for grid in grids:
            names = {one.attributes.get("name") for one in grid.all() if one.tag == "button"}
            assert "more" in names, f"{address}: no button adds a line"


def is_form(one: Element, css: str) -> bool:
    """Whether it is the form of the command; or the one that asks first what that is about."""
    return one.tag == "form" and {"tw-form", css} <= set(
        (one.attributes.get("class") or "").split()
    )


def sends(form: Element) -> list[Element]:
    """The buttons at its foot that send it whole; those of its lines come back with another."""
    buttons = [one for one in form.all() if one.tag == "button"]
    return [one for one in buttons if not {"name", "type", "tabindex"} & set(one.attributes)]


def test_every_command_is_found_by_its_name(world: World) -> None:  # UX-05
    """Ctrl K, by what its button says, in both languages, for each role that may use it."""
    lost = []
    for role in READERS:
        client = browser_of(role)
        for language in ("zh-hans", "en"):
            client.cookies["language"] = language
            for verb in (verb for verb, user in USER.items() if user == role):
                words = labels.of_verb(verb).in_language(language)
                html = client.get("/find", {"q": words}).content.decode()
                if f'href="{form_of(verb)}"' not in html:
                    lost.append(f"{verb}: “{words}” as {role.code}")
    assert not lost, "Ctrl K does not find these:\n" + "\n".join(lost)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_more_commands_share_a_name_than_are_found(language: str) -> None:
    names = Counter(labels.of_verb(verb).in_language(language) for verb in USER)
    assert {name: n for name, n in names.items() if n > SHOWN} == {}


def test_every_list_and_document_asks_little_and_is_used_by_keyboard(world: World) -> None:
    seen: set[str] = set()
    client = browser_of(*READERS)
    for verb in TELLING:
        start = transaction.savepoint()
        by = world.by(REGISTRY[verb].roles[0]).reauthenticated()
        run(REGISTRY[verb], EXAMPLES[verb](world), by)
        for name, key in newest(seen):
            seen.add(name)
            if RESOURCES[name].own is None:  # else it is the row of who ran the example
                looked_at(client, "document", f"{list_of(name).address}/{key}")
            with_rows(client, name)
        transaction.savepoint_rollback(start)
    assert set(RESOURCES) - seen <= NONE_HERE, "take an example of TELLING that makes a row of it"
    for name in set(RESOURCES) - seen:
        with_rows(client, name)


def newest(seen: set[str]) -> Iterator[tuple[str, object]]:
    """The newest row of each list that has not been looked at."""
    for name, resource in RESOURCES.items():
        rows = resource.model._default_manager.filter(resource.where)
        if name not in seen and (found := rows.order_by("-pk").values_list("pk").first()):
            yield name, found[0]


def with_rows(client: Client, name: str) -> None:
    """The list, and the figures that it fetches when it stands."""
    looked_at(client, "list", f"{list_of(name).address}?view=all")
    looked_at(client, "counts", f"{list_of(name).address}/counts?view=all")


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_asks_little_and_is_used_by_keyboard(world: World, name: str) -> None:
    looked_at(browser_of(*READERS), "question", f"/ask/{name}")


def test_a_trace_asks_little_and_is_used_by_keyboard(world: World) -> None:  # TRC-01 UX-05
    lot = job(world)
    client = browser_of(*READERS)
    looked_at(client, "trace", f"/trace/lot/{lot.pk}")
    looked_at(client, "question", "/trace")
    looked_at(client, "question", "/trace?code=STENT")


def test_a_recall_asks_little_and_is_used_by_keyboard(world: World) -> None:  # TRC-03 UX-05
    verb = "recalls.acknowledge"
    by = world.by(REGISTRY[verb].roles[0]).reauthenticated()
    run(REGISTRY[verb], EXAMPLES[verb](world), by)
    (case,) = RecallCase.objects.values_list("pk", flat=True)
    looked_at(browser_of(*READERS), "recall", f"/recall/{case}")


def test_a_release_asks_little_and_is_used_by_keyboard(world: World) -> None:  # QUA-02 UX-05
    EXAMPLES["quality.release"](world)
    client = browser_of(*READERS)
    looked_at(client, "release", "/release")
    looked_at(client, "release", "/release/sign")


def test_every_board_asks_little_and_is_used_by_keyboard(world: World) -> None:
    busy(world)
    for role in READERS:
        client = browser_of(role)
        client.get("/")
        answer, queries = asked(client, "/")
        html = answer.content.decode()
        assert not faults(read(html)), f"the board of {role.code}: {faults(read(html))}"
        queries += asked(client, BELL)[1]
        assert queries <= MOST["board"], f"the board of {role.code} takes {queries} statements"
