"""Labels of every system become packs; what contradicts or is ambiguous is refused. # INV-05"""

from datetime import date

import pytest

from tests.world import World
from traceward.domain.catalog.models import Agency, Identifier, PackagingLevel
from traceward.domain.catalog.scanning import (
    AmbiguousCode,
    ContradictingScan,
    Label,
    UnknownCode,
    UnreadableCode,
    labels,
)

TODAY = date(2026, 11, 28)
HIBC, MA = "+T999WIDGET01/$$3280930LOTAH", "MA.156.M0.000001.11234560.LLOTA.V280930.DST1"
GS1 = "(01)06901234567892(17)280930(10)LOTA"


@pytest.fixture
def known(world: World) -> World:
    """The stent has a HIBC and an MA code too, and a box of five; the pacer an own code."""
    pack = PackagingLevel.objects.get(item=world.items["STENT"])
    Identifier.objects.create(packaging=pack, agency=Agency.HIBC, di="T999WIDGET01")
    Identifier.objects.create(packaging=pack, agency=Agency.MA, di="MA.156.M0.000001.11234560")
    PackagingLevel.objects.create(
        item=world.items["STENT"], level=1, di="16901234567899", base_units=5
    )
    pacer = PackagingLevel.objects.get(item=world.items["PACER"])
    Identifier.objects.create(packaging=pacer, agency=Agency.OWN, di="OUR-PACER")
    return world


def one(*raws: str) -> Label:
    (found,) = labels([list(raws)], TODAY)
    return found


def contradiction(*raws: str) -> ContradictingScan:
    with pytest.raises(ContradictingScan) as caught:
        one(*raws)
    assert caught.value.field == "scans.0"
    assert caught.value.details[0]["raw"] == "\n".join(raws)
    return caught.value


@pytest.mark.parametrize("raws", [(HIBC,), (MA,), (GS1,), (GS1, HIBC, MA)])
def test_every_system_names_the_same_pack(known: World, raws: tuple[str, ...]) -> None:
    found = one(*raws)
    assert (found.item_code, found.level, found.lot_number) == ("STENT", 0, "LOTA")
    assert found.expires
    assert found.expires.on == date(2028, 9, 30)


def test_the_scanned_code_is_kept_with_its_agency(known: World) -> None:
    found = one(MA)
    assert (found.agency, found.di) == ("MA", "MA.156.M0.000001.11234560")
    assert (found.sterilisation_lot, found.expiry_basis) == ("ST1", "valid until")


def test_one_query_for_all_systems(known: World, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert len(labels([[HIBC], [MA], [GS1]], TODAY)) == 3


@pytest.mark.parametrize(
    ("raws", "what", "said", "known_as"),
    [
        (("(01)06901234567908(10)LOTA", HIBC), "item", "STENT", "PACER"),
        (("(01)16901234567899(10)LOTA", HIBC), "level", "0", "1"),
        ((GS1.replace("LOTA", "LOTB"), MA), "lot", "LOTA", "LOTB"),
        ((GS1.replace("280930", "280829"), HIBC), "expires", "2028-09-30", "2028-08-29"),
        ((GS1, "(10)LOTB"), "lot", "LOTB", "LOTA"),
        ((HIBC, "+T999WIDGET026"), "item", "T999WIDGET02", "T999WIDGET01"),
        ((MA.replace(".D", ".LLOTB.D"),), "lot", "LOTB", "LOTA"),
        (("STENT", "OUR-PACER"), "item", "PACER", "STENT"),
        ((GS1, "OUR-PACER"), "item", "PACER", "STENT"),
    ],
)
def test_a_label_that_contradicts_itself_is_refused(
    known: World, raws: tuple[str, ...], what: str, said: str, known_as: str
) -> None:
    row = contradiction(*raws).details[0]
    assert (row["what"], row["said"], row["known"]) == (what, said, known_as)
    for language in ("en", "zh-hans"):
        shown = contradiction(*raws).in_language(language)
        assert said in shown
        assert known_as in shown


def test_codes_of_our_own_name_a_pack(known: World) -> None:
    assert one("OUR-PACER").item_code == "PACER"
    assert one("STENT").item_code == "STENT"
    assert one("]C0STENT", "(10)L7(17)300101").lot_number == "L7"
    assert one("STENT", GS1).lot_number == "LOTA"


def test_a_text_that_repeats_the_lot_is_no_contradiction(known: World) -> None:
    assert one(GS1, "LOTA").lot_number == "LOTA"
    with pytest.raises(UnreadableCode):
        one(GS1, "LOTB")


def test_a_code_for_two_things_names_both(known: World) -> None:
    pacer = PackagingLevel.objects.get(item=known.items["PACER"])
    Identifier.objects.create(packaging=pacer, agency=Agency.OWN, di="06901234567892")
    with pytest.raises(AmbiguousCode) as caught:
        one("06901234567892", "(10)L1")
    assert {row["name"] for row in caught.value.details} == {"STENT", "PACER"}
    for language in ("en", "zh-hans"):
        assert "PACER" in caught.value.in_language(language)
    assert one("]E0" + "6901234567892", "(10)L1").item_code == "STENT"


def test_a_code_of_ours_that_looks_like_a_gtin_is_ours(known: World) -> None:
    pacer = PackagingLevel.objects.get(item=known.items["PACER"])
    Identifier.objects.create(packaging=pacer, agency=Agency.OWN, di="96385074")
    assert one("96385074").item_code == "PACER"


@pytest.mark.parametrize(
    ("raw", "kind", "said"),
    [
        ("+T999OTHER01Q", UnreadableCode, "should be"),
        ("MA.156.M0.000001.19999990", UnknownCode, "MA.156.M0.000001.19999990"),
        ("(00)395212345432100004", UnknownCode, "SSCC"),
        ("06901234567893", UnreadableCode, "should be 2"),
        ("NOBODY", UnreadableCode, "NOBODY"),
        ("81234567890123456789", UnreadableCode, "码上放心"),
    ],
)
def test_what_is_not_known_says_what_was_read(
    known: World, raw: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as caught:
        one(raw)
    assert said in str(caught.value)
    assert caught.value.details[0]["raw"] == raw


def test_a_withdrawn_code_names_nothing(known: World) -> None:
    Identifier.objects.filter(agency=Agency.HIBC).update(withdrawn_at="2026-01-01T00:00Z")
    with pytest.raises(UnknownCode):
        one(HIBC)
