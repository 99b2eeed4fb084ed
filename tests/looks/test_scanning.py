"""A station in a real browser: scanner, camera, bad network, a server that dies. # WMS-01 UX-05"""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import zxingcpp
from django.contrib.auth.hashers import make_password
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections
from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

from tests import outbound
from tests.inbound import DIS
from tests.looks.browser import chromium, signed_in
from tests.looks.test_looks import PASSWORD, Quiet, base, company
from tests.world import World
from traceward.domain.stock.models import StockMove
from traceward.domain.warehousing.models import Pick, PickLine
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, RoleGrant
from traceward.web.statics import with_statics

__all__ = ["base", "company"]
pytestmark = pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)
SIZES = {"handheld": (390, 844), "desk": (1440, 900)}
BIN, LOT = "A-01", "L1"
LABEL = f"01{DIS['STENT']}1730123110{LOT}"
WAIT = 20_000


class Mortal(ThreadedWSGIServer):
    """A server that can die in the middle: its open connections break with it."""

    def __init__(self, *given: Any) -> None:
        self.open: list[socket.socket] = []
        super().__init__(*given)

    def process_request(self, request: Any, address: Any) -> None:
        self.open.append(request)
        super().process_request(request, address)

    def die(self) -> None:
        self.shutdown()
        for one in self.open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server_close()


def filmed(label: str, path: Path) -> Path:
    """What a camera sees in front of this label's GS1 DataMatrix."""
    symbol = zxingcpp.create_barcode(label, zxingcpp.BarcodeFormat.DataMatrix, options="gs1")
    image = Image.fromarray(symbol.to_image(scale=8)).convert("RGB")
    frame = Image.new("RGB", (640, 480), "white")
    frame.paste(image, ((640 - image.width) // 2, (480 - image.height) // 2))
    y, cb, cr = frame.convert("YCbCr").split()
    half = [part.resize((320, 240)).tobytes() for part in (cb, cr)]
    body = b"".join([b"FRAME\n", y.tobytes(), *half]) * 10
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420\n" + body)
    return path


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filmed(LABEL, tmp_path_factory.mktemp("camera") / "frames.y4m")


@pytest.fixture
def pick(company: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Three units to be fetched from one bin."""
    # Playwright keeps an event loop in this thread, which is no reason not to ask the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with django_db_blocker.unblock():
        company.stock(company.lot("STENT", LOT), 3)
        person = company.by(roles.PICKER).person_id
        Person.objects.filter(pk=person).update(password=make_password(PASSWORD))
        yield outbound.opened(company).pick_id


def let_go() -> None:
    """Beside Playwright's event loop Django has connections of its own: they end with it, so that
    the next module, which has another database, does not find them."""
    for connection in connections.all():
        connection.close()


@contextlib.contextmanager
def station(base: str, pick: int, size: str, *flags: str) -> Iterator[Page]:
    """The picker at the pick, in this size."""
    width, height = SIZES[size]
    login = RoleGrant.objects.filter(role__code=roles.PICKER.code).earliest("pk").person.login
    with sync_playwright() as started:
        program = started.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage", *flags]
        )
        context = program.new_context(viewport={"width": width, "height": height})
        context.add_cookies(signed_in(program, base, login, PASSWORD))
        page = context.new_page()
        page.goto(f"{base}/station/pick/{pick}")
        page.wait_for_selector("[data-step=place]")
        try:
            yield page
        finally:
            let_go()
            program.close()


def scan(page: Page, code: str) -> str:
    """What the band says once the code was scanned, as a keyboard wedge types it."""
    page.evaluate("document.querySelector('[data-step]').dataset.old = 1")
    page.focus("[name=code]")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-old]", state="detached", timeout=WAIT)
    return page.inner_text(".tw-band")


def taken(pick: int) -> tuple[int, int]:
    """Units picked by the pick's lines, and moved by the ledger."""
    lines = sum(PickLine.objects.filter(pick=pick).values_list("picked", flat=True))
    moves = StockMove.objects.filter(document=pick).values_list("quantity", flat=True)
    return lines, sum(moves)


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_pick_by_scanner(base: str, pick: int, size: str) -> None:  # OUT-02 OUT-05
    with station(base, pick, size) as page:
        assert "正确" in scan(page, BIN) or "Right" in page.inner_text(".tw-band")
        for code in ("A-02", f"01{DIS['REAGENT']}10R1"):
            scan(page, code)
            assert page.locator(".tw-band.tw-bad").count() == 1
        assert page.evaluate("document.activeElement.name") == "code", "the focus is back"
        for _ in range(3):
            scan(page, LABEL)
        assert page.locator("[data-verdict=done]").count() == 1
        sideways = "document.documentElement.scrollWidth > innerWidth"
        assert not page.evaluate(sideways)
    assert taken(pick) == (3, 3)
    assert Pick.objects.get(pk=pick).state == "picked"


def test_a_pick_by_camera(base: str, pick: int, frames: Path) -> None:  # WMS-01
    flags = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    source = f"--use-file-for-fake-video-capture={frames}"
    with station(base, pick, "handheld", *flags, source) as page:
        scan(page, BIN)
        assert page.locator("video").count() == 0, "only its button opens it"
        page.click("button[data-open-camera]")
        page.wait_for_selector("[data-verdict=ok] .tw-undo", timeout=WAIT)
        page.wait_for_timeout(2_000)
    assert taken(pick) == (1, 1), "a label that stays in the picture counts once"


def test_an_answer_that_is_lost_counts_once(base: str, pick: int) -> None:  # WMS-01
    lost = []

    def lose(route: Route) -> None:
        """The first two answers of a scan never arrive."""
        if route.request.method != "POST" or len(lost) == 2:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    with station(base, pick, "handheld") as page:
        scan(page, BIN)
        page.route("**/station/**", lose)
        assert "+1" in scan(page, LABEL)
    assert lost == [200, 200]
    assert taken(pick) == (1, 1)


def test_scans_that_come_while_one_is_on_its_way_wait_their_turn(
    base: str, pick: int
) -> None:  # WMS-01
    def late(route: Route) -> None:
        """A slow network."""
        time.sleep(0.7)
        route.continue_()

    with station(base, pick, "handheld") as page:
        scan(page, BIN)
        page.route("**/station/**", late)
        for _ in range(3):  # as fast as a trigger is pulled, Enter twice
            page.focus("[name=code]")
            page.keyboard.type(LABEL)
            page.keyboard.press("Enter")
            page.keyboard.press("Enter")
        page.wait_for_selector("[data-verdict=done]", timeout=WAIT)
    assert taken(pick) == (3, 3)


def test_a_server_that_dies_between_scans_loses_and_doubles_nothing(
    company: World, pick: int
) -> None:  # WMS-01
    def serve(port: int) -> Mortal:
        server = Mortal(("127.0.0.1", port), Quiet)
        server.set_app(with_statics(get_wsgi_application()))
        Thread(target=server.serve_forever, daemon=True).start()
        return server

    first = serve(0)
    port = first.server_address[1]
    with station(f"http://127.0.0.1:{port}", pick, "handheld") as page:
        scan(page, BIN)
        first.die()
        page.focus("[name=code]")
        page.keyboard.type(LABEL)
        page.keyboard.press("Enter")
        page.wait_for_selector(".tw-net.tw-off")
        page.keyboard.type(LABEL)
        page.keyboard.press("Enter")
        assert taken(pick) == (0, 0)
        second = serve(port)
        page.wait_for_selector("[data-verdict=ok] .tw-undo", timeout=WAIT)
        page.wait_for_selector(".tw-net:not(.tw-off)", timeout=WAIT)
        deadline = time.monotonic() + 20
        while taken(pick) != (2, 2) and time.monotonic() < deadline:
            time.sleep(0.2)
    second.die()
    assert taken(pick) == (2, 2)
    for connection in connections.all():
        connection.close()
