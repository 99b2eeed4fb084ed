"""Where the published vectors are: outside the repository, and not copied into it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

_BESIDE_REPOSITORY = Path(__file__).parents[2].parent / "shared" / "data"
SHARED_DATA = Path(os.environ.get("TRACEWARD_SHARED_DATA") or _BESIDE_REPOSITORY)
VECTORS = SHARED_DATA / "standards" / "gs1" / "syntax-engine-vectors.dev.json"
HIBC = SHARED_DATA / "standards" / "hibc" / "hibc-vectors.authored.json"
MA = SHARED_DATA / "standards" / "ma-ahm" / "ma-vectors.authored.json"
GUDID = SHARED_DATA / "06_master" / "gudid_sample_dev.jsonl"
DICTIONARY = SHARED_DATA / "08_barcode" / "gs1-syntax-dictionary.txt"

needs_shared_data = pytest.mark.skipif(
    not all(path.exists() for path in (VECTORS, DICTIONARY, HIBC, MA, GUDID)),
    reason="the vectors are not here; set TRACEWARD_SHARED_DATA to their folder",
)


def load_vectors() -> dict[str, list[list[Any]]]:
    return json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else {}
