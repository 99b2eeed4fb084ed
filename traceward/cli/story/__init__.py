"""`traceward story`: the main job on real input files, step by step, with figures.

It runs in a sandbox database of its own, which is made anew each time and removed at the end.
"""

import argparse
import json
import sys
from pathlib import Path

HELP = "run the main job on a shipping notice and an order, and show each step"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    data = Path(__file__).parent / "data"
    parser.add_argument("--notice", type=Path, default=data / "notice.csv", metavar="FILE")
    parser.add_argument("--order", type=Path, default=data / "order.csv", metavar="FILE")
    parser.add_argument("--figures", type=Path, metavar="FILE", help="also write figures as JSON")
    parser.add_argument("--sandbox-name", default="traceward_story", metavar="NAME")
    parser.add_argument("--keep", action="store_true", help="keep the sandbox database")


def run(chosen: argparse.Namespace) -> int:
    """Exit code 0 where every step went as it must; a refusal's own code, or 1, where not."""
    from django.conf import settings

    from traceward.cli.scratch import scratch
    from traceward.cli.story.steps import tell
    from traceward.cli.story.telling import NotAsExpected, Teller

    teller = Teller("zh-hans" if chosen.language == "zh" else "en")
    if chosen.figures:
        chosen.figures.touch()  # whether it can be written is known before the story
    try:
        with scratch(chosen.sandbox_name, settings.HOME, keep=chosen.keep) as admin:
            tell(teller, chosen.notice, chosen.order, admin)
    except NotAsExpected as problem:
        print(f"\n!!  {problem}", file=sys.stderr)
        return 1
    finally:
        if chosen.figures:
            text = json.dumps(teller.figures, ensure_ascii=False, indent=1, default=str)
            chosen.figures.write_text(text + "\n", encoding="utf-8")
    return 0
