"""The steps that a plan is made of; each becomes one or a few commands."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Wish:
    """So many base units of an item."""

    item: str
    quantity: int


@dataclass(frozen=True)
class Batch:
    """What comes of one lot: with serial numbers, or so many base units of it."""

    item: str
    lot: str
    quantity: int
    expires_on: date | None
    made_on: date | None
    serials: tuple[str, ...] = ()
    #: Base units that acceptance finds bad, and what is wrong with them.
    rejected: int = 0
    defect: str = ""


@dataclass(frozen=True)
class Buy:
    """An order to a supplier, approved by another person. `key` names it in later steps."""

    key: str
    site: str
    supplier: str
    wishes: tuple[Wish, ...]
    wanted_on: date
    is_approved: bool = True


@dataclass(frozen=True)
class Announce:
    """The supplier's notice of what comes on an order."""

    key: str
    site: str
    order: str
    reference: str
    batches: tuple[Batch, ...]
    expected_on: date


@dataclass(frozen=True)
class Receive:
    """The announced goods come; `celsius` are arrival, lowest and highest of the journey."""

    notice: str
    site: str
    note: str
    is_cold: bool
    hours: int
    celsius: tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Inspect:
    """The acceptance clerk's findings for all lots of a receipt."""

    notice: str
    site: str


@dataclass(frozen=True)
class Decide:
    """Quality signs which goods are 合格 and which 不合格."""

    notice: str
    site: str


@dataclass(frozen=True)
class Store:
    """The decided goods are put away."""

    notice: str
    site: str


@dataclass(frozen=True)
class Sell:
    """A department's order; stock is promised to it at once, or not yet."""

    key: str
    site: str
    hospital: str
    department: str
    wishes: tuple[Wish, ...]
    reference: str
    address: str
    contact: str
    is_consigned: bool = False
    is_allocated: bool = True


@dataclass(frozen=True)
class Fetch:
    """The order is picked; `nth` is who of the pickers does it."""

    order: str
    site: str
    nth: int


@dataclass(frozen=True)
class OpenPick:
    """The order is given to the pickers, who have not begun."""

    order: str
    site: str
    nth: int


@dataclass(frozen=True)
class Check:
    order: str
    site: str


@dataclass(frozen=True)
class Ship:
    """Packed, loaded and sent: by our own vehicle, or by a carrier under a waybill."""

    order: str
    site: str
    plate: str
    carrier: str
    waybill: str
    sscc: str


@dataclass(frozen=True)
class Deliver:
    """The hospital signs; `receiver` is who."""

    order: str
    site: str
    nth: int
    receiver: str


@dataclass(frozen=True)
class Use:
    """What a delivery brought is used up; of every so-manieth line half is kept.

    Patients are known by numbers from `patient` on.
    """

    order: str
    site: str
    keep: int
    patient: int


@dataclass(frozen=True)
class Count:
    """All that stands in a bin is counted 盘点; large differences wait for another person.

    Of the bins in which enough stands it is number `first`, in the order of their codes.
    """

    site: str
    first: int
    changes: tuple[int, ...]
    reason: str
    #: What a second person says to a large difference; nobody has yet where it is None.
    is_released: bool | None = True


@dataclass(frozen=True)
class CheckStock:
    """A bin and what stands in it are looked at 在库检查; of some bins one lot is doubtful."""

    site: str
    first: int
    is_doubtful: bool
    tenths: int
    humidity: int


@dataclass(frozen=True)
class Clear:
    """Quality has looked at the site's doubtful lots, and lifts their holds."""

    site: str


@dataclass(frozen=True)
class SendBack:
    """What one receipt brought and acceptance rejected goes back to its supplier.

    Approved and sent, or nobody has approved yet.
    """

    site: str
    is_sent: bool = True


@dataclass(frozen=True)
class Destroy:
    """Rejected goods are destroyed before two witnesses, or quality has not decided yet."""

    site: str
    is_done: bool = True


@dataclass(frozen=True)
class Return:
    """Some of what a delivery brought will come back: of number `nth` of its lines."""

    order: str
    site: str
    nth: int
    reason: str


@dataclass(frozen=True)
class TakeBack:
    """What was to come back has come, to be inspected like anything else."""

    order: str
    site: str


@dataclass(frozen=True)
class Introduce:
    """A product that is new to us 首营品种: entered, and approved or not yet."""

    code: str
    is_approved: bool


@dataclass(frozen=True)
class Approach:
    """A supplier that is new to us 首营企业: entered with its papers, not approved yet."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Recall:
    """A lot that reached hospitals is recalled: blocked everywhere, and they are told.

    One that is closed was used up or rejected to the last unit, and everybody has answered;
    of one that runs, half have.
    """

    site: str
    level: int
    reason: str
    is_closed: bool


@dataclass(frozen=True)
class Request:
    """Another site asks this one for goods; somebody here approves, or nobody has yet."""

    key: str
    site: str
    to_site: str
    wishes: tuple[Wish, ...]
    reason: str
    wanted_on: date
    is_approved: bool = True


@dataclass(frozen=True)
class Arrive:
    """What was sent to the other site is received there, to be inspected like anything else.

    Of some, a unit is missing; it is looked for, and written off.
    """

    order: str
    site: str
    from_site: str
    is_short: bool = False


@dataclass(frozen=True)
class Make:
    """A work order for so many units in one lot: planned, with goods issued to it, or done."""

    key: str
    site: str
    item: str
    quantity: int
    lot: str
    due_on: date
    is_issued: bool = True
    is_done: bool = True


@dataclass(frozen=True)
class Accept:
    """What a work order gave is inspected, released and put on the shelf."""

    order: str
    site: str


@dataclass(frozen=True)
class CloseBooks:
    """Nothing is entered any more as having happened before that day."""

    entity: str
    until: date


@dataclass(frozen=True)
class Renew:
    """A registration certificate counts for five years more."""

    family: str
    valid_until: date


Step = (
    Buy | Announce | Receive | Inspect | Decide | Store
    | Sell | OpenPick | Fetch | Check | Ship | Deliver | Use
    | Count | CheckStock | Clear | SendBack | Destroy | Return | TakeBack | Introduce | Approach
    | Recall | Request | Arrive | Make | Accept | CloseBooks | Renew
)  # fmt: skip


@dataclass
class Plan:
    """The steps of one legal entity by day and slot of the day."""

    entity: str
    steps: dict[tuple[date, int], list[Step]] = field(default_factory=dict)

    def add(self, day: date, slot: int, step: Step) -> None:
        self.steps.setdefault((day, slot), []).append(step)

    def count(self) -> int:
        return sum(len(row) for row in self.steps.values())
