"""The recall console: clocks, rings, the ladder, what is to do, the consignees. # TRC-03 UX-01"""

import random
import re
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.recalls.test_commands import opened, reported
from tests.refusing import colleague, refused
from tests.web.local import browser_at, browser_of
from tests.world import World
from traceward.domain.partners.commands import name_contact
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.models import RecallCase, RemindHow
from traceward.domain.recalls.queries.reached import Reached
from traceward.domain.sales.commands.returning import ReturnedLine, announce_return
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Mail
from traceward.web.consoles.consignees import curve
from traceward.web.consoles.told import (
    DIFFERING,
    DONE,
    NOT_ANSWERED,
    NOT_TOLD,
    THERE,
    Told,
    _shares,
    worst_first,
)


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


@pytest.fixture
def case(world: World) -> int:
    """Of 20 units 3 are at the hospital, the rest is in the house; nobody was told yet."""
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    return opened(world).case_id


def page(client: Client, case: int, status: int = 200, **given: str) -> str:
    answer = client.get(f"/recall/{case}", given)
    assert answer.status_code == status
    return answer.content.decode()


def ladder(html: str) -> dict[str, tuple[str, str]]:
    """The rungs as they stand on the page: how many, and their share."""
    told = html.partition("tw-rc-ladder")[2].partition("</table>")[0]
    found = re.findall(
        r'<th scope="row">([^<]+)</th>.*?<b>([^<]+)</b></td><td[^>]*>([^<]+)<', told, re.DOTALL
    )
    return {name: (quantity, share) for name, quantity, share in found}


def test_the_quantities_add_up_to_all_of_it(case: int) -> None:  # TRC-03
    html = page(browser_of(roles.QUALITY_HEAD, language="en"), case)
    assert ladder(html) == {
        "In the house, on hold": ("17", "85.0%"),
        "Used": ("0", "0.0%"),
        "At consignees, still open": ("3", "15.0%"),
        "All that came in": ("20", "100.0%"),
    }
    assert "it adds up" in html
    assert 'aria-label="Secured 85% · 17 of 20 unused units"' in html
    assert 'aria-label="Acknowledged 0% · 0 of 1 consignees"' in html


@pytest.mark.parametrize("quantities", [(1, 1, 1), (2, 5, 0, 4), (-1, 8), (7,), (333, 333, 334, 1)])
def test_shares_add_up_to_a_hundred_percent(quantities: tuple[int, ...]) -> None:
    assert sum(_shares(quantities, sum(quantities))) == 1000


def test_no_share_is_made_up_of_nothing() -> None:
    assert _shares((0, 0), 0) == [0, 0]


def test_the_red_verb_tells_then_records_then_reports(world: World, case: int) -> None:
    client = browser_of(roles.QUALITY_HEAD, language="en")
    red = re.compile(
        r'<a class="tw-btn tw-bad" href="/do/([a-z_.]+)\?[^"]*"><svg.*?</svg>([^<]+)</a>', re.DOTALL
    )
    assert red.findall(page(client, case)) == [("recalls.notify", "Notify consignees · 1")]
    by = world.by(roles.COMPLIANCE)
    recalls.notify(case, by=by.asking())
    html = page(client, case)
    assert red.findall(html) == [("recalls.remind", "Chase 1 unacknowledged")]
    assert "Not told yet" in html, "no e-mail went out, and nobody took the notice"
    assert "Not told yet, no e-mail address: 1" in html
    assert "how=paper" in html
    recalls.remind(case, [world.hospital.pk], RemindHow.CALL, "Wang Min", by=by.asking())
    html = page(client, case)
    assert "Not answered for" in html
    assert "Not told yet" not in html
    recalls.acknowledge(case, world.hospital.pk, 1, by=by.asking())
    html = page(client, case)
    assert "Differs −2" in html
    assert ">33%<" in html
    recalls.acknowledge(case, world.hospital.pk, 3, "sealed", by=by.asking())
    html = page(client, case)
    assert [verb for verb, _ in red.findall(html)] == ["recalls.report"]
    assert ladder(html)["At consignees, confirmed"] == ("3", "15.0%")
    assert 'aria-label="Secured 100% · 20 of 20 unused units"' in html


def test_an_answer_counts_for_what_it_says(world: World, case: int) -> None:  # TRC-03
    """What differs stays open; what was set aside and what was used count as they were told."""
    recalls.notify(case, by=world.by(roles.COMPLIANCE).asking())
    by = world.by(roles.COMPLIANCE)
    with refused(InvalidInput, "quarantined"):
        recalls.acknowledge(case, world.hospital.pk, 1, quarantined=2, by=by.asking())
    said = "one went to <another> hospital"
    told = recalls.acknowledge(
        case, world.hospital.pk, 1, said, quarantined=1, used=1, by=by.asking()
    )
    assert (told.expected, told.found) == (3, 2)
    client = browser_of(roles.QUALITY_HEAD, language="en")
    html = page(client, case)
    steps = ladder(html)
    assert steps["At consignees, confirmed"] == ("1", "5.0%")
    assert steps["Used, as consignees say"] == ("1", "5.0%")
    assert steps["At consignees, still open"] == ("1", "5.0%")
    assert "Differs −1" in html
    assert "“one went to &lt;another&gt; hospital”" in html
    form = client.get(
        "/do/recalls.acknowledge", {"case_id": case, "consignee_id": world.hospital.pk}
    )
    for name in ("found", "quarantined", "used"):
        assert re.search(rf'name="{name}"[^>]*required', form.content.decode()), name


def to_do(client: Client, case: int) -> str:
    return page(client, case).partition('id="to-do"')[2].partition("</section>")[0]


def begun(client: Client, address: str) -> str:
    """The form of this address, as it begins."""
    answer = client.get(address.replace("&amp;", "&"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_recall_is_carried_on_from_its_room(world: World, case: int) -> None:  # TRC-03
    """Whoever may destroy and fetch back finds the forms filled in; others read who does it."""
    by = world.by(roles.COMPLIANCE)
    recalls.notify(case, by=by.asking())
    recalls.acknowledge(case, world.hospital.pk, 3, by=by.asking())
    head = browser_of(roles.QUALITY_HEAD, language="en")
    told = to_do(head, case)
    assert "Propose destruction · Storekeeper, Warehouse supervisor" in told
    assert "Announce return · Sales" in told
    assert "/do/warehousing.propose_destruction" not in told
    assert "Closed by: Quality head, but not by" in told
    keeper = browser_of(roles.QUALITY_HEAD, roles.SUPERVISOR, roles.SALES, language="en")
    told = to_do(keeper, case)
    number = RecallCase.objects.get(pk=case).number
    (destroy,) = re.findall(r'href="(/do/warehousing.propose_destruction[^"]+)"', told)
    (fetch,) = re.findall(r'href="(/do/sales.announce_return[^"]+)"', told)
    for address, quantity in ((destroy, 17), (fetch, 3)):
        form = begun(keeper, address)
        assert f"Recall {number}" in form
        assert re.search(rf'name="lines.0.quantity"[^>]*value="{quantity}"', form), address
        assert "lines.1.quantity" not in form
    shipment = Shipment.objects.get()
    line = ReturnedLine(line_number=1, quantity=2)
    announce_return(shipment.pk, [line], "recalled", by=world.by(roles.SALES).asking())
    told = to_do(keeper, case)
    assert "Receive return" in told
    assert "to come: 2" in told or " · 2" in told


def test_what_a_recall_asks_waits_for_those_who_do_it(world: World, case: int) -> None:
    """On the boards of sales and of the store, with the form filled in, until it is begun."""
    sales = browser_of(roles.SALES, language="en")
    store = browser_of(roles.STOREKEEPER, language="en")
    for client, words, verb in (
        (sales, "Recalled goods to fetch back", "sales.announce_return"),
        (store, "Recalled goods to destroy", "warehousing.propose_destruction"),
    ):
        home = client.get("/").content.decode()
        assert words in home
        (address,) = re.findall(rf'href="(/do/{verb}[^"]+)"', home)
        assert RecallCase.objects.get(pk=case).number in begun(client, address)
    assert sales.get("/warehousing/shipments", {"view": "recalled"}).content.count(b"SH-") >= 1
    shipment = Shipment.objects.get()
    line = ReturnedLine(line_number=1, quantity=3)
    announce_return(shipment.pk, [line], "recalled", by=world.by(roles.SALES).asking())
    assert "/do/sales.announce_return" not in sales.get("/").content.decode()


def someone(**facts: Any) -> Told:
    """A consignee of which all is answered and nothing is there, but for these facts."""
    texts = ("notified", "said", "tone", "answer", "said_by")
    numbers = ("on_the_way", "used", "quarantined", "unconfirmed", "returned", "otherwise")
    given = {**dict.fromkeys(texts, ""), **dict.fromkeys((*numbers, "reconciled"), 0)}
    plain = {"party_id": 1, "received": 5, "is_told": True, "is_reached": True, "rank": DONE}
    return Told(**{**given, **plain, "reached": Reached(), **facts})


def test_the_worst_consignee_stands_first() -> None:  # UX-01
    """Each key decides where those before it are equal, whatever order they come in."""
    wanted = [
        someone(name="not told, most open", rank=NOT_TOLD, unconfirmed=9),
        someone(name="not told", rank=NOT_TOLD, unconfirmed=2),
        someone(name="differs by most", rank=DIFFERING, unconfirmed=8),
        someone(name="did not answer", rank=NOT_ANSWERED, unconfirmed=7, received=7),
        someone(name="differs by as much", rank=DIFFERING, unconfirmed=7, received=9),
        someone(name="got more", rank=DIFFERING, unconfirmed=1, received=6),
        someone(name="a got less", rank=DIFFERING, unconfirmed=1),
        someone(name="b got less", rank=DIFFERING, unconfirmed=1),
        someone(name="to come back, most open", rank=THERE, unconfirmed=99),
        someone(name="to come back, got more", rank=THERE, received=99),
        someone(name="to come back", rank=THERE, received=1),
        someone(name="done, got more", rank=DONE, received=100),
        someone(name="done", rank=DONE),
    ]
    for seed in range(20):
        mixed = list(wanted)
        random.Random(seed).shuffle(mixed)
        assert [one.name for one in sorted(mixed, key=worst_first)] == [o.name for o in wanted]


def test_a_reminder_is_filled_in_with_whom_and_how(world: World, case: int) -> None:
    """Each way from the row begins the form so; sent as it stands, the e-mail says it all."""
    name_contact(
        world.hospital.pk, "Wang Min", email="w@h.example", phone="1", by=world.by(roles.SALES)
    )
    recalls.notify(case, by=world.by(roles.COMPLIANCE).asking())
    client = browser_of(roles.COMPLIANCE, language="en")
    rows = page(client, case).partition('id="consignees"')[2]
    pattern = r'href="(/do/recalls\.remind\?[^"]+)">(Remind|Call|Handed over)<'
    links = {text: address for address, text in re.findall(pattern, rows)}
    assert set(links) == {"Remind", "Call", "Handed over"}
    for text, how in (("Remind", "mail"), ("Call", "call"), ("Handed over", "paper")):
        form = begun(client, links[text])
        ((chosen, value),) = re.findall(r'<option value="(\w+)" selected>([^<]+)<', ways(form))
        assert chosen == how, value
        assert re.search(rf'name="consignee_ids"[^>]*>[^<]*{world.hospital.pk}', form) or re.search(
            rf'value="#?{world.hospital.pk}[" ]', form
        ), text
    sent = {
        "request_id": str(uuid.uuid4()),
        "case_id": f"#{case}",
        "consignee_ids": f"#{world.hospital.pk}",
        "how": "mail",
    }
    before = Mail.objects.count()
    assert client.post("/do/recalls.remind", sent).status_code == 302
    mail = Mail.objects.latest("pk")
    number = RecallCase.objects.get(pk=case).number
    assert Mail.objects.count() == before + 1
    assert (mail.name, mail.address) == ("Wang Min", "w@h.example")
    for words in (str(number), "L1", "strut may break", "/answer/"):
        assert words in mail.heading + mail.body, words


def ways(form: str) -> str:
    return form.partition('name="how"')[2].partition("</select>")[0]


def test_answers_of_one_minute_are_steps_with_marks() -> None:  # UX-01
    """Nobody is drawn as having answered before they did; what is one stroke is said in words."""
    begins = datetime(2026, 5, 4, 1, tzinfo=UTC)
    ends, minute = begins + timedelta(days=3), begins + timedelta(minutes=2)
    at_once = curve([minute] * 3, 4, begins, ends, minute)
    assert at_once is not None
    assert len(at_once.marks) == 1
    assert "all 3 answers at 05-04 01:02" in at_once.came
    late = begins + timedelta(days=2)
    slow = curve([minute, late], 2, begins, ends, late)
    assert slow is not None
    points = [tuple(map(float, one.split(","))) for one in slow.line.split()]
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points)), "no slope"
    assert len(slow.marks) == 2
    assert "from 05-04 01:02 to 05-06 01:00" in slow.came
    none = curve([], 2, begins, ends, late)
    assert none is not None
    assert (none.marks, none.came) == ([], "")


def test_a_mail_leads_to_the_document_that_it_is_about(world: World, case: int) -> None:
    name_contact(
        world.hospital.pk, "Wang Min", email="w@h.example", phone="1", by=world.by(roles.SALES)
    )
    recalls.notify(case, by=world.by(roles.COMPLIANCE).asking())
    about, row = RecallCase.objects.get(pk=case), Mail.objects.get()
    client = browser_of(roles.AUDITOR, language="en")
    for path in ("/outbox/mails", f"/outbox/mails/{row.pk}"):
        html = client.get(path).content.decode()
        (link,) = re.findall(rf'href="(/recalls/cases/[^"]+)">{about.number}</a>', html)
        assert client.get(link).status_code == 200
        assert f">{about.uid}<" not in html
    found = client.get("/outbox/mails", {"q": about.number}).content.decode()
    assert "w@h.example" in found
    assert "w@h.example" not in client.get("/outbox/mails", {"q": "RC-none"}).content.decode()


def test_each_step_has_the_form_that_settles_it(world: World, case: int) -> None:
    html = page(browser_of(roles.QUALITY_HEAD, language="en"), case)
    steps = html.partition('id="to-do"')[2].partition("</section>")[0]
    assert "kind=decision" in steps
    assert "kind=plan" in steps
    for address in re.findall(r'href="(/do/[^"]+)"', steps):
        asked = browser_of(roles.COMPLIANCE).get(address.replace("&amp;", "&"))
        assert asked.status_code == 200, address
        break
    assert len(queries.what_is_open(case)) >= 3


def test_consignees_are_filtered_in_the_address(world: World, case: int) -> None:
    recalls.notify(case, by=world.by(roles.COMPLIANCE).asking())
    client = browser_of(roles.QUALITY_HEAD, language="en")
    name = world.hospital.name("en")

    def listed(**given: str) -> bool:
        return name in page(client, case, **given).partition('id="consignees"')[2]

    assert listed()
    assert listed(show="waiting")
    assert not listed(show="done")
    assert not listed(show="differing")
    assert listed(show="<script>")  # no filter is called so


def test_clocks_are_said_in_words(world: World, case: int) -> None:
    client = browser_of(roles.QUALITY_HEAD, language="en")
    html = page(client, case)
    assert html.count('role="timer"') == 2
    assert re.search(r'data-ends="\d{10}"[^>]*>(\d+ d )?\d+ h( \d+ min)?<', html)
    set_clock(database_now() + timedelta(days=4))
    client = browser_of(roles.COMPLIANCE, language="en")
    assert "overdue by" in re.sub(r'data-over="[^"]*"', "", page(client, case))


def test_who_may_not_see_recalls_is_told_so(world: World, case: int) -> None:
    page(browser_at(world, roles.QUALITY_HEAD, world.shanghai), case, status=403)
    head = browser_of(roles.QUALITY_HEAD)
    page(head, case + 99999, status=404)
    assert head.get(f"/recall/{2**70}").status_code == 404
    assert head.get("/recall/x").status_code == 404
    assert Client().get(f"/recall/{case}").status_code == 302


def test_who_only_looks_is_offered_no_form(case: int) -> None:
    html = page(browser_of(roles.AUDITOR), case)
    assert "/do/recalls." not in html


def test_an_ended_recall_runs_no_clock_but_that_of_its_summary(world: World, case: int) -> None:
    by = colleague(roles.QUALITY_HEAD).reauthenticated()
    recalls.withdraw(case, "opened by mistake", by=by)
    html = page(browser_of(roles.QUALITY_HEAD, language="en"), case)
    assert 'role="timer"' not in html
    assert "/do/recalls.notify" not in html


def test_the_page_is_chinese_and_safe(world: World, case: int) -> None:
    RecallCase.objects.filter(pk=case).update(reason="<b>支架断裂</b>")
    reported(world, case)
    html = page(browser_of(roles.QUALITY_HEAD), case)
    assert "&lt;b&gt;支架断裂" in html
    assert "库内锁定" in html
    assert "单位待确认" in html
    assert "按时完成" in html


def test_it_is_reached_from_the_case_the_trace_and_the_finder(world: World, case: int) -> None:
    client = browser_of(roles.QUALITY_HEAD)
    own = f'href="/recall/{case}"'
    number = RecallCase.objects.get(pk=case).number
    assert own in client.get(f"/recalls/cases/{case}").content.decode()
    assert own in client.get(f"/trace/lot/{world.lot('STENT', 'L1').pk}").content.decode()
    found = client.get("/find", {"q": number}, headers={"X-Part": "1"})
    assert own in found.content.decode()
    assert own in client.get("/").content.decode()
    rows = client.get("/recalls/cases").content.decode()
    assert f'data-open="/recall/{case}"' in rows


def test_what_is_not_settled_stands_on_the_form_that_closes(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    case = opened(world).case_id
    client = browser_of(roles.QUALITY_HEAD)
    for language, told, words in (
        ("en", "To be settled first:", "decision not reported to the regulator"),
        ("zh-hans", "未了结事项：", "江城医院"),
    ):
        client.cookies["language"] = language
        html = client.get(f"/do/recalls.close?case_id={case}").content.decode()
        listed = html.partition(told)[2].partition("</ul>")[0]
        points = queries.what_is_open(case)
        assert listed.count("<li>") == len(points) > 3
        assert words in listed
