"""Databases for tests, and the small company they work in.

The tests run as the application's role, as the product does; only the template is made by the
owner. `fresh_database` gives a module a clone of its own where commits must be real.
"""

import copy
import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, connections

from tests import world as worlds
from tests.databases import WORKER, clone, drop, make_template, point_at
from traceward.kernel.base.server import Server
from traceward.kernel.base.translations import compile_translations
from traceward.kernel.command.setup import set_up_roles

#: The company that stands in a database, by the database's name.
STANDING: dict[str, worlds.World] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long runs wait for `./dev test --full`."""
    if os.environ.get("TRACEWARD_FULL") == "1":
        return
    long_run = pytest.mark.skip(reason="long run: ./dev test --full")
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(long_run)


def pytest_configure() -> None:
    """Sentences are spoken in both languages, by those that name the tests, too."""
    compile_translations()


@pytest.fixture(scope="session", autouse=True)
def loopback() -> None:
    """Webhooks of the tests go to this machine."""
    os.environ["TRACEWARD_WEBHOOK_NETWORKS"] = "127.0.0.0/8"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """This worker's own clone of the template, with the small company built once for all tests.

    Or the database that was given, left as it is.
    """
    if given := os.environ.get("TRACEWARD_TEST_DATABASE"):
        point_at(given)
        yield
        return
    name = f"tw_test_{WORKER}"
    with django_db_blocker.unblock():
        Server(settings.HOME).start()
        make_template()
        clone(name)
        point_at(name)
        set_up_roles()  # the template may lack commands of the modules collected now
        STANDING[name] = worlds.build()
    yield
    with django_db_blocker.unblock():
        for alias in connections:
            connections[alias].close()
        drop(name)


@pytest.fixture
def world(db: None) -> worlds.World:
    """A small company; whatever the test does to it is rolled back after the test."""
    standing = STANDING.get(connection.settings_dict["NAME"])
    return copy.deepcopy(standing) if standing else worlds.build()


@pytest.fixture(scope="module")
def fresh_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of the module's own in which commits are real; dropped afterwards."""
    name = f"tw_{WORKER}_{request.module.__name__.rsplit('.', 1)[-1]}"[:60]
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        clone(name)
        point_at(name)
        yield name
        point_at(before)
        drop(name)
