"""A board offers what is possible: every verb on a row is pressed, as its form comes.

The form may ask for more; that it is the wrong state, person or place, or that there is nothing to
do, is never its answer. # UX-01
"""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client

from tests.house.examples import EXAMPLES
from tests.web.test_boards import browser, busy, person, visitor
from tests.world import World
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import RoleName
from traceward.resources.kit import now
from traceward.web.kit.boards import Line, Wait, board, starts_of, waits_of
from traceward.web.kit.documents import page_of

PASSWORD = "a long and quiet evening"
READERS = tuple(role for role in roles.ALL if role != roles.SYSTEM)
DONE, ASKS_FOR_MORE = 302, 422
#: Verbs about rows that the boards offer, each by the example of the command.
OFFERED = (
    "inbound.receive_notice",
    "inbound.record_results",
    "inbound.decide_lots",
    "outbound.allocate",
    "outbound.start_pick",
    "outbox.resume_webhook",
    "outbox.retry_parked",
    "partners.qualify",
    "catalog.qualify_product",
    "production.release",
    "production.allocate",
    "production.issue",
    "production.complete",
    "production.close",
    "purchasing.approve",
    "purchasing.approve_return",
    "purchasing.notify",
    "purchasing.send_return",
    "quality.decide",
    "quality.open_inspections",
    "quality.record_result",
    "recalls.acknowledge",
    "recalls.block_scope",
    "recalls.notify",
    "sales.receive_return",
    "sales.sign_for",
    "stock.close_period",
    "stock.lift_block",
    "transfers.allocate",
    "transfers.approve",
    "transfers.receive",
    "transfers.start_pick",
    "transfers.write_off",
    "warehousing.approve_destruction",
    "warehousing.check",
    "warehousing.destroy",
    "warehousing.pack",
    "warehousing.pick",
    "warehousing.put_away",
    "warehousing.ship",
    "workflow.release",
)
#: Verbs whose example is possible and not what comes next: another one is due first.
NOT_DUE = {
    "inbound.record_results": "all that the rules ask for is recorded",
    "quality.record_result": "all that the rules ask for is recorded",
    "recalls.block_scope": "the scope is held already",
    "production.issue": "nothing is promised: scanned goods are taken, too",
    "warehousing.put_away": "it is put away before anything is decided",
}


class Filled(HTMLParser):
    """What a browser would send of the page's form, untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.sent):
            self.sent[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.sent[name] = ""
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            self.sent[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] += data


@pytest.fixture(autouse=True)
def people(world: World, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    set_up_roles()
    signers = [world.by(role).person_id for role in READERS]
    Person.objects.filter(pk__in=signers).update(password=make_password(PASSWORD))


def offered(world: World, role: RoleName, verb: str = "") -> dict[str, Line]:
    """By address, the rows of the role's board with a verb; of waits that may have this one."""
    to = visitor(person(world, role))
    waits = [one for one in waits_of([role.code], to) if not verb or _may_offer(one, verb)]
    lines = [
        line for tile in board(waits, to, now()).tiles if tile.found for line in tile.found.lines
    ]
    return {x.act.address: x for x in lines if x.act and x.act.address.startswith("/do/")}


def _may_offer(one: Wait, verb: str) -> bool:
    if one.acts or one.is_question:
        return verb in [act for act, *_ in one.acts]
    return verb in [about.verb for about in page_of(one.name).verbs]


def pressed(client: Client, address: str) -> str:
    """Why the verb is not possible; empty where it is done, or asks for what a person must say."""
    page = client.get(address)
    if page.status_code != 200:
        return f"the form answers {page.status_code}"
    html = page.content.decode()
    why = re.search(r'<div class="tw-note tw-info" role="status">.*?<span[^>]*>(.*?)<', html)
    if why:
        return why[1]
    sent = Filled(html[html.index('id="form"') :]).sent
    start = transaction.savepoint()
    answer = client.post(address.partition("?")[0], {**sent, "signature": PASSWORD})
    transaction.savepoint_rollback(start)
    if answer.status_code in (DONE, ASKS_FOR_MORE):
        return ""
    alert = re.findall(r'role="alert">.*?<span[^>]*>(.*?)</span>', answer.content.decode())
    return f"{answer.status_code} {alert}"


def refused(world: World, role: RoleName, lines: dict[str, Line]) -> list[str]:
    """What the role's board offers and is not possible."""
    client = browser(person(world, role), "en")
    answers = {address: pressed(client, address) for address in lines}
    return [f"{role.code} {at} {lines[at].title}: {why}" for at, why in answers.items() if why]


@pytest.mark.parametrize("verb", OFFERED)
def test_a_board_offers_the_verb_and_nothing_that_is_refused(world: World, verb: str) -> None:
    EXAMPLES[verb](world)
    offers: set[str] = set()
    for role in REGISTRY[verb].roles:
        if role != roles.SYSTEM:
            lines = offered(world, role, verb)
            assert not refused(world, role, lines)
            offers |= {address.partition("?")[0] for address in lines}
        if f"/do/{verb}" in offers:
            break  # the others' boards are made of the same waits
    assert (f"/do/{verb}" in offers) != (verb in NOT_DUE), offers


def test_nothing_on_a_busy_board_is_refused(world: World) -> None:
    busy(world)
    found = [why for role in READERS for why in refused(world, role, offered(world, role))]
    assert not found, "\n".join(found)


def test_what_a_role_begins_has_a_form(world: World) -> None:
    begun = []
    for role in READERS:
        who = person(world, role)
        for link in starts_of([role.code], visitor(who)):
            assert browser(who).get(link.address).status_code == 200, link
            begun.append(role)
    silent = {role for role in READERS if role not in begun}
    assert silent == {
        *(roles.INSPECTOR, roles.PICKER, roles.CHECKER, roles.DISPATCHER, roles.DRIVER),
        *(roles.EXECUTIVE, roles.AUDITOR),
    }, "they do what waits, or only look"
