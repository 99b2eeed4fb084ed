"""Labels of other systems than GS1 for the small company: the stent has HIBC and MA codes too."""

from datetime import date

from tests.world import World
from traceward.domain.catalog.models import Agency, Identifier, PackagingLevel
from traceward.kernel.base.gs1 import CodeDate
from traceward.kernel.base.hibc import Hibc, build_hibc, build_pair
from traceward.kernel.base.ma import MaCode, build_ma, build_ma_xml

HIBC_DI, MA_DI = "T999WIDGET01", "MA.156.M0.000001.11234560"


def with_codes(world: World) -> World:
    """Stents and pacers are known by HIBC and MA codes beside their GTINs."""
    for item, hibc, ma in (
        ("STENT", HIBC_DI, MA_DI),
        ("PACER", "T999PACER01", "MA.156.M0.000001.11234578"),
    ):
        pack = PackagingLevel.objects.get(item=world.items[item])
        Identifier.objects.create(packaging=pack, agency=Agency.HIBC, di=hibc)
        Identifier.objects.create(packaging=pack, agency=Agency.MA, di=ma)
    return world


def expiry(year: int = 2030, month: int = 12, day: int = 31) -> CodeDate:
    """A day on a label; that of the small company's lots where none is given."""
    return CodeDate(date(year, month, day), "day", "")


def hibc(
    lot: str, serial: str = "", *, item: str = "WIDGET0", expires: CodeDate | None = None
) -> str:
    """One HIBC symbol."""
    return build_hibc(Hibc("T999", item, 1, lot, serial, expires or expiry()))


def hibc_box(lot: str) -> str:
    """One HIBC symbol of a box."""
    return build_hibc(Hibc("T999", "WIDGET0", 2, lot, "", expiry()))


def hibc_pair(lot: str) -> list[str]:
    """Two linear HIBC symbols."""
    return list(build_pair(Hibc("T999", "WIDGET0", 1, lot, "", expiry())))


def ma(lot: str, *, expires: CodeDate | None = None) -> str:
    """An MA code as plain text."""
    return build_ma(MaCode(MA_DI, lot, valid_until=expires or expiry()))


def ma_address(lot: str) -> str:
    """The same behind an address."""
    return f"https://example.com/udi?lang=zh&code={ma(lot)}"


def ma_xml(lot: str) -> str:
    """The same as XML."""
    return build_ma_xml(MaCode(MA_DI, lot, valid_until=expiry()))
