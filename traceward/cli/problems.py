"""What went wrong below a subcommand, said to whoever typed it instead of a traceback."""

from django.db import Error as DjangoError
from django.db import InterfaceError, OperationalError
from psycopg import Error as DriverError
from psycopg import OperationalError as DriverOperationalError

from traceward.cli.language import say
from traceward.kernel.base.refusals import sentence
from traceward.kernel.base.server import ServerProblem

#: Undefined table, column, function, schema.
NO_SUCH_SCHEMA = frozenset({"42P01", "42703", "42883", "3F000"})
NOT_ALLOWED = "42501"

OTHER_VERSION = sentence("The database is not of this version. Run “traceward migrate”.")
REFUSED_BY_DATABASE = sentence(
    "The database does not allow this: {error}. Ask its administrator for the right, or run "
    "“traceward migrate” where rights were changed."
)
NO_ANSWER = sentence(
    "The database does not answer: {error}. Look whether it runs, then run this again."
)
FILE = sentence("{file} cannot be used: {error}. Mend that, or name another path.")


def told(error: Exception, language: str) -> str | None:
    """The problem and what to do, or nothing where it is a fault of ours."""
    if isinstance(error, ServerProblem):
        return error.told(language)
    if isinstance(error, OSError) and error.filename is not None:
        return say(FILE, language, file=error.filename, error=error.strerror)
    if not isinstance(error, DjangoError | DriverError):
        return None
    cause = error.__cause__ or error
    state = getattr(cause, "sqlstate", None) or ""
    first = (str(cause).strip() or type(cause).__name__).splitlines()[0].rstrip(".")
    if state in NO_SUCH_SCHEMA:
        return say(OTHER_VERSION, language)
    if state == NOT_ALLOWED:
        return say(REFUSED_BY_DATABASE, language, error=first)
    if isinstance(error, OperationalError | InterfaceError | DriverOperationalError):
        return say(NO_ANSWER, language, error=first)
    return None
