"""`./dev pictures`: the pictures of the README, made again from the demo. Look at them afterwards.

Eight pages of the whole company, in the language of the README that shows them; each small enough
to be read in a minute on a slow line.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from PIL import Image

#: All of them together, in bytes.
MOST = 2_000_000
QUALITY = 62
#: Milliseconds that a page is given to come to rest.
SETTLES = 700
WIDE = 1200


@dataclass(frozen=True)
class Picture:
    """A page as somebody of the role sees it; then what they do there, if anything."""

    name: str
    role: Any
    address: str
    size: str = "1440"
    theme: str = "light"
    then: Callable[[Any], None] = lambda page: None


def pictures() -> Iterator[Picture]:
    """What the README shows, in its order."""
    from traceward.domain.recalls.models import CaseState, RecallCase
    from traceward.domain.warehousing.models import Pick, PickState
    from traceward.kernel.org import roles

    case = RecallCase.objects.filter(state=CaseState.OPEN).latest("pk")
    open_picks = Pick.objects.filter(state=PickState.OPEN, site__code="SH01")
    pick = open_picks.filter(lines__serial=None).distinct().latest("pk")
    codes = {line.item.code: di_of(line.item_id) for line in pick.lines.select_related("item")}

    def right(page: Any) -> None:
        scan(page, page.inner_text(".tw-loc .tw-big").strip())

    def wrong(page: Any) -> None:
        right(page)
        item = page.locator(".tw-goods .tw-code").first.inner_text().strip()
        scan(page, f"(01){codes[item]}(10)WRONG-LOT")

    yield Picture("trace", roles.QUALITY_HEAD, f"/trace/lot/{widest_pack().pk}")
    yield Picture("recall", roles.QUALITY_HEAD, f"/recall/{case.pk}")
    yield Picture("station-right", roles.PICKER, f"/station/pick/{pick.pk}", "390", then=right)
    yield Picture("station-wrong", roles.PICKER, f"/station/pick/{pick.pk}", "390", then=wrong)
    yield Picture("release", roles.QUALITY_HEAD, "/release")
    yield Picture("home", roles.QUALITY_HEAD, "/", theme="dark")
    yield Picture("list", roles.STOREKEEPER, "/stock/balances?view=all")
    yield Picture("document", roles.BUYER, f"/purchasing/orders/{busiest_order()}")


def scan(page: Any, code: str) -> None:
    page.locator("input[name=code]:visible").first.focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_timeout(SETTLES)


def di_of(item_id: int) -> str:
    """The code of one piece."""
    from traceward.domain.catalog.models import PackagingLevel

    return str(PackagingLevel.objects.filter(item=item_id).earliest("level").di)


def widest_pack() -> Any:
    """The pack that we made of many materials and that stands at most places."""
    from django.db.models import Count

    from traceward.domain.stock.models import Lot, StockBalance

    rows = StockBalance.objects.filter(lot__item__code="CK-01", on_hand__gt=0).values("lot")
    most = rows.annotate(n=Count("place", distinct=True)).order_by("-n", "-lot")[0]
    return Lot.objects.get(pk=most["lot"])


def busiest_order() -> int:
    """A purchase order that was received whole."""
    from traceward.domain.purchasing.models import OrderState, PurchaseOrder

    rows = PurchaseOrder.objects.filter(state=OrderState.RECEIVED, site__code="SH01")
    return rows.latest("pk").pk


def shrunk(taken: bytes) -> Image.Image:
    """As wide as it is shown."""
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    if image.width > WIDE:
        image = image.resize((WIDE, image.height * WIDE // image.width), Image.Resampling.LANCZOS)
    return image


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev pictures")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--sandbox-name", default="traceward_demo", metavar="NAME")
    chosen = parser.parse_args()
    os.environ["TRACEWARD_SANDBOX"] = chosen.sandbox_name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    from tests.looks.__main__ import server
    from tests.looks.browser import Visit, Way, browser, signed_in
    from traceward.cli.company.play.opening import PASSWORD
    from traceward.cli.company.work import one_of_each, today

    logins = {worker.role: worker.login for worker in one_of_each(today())}
    wanted = list(pictures())
    size = 0
    with server() as base, browser() as started:
        known = {
            role: signed_in(started, base, logins[role], PASSWORD)
            for role in dict.fromkeys(one.role for one in wanted)
        }
        for language in ("zh-hans", "en"):
            folder = chosen.out / language
            folder.mkdir(parents=True, exist_ok=True)
            for one in wanted:
                way = Way(one.size, language, one.theme)
                visit = Visit.begin(started, base, way, known[one.role])
                visit.page.goto(f"{base}{one.address}")
                visit.page.wait_for_load_state("networkidle")
                visit.page.wait_for_timeout(SETTLES)
                one.then(visit.page)
                at = folder / f"{one.name}.webp"
                shrunk(visit.page.screenshot()).save(at, "WEBP", quality=QUALITY, method=6)
                visit.end()
                size += at.stat().st_size
                print(f"{at}: {at.stat().st_size // 1000} kB", *visit.told, flush=True)
    print(f"{size // 1000} kB of {MOST // 1000}")
    return 0 if size <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
