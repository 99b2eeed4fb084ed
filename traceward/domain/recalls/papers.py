"""The notice of a recall in words, for the e-mail, the page of its link and the printed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from traceward.domain.recalls.models import MessageKind, RecallCase, RecallLevel
from traceward.domain.recalls.queries.consigned import Consigned
from traceward.kernel.base.refusals import fill, in_both, sentence

#: Lots and serials that an e-mail names; the page has all of them.
MAX_NAMED = 40
LANGUAGES = ("zh-hans", "en")

HEADING = {
    MessageKind.NOTICE: sentence("Recall notice {number}: {reason}"),
    MessageKind.REMINDER: sentence("Reminder, please answer: recall {number}, {reason}"),
}
DEAR = sentence("To {consignee}, {contact}:")
DECIDED = sentence("{firm} recalls the medical devices named below. Recall {number}, {level}.")
REMINDED = sentence(
    "We told you of recall {number} ({level}) and have no answer from you. Please answer today."
)
WHY = sentence("Reason: {reason}")
GOT = sentence("What you got from us:")
OF_ITEM = sentence("- {what}: {quantity}")
LOT, SERIAL = sentence("lot {lot}"), sentence("serial {serial}")
AND_MORE = sentence("… and {count} more, which the page names.")
ON_THE_WAY = sentence("On the way to you: {quantity}. Do not accept it; tell us.")
TO_DO = (
    sentence("Stop using and selling these goods at once."),
    sentence("Set aside what you still have, seal and mark it."),
    sentence("Count what is there and what was used, and answer by the end of {until}."),
    sentence("Pass this notice on to whoever has goods of them from you."),
)
ANSWER_HERE = sentence("Answer here, without an account, until {expires}:")
KEEP_IT = sentence("The link is for you alone: whoever has it answers for you.")
ASK = sentence("Questions: {firm}, telephone {phone}.")


@dataclass(frozen=True)
class Letter:
    """What a consignee is told, as it is before it has a language."""

    kind: MessageKind
    case: RecallCase
    consignee: dict[str, str]
    contact: str
    goods: Sequence[Consigned]
    on_the_way: int
    expires: date | None = None
    link: str = ""

    @property
    def values(self) -> dict[str, object]:
        firm = self.case.site.legal_entity.party
        return {
            "firm": firm.names,
            "phone": firm.phone or "—",
            "number": str(self.case),
            "level": in_both(str(RecallLevel(self.case.level).label)),
            "reason": self.case.reason,
            "consignee": self.consignee,
            "contact": self.contact,
            "until": str(self.case.notify_until),
            "expires": str(self.expires or ""),
        }

    def heading(self, language: str) -> str:
        """What stands above it, in one line."""
        return " ".join(fill(HEADING[self.kind], self.values, language).split())

    def to_do(self, language: str) -> list[str]:
        """What is asked of the consignee, one thing after the other."""
        return [fill(one, self.values, language) for one in TO_DO]

    def text(self, language: str) -> str:
        """The letter in one language."""
        return "\n\n".join("\n".join(part) for part in self.parts(language))

    def parts(self, language: str) -> list[list[str]]:
        """Its paragraphs, line by line."""

        def say(text: str, **more: object) -> str:
            return fill(text, self.values | more, language)

        first = REMINDED if self.kind is MessageKind.REMINDER else DECIDED
        goods = [named(one, language) for one in self.goods[:MAX_NAMED]]
        if len(self.goods) > MAX_NAMED:
            goods.append(say(AND_MORE, count=len(self.goods) - MAX_NAMED))
        if self.on_the_way:
            goods.append(say(ON_THE_WAY, quantity=self.on_the_way))
        steps = [f"{n}. {one}" for n, one in enumerate(self.to_do(language), 1)]
        parts = [
            [say(DEAR)],
            [say(first), say(WHY)],
            [say(GOT), *goods],
            steps,
            [say(ANSWER_HERE), self.link, say(KEEP_IT)] if self.link else [],
            [say(ASK)],
        ]
        return [part for part in parts if part]

    def both(self, first: str) -> str:
        """The letter in both languages, the reader's own before the other."""
        other = next(one for one in LANGUAGES if one != first)
        return f"{self.text(first)}\n\n----------\n\n{self.text(other)}\n"


def named(goods: Consigned, language: str) -> str:
    """One line of what a consignee got."""
    lot = fill(LOT, {"lot": goods.lot}, language) if goods.lot else ""
    serial = fill(SERIAL, {"serial": goods.serial}, language) if goods.serial else ""
    own, other = ("zh", "en") if language.startswith("zh") else ("en", "zh")
    name = goods.names[own] or goods.names[other]
    what = " ".join(filter(None, (name, goods.model, lot, serial)))
    return fill(OF_ITEM, {"what": what, "quantity": goods.delivered}, language)
