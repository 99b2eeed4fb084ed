"""Bearer tokens: a person's signed uid, good for some hours; kept nowhere."""

from django.core import signing

from traceward.kernel.org.models import Person

SALT = "traceward.token"
TOKEN_SECONDS = 12 * 3600


def token_for(person: Person) -> str:
    """A token with which the person may send commands for twelve hours."""
    return signing.dumps(str(person.uid), salt=SALT)


def person_of(token: str) -> Person | None:
    """The active person of the token, or None where it is wrong or too old."""
    try:
        uid = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return None
    return Person.objects.filter(uid=uid, is_active=True).first()
