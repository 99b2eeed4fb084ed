"""Each address of the page of questions is one, with the values that it is asked with. # INT-02"""

from tests.api.test_reading import getter, person
from tests.house.asked import addresses
from tests.ledger import database_now
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.kernel.org import roles

#: Stand-ins of records that need not be there.
RECORDS = {"CASE", "DRILL", "ORDER", "DOCUMENT", "NOTICE", "PICK", "INSPECTION"}


def test_every_address_of_the_page_answers(world: World) -> None:
    STRANGERS.forget()
    get = getter(person(world, roles.AUDITOR))
    world.stock(world.lot("STENT", "L1"), 5)
    filled = {"MOMENT": database_now().isoformat(), "LOT": str(world.lot("STENT", "L1").pk)}
    filled["HASH"] = "0" * 64
    texts = {"CODE", "SSCC", "TEXT", "NUMBER", "VERB"}
    asked = 0
    for address in addresses():
        given: dict[str, list[str]] = {}
        for name, value in address.asked:
            stand_in = "nothing" if value in texts else filled.get(value, "1")
            given.setdefault(name, []).append(stand_in if value.isupper() else value)
        if address.path.endswith("/content"):  # a file's id is in its path
            continue
        status, answer = get(address.path, **given)
        is_record = RECORDS & {value for _, value in address.asked}
        assert status == 200 or (status == 404 and is_record and answer["field"]), (address, answer)
        asked += 1
    assert asked >= 45
