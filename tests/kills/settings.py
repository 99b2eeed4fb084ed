"""The product's settings, with one handler more whose effect can be counted."""

from traceward.settings import *  # noqa: F403
from traceward.settings import INSTALLED_APPS as THEIRS

INSTALLED_APPS = [*THEIRS, "tests.kills"]
