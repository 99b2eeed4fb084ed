"""A guide is played before your eyes: python -m tests.guides docs/guides/trace-and-recall.md

Against a demo that is served, at --base; each sentence is printed as it is done.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.guides.playing import Player, Stuck
from tests.guides.reading import Act, is_chinese, read
from tests.looks.browser import browser


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.guides")
    parser.add_argument("guides", nargs="+", type=Path)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--pace", type=float, default=0, help="seconds to read each sentence")
    parser.add_argument("--picture", type=Path, help="of where it ended")
    chosen = parser.parse_args()
    with browser() as started:
        for path in chosen.guides:
            player = Player(started, chosen.base, is_chinese(path))
            began = time.monotonic()
            try:
                for act in read(path):
                    if isinstance(act, Act):
                        print(f"{path.name}:{act.line}: {act.said}", flush=True)
                        time.sleep(chosen.pace)
                        player.play(act, path)
                print(f"{path.name}: {time.monotonic() - began:.0f} s")
            except Stuck as stuck:
                print(stuck, file=sys.stderr)
                return 1
            finally:
                if chosen.picture:
                    player.page.screenshot(path=chosen.picture)
                player.context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
