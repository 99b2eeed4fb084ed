"""Styles, scripts and fonts: served by the web server itself, under an address that their content
names, so that a browser keeps them for ever and never shows an old one.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

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
    served.add_files(str(_compressed()), prefix=f"static/{mark()}")
    return served


def _compressed() -> Path:
    """The folder of all files, each also compressed; made once for this content."""
    made: Path = settings.VAR / "static" / mark()
    if made.exists():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=made.parent))
    for folder in FOLDERS:
        shutil.copytree(folder, making, dirs_exist_ok=True)
    compressor = Compressor(quiet=True, use_brotli=False)
    for path in [path for path in making.iterdir() if compressor.should_compress(path.name)]:
        compressor.compress(str(path))
    making.chmod(0o755)
    try:
        making.rename(made)
    except OSError:  # another worker was quicker
        shutil.rmtree(making)
    for old in made.parent.iterdir():
        if old.name != made.name and old.stat().st_mtime < made.stat().st_mtime - 24 * 3600:
            shutil.rmtree(old, ignore_errors=True)
    return made
