"""Styles, scripts and fonts: served by the web server itself, under an address that their content
names, so that a browser keeps them for ever and never shows an old one.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise

from traceward.kernel.base.assets import FOLDER

#: What npm's packages bring, and our own.
FOLDERS = (FOLDER / "pages", Path(__file__).parent / "static" / "tw")


@cache
def mark() -> str:
    """Changes with the content of any file."""
    found = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted(folder.iterdir()):
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def address(name: str) -> str:
    """Where the file of this name is."""
    return f"/static/{mark()}/{name}"


def with_statics(application: Callable[..., Any]) -> WhiteNoise:
    """The application, and the files beside it."""
    served = WhiteNoise(application, immutable_file_test=lambda path, url: True)
    for folder in FOLDERS:
        served.add_files(str(folder), prefix=f"static/{mark()}")
    return served
