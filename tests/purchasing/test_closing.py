"""Orders and notices end: by themselves once all of it has come, by hand with less."""

from tests.inbound import JOURNEY, announced, code, ordered
from tests.purchasing.test_commands import buy, tell
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.purchasing.commands import close, close_notice, settle
from traceward.domain.purchasing.models import PurchaseOrder, ShippingNotice
from traceward.domain.warehousing.commands.receiving import NotAnnounced, Scan, receive
from traceward.flows.inbound import receive_notice
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, WrongState
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event

LOT = code("STENT", "L1")


def take(world: World, notice_id: int, packs: int):
    return receive_notice(
        notice_id,
        world.places["DOCK"].pk,
        "DN-1",
        [Scan([LOT], packs)],
        journey=JOURNEY,
        by=world.by(roles.STOREKEEPER),
    )


def states(order_id: int) -> tuple[str, list[str]]:
    notices = ShippingNotice.objects.filter(order=order_id).order_by("pk")
    state = PurchaseOrder.objects.get(pk=order_id).state
    return state, list(notices.values_list("state", flat=True))


def test_what_a_closed_notice_did_not_bring_is_announced_again(world: World) -> None:  # INB-01
    coming, buyer = announced(world, (LOT, 10)), world.by(roles.BUYER)
    take(world, coming.notice_id, 4)
    with refused(InvalidInput, "reason"):
        close_notice(coming.notice_id, " ", by=buyer)
    assert close_notice(coming.notice_id, "6 out of stock", by=buyer.asking()).short == 6
    assert states(coming.order_id) == ("approved", ["closed"])
    event = Event.objects.get(name="purchasing.close_notice.NoticeClosed")
    assert event.data["short"] == 6
    with refused(NotAnnounced, "notice_id") as caught:
        take(world, coming.notice_id, 6)
    assert "nothing more of it is expected" in str(caught.value)
    rest = tell(world, coming.order_id, (LOT, 6), reference="N2")
    last = take(world, rest.notice_id, 6)
    assert (last.still_to_come, last.order_state) == (0, "received")
    assert states(coming.order_id) == ("received", ["closed", "received"])


def test_nothing_more_of_a_closed_order_is_expected(world: World) -> None:  # INB-01
    coming, buyer = announced(world, (LOT, 7)), world.by(roles.BUYER)
    take(world, coming.notice_id, 4)
    with refused(InvalidInput, "reason"):
        close(coming.order_id, "", by=buyer)
    assert close(coming.order_id, "the maker ends it", by=buyer.asking()).short == 6
    assert states(coming.order_id) == ("closed", ["closed"])
    entry = AuditEntry.objects.get(verb="purchasing.close", outcome="done")
    assert entry.facts["reason"] == "the maker ends it"
    with refused(WrongState, "order_id") as caught:
        tell(world, coming.order_id, (LOT, 1), reference="N2")
    assert "closed" in str(caught.value)
    with refused(NotAnnounced, "notice_id"):
        take(world, coming.notice_id, 1)
    with refused(NotAnnounced, "document_id"):
        receive(
            coming.notice_id,
            world.places["DOCK"].pk,
            "DN-1",
            [Scan([LOT], 1)],
            journey=JOURNEY,
            by=world.by(roles.STOREKEEPER),
        )
    for again in (
        lambda: close(coming.order_id, "twice", by=buyer.asking()),
        lambda: close_notice(coming.notice_id, "twice", by=buyer.asking()),
    ):
        with refused(WrongState):
            again()


def test_an_order_that_is_not_approved_is_closed(world: World) -> None:
    waiting = buy(world, ("STENT", 5, "1")).order_id
    assert close(waiting, "too dear", by=world.by(roles.SUPERVISOR)).short == 5
    assert states(waiting) == ("closed", [])


def test_what_has_all_come_is_not_closed(world: World) -> None:
    coming, buyer = announced(world, (LOT, 10)), world.by(roles.BUYER)
    receive(  # nobody has settled the notice yet
        coming.notice_id,
        world.places["DOCK"].pk,
        "DN-1",
        [Scan([LOT], 10)],
        journey=JOURNEY,
        by=world.by(roles.STOREKEEPER),
    )
    with refused(WrongState):
        close_notice(coming.notice_id, "done", by=buyer)
    with refused(WrongState):
        close(coming.order_id, "done", by=buyer.asking())


def test_a_receipt_that_is_settled_late_leaves_what_is_closed(world: World) -> None:
    coming, by = announced(world, (LOT, 10)), world.by(roles.SYSTEM)
    close_notice(coming.notice_id, "lost", by=world.by(roles.COORDINATOR))
    done = settle(ShippingNotice.objects.get(pk=coming.notice_id).uid, by=by)
    assert (done.still_to_come, done.notice_state, done.order_state) == (0, "closed", "approved")


def test_a_grant_for_another_site_does_not_count(world: World) -> None:  # ORG-03
    order_id, notice_id = ordered(world), announced(world, (LOT, 1)).notice_id
    elsewhere = only_at(world, roles.BUYER, world.chengdu)
    with refused(NotAllowed):
        close(order_id, "no need", by=elsewhere)
    with refused(NotAllowed):
        close_notice(notice_id, "no need", by=elsewhere.asking())
