"""A guide's sentences, played in a real browser by what stands on the page."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ElementHandle, Error, Page, Request

from tests.guides.reading import Act
from tests.looks.browser import SIZES

#: Seconds until a page must show what the guide says; and what the worker is given.
PATIENCE, WORKER = 30.0, 60.0
BETWEEN = 0.1
#: What can be pressed and is called so: by its text, its label, a part of it, or its beginning.
PRESSED = """([word, row]) => {
  const plain = (text) => (text || "").replace(/\\s+/g, " ").trim();
  const scopes = [...document.querySelectorAll("dialog[open]"), document.querySelector("main"),
    document.body].filter(Boolean);
  const what = "a[href], button, summary, [role=tab], [role=option], label:has(input)";
  const at = (one) => one.closest("tr, li, .tw-row, .tw-line");
  const fits = (one) => one.checkVisibility() && !one.disabled
    && (!row || (at(one) && plain(at(one).innerText).includes(row)));
  const ways = [
    (one) => plain(one.innerText) === word,
    (one) => one.getAttribute("aria-label") === word,
    (one) => [...one.querySelectorAll("*")].some((part) => plain(part.innerText) === word),
    (one) => plain(one.innerText).startsWith(word + " "),
  ];
  for (const is of ways) for (const scope of scopes)
    for (const one of scope.querySelectorAll(what)) if (fits(one) && is(one)) return one;
  return null;
}"""
#: The field that is called so.
FIELD = """([word, row]) => {
  const plain = (text) => (text || "").replace(/[*\\s]+/g, " ").trim();
  const called = (one) => {
    const label = one.closest("label");
    return [one.getAttribute("aria-label"), label && label.firstElementChild
      && label.firstElementChild.innerText, label && label.innerText].map(plain);
  };
  const at = (one) => one.closest("tr, section.tw-line, li");
  const all = [...document.querySelectorAll("main input, main select, main textarea, footer input")]
    .filter((one) => one.type !== "hidden" && one.checkVisibility() && !one.disabled
      && (!row || (at(one) && plain(at(one).innerText).includes(row)))
      && called(one).includes(word));
  return all.find((one) => !one.value) || all[0] || null;
}"""
FACT = """(word) => {
  const plain = (text) => (text || "").replace(/\\s+/g, " ").trim();
  const called = [...document.querySelectorAll("dt, small, .tw-field > span")];
  const found = called.find((one) => plain(one.innerText) === word);
  return found ? plain(found.nextElementSibling.innerText) : "";
}"""
TEXT = """() => (document.body.innerText + " " + [...document.querySelectorAll("input, select")]
  .map((one) => one.selectedOptions ? one.selectedOptions[0]?.innerText : one.value).join(" "))
  .replace(/\\s+/g, " ")"""
#: What a person who is stuck would tell.
STUCK = """() => {
  const told = (all) => [...document.querySelectorAll(all)].filter((one) => one.checkVisibility())
    .map((one) => (one.getAttribute("aria-label") || one.innerText).replace(/\\s+/g, " ").trim())
    .filter(Boolean).slice(0, 40).join(" | ");
  return [["title", "h1"], ["told", "[role=alert], [role=status], .tw-problem"],
    ["can be pressed", "main a, main button, main summary, footer button, .tw-pop a"],
    ["fields", "main input, main select, main textarea"]]
    .map(([name, all]) => `  ${name}: ${told(all)}`).join("\\n");
}"""
#: What opens a row; its cells lie above it.
OPENS = ".tw-open"
#: The door of a demo says it.
DEMO_PASSWORD = ".tw-people input[name=password]"
NOTHING_PENDS = "() => !document.querySelector('.htmx-request')"
OPTION = ".tw-option:not([aria-disabled])"


class Stuck(AssertionError):
    """The guide says what the page does not have."""


class Player:
    """A person with a browser, who does what the guide says and nothing else."""

    def __init__(self, browser: Browser, base: str, chinese: bool, size: str = "1440") -> None:
        self.browser, self.base, self.size, self.password = browser, base, size, ""
        self.language = "zh-hans" if chinese else "en"
        self.known: dict[str, str] = {}
        self.page = self._begun()

    def _begun(self) -> Page:
        """A browser that nobody has used yet."""
        width, height = SIZES[self.size]
        self.context = self.browser.new_context(
            locale="zh-CN" if self.language == "zh-hans" else "en",
            reduced_motion="reduce",
            viewport={"width": width, "height": height},
        )
        self.context.add_cookies([{"name": "language", "value": self.language, "url": self.base}])
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        self.under_way: set[Request] = set()
        page.on("request", lambda one: self.under_way.add(one))
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda one: self.under_way.discard(one))
        return page

    def play(self, act: Act, guide: Path) -> None:
        """Done, or told where the guide and the page part."""
        words = [self.known_as(word) for word in act.words]
        try:
            getattr(self, act.name)(*words)
        except (Stuck, Error) as why:
            raise Stuck(
                f"{guide.name}:{act.line}: {act.said}\n  {why}\n  at: {self.page.url}\n"
                f"{self._what_is_there()}"
            ) from None

    def _what_is_there(self) -> str:
        try:
            told: str = self.page.evaluate(STUCK)
        except Error:
            return "  the page is being left"
        return told

    def known_as(self, word: str) -> str:
        """What was written down under this name; else the word itself."""
        return re.sub(r"[A-Z]{3,}", lambda one: self.known.get(one[0], one[0]), word)

    # --- What a guide can say ---------------------------------------------------------------

    def sign_in(self, role: str) -> None:
        self.sign_out()
        self.page.goto(f"{self.base}/sign-in")
        self.password = self.page.locator(DEMO_PASSWORD).get_attribute("value") or ""
        self.press(role)
        if "/sign-in" in self.page.url:
            raise Stuck(f"nobody signs in as {role}")

    def sign_in_as(self, login: str) -> None:
        self.sign_out()
        self.page.goto(f"{self.base}/sign-in")
        self.password = self.page.locator(DEMO_PASSWORD).get_attribute("value") or ""
        self.page.fill("input[name=login]:visible", login)
        self.page.fill("input[name=password]:visible", self.password)
        self.page.press("input[name=password]:visible", "Enter")
        self._settle()
        if "/sign-in" in self.page.url:
            raise Stuck(f"{login} does not sign in")

    def go(self, address: str) -> None:
        self.page.goto(address if address.startswith("http") else f"{self.base}{address}")

    def sign_out(self) -> None:
        self.context.close()
        self.page = self._begun()

    def press(self, word: str, row: str = "") -> None:
        for last in (False, False, True):
            try:
                self._found(PRESSED, word, row).click()
                break
            except Error:  # it was swapped under the finger
                if last:
                    raise
        self._settle()

    def press_in(self, row: str, word: str) -> None:
        self.press(word, row)

    def open_row(self, row: str) -> None:
        self.page.locator("main tr", has_text=row).locator(OPENS).first.evaluate(
            "one => one.click()"
        )
        self._settle()

    def open_first(self) -> None:
        self.page.locator(f"main table {OPENS}").first.evaluate("one => one.click()")
        self._settle()

    def enter(self, word: str, text: str, row: str = "") -> None:
        self._put(self._found(FIELD, word, row), text)

    def enter_in(self, row: str, word: str, text: str) -> None:
        self.enter(word, text, row)

    def choose(self, word: str, text: str, row: str = "") -> None:
        self._put(self._found(FIELD, word, row), text)

    def choose_in(self, row: str, word: str, text: str) -> None:
        self.choose(word, text, row)

    def take(self, word: str) -> None:
        field = self._found(FIELD, word)
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(index=1)
            return
        field.click()
        self.page.locator(OPTION).first.click()

    def sign(self) -> None:
        self.page.locator("input[type=password]:visible").first.fill(self.password)

    def scan(self, code: str) -> None:
        self.page.locator("input[name=code]:visible").first.focus()
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")
        self._settle()

    def see(self, *texts: str) -> None:
        for text in texts:
            self._until(lambda text=text: text in self._text(), f"“{text}” is not to be seen")

    def miss(self, *texts: str) -> None:
        self._settle()
        for text in texts:
            if text in self._text():
                raise Stuck(f"“{text}” is to be seen")

    def wait(self, text: str) -> None:
        def came() -> bool:
            if text in self._text():
                return True
            time.sleep(1)
            self.page.reload()
            return False

        self._until(came, f"“{text}” does not come", WORKER)

    def note(self, word: str, name: str) -> None:
        found: str = self.page.evaluate(FACT, word)
        if not found:
            raise Stuck(f"nothing is called “{word}” here")
        self.known[name] = found

    def note_told(self, name: str) -> None:
        self.known[name] = self.page.locator("#tw-said .tw-code").first.inner_text().strip()

    def note_title(self, name: str) -> None:
        self.known[name] = self.page.inner_text("h1").strip()

    def telephone(self) -> None:
        self._size("390")

    def desk(self) -> None:
        self._size(self.size)

    # --- How it is done ---------------------------------------------------------------------

    def _size(self, name: str) -> None:
        width, height = SIZES[name]
        self.page.set_viewport_size({"width": width, "height": height})

    def _text(self) -> str:
        try:
            text: str = self.page.evaluate(TEXT)
        except Error:  # the page is being left
            return ""
        return text

    def _found(self, how: str, word: str, row: str = "") -> ElementHandle:
        found: list[ElementHandle] = []

        def is_there() -> bool:
            if one := self.page.evaluate_handle(how, [word, row]).as_element():
                found.append(one)
            return bool(found)

        where = f" in a row of “{row}”" if row else ""
        self._until(is_there, f"nothing is called “{word}”{where}")
        return found[-1]

    def _put(self, field: ElementHandle, text: str) -> None:
        """As a person would: chosen from a list, picked among proposals, ticked, or typed."""
        kind = field.evaluate("one => one.dataset.pick ? 'pick' : one.type")
        if kind == "select-one":
            labels = field.evaluate("one => [...one.options].map((each) => each.innerText.trim())")
            fitting = [one for one in labels if text in one]
            if not fitting:
                raise Stuck(f"“{text}” is not among {labels[:20]}")
            field.select_option(label=text if text in labels else fitting[0])
        elif kind == "pick":
            field.fill("")
            field.type(text)
            self.page.locator(OPTION, has_text=text).first.click()
        elif kind in ("checkbox", "radio"):
            field.check()
        else:
            field.fill(text)

    def _settle(self) -> None:
        """What was pressed has had its effect: the server answered, and the page shows it."""
        self.page.wait_for_timeout(BETWEEN * 1000)
        self._until(self._is_quiet, "the page does not come to rest")
        self.page.wait_for_load_state("load")

    def _is_quiet(self) -> bool:
        self.page.wait_for_timeout(BETWEEN * 200)  # lets the browser tell what became of requests
        return not self.under_way and bool(self.page.evaluate(NOTHING_PENDS))

    def _until(self, holds: Callable[[], Any], else_: str, seconds: float = PATIENCE) -> None:
        ends = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
            except Error:  # the page was left meanwhile
                pass
            if time.monotonic() > ends:
                raise Stuck(else_)
            time.sleep(BETWEEN)
