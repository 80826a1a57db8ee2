"""Provides the rehearsal province as a fixture.

A test module that wants it says `pytest_plugins = ("tests.support.rehearsal",)`; one rehearsal serves the whole run.
Every test finds it without what an earlier one taught its hosts: the order of tests is a new one in each run.
There is no skipping: without the Debian packages or the right to make namespaces the tests fail and say what is needed.
"""

from collections.abc import Iterator

import pytest

from containers.rehearsal import packages
from containers.rehearsal.errors import MissingPackagesError, RehearsalError
from containers.rehearsal.lab import Rehearsal

_RUNNING = pytest.StashKey[Rehearsal]()


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    """Yield a running rehearsal."""
    try:
        if lacking := packages.missing(tests=True):
            raise MissingPackagesError(lacking)
        running = Rehearsal.start()
    except RehearsalError as problem:
        pytest.fail(f"the rehearsal province cannot be started: {problem}", pytrace=False)
    with running:
        running.settle()  # so that results do not depend on how soon an audit starts
        request.session.stash[_RUNNING] = running
        yield running
        del request.session.stash[_RUNNING]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Flush path MTUs and banned sources before any fixture of the test sets up: module fixtures already run audits."""
    running = item.session.stash.get(_RUNNING, None)
    if running is not None and "lab" in getattr(item, "fixturenames", ()):
        running.forget()
