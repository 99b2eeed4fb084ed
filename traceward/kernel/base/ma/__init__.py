"""MA codes (IDcode) of devices: plain, behind an address, or as XML.

Pure, in the manner of ``gs1``. See docs/reference/ma.md.
"""

from .building import build_ma, build_ma_xml
from .messages import MESSAGES
from .parsing import MaCode, check_di, is_ma, parse_ma

__all__ = [
    "MESSAGES",
    "MaCode",
    "build_ma",
    "build_ma_xml",
    "check_di",
    "is_ma",
    "parse_ma",
]
