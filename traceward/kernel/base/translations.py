"""Translations made ready for gettext; needs babel only, as a wheel is built without Django."""

import os
from pathlib import Path

LOCALE = Path(__file__).parents[2] / "locale"


def compile_translations() -> None:
    """Every .po has a .mo that was made of it, whole at any moment.

    The .mo bears the time of its .po: a checkout may bring an older one.
    An installed package has them from its wheel, and need not be writable.
    """
    for po in LOCALE.glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        written = po.stat().st_mtime_ns
        is_made = mo.exists() and mo.stat().st_mtime_ns == written
        if is_made or (mo.exists() and not os.access(mo.parent, os.W_OK)):
            continue
        # Late: it takes a tenth of a second, and there is seldom something to compile.
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parent.parent.name)
        fresh = mo.with_suffix(f".{os.getpid()}.new")
        with fresh.open("wb") as target:
            write_mo(target, catalog)
        os.utime(fresh, ns=(written, written))
        fresh.replace(mo)
