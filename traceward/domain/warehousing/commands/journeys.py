"""How goods travel, and whether they stayed as cold as their labels ask. # INB-02 OUT-03"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from traceward.domain.catalog.models import Item
from traceward.domain.warehousing import rules
from traceward.domain.warehousing.refusals import ColdChainBroken
from traceward.kernel.base.days import require_near
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable


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
    if not journey.transport_mode.strip():
        raise InvalidInput(sentence("Say how the goods came."), field="journey.transport_mode")
    if not journey.deliverer:
        raise InvalidInput(
            sentence("Both sides sign on the spot: enter who handed the goods over."),
            field="journey.deliverer",
        )
    check_departure(journey, by)
    if journey.departed_at is not None:
        require_near(journey.departed_at.date(), by.now.date(), "journey.departed_at")


def check_departure(journey: Journey, by: Actor) -> None:
    """The goods left before they came."""
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


def check_journey(journey: Journey, items: Iterable[Item]) -> None:
    """Cold goods came with their temperatures, all within what the label asks (GSP art. 63)."""
    measured = ("arrival_c", "transit_c_min", "transit_c_max")
    for item in items:
        if not rules.needs_cold_chain(item.storage_c_max):
            continue
        for name in ("departed_at", *measured):
            if getattr(journey, name) is None:
                raise ColdChainBroken(
                    sentence(
                        "{item} is cold chain: departure time, arrival and in-transit "
                        "temperatures are needed. Read them from the logger."
                    ),
                    field=f"journey.{name}",
                    item=item.code,
                )
        for name in measured:
            value = getattr(journey, name)
            if not rules.is_within(value, item.storage_c_min, item.storage_c_max):
                raise ColdChainBroken(
                    sentence(
                        "{item} must be kept between {low} and {high} °C; {value} °C was "
                        "measured. Refuse the goods, or put them aside for quality."
                    ),
                    field=f"journey.{name}",
                    item=item.code,
                    low=str(item.storage_c_min),
                    high=str(item.storage_c_max),
                    value=str(value),
                )


def require_cold_enough(items: Iterable[Item], measured: Decimal | None, field: str) -> None:
    """Cold goods leave and arrive with a temperature that the label allows (GSP art. 63, 97)."""
    for item in items:
        if not rules.needs_cold_chain(item.storage_c_max):
            continue
        if measured is None:
            raise ColdChainBroken(
                sentence("{item} is cold chain: read the temperature from the logger."),
                field=field,
                item=item.code,
            )
        if not rules.is_within(measured, item.storage_c_min, item.storage_c_max):
            raise ColdChainBroken(
                sentence(
                    "{item} must be kept between {low} and {high} °C; {value} °C was "
                    "measured. Keep the goods back and ask quality."
                ),
                field=field,
                item=item.code,
                low=str(item.storage_c_min),
                high=str(item.storage_c_max),
                value=str(measured),
            )
