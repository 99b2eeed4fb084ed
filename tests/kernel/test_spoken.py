"""What goes wrong before Django is there is said in the reader's language."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from traceward.kernel.base.addresses import database_of
from traceward.kernel.base.programs import ServerProblem, advice
from traceward.kernel.base.server import Server
from traceward.kernel.base.spoken import VARIABLES, Sentence, told

REPOSITORY = Path(__file__).parents[2]
OUT_OF_REACH = "postgresql://li:s3cret@127.0.0.1:1/depot"
FAILURES = [
    ("start", {"TRACEWARD_POSTGRES": "docker"}, "请设为 wheel 或 path", "Set it to wheel or path"),
    ("start", {"DATABASE_URL": "mysql://h/x"}, "不是 PostgreSQL 的地址", "is not an address of"),
    ("start", {"DATABASE_URL": OUT_OF_REACH}, "无法连接到 li@127.0.0.1/depot", "Cannot connect to"),
    ("start", {"TRACEWARD_HOME": "/nowhere/a $HOME"}, "不接受的字符", "contains a character"),
    ("stat", {}, "请输入 start、stop、status 或 remove", "Say start, stop, status or remove."),
    ("stop", {}, "没有服务器在运行", "No server was running."),
]


def ended(words: list[str], home: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """The module has run where nothing is set but what is given."""
    kept = {name: text for name, text in os.environ.items() if name not in VARIABLES}
    for name in ("DATABASE_URL", "TRACEWARD_POSTGRES"):
        kept.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=REPOSITORY,
        env={**kept, "TRACEWARD_HOME": str(home), "PYTHONUTF8": "1", **options},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("verb", "options", "chinese", "english"), FAILURES)
@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "en_GB.UTF-8", ""])
def test_the_server_speaks_the_language_of_the_locale(
    tmp_path: Path, verb: str, options: dict[str, str], chinese: str, english: str, locale: str
) -> None:  # UX-02
    done = ended(["traceward.kernel.base.control", verb], tmp_path, LC_ALL=locale, **options)
    wanted, other = (chinese, english) if locale.startswith("zh") else (english, chinese)
    assert wanted in done.stdout + done.stderr
    assert other not in done.stdout + done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == {"start": 1, "stat": 2, "stop": 0}[verb]


@pytest.mark.parametrize(
    ("language", "expected"), [("zh", "请确认服务器正在运行"), ("en", "Check that the server runs")]
)
def test_a_subcommand_speaks_the_language_it_was_asked_in(
    tmp_path: Path, language: str, expected: str
) -> None:
    words = ["traceward", "--language", language, "verify"]
    done = ended(words, tmp_path, LANG="fr_FR.UTF-8", DATABASE_URL=OUT_OF_REACH)
    assert (done.returncode, done.stdout) == (1, "")
    assert expected in done.stderr


def test_letters_that_a_terminal_lacks_are_replaced(tmp_path: Path) -> None:
    narrow = {"PYTHONIOENCODING": "ascii", "TRACEWARD_LANGUAGE": "zh", "DATABASE_URL": "x"}
    done = ended(["traceward.kernel.base.control", "start"], tmp_path, **narrow)
    assert done.returncode == 1
    assert "postgresql://user:password@host:port/database" in done.stderr
    assert "Traceback" not in done.stderr


def test_data_of_another_version_is_named_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    mark = tmp_path / "var" / "pg" / "data" / "PG_VERSION"
    mark.parent.mkdir(parents=True)
    mark.write_text("9\n")
    with pytest.raises(ServerProblem) as refused:
        _ = Server(tmp_path).binaries
    assert refused.value.told("zh").startswith(f"{mark.parent} 中的数据由 PostgreSQL 9 写入")
    assert refused.value.told("en") == str(refused.value)
    assert "was written by PostgreSQL 9" in str(refused.value)


def test_a_sentence_inside_another_is_translated_and_a_programs_own_words_are_not() -> None:
    full = advice("FATAL: No space left on device")
    failed = ServerProblem("PostgreSQL could not make its data folder. {advice}", advice=full)
    assert failed.told("zh") == (
        "PostgreSQL 无法创建数据目录。磁盘已满：请至少腾出 1.5 GB 后重新启动。"
        "程序输出：FATAL: No space left on device"
    )
    assert told("initdb: error", "zh") == "initdb: error"
    assert told(Sentence("Server stopped."), "en") == "Server stopped."


def test_braces_in_a_value_stay() -> None:
    failed = ServerProblem("Cannot remove {path}. Remove it as its owner.", path="/a/{b}")
    assert failed.told("zh") == "无法删除 /a/{b}。请以其所有者的身份删除。"
    with pytest.raises(ServerProblem) as refused:
        database_of("nothing")
    assert refused.value.told("zh").startswith("DATABASE_URL 不是")
