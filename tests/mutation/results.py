"""What became of each mutant, kept below var/ so that a run can go on where it was stopped."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from tests.databases import ROOT
from tests.mutation.explained import EXPLAINED
from tests.mutation.mutants import Mutant


@dataclass(frozen=True)
class Result:
    """A mutant's end: its name and kind, what became of it, by which test or why, and when."""

    name: str
    kind: str
    became: str
    why: str
    seconds: float
    mark: str


def _file() -> Path:
    return Path(settings.HOME) / "var" / "mutation.jsonl"


def mark(mutant: Mutant, why: str) -> str:
    """Changes with the mutant and with the file of the test that killed it."""
    parts = hashlib.sha256(mutant.sql.encode())
    file = ROOT / why.split("::", 1)[0]
    if "::" in why and file.is_file():
        parts.update(file.read_bytes())
    return parts.hexdigest()


def remembered() -> dict[str, Result]:
    """The last result of each mutant."""
    if not _file().exists():
        return {}
    lines = _file().read_text(encoding="utf-8").splitlines()
    return {r.name: r for r in (Result(**json.loads(line)) for line in lines)}


def remember(result: Result) -> None:
    _file().parent.mkdir(parents=True, exist_ok=True)
    with _file().open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def still_holds(mutant: Mutant, result: Result | None) -> bool:
    """Whether nothing has changed since it was killed, was no program, or lived as explained."""
    if result is None or (result.became == "lives" and not explanation(mutant.name)):
        return False
    return result.mark == mark(mutant, result.why)


def explanation(name: str) -> str:
    """Why nothing can notice this mutant; "" where nobody has said it.

    Words that close the place are the end of the name: a second such place is another mutant.
    """
    for words, why in EXPLAINED.items():
        if name.endswith(words) if words.endswith("»") else words in name:
            return why
    return ""
