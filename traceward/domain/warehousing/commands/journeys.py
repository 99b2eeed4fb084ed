"""How goods travel, and whether they stayed as cold as their labels ask. # INB-02 OUT-03"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.rules import storage_words
from traceward.domain.warehousing import rules
from traceward.domain.warehousing.refusals import ColdChainBroken
from traceward.domain.warehousing.scanning.announced import REFUSE
from traceward.kernel.base.days import require_near
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import InvalidInput, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable

HOW = sentence("Say how the goods came.")
WHO = sentence("Both sides sign on the spot: enter who handed the goods over.")


@dataclass(frozen=True)
class Journey:
    """How the goods came and who handed them over (GSP art. 60-63).

    Times and degrees Celsius where cold chain asks.
    """

    transport_mode: str = ""
    deliverer: Erasable | None = None
    departed_at: datetime | None = None
    arrival_c: Celsius | None = None
    transit_c_min: Celsius | None = None
    transit_c_max: Celsius | None = None


def check_handover(journey: Journey, by: Actor) -> None:
    """How the goods came and who handed them over is said, and they left before they came."""
    missing = [
        (name, text)
        for name, text, is_said in (
            ("transport_mode", HOW, journey.transport_mode.strip()),
            ("deliverer", WHO, journey.deliverer),
        )
        if not is_said
    ]
    if missing:
        raise InvalidInput(
            missing[0][1],
            field=f"journey.{missing[0][0]}",
            details=[{"field": f"journey.{name}", "problem": phrase(t)} for name, t in missing],
        )
    check_course(journey, by)
    if journey.departed_at is not None:
        require_near(journey.departed_at.date(), by.now.date(), "journey.departed_at")


def check_course(journey: Journey, by: Actor) -> None:
    """The goods left before they came, and the lowest on the way is not above the highest."""
    left = journey.departed_at
    if left is not None and left.tzinfo is None:
        raise InvalidInput(
            sentence("Give the moment with its time zone."), field="journey.departed_at"
        )
    if left is not None and left > by.now:
        raise InvalidInput(
            sentence("The goods cannot have left after they came. Enter when they left."),
            field="journey.departed_at",
        )
    lowest, highest = journey.transit_c_min, journey.transit_c_max
    if lowest is not None and highest is not None and lowest > highest:
        raise InvalidInput(
            sentence(
                "The lowest temperature on the way cannot be above the highest, {highest} °C. "
                "Read both from the logger again."
            ),
            field="journey.transit_c_min",
            highest=str(highest),
        )


MEASURED = ("arrival_c", "transit_c_min", "transit_c_max")


def check_journey(journey: Journey, items: Iterable[Item]) -> None:
    """Cold goods came with their temperatures; whatever was measured is what each label allows.

    GSP art. 63, 95. # INV-05
    """
    for item in items:
        is_cold = rules.needs_cold_chain(item.storage_c_max)
        for name in ("departed_at", *MEASURED):
            if is_cold and getattr(journey, name) is None:
                raise ColdChainBroken(
                    sentence(
                        "{item} is cold chain: departure time, arrival and in-transit "
                        "temperatures are needed. Read them from the logger."
                    ),
                    field=f"journey.{name}",
                    item=item.code,
                )
        for name in MEASURED:
            value = getattr(journey, name)
            if not suits(item, value):
                raise ColdChainBroken(
                    sentence(
                        "{item} must be kept at {range}; {value} °C was measured. Refuse the "
                        "goods by “{verb}”, or put them aside for quality; receive what needs "
                        "another temperature with a journey of its own."
                    ),
                    field=f"journey.{name}",
                    item=item.code,
                    range=range_of(item),
                    value=str(value),
                    verb=REFUSE,
                )


def suits(item: Item, measured: Decimal | None) -> bool:
    """Whether the label allows what was measured, if anything was."""
    limits = (item.storage_c_min, item.storage_c_max)
    return measured is None or rules.is_within(measured, *limits)


def range_of(item: Item) -> str:
    """The label's limits, such as 2–8 ℃."""
    return storage_words(item.storage_c_min, item.storage_c_max, "")


def require_cold_enough(
    items: Iterable[Item], measured: Decimal | None, field: str, *, is_asked: bool = True
) -> None:
    """Goods leave and arrive with a temperature that their labels allow (GSP art. 63, 95, 97).

    Where `is_asked`, cold goods have to be measured.
    """
    for item in items:
        if is_asked and measured is None and rules.needs_cold_chain(item.storage_c_max):
            raise ColdChainBroken(
                sentence("{item} is cold chain: read the temperature from the logger."),
                field=field,
                item=item.code,
            )
        if not suits(item, measured):
            raise ColdChainBroken(
                sentence(
                    "{item} must be kept at {range}; {value} °C was measured. Keep the goods "
                    "back and ask quality."
                ),
                field=field,
                item=item.code,
                range=range_of(item),
                value=str(measured),
            )


PICK_APART = sentence(
    "{item} ({range}) and {other} ({its}) have no temperature in common: they "
    "go neither into one box nor into one shipment. Cancel the pick and open "
    "it again; each of them gets a pick of its own."
)


def require_together(items: Iterable[Item], field: str, message: str = PICK_APART) -> None:
    """Refused where two of the goods have no temperature in common. # INV-05 GSP art. 95

    `field` may hold "{n}", the place of the second of them.
    """
    seen: list[Item] = []
    for n, item in enumerate(items):
        for other in seen:
            mine, its = ((x.storage_c_min, x.storage_c_max) for x in (item, other))
            if rules.in_common(mine, its) is None:
                raise ColdChainBroken(
                    message,
                    field=field.format(n=n),
                    item=item.code,
                    range=range_of(item),
                    other=other.code,
                    its=range_of(other),
                )
        seen.append(item)
