"""The product's settings, and one area more."""

from traceward.settings import *  # noqa: F403  # all of them
from traceward.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "tests.toy"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
