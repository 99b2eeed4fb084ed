"""What a guide says to do: numbered sentences for the screen, blocks of code for the rest.

In a guide **bold** is what stands on the screen and `code` is what a person types, or a name that
they wrote down before. Each sentence of a numbered list is one of the phrases below, in the guide's
language; what else there is to say stands in brackets or between the lists.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: What is done -> how it is said, in English and in Chinese; W is bold, T is code.
PHRASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sign_in": (("Sign in as W",), ("以W登录",)),
    "sign_in_as": (("Sign in as T",), ("以T登录",)),
    "sign_out": (("Take a browser of somebody else",), ("换别人的浏览器",)),
    "go": (("Open T",), ("打开T",)),
    "press": (("Press W", "Press T"), ("点W", "点T")),
    "press_in": (("In the row of T, press W",), ("在T一行点W",)),
    "open_row": (("Open the row of T",), ("打开T一行",)),
    "open_first": (("Open the first row",), ("打开第一行",)),
    "enter": (("In W enter T",), ("W填T",)),
    "enter_in": (("In the row of T, in W enter T",), ("在T一行，W填T",)),
    "choose": (("For W choose W", "For W choose T"), ("W选W", "W选T")),
    "choose_in": (("In the row of T, for W choose W",), ("在T一行，W选W",)),
    "take": (("For W take the first proposal",), ("W取第一个建议",)),
    "sign": (("Sign with the demo's password",), ("用演示密码签名",)),
    "scan": (("Scan T",), ("扫T",)),
    "see": (("You see @",), ("可见@",)),
    "miss": (("You do not see @",), ("看不到@",)),
    "wait": (("Wait until you see W",), ("等到出现W",)),
    "note": (("Write down W as T",), ("把W记作T",)),
    "note_told": (("Write down the number that is told as T",), ("把提示里的编号记作T",)),
    "note_title": (("Write down the title as T",), ("把标题记作T",)),
    "telephone": (("Take a telephone",), ("改用手机",)),
    "desk": (("Go back to the desk",), ("回到电脑前",)),
}
#: Several of what @ stands for.
SEVERAL = (r"[WT](?:, [WT])*(?: and [WT])?", r"[WT](?:、[WT])*")
#: In every language: where a list of steps, a block, or a mark of one stands.
ITEM = re.compile(r"^\d+\. (.*)$")
MARKED = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")


class Unreadable(Exception):
    """A sentence of a list is no phrase."""


@dataclass(frozen=True)
class Act:
    """A sentence: what is done, with which words."""

    line: int
    said: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A block that a machine runs; `marks` is what stands beside its language."""

    line: int
    language: str
    marks: str
    text: str


def is_chinese(path: Path) -> bool:
    return path.name.endswith(".zh-CN.md")


def read(path: Path) -> list[Act | Code]:
    """All that a guide says to do, in its order."""
    return list(_read(path.read_text(encoding="utf-8").split("\n"), is_chinese(path)))


def _read(lines: list[str], chinese: bool) -> Iterator[Act | Code]:
    at = 0
    while at < len(lines):
        line, begins = lines[at], at + 1
        at += 1
        if line.startswith("```"):
            language, _, marks = line[3:].strip().partition(" ")
            block = []
            while lines[at] != "```":
                block.append(lines[at])
                at += 1
            at += 1
            yield Code(begins, language, marks, "\n".join(block) + "\n")
        elif item := ITEM.match(line):
            said = [item[1]]
            while at < len(lines) and lines[at].startswith("   "):
                said.append(lines[at].strip())
                at += 1
            yield from acts(("" if chinese else " ").join(said), begins, chinese)


def acts(text: str, line: int, chinese: bool) -> Iterator[Act]:
    """The sentences of one item."""
    words: list[str] = []

    def mark(found: re.Match[str]) -> str:
        words.append(found[1] or found[2])
        return "W" if found[1] else "T"

    bare = MARKED.sub(mark, _aside_free(text))
    begin = 0
    for sentence in filter(None, (one.strip() for one in re.split(r"[.。](?:\s|$|(?=.))", bare))):
        count = _count(sentence)
        name = _name(sentence, chinese)
        taken = tuple(words[begin : begin + count])
        begin += count
        if not name:
            raise Unreadable(f"line {line}: “{_again(sentence, taken)}” is no phrase of a guide")
        yield Act(line, _again(sentence, taken), name, taken)


def _aside_free(text: str) -> str:
    """Without what stands in brackets, but for brackets in what is typed or seen."""
    parts = re.split(r"(\*\*.+?\*\*|`.+?`)", text)
    kept: list[str] = []
    depth = 0
    for part in parts:
        if part.startswith(("**", "`")):
            if not depth:
                kept.append(part)
            continue
        for sign in part:
            depth += (sign in "(（") - (sign in ")）" and depth > 0)
            if not depth and sign not in ")）":
                kept.append(sign)
    return re.sub(r"\s+([.。])", r"\1", "".join(kept)).rstrip()


def _count(sentence: str) -> int:
    return len(re.findall(r"(?<![A-Za-z])[WT](?![A-Za-z])", sentence))


def _name(sentence: str, chinese: bool) -> str:
    bare = re.sub(r"\s*([WT])\s*", r"\1", sentence) if chinese else sentence
    for name, phrases in PHRASES.items():
        for phrase in phrases[chinese]:
            if re.fullmatch(re.escape(phrase).replace("@", SEVERAL[chinese]), bare):
                return name
    return ""


def _again(sentence: str, words: tuple[str, ...]) -> str:
    rest = iter(words)
    return re.sub(r"(?<![A-Za-z])[WT](?![A-Za-z])", lambda _: next(rest, "…"), sentence)
