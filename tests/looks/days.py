"""Each role's day on the demo: sign in, see what waits, do the first of it, as the page offers it.

    python -m tests.looks.days [--role CODE] [--all] [--out docs/walks/days]

Each role is seen in two ways, and over all roles in four: Chinese on the desk and English on the
telephone, then English on the desk and Chinese on the telephone. The second way begins another
kind of work than the first.

The forms are sent as they come, with a signature where one is asked for; what is required and
still empty gets a reason, a 1, today, or the first that is proposed. days.md says what was typed
and what came of it. It does real work: load the demo anew afterwards.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django
from playwright.sync_api import Locator, Page, TimeoutError

#: A picture is so good, so that the pictures of all roles stay small.
QUALITY = 40
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Milliseconds until a picker has answered.
PATIENCE = 4000
#: … and until what came back stands in the page.
SETTLES = 500
REASON = "按规程办理 as the procedure says"
TOLD = "[role=alert], [role=status], .tw-problem"


@dataclass(frozen=True)
class Step:
    """What was on the screen, and what came of it."""

    picture: str
    address: str
    done: str
    told: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.looks.days")
    parser.add_argument("--role", default="")
    parser.add_argument("--all", action="store_true", help="each role in all four ways")
    parser.add_argument("--out", type=Path, default=Path("docs/walks/days"))
    parser.add_argument("--sandbox-name", default="traceward_demo", metavar="NAME")
    chosen = parser.parse_args()
    os.environ["TRACEWARD_SANDBOX"] = chosen.sandbox_name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    from tests.looks.__main__ import server
    from tests.looks.browser import WAYS, browser
    from traceward.cli.company.work import one_of_each, today

    workers = [w for w in one_of_each(today()) if chosen.role in ("", w.role.code)]
    by_way = {(w.size, w.language): w for w in WAYS if w.theme == "light"}
    pairs = ((("1440", "zh-hans"), ("390", "en")), (("1440", "en"), ("390", "zh-hans")))
    lines = ["# Days", "", __doc__.split("\n")[0] if __doc__ else "", ""]
    with server() as base, browser() as started:
        for nth, worker in enumerate(workers):
            keys = [*pairs[0], *pairs[1]] if chosen.all else pairs[nth % 2]
            lines += [f"## {worker.role.zh} {worker.role.en} ({worker.login})", ""]
            for turn, way in enumerate(by_way[key] for key in keys):
                folder = chosen.out / worker.role.code
                folder.mkdir(parents=True, exist_ok=True)
                lines += [f"{way}:", ""]
                day = _day(started, base, way, worker.login, folder, turn)
                for n, step in enumerate(day, 1):
                    link = f"[{n}]({worker.role.code}/{step.picture})"
                    lines.append(f"- {link} {step.done} `{step.address}` {step.told}")
                lines.append("")
            print(worker.role.code, flush=True)
    (chosen.out / "days.md").write_text("\n".join(lines), encoding="utf-8")
    return 0


def _day(started: Any, base: str, way: Any, login: str, folder: Path, turn: int) -> Iterator[Step]:
    from tests.looks.browser import Visit, signed_in
    from traceward.cli.company.play.opening import PASSWORD

    visit = Visit.begin(started, base, way, signed_in(started, base, login, PASSWORD))
    page, n = visit.page, 0

    def seen(done: str) -> Step:
        nonlocal n
        n += 1
        name = f"{n:02}-{way.size}-{way.language}.jpg"
        page.screenshot(path=folder / name, type="jpeg", quality=QUALITY)
        return Step(name, page.url.removeprefix(base), done, _told(page))

    page.goto(base)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLES)
    yield seen("home")
    acts = _acts(page)
    for address in acts[turn % max(len(acts), 1) :][:1]:
        page.goto(f"{base}{address}")
        typed = _fill(page, PASSWORD)
        yield seen("form, filled")
        send = page.locator("main form button.tw-pri:visible")
        if send.count():
            empty = page.locator("main form :invalid:visible:not(fieldset)").count()
            if empty:
                yield seen(f"not sent: {empty} fields are empty{typed}")
                continue
            with page.expect_response(lambda answer: answer.request.method == "POST"):
                send.first.click()
            page.wait_for_timeout(SETTLES)
            page.wait_for_load_state("networkidle")
            yield seen(f"sent{typed}")
    visit.end()


def _fill(page: Page, password: str) -> str:
    """The signature, a reason and first choices stand in the form; says in which fields."""
    typed = []
    for field in page.locator("main form [required]:visible").all():
        name = field.get_attribute("name") or ""
        if field.get_attribute("type") == "password":
            field.fill(password)
        elif field.input_value():
            continue
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(index=1)
        elif field.get_attribute("data-pick"):
            if not _pick(page, field):
                typed.append(f"{name}: nothing to choose")
                continue
        elif field.get_attribute("type") == "date":
            field.fill(datetime.now(SHANGHAI).date().isoformat())
        elif field.get_attribute("type") == "datetime-local":
            field.fill(datetime.now(SHANGHAI).strftime("%Y-%m-%dT%H:%M"))
        elif field.get_attribute("inputmode"):
            field.fill("1")
        else:
            field.fill(REASON)
        typed.append(name)
    return f" ({', '.join(typed)})" if typed else ""


def _pick(page: Page, field: Locator) -> bool:
    """The first of what is proposed is chosen; false where nothing is."""
    field.click()
    first = page.locator(".tw-option:not([aria-disabled])").first
    try:
        first.wait_for(timeout=PATIENCE)
    except TimeoutError:
        return False
    first.click()
    return True


def _acts(page: Page) -> list[str]:
    """The first verb of each card, where it is not an earlier one's; then what the role begins."""
    links = page.locator("main .tw-waits a[href^='/do/'], main .tw-starts a")
    addresses: list[str] = links.evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    addresses.sort(key=lambda one: one.endswith("?next=%2F"))  # what waits, first
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(address.partition("?")[0], address)
    return list(found.values())


def _told(page: Page) -> str:
    texts = [one.inner_text() for one in page.locator(TOLD).all() if one.is_visible()]
    return " / ".join(" ".join(text.split()) for text in texts if text.strip())[:200]


if __name__ == "__main__":
    sys.exit(main())
