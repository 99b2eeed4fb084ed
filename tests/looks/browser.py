"""A page in a real browser: its picture, and what is wrong with it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

#: Programs that are a Chromium, in the order in which they are tried.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"1440": (1440, 900), "390": (390, 844)}
METHOD_NOT_ALLOWED = 405
LANGUAGES, THEMES = ("zh-hans", "en"), ("light", "dark")
#: Two or more English words in a row, on a Chinese page.
ENGLISH = re.compile(r"\b[A-Za-z][a-z]{2,}(?: [A-Za-z][a-z]+)+\b")
HAN = re.compile(r"[\u4e00-\u9fff]+")
#: Texts of the page that a person reads, but for codes, and what somebody typed.
TEXTS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (at.closest("script, style, .tw-code, code, kbd, [lang], [data-typed]")) continue;
    if (!at.checkVisibility()) continue;
    const text = walk.currentNode.textContent.trim();
    if (text) found.push(text);
  }
  return found;
}"""
AXE = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 120)} (${one.nodes.length}x)`);
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PRIMARY = """() => [...document.querySelectorAll("main .tw-btn.tw-pri")]
  .filter((one) => one.checkVisibility()).length"""


def chromium() -> str:
    """The program; empty where this machine has none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), "")


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium without a window; as root it has no sandbox of its own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield started
        finally:
            started.close()


def signed_in(browser: Browser, base: str, login: str, password: str) -> list[Any]:
    """The cookies of somebody who signs in by the form, as a person does."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    chosen = ("language", "theme")
    cookies: list[Any] = [one for one in context.cookies() if one.get("name") not in chosen]
    context.close()
    return cookies


@dataclass(frozen=True)
class Way:
    """How a page is looked at."""

    size: str
    language: str
    theme: str

    def __str__(self) -> str:
        return f"{self.size} {self.language} {self.theme}"

    @property
    def slug(self) -> str:
        return f"{self.size}-{self.language}-{self.theme}"


WAYS = tuple(Way(s, lang, theme) for s in SIZES for lang in LANGUAGES for theme in THEMES)


@dataclass
class Visit:
    """A signed-in browser that looks in one way."""

    base: str
    way: Way
    context: BrowserContext
    page: Page
    told: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, browser: Browser, base: str, way: Way, cookies: list[Any]) -> "Visit":
        """With the cookies of who has signed in."""
        width, height = SIZES[way.size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN" if way.language == "zh-hans" else "en",
            reduced_motion="reduce",
        )
        context.add_cookies(
            [
                {"name": "language", "value": way.language, "url": base},
                {"name": "theme", "value": way.theme, "url": base},
                *cookies,
            ]
        )
        made = cls(base, way, context, context.new_page())
        made.page.on("console", lambda said: made._hear(said.type, said.text))
        made.page.on("pageerror", lambda error: made.told.append(f"script: {error}"))
        return made

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.told.append(f"console: {text[:200]}")

    def look(self, address: str, picture: Path, *, by_axe: bool) -> list[str]:
        """The picture is taken; gives what is wrong with the page."""
        self.told.clear()
        answer = self.page.goto(f"{self.base}{address}", wait_until="load")
        faults: list[str] = []
        if answer is not None and answer.status == METHOD_NOT_ALLOWED:
            return []  # where forms are sent, and no page
        if answer is not None and answer.status >= 400:
            faults.append(f"status {answer.status}")
        if "/sign-in" in self.page.url and address != "/sign-in":
            faults.append("led to the door")
        self.page.screenshot(path=picture, type="jpeg", quality=72)
        if (over := self.page.evaluate(SIDEWAYS)) > 0:
            faults.append(f"{over} px sideways")
        if (count := self.page.evaluate(PRIMARY)) > 1:
            faults.append(f"{count} primary buttons")
        faults += [f"in English: {one}" for one in self._wrong_language()]
        if by_axe:
            self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
            faults += [f"axe {one}" for one in self.page.evaluate(AXE)]
        return faults + list(dict.fromkeys(self.told))

    def _wrong_language(self) -> list[str]:
        """English words on a Chinese page, a few of them."""
        if self.way.language != "zh-hans":
            return []
        texts: list[str] = self.page.evaluate(TEXTS)
        found: dict[str, Any] = {}
        for text in texts:
            if hit := ENGLISH.search(text):
                found[hit[0]] = None
        return list(found)[:4]

    def end(self) -> None:
        self.context.close()
