"""The contact sheet: a row for each page, a column for each way to look; faults under the row."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from tests.looks.addresses import Look
from tests.looks.browser import Way

STYLE = """body { font: 13px sans-serif; margin: 16px; }
h2 { margin: 20px 0 4px; font-size: 14px; } a img { width: 260px; border: 1px solid #888; }
a.phone img { width: 90px; } .ways { display: flex; gap: 6px; align-items: flex-start; }
li { color: #b3261e; }"""


def picture(folder: Path, look: Look, way: Way) -> Path:
    """Where the picture of this page, looked at in this way, stands."""
    slug = "".join(c if c.isalnum() else "-" for c in look.name).strip("-")
    return folder / way.slug / f"{slug}.jpg"


def write(
    folder: Path,
    seen: Iterable[Look],
    ways: Iterable[Way],
    faults: Mapping[tuple[str, str], list[str]],
) -> None:
    """index.html shows all of it, faults.txt says what is wrong where."""
    ways = list(ways)
    parts, told = [], []
    for look in seen:
        parts.append(f"<h2>{escape(look.name)} <small>{escape(look.address)}</small></h2>")
        parts.append('<div class="ways">')
        for way in ways:
            at = picture(folder, look, way).relative_to(folder).as_posix()
            kind = "phone" if way.size == "390" else "desk"
            parts.append(
                f'<a class="{kind}" href="{at}"><img loading="lazy" src="{at}" alt="{way}"></a>'
            )
        parts.append("</div>")
        said: dict[str, list[str]] = {}
        for way in ways:
            for fault in faults.get((look.name, str(way)), ()):
                said.setdefault(fault, []).append(str(way))
        if said:
            lines = [f"{fault} [{', '.join(where)}]" for fault, where in said.items()]
            parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")
            told += [f"{look.name} ({look.login}) {look.address}", *(f"  {one}" for one in lines)]
    page = f"<!doctype html><meta charset=utf-8><title>Looks</title><style>{STYLE}</style>"
    (folder / "index.html").write_text(page + "\n".join(parts), encoding="utf-8")
    (folder / "faults.txt").write_text("\n".join(told) + "\n", encoding="utf-8")
