"""A balance that nobody can dispute is made as it will stand; all others are judged first."""

from django.db import connection

from tests.stock.posting import P, Q, key_of, lot_of, post, refused, serial
from tests.world import World
from traceward.domain.stock import refusals
from traceward.domain.stock.models import Code, Reservation, StockBalance
from traceward.domain.stock.rules import Promise


def written() -> tuple[int, int]:
    """How many balances this transaction has made and changed so far."""
    table = "'stock_balance'::regclass"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_stat_get_xact_tuples_inserted({table}),"
            f" pg_stat_get_xact_tuples_updated({table})"
        )
        made, changed = cursor.fetchone()
    return made, changed


def standing(**which: object) -> dict[str, int]:
    rows = StockBalance.objects.filter(**which)
    return dict(rows.values_list("place__code", "on_hand"))


def test_new_serials_write_each_balance_once(ledger: World) -> None:  # B13
    lot, _ = serial(ledger)
    units = [serial(ledger, f"N{n}")[1] for n in range(5)]
    made, changed = written()
    legs = [
        ledger.leg(Code.RECEIVE, lot, 1, "SUP", "DOCK", status=P, serial_id=unit.pk)
        for unit in units
    ]
    post(ledger, *legs)
    assert written() == (made + 10, changed)
    for unit in units:
        assert standing(serial=unit) == {"SUP": -1, "DOCK": 1}


def test_one_serial_that_stands_has_all_of_them_judged(ledger: World) -> None:
    """One moves on while another comes, and one that stands already is refused."""
    lot, known = serial(ledger)
    _, new = serial(ledger, "S2")
    come = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=known.pk)
    post(ledger, come)
    on = ledger.leg(Code.MOVE, lot, 1, "A-01", "A-02", status=P, serial_id=known.pk)
    also = come._replace(serial_id=new.pk)
    again = come._replace(to_place_id=ledger.places["B-01"].pk)
    refused(refusals.SerialElsewhere, ledger, again, also)
    post(ledger, on, also)
    assert standing(serial=known) == {"SUP": -1, "A-01": 0, "A-02": 1}
    assert standing(serial=new) == {"SUP": -1, "A-01": 1}
    post(ledger, ledger.leg(Code.RETURN_TO_SUPPLIER, lot, 1, "A-02", "SUP", status=P,
                            serial_id=known.pk))  # fmt: skip
    post(ledger, again)
    assert standing(serial=known) == {"SUP": -1, "A-01": 0, "A-02": 0, "B-01": 1}


def test_what_is_promised_where_it_comes_is_judged_with_the_rest(ledger: World, line: int) -> None:
    """In one post: known balances, new ones made at once, and a new one that is promised."""
    lot, other = lot_of(ledger), ledger.lot("STENT", "L2")
    ledger.stock(other, 7)
    legs = [
        ledger.leg(Code.MOVE, lot, 3, "A-01", "A-02"),
        ledger.leg(Code.MOVE, other, 2, "A-01", "A-02"),
        ledger.leg(Code.PICK, other, 4, "A-01", "STAGE"),
    ]
    there = key_of(ledger, lot, "A-02")
    refused(refusals.ShortStock, ledger, *legs, promises=[Promise(line, there, 4)])
    made, changed = written()
    post(ledger, *legs, promises=[Promise(line, there, 3)])
    assert written() == (made + 3, changed + 3)  # two at A-01, and the promised one
    assert standing(lot=lot, status=Q) == {"A-01": 7, "A-02": 3}
    assert standing(lot=other, status=Q) == {"A-01": 1, "A-02": 2, "STAGE": 4}
    assert Reservation.objects.get(line_id=line).quantity == 3
    assert StockBalance.objects.get(lot=lot, place=ledger.places["A-02"]).reserved == 3


def test_what_was_never_promised_is_not_given_back_where_it_comes(ledger: World, line: int) -> None:
    """Two promises that cancel out are promises still: the refusal says what stood there."""
    lot = lot_of(ledger)
    there = key_of(ledger, lot, "A-02")
    leg = ledger.leg(Code.MOVE, lot, 3, "A-01", "A-02")
    other = line + 1
    promises = [Promise(line, there, -1), Promise(other, there, 1)]
    error = refused(refusals.ShortStock, ledger, leg, promises=promises)
    assert error.details[0]["on_hand"] == 0


def test_goods_that_never_were_are_short(ledger: World) -> None:
    lot = ledger.lot("STENT", "NONE")
    error = refused(refusals.ShortStock, ledger, ledger.leg(Code.MOVE, lot, 1, "A-01", "A-02"))
    assert error.details[0]["on_hand"] == 0
