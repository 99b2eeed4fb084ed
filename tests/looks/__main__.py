"""`./dev looks`: ends with 1 where a page has a fault."""

import argparse
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]
SECONDS = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev looks")
    parser.add_argument("--only", default="", metavar="WORDS", help="pages whose name matches")
    parser.add_argument("--quick", action="store_true", help="two of the eight ways to look")
    parser.add_argument("--out", type=Path, default=None, help="folder; var/looks")
    parser.add_argument("--sandbox-name", default="traceward_demo", metavar="NAME")
    chosen = parser.parse_args()
    os.environ["TRACEWARD_SANDBOX"] = chosen.sandbox_name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    from django.conf import settings

    from tests.looks import addresses, browser, sheet
    from traceward.cli.company.play.opening import PASSWORD

    if not browser.chromium():
        print("No Chromium here. On Debian or Ubuntu: apt-get install chromium fonts-noto-cjk")
        return 2
    folder = chosen.out or settings.HOME / "var" / "looks"
    pages = [
        one
        for one in addresses.looks(addresses.People.of_the_demo())
        if re.search(chosen.only, one.name)
    ]
    ways = [w for n, w in enumerate(browser.WAYS) if not chosen.quick or n in (0, 7)]
    faults: dict[tuple[str, str], list[str]] = {}
    began, seen = time.monotonic(), 0
    with server() as base, browser.browser() as started:
        logins = dict.fromkeys(one.login for one in pages)
        known = {
            login: browser.signed_in(started, base, login, PASSWORD) if login else []
            for login in logins
        }
        for n, way in enumerate(ways):
            (folder / way.slug).mkdir(parents=True, exist_ok=True)
            for login, cookies in known.items():
                visit = browser.Visit.begin(started, base, way, cookies)
                for one in pages:
                    if one.login != login:
                        continue
                    at = sheet.picture(folder, one, way)
                    by_axe = way in (browser.WAYS[0], browser.WAYS[-1])
                    if found := visit.look(one.address, at, by_axe=by_axe):
                        faults[one.name, str(way)] = found
                    seen += 1
                visit.end()
            print(f"{n + 1} of {len(ways)}: {way}, {time.monotonic() - began:.0f} s", flush=True)
    sheet.write(folder, pages, ways, faults)
    wrong = {name for name, _ in faults}
    print(f"{len(pages)} pages, {seen} pictures: {len(wrong)} pages with faults")
    print(f"{folder / 'index.html'}\n{folder / 'faults.txt'}")
    return 1 if faults else 0


@contextmanager
def server() -> Iterator[str]:
    """The product's own server on the sandbox; ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "traceward", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(base)
            yield base
        finally:
            process.terminate()


def _wait_for(base: str) -> None:
    ends = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{base}/health", timeout=5):
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
