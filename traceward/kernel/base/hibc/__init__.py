"""HIBC codes (ANSI/HIBC 2.6): primary and secondary data read and written.

Pure, in the manner of ``gs1``: all that is wrong is a ``CodeProblem``. See docs/reference/hibc.md.
"""

from .building import build_hibc, build_pair
from .characters import check_character
from .messages import MESSAGES
from .parsing import Hibc, check_di, is_hibc, parse_hibc

__all__ = [
    "MESSAGES",
    "Hibc",
    "build_hibc",
    "build_pair",
    "check_character",
    "check_di",
    "is_hibc",
    "parse_hibc",
]
