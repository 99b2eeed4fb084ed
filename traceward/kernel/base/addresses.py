"""Database addresses and the three roles behind them: owner, application, verifier.

With our own server each role signs in by name through the private socket. With ``DATABASE_URL``
its user signs in and every connection takes on the role (``options=-c role=…``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from traceward.kernel.base.programs import OLDEST_MAJOR, ServerProblem

if TYPE_CHECKING:
    import psycopg

DATABASE = "traceward"
OWNER, APP, VERIFY = ROLES = ("traceward_owner", "traceward_app", "traceward_verify")
LOCK_KEY = 7296  # one process at a time makes roles and database


# --- Addresses ------------------------------------------------------------------------------


def database_of(url: str) -> str:
    """The database that an address names; libpq takes the user's name when there is none."""
    parts = _split(url)
    named = dict(parse_qsl(parts.query)).get("dbname")
    return unquote(parts.path.lstrip("/")) or named or unquote(parts.username or "") or DATABASE


def with_database_and_role(url: str, database: str | None, role: str | None) -> str:
    """The same address for another database, with every connection in the given role."""
    parts = _split(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if database is not None:
        query.pop("dbname", None)
        parts = parts._replace(path="/" + quote(database, safe=""))
    if role in ROLES and unquote(parts.username or "") != role:
        query["options"] = f"{query.get('options', '')} -c role={role}".strip()
    tail = urlencode(query, quote_via=quote)
    # Not geturl(): it leaves the slashes out where the host stands in the query.
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{tail}" if tail else "")


def host_of(url: str) -> str:
    """The host that an address names before its path, or a socket's folder as it is spelt."""
    parts = _split(url)
    host = unquote(re.sub(r":\d*$", "", parts.netloc.rpartition("@")[2]))
    return host if host.startswith("/") else parts.hostname or ""


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in ("postgresql", "postgres") or parts.netloc.count("@") > 1:
        raise ServerProblem(
            "DATABASE_URL is not an address of PostgreSQL. Write it as "
            "postgresql://user:password@host:port/database, with special characters as "
            "%XX."
        )
    return parts


def shown(url: str) -> str:
    """The address without its password, fit for a message."""
    parts = _split(url)
    return f"{parts.username or ''}@{parts.hostname or 'socket'}/{database_of(url)}"


# --- Asking the server ----------------------------------------------------------------------


def connect(url: str) -> psycopg.Connection:
    """An open connection that commits each statement."""
    # Late on purpose: addresses are asked for before the driver is installed.
    import psycopg

    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        said = (str(error).strip() or "no answer").splitlines()[0]
        raise ServerProblem(
            "Cannot connect to {address}: {said}. Check that the server runs and that "
            "DATABASE_URL, where it is set, names the right host, user and password.",
            address=shown(url),
            said=said,
        ) from error


def server_version(url: str) -> str:
    """The version of the server behind an address; older than we support is refused."""
    with _connect_to_any_database(url) as connection:
        version = connection.info.server_version
    if version // 10000 < OLDEST_MAJOR:
        raise ServerProblem(
            "The server at {address} is PostgreSQL {major}; Traceward needs {oldest} or "
            "newer. Upgrade it, or unset DATABASE_URL to use an own server.",
            address=shown(url),
            major=version // 10000,
            oldest=OLDEST_MAJOR,
        )
    return f"{version // 10000}.{version % 10000}"


def _connect_to_any_database(url: str) -> psycopg.Connection:
    """The database that the address names, or ``postgres`` while that one does not exist."""
    try:
        return connect(url)
    except ServerProblem as problem:
        if "does not exist" not in str(problem) or database_of(url) == "postgres":
            raise
        return connect(with_database_and_role(url, "postgres", None))


# --- Roles and database ---------------------------------------------------------------------


def ensure_roles_and_database(superuser_url: str, database: str = DATABASE) -> None:
    """The three roles and the database exist, and the address's user may take on each role.

    The owner owns a database made here; of an existing one it gets the right to create in it.
    Raises ServerProblem with the statements for an administrator when the user may not do this.
    """
    import psycopg

    try:
        with _connect_to_any_database(superuser_url) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
            for role in ROLES:
                _ensure_role(connection, role)
            _ensure_memberships(connection)
            _ensure_database(connection, database)
        with connect(with_database_and_role(superuser_url, database, None)) as connection:
            _ensure_owner_rights(connection, database)
    except psycopg.errors.InsufficientPrivilege as error:
        user = unquote(_split(superuser_url).username or "this user")
        raise ServerProblem(
            "User {user} may not make the roles and the database that Traceward needs ({said}). "
            "Ask the server's administrator to run:\n{statements}\nand then start again.",
            user=user,
            said=str(error).strip(),
            statements=_for_the_administrator(user, database),
        ) from error


def _ensure_role(connection: psycopg.Connection, role: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        return
    creates = connection.execute(
        "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    # Only the owner makes databases (for tests, sandboxes and restores), where its maker may.
    extra = " CREATEDB" if role == OWNER and creates and creates[0] else ""
    connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE{extra}".encode())


def _ensure_memberships(connection: psycopg.Connection) -> None:
    """Our user can take on each role, and the owner those of lesser rights."""
    for role in ROLES:
        if not _can_take_on(connection, "current_user", role):
            connection.execute(f"GRANT {role} TO CURRENT_USER".encode())
    for role in (APP, VERIFY):
        if not _can_take_on(connection, f"'{OWNER}'", role):
            connection.execute(f"GRANT {role} TO {OWNER}".encode())


def _can_take_on(connection: psycopg.Connection, member: str, role: str) -> bool:
    right = "SET" if connection.info.server_version >= 160000 else "MEMBER"
    asked = f"SELECT pg_has_role({member}, %s, %s)".encode()
    found = connection.execute(asked, [role, right]).fetchone()
    return bool(found and found[0])


def _ensure_database(connection: psycopg.Connection, database: str) -> None:
    found = connection.execute(
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    if found and found[0] != "UTF8":
        raise ServerProblem(
            "The database {database} is encoded in {encoding}, which cannot hold "
            "Chinese. Name another one in DATABASE_URL; it is made in UTF8.",
            database=database,
            encoding=found[0],
        )
    if not found:
        make_database(connection, database)


def make_database(connection: psycopg.Connection, database: str) -> None:
    """A new database of the owner, whatever the server's own encoding and sorting are."""
    import psycopg
    from psycopg import sql

    template = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' ").format(
        sql.Identifier(database), sql.Identifier(OWNER)
    )
    # Sorted by code point on every server; letters beyond ASCII are known as letters.
    locales = ["LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", "LC_COLLATE 'C' LC_CTYPE 'C'"]
    if connection.info.server_version >= 170000:
        locales = ["LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"]
    for locale in locales:
        try:
            connection.execute(template + sql.SQL(locale))
            return
        except psycopg.errors.WrongObjectType:
            if locale is locales[-1]:
                raise


def _ensure_owner_rights(connection: psycopg.Connection, database: str) -> None:
    """The owner may create in the database and pass on the use of its public schema."""
    from psycopg import sql

    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    found = connection.execute(
        "SELECT has_database_privilege(%s, current_database(), 'CREATE, TEMP')"
        " AND has_schema_privilege(%s, 'public', 'CREATE WITH GRANT OPTION')"
        " AND has_schema_privilege(%s, 'public', 'USAGE WITH GRANT OPTION')",
        [OWNER] * 3,
    ).fetchone()
    if found and found[0]:
        return
    connection.execute(sql.SQL("GRANT ALL ON DATABASE {} TO {}").format(name, owner))
    connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {} WITH GRANT OPTION").format(owner))


def _for_the_administrator(user: str, database: str) -> str:
    return (
        f"  CREATE ROLE {OWNER} LOGIN CREATEDB;\n"
        f"  CREATE ROLE {APP} LOGIN;\n"
        f"  CREATE ROLE {VERIFY} LOGIN;\n"
        f"  GRANT {APP}, {VERIFY} TO {OWNER};\n"
        f'  GRANT {OWNER}, {APP}, {VERIFY} TO "{user}";\n'
        f"  CREATE DATABASE \"{database}\" OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8';"
    )
