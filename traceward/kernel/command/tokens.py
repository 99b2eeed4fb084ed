"""Bearer tokens: a person's signed uid, good for some hours; kept nowhere."""

import uuid

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from traceward.kernel.org.models import Person

SALT = "traceward.token"
TOKEN_SECONDS = 12 * 3600


def token_for(person: Person) -> str:
    """A token with which the person may send commands for twelve hours."""
    return signing.dumps([str(person.uid), _mark(person)], salt=SALT)


def person_of(token: str) -> Person | None:
    """The active person of the token; None where it is wrong, too old, or before the password."""
    try:
        uid, mark = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
        person = Person.objects.filter(uid=uuid.UUID(uid), is_active=True).first()
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return person if person and constant_time_compare(str(mark), _mark(person)) else None


def _mark(person: Person) -> str:
    """Changes with the password, so that tokens given out before it end."""
    return salted_hmac(SALT, person.password).hexdigest()[:16]
