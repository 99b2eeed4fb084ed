"""The guides by screen, walked with a picture of each thing that is seen.

    python -m tests.guides.walk [--out docs/walks/guides] [--only WORDS]

Each in both languages, on a small demo of its own, at the desk or on a telephone as the guide says.
steps.md beside the pictures says what was done for each.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import django

#: A picture is so good, so that all of them stay small.
QUALITY = 40
#: After these something is to be looked at.
SHOWN = ("see", "wait", "scan")
#: What is seen first comes into sight.
INTO_SIGHT = """(text) => {
  const shows = (one) => one.checkVisibility()
    && (one.innerText || "").replace(/\\s+/g, " ").includes(text);
  const found = [...document.querySelectorAll("main *")].filter(shows).at(-1);
  const at = found && found.getBoundingClientRect();
  if (at && (at.top < 0 || at.bottom > innerHeight)) found.scrollIntoView({block: "center"});
}"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.guides.walk")
    parser.add_argument("--out", type=Path, default=Path("docs/walks/guides"))
    parser.add_argument("--only", default="", metavar="WORDS", help="guides whose name has this")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    from tests.guides.company import served
    from tests.guides.test_by_screen import PLAYED
    from tests.looks.browser import SIZES, browser

    lines = ["# What was done", ""]
    with served() as company, browser() as started:
        for path in PLAYED:
            for size in SIZES:
                if chosen.only in path.name:
                    print(path.name, size, flush=True)
                    lines += _walked(started, company.base, path, size, chosen.out)
    (chosen.out / "steps.md").write_text("\n".join(lines), encoding="utf-8")
    return 0


def _walked(started: Any, base: str, path: Path, size: str, out: Path) -> list[str]:
    """The guide from its first to its last sentence; a line for each picture."""
    from tests.guides.playing import Player
    from tests.guides.reading import Act, is_chinese, read

    language = "zh" if is_chinese(path) else "en"
    name = path.name.partition(".")[0]
    folder = out / f"{name}-{language}-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    player = Player(started, base, is_chinese(path), size)
    lines, done, number = [f"## {name}, {language}, {size}", ""], [], 0
    try:
        for act in read(path):
            if not isinstance(act, Act):
                continue
            player.play(act, path)
            done.append(act.said)
            if act.name in SHOWN:
                number += 1
                if act.name != "scan":
                    player.page.evaluate(INTO_SIGHT, player.known_as(act.words[0]))
                picture = folder / f"{number:02}.jpg"
                player.page.screenshot(path=picture, type="jpeg", quality=QUALITY)
                lines.append(f"- [{number}]({folder.name}/{picture.name}) {'. '.join(done)}")
                done = []
    finally:
        player.context.close()
    return [*lines, ""]


if __name__ == "__main__":
    sys.exit(main())
