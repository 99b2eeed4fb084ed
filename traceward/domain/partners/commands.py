"""Partners are registered and qualified; their licences come and go. # MDM-03"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from traceward.domain.partners import events
from traceward.domain.partners.models import (
    Contact,
    CustomerClass,
    Licence,
    LicenceKind,
    Partner,
    Salesperson,
)
from traceward.kernel.base.post import is_address
from traceward.kernel.base.refusals import (
    HOME_ZONE,
    Conflict,
    InvalidInput,
    NotFound,
    WrongState,
    sentence,
)
from traceward.kernel.command.accounts import Language
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import KEPT_OUT, Erasable
from traceward.kernel.command.notes import NoteErased, NoteRead, erase_note, read_note
from traceward.kernel.command.people import require_code, taken, whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    amend,
    created,
    emit,
    record_change,
    require_other_person,
    sign,
)
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import (
    BUYER,
    COMPLIANCE,
    DATA_OWNER,
    QUALITY_CONTROLLER,
    QUALITY_HEAD,
    SALES,
    SYSTEM,
)


@dataclass(frozen=True)
class Registered:
    """The record that was made."""

    id: int
    uid: str


@dataclass(frozen=True)
class LicenceAdded(Registered):
    """The licence that was made; or that is known by this number, and counts on."""

    is_renewed: bool = False


@command("partners.register", roles=(BUYER, SALES, DATA_OWNER, SYSTEM), scope=whole_group)
def register(
    party_id: int,
    code: str,
    *,
    is_supplier: bool = False,
    is_maker: bool = False,
    is_customer: bool = False,
    is_carrier: bool = False,
    customer_class: CustomerClass | None = None,
    by: Actor,
) -> Registered:
    """The party is a partner in these roles, to be qualified by quality before any trade."""
    code = require_code(code, 30)
    require_party(party_id)
    if not (is_supplier or is_maker or is_customer or is_carrier):
        raise InvalidInput(
            sentence("Say what the partner is: supplier, maker, customer or carrier."),
            field="is_supplier",
        )
    if is_customer != (customer_class is not None):
        raise InvalidInput(
            sentence("A customer has a customer class, and nobody else does."),
            field="customer_class",
        )
    if Partner.objects.filter(code=code).exists():
        raise taken(code)
    if Partner.objects.filter(party_id=party_id).exists():
        raise Conflict(sentence("This party is a partner already."), field="party_id")
    partner = Partner.objects.create(
        party_id=party_id,
        code=code,
        is_supplier=is_supplier,
        is_maker=is_maker,
        is_customer=is_customer,
        is_carrier=is_carrier,
        customer_class=customer_class.value if customer_class else "",
        registered_by_id=by.person_id,
    )
    created(partner, by=by, code=code, party=party_id)
    return Registered(partner.pk, str(partner.uid))


def require_party(party_id: int, *, field: str = "party_id") -> Party:
    """The party; refused at the field where it does not exist."""
    party = Party.objects.find(party_id)
    if party is None:
        raise NotFound(
            sentence("There is no party with id {id}. Register it first."),
            field=field,
            id=party_id,
        )
    return party


@command(
    "partners.qualify",
    roles=(QUALITY_HEAD,),
    scope=whole_group,
    signed="qualification of a partner",
)
def qualify(partner_id: int, reason: str, *, by: Actor) -> Registered:
    """Quality has audited the partner's papers and says that we may trade with it.

    Whoever registered it cannot qualify it. # ORG-03
    """
    if not reason.strip():
        raise InvalidInput(sentence("Say what was audited and found."), field="reason")
    partner = Partner.objects.lock(partner_id)
    if partner.is_qualified:
        raise WrongState(sentence("{code} is qualified already."), code=partner.code)
    require_other_person(partner.registered_by_id or 0, by=by)
    if not Licence.objects.filter(party_id=partner.party_id, revoked_at=None).exists():
        raise WrongState(
            sentence("{code} has no licence on file. Enter its papers first."), code=partner.code
        )
    party = Party.objects.get(pk=partner.party_id)
    if not (party.address and party.phone):
        raise WrongState(
            sentence(
                "{party} has no address and telephone on file, which every record of purchase and "
                "sale needs. Enter them first."
            ),
            party=party.names,
        )
    amend(partner, by=by, is_qualified=True)
    sign(
        "qualification of a partner",
        kind="partners.partner",
        uid=partner.uid,
        content={"partner": partner.code, "party": partner.party_id, "reason": reason},
        by=by,
    )
    emit(events.PartnerQualified(party.uid), subject=party.uid, by=by)
    return Registered(partner.pk, str(partner.uid))


@command(
    "partners.add_licence",
    roles=(BUYER, SALES, QUALITY_CONTROLLER, COMPLIANCE, DATA_OWNER, SYSTEM),
    scope=whole_group,
)
def add_licence(
    party_id: int,
    kind: LicenceKind,
    number: str,
    classes: list[int],
    valid_from: date,
    *,
    valid_until: date | None = None,
    categories: list[str] | None = None,
    registration_numbers: list[str] | None = None,
    territory: str = "",
    salesperson: Erasable | None = None,
    by: Actor,
) -> LicenceAdded:
    """The party holds a licence for these classes, and these categories or all, until that day.

    A renewal keeps its number (Order 54 art. 16) and makes the licence count until the new day.
    A letter of authorisation says for which products and territory, until when, and whom it names
    with the number of the identity card (GSP art. 53); that name is kept erasable. A renewal names
    whom it is given: the one before is gone, and the copy of the earlier letter keeps it.
    """
    require_party(party_id)
    number = require_code(number, 60, field="number")
    if not classes or not set(classes) <= {1, 2, 3}:
        raise InvalidInput(
            sentence("Give the device classes that it covers: 1, 2, 3."), field="classes"
        )
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInput(
            sentence("It ends ({until}) before it begins ({start}). Correct the days."),
            field="valid_until",
            until=str(valid_until),
            start=str(valid_from),
        )
    is_letter = kind == LicenceKind.AUTHORISATION
    _check_letter(is_letter, valid_until, territory, salesperson, registration_numbers)
    values: dict[str, Any] = {
        "classes": sorted(set(classes)),
        "categories": sorted({c.strip() for c in categories or []} - {""}),
        "valid_from": valid_from,
        "valid_until": valid_until,
        "registration_numbers": sorted({r.strip() for r in registration_numbers or []} - {""}),
        "territory": territory.strip(),
    }
    known = Licence.objects.filter(party_id=party_id, kind=kind.value, number=number).first()
    if known is not None:
        return _renew(known.pk, values, salesperson, by)
    licence = Licence.objects.create(party_id=party_id, kind=kind.value, number=number, **values)
    created(licence, by=by, number=number, **values)
    if salesperson:
        Salesperson.objects.create(letter=licence, text=salesperson.reveal())
    return LicenceAdded(licence.pk, str(licence.uid))


def _check_letter(
    is_letter: bool,
    valid_until: date | None,
    territory: str,
    salesperson: Erasable | None,
    registration_numbers: list[str] | None,
) -> None:
    """A letter of authorisation says where, until when and who; no other licence does."""
    said = {
        "valid_until": valid_until is not None,
        "territory": bool(territory.strip()),
        "salesperson": bool(salesperson),
    }
    lacking = [name for name, is_there in said.items() if not is_there]
    if is_letter and lacking:
        raise InvalidInput(
            sentence(
                "A letter of authorisation states its term, its territory, and the salesperson "
                "with the number of the identity card."
            ),
            field=lacking[0],
        )
    if not is_letter and (said["territory"] or said["salesperson"] or registration_numbers):
        raise InvalidInput(
            sentence("Products, territory and salesperson belong to a letter of authorisation."),
            field="kind",
        )


def _renew(
    licence_id: int, values: dict[str, Any], salesperson: Erasable | None, by: Actor
) -> LicenceAdded:
    """The licence counts as renewed; one that is out of use is reinstated first."""
    licence = Licence.objects.lock(licence_id)
    if licence.revoked_at is not None:
        raise WrongState(
            sentence(
                "Licence {number} is out of use; it is not renewed as it stands. Have quality "
                "reinstate it first."
            ),
            field="number",
            number=licence.number,
        )
    is_named = _name(licence, salesperson, by) if salesperson else False
    if not is_named and all(getattr(licence, name) == value for name, value in values.items()):
        raise Conflict(
            sentence("Licence {number} is on file with the same days and scope."),
            field="number",
            number=licence.number,
        )
    if _ends(values) > _ends(vars(licence)):
        values = {**values, "valid_from": _counts_from(licence, values, by)}
    amend(licence, by=by, **values)
    return LicenceAdded(licence.pk, str(licence.uid), is_renewed=True)


def _ends(values: Mapping[str, Any]) -> date:
    found: date | None = values["valid_until"]
    return found or date.max


def _counts_from(licence: Licence, values: Mapping[str, Any], by: Actor) -> date:
    """The first day of a licence that is renewed: without a gap it has counted all along.

    Refused where the renewal begins later and would cut off what counts today.
    """
    begins, ends = values["valid_from"], _ends(vars(licence))
    today = by.now.astimezone(ZoneInfo(HOME_ZONE)).date()
    others = values.keys() - {"valid_from", "valid_until"}
    follows = ends == date.max or begins <= ends + timedelta(days=1)
    is_same = all(getattr(licence, name) == values[name] for name in others)
    if follows and (is_same or begins <= today):
        return min(licence.valid_from, begins)
    if licence.valid_from <= today <= ends and begins > today:
        raise WrongState(
            sentence(
                "Licence {number} counts as it is until {until}; a renewal from {start} would end "
                "that today. Enter it on the day it begins, or with the same scope and no gap."
            ),
            field="valid_from",
            number=licence.number,
            until=str(licence.valid_until or ""),
            start=str(begins),
        )
    return cast(date, begins)


def _name(letter: Licence, salesperson: Erasable, by: Actor) -> bool:
    """The letter names this person; whether it named nobody or another one before."""
    known = Salesperson.objects.filter(letter=letter).only("pk").first()
    if known is None:
        Salesperson.objects.create(letter=letter, text=salesperson.reveal())
        return True
    row: Salesperson = Salesperson.objects.lock(known.pk)
    if row.text == salesperson.reveal():
        return False
    row.text, row.erased_at = salesperson.reveal(), None
    row.save(update_fields=["text", "erased_at"])
    record_change(row, {}, {"text": KEPT_OUT}, by=by)
    return True


NOBODY = sentence("This licence names no salesperson.")


@command(
    "partners.read_salesperson",
    roles=(BUYER, QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE),
    scope=whole_group,
)
def read_salesperson(licence_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up whom this letter of authorisation names, and why."""
    row = Salesperson.objects.filter(letter=licence_id).first()
    return NoteRead(read_note(row, reason, NOBODY, field="licence_id", by=by))


@command("partners.erase_salesperson", roles=(COMPLIANCE,), scope=whole_group)
def erase_salesperson(licence_id: int, reason: str, *, by: Actor) -> NoteErased:
    """The name and number of the identity card are gone; the letter and what it covered stay.

    Refused while the letter counts: whom it names has to be known that long (GSP art. 53).
    """
    letter = Licence.objects.lock(licence_id)
    if letter.revoked_at is None and (letter.valid_until or date.max) >= by.now.date():
        raise WrongState(
            sentence(
                "Letter {number} counts until {until}, and whom it names is kept that long (GSP "
                "art. 53). Have it taken out of use first, or wait."
            ),
            field="licence_id",
            number=letter.number,
            until=str(letter.valid_until or "—"),
        )
    row = Salesperson.objects.filter(letter=licence_id).first()
    return erase_note(row, reason, NOBODY, field="licence_id", by=by)


@command(
    "partners.revoke_licence",
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE),
    scope=whole_group,
)
def revoke_licence(licence_id: int, reason: str, *, by: Actor) -> Registered:
    """The licence counts no longer, from now on: what it alone covered is refused.

    It is our record that is taken out of use 停用; the authority alone withdraws a licence. What
    was a mistake is mended by `partners.reinstate_licence`.
    """
    if not reason.strip():
        raise InvalidInput(sentence("Say why it is taken out of use."), field="reason")
    licence = Licence.objects.lock(licence_id)
    if licence.revoked_at is not None:
        raise WrongState(sentence("Licence {number} is out of use already."), number=licence.number)
    amend(licence, by=by, revoked_at=by.now)
    by.work.facts["reason"] = reason
    party = Party.objects.get(pk=licence.party_id)
    emit(events.LicenceRevoked(licence.uid, party.uid), subject=licence.uid, by=by)
    return Registered(licence.pk, str(licence.uid))


REINSTATED = "licence is in use again"


@command(
    "partners.reinstate_licence",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    signed=REINSTATED,
)
def reinstate_licence(licence_id: int, reason: str, *, by: Actor) -> Registered:
    """The licence that was taken out of use counts again, from now on, by its own days."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why it counts again."), field="reason")
    licence = Licence.objects.lock(licence_id)
    if licence.revoked_at is None:
        raise WrongState(
            sentence("Licence {number} is in use; there is nothing to reinstate."),
            number=licence.number,
        )
    party = Party.objects.get(pk=licence.party_id)
    amend(licence, by=by, revoked_at=None)
    by.work.facts["reason"] = reason
    sign(
        REINSTATED,
        kind="partners.licence",
        uid=licence.uid,
        content={"licence": licence.number, "party": licence.party_id, "reason": reason},
        by=by,
    )
    emit(events.LicenceReinstated(licence.uid, party.uid), subject=licence.uid, by=by)
    return Registered(licence.pk, str(licence.uid))


#: Who may say whom a firm wants to be told of recalls.
WHO_KNOW_THEM = (SALES, BUYER, DATA_OWNER, QUALITY_CONTROLLER, QUALITY_HEAD, COMPLIANCE, SYSTEM)


@dataclass(frozen=True)
class ContactNamed:
    contact_id: int


@command("partners.name_contact", roles=WHO_KNOW_THEM, scope=whole_group)
def name_contact(
    party_id: int,
    name: str,
    *,
    email: str = "",
    phone: str = "",
    language: Language = "zh-hans",
    by: Actor,
) -> ContactNamed:
    """This person at the firm is told of recalls from now on, in place of who was told before."""
    require_party(party_id)
    name, email, phone = name.strip(), email.strip(), phone.strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise InvalidInput(sentence("Give the name of the person, 1 to 60 signs."), field="name")
    if email and not (len(email) <= 254 and is_address(email) and email.isascii()):
        raise InvalidInput(
            sentence("“{email}” is no e-mail address: a name, one @ and a domain, no blanks."),
            field="email",
            email=email[:100],
        )
    if not (email or phone):
        raise InvalidInput(
            sentence("Give an e-mail address, or at least a telephone number."), field="email"
        )
    if len(phone) > 40:
        raise InvalidInput(sentence("A telephone number has at most 40 signs."), field="phone")
    Party.objects.lock(party_id)
    for before in Contact.objects.lock_all(_contacts(party_id)):
        amend(before, by=by, ended_at=by.now)
    made = Contact.objects.create(
        party_id=party_id,
        name=name,
        phone=phone,
        email=email,
        language=language,
        named_at=by.now,
        named_by_id=by.person_id,
    )
    created(made, by=by, party=party_id, name=name, email=email, phone=phone)
    return ContactNamed(made.pk)


def _contacts(party_id: int) -> list[int]:
    standing = Contact.objects.filter(party=party_id, ended_at=None)
    return list(standing.values_list("pk", flat=True))


@command("partners.end_contact", roles=WHO_KNOW_THEM, scope=whole_group)
def end_contact(contact_id: int, *, by: Actor) -> ContactNamed:
    """Nobody at the firm is told of recalls until another contact is named."""
    row = Contact.objects.lock(contact_id)
    if row.ended_at is not None:
        raise WrongState(
            sentence("{name} is no contact any more. Name another one."), name=row.name
        )
    amend(row, by=by, ended_at=by.now)
    return ContactNamed(row.pk)
