"""The rehearsal province as a fixture.

A test module that wants it says `pytest_plugins = ("tests.support.rehearsal",)`; one rehearsal serves the whole run.
There is no skipping: without the Debian packages or the right to make namespaces the tests fail and say what is needed.
"""

from collections.abc import Iterator

import pytest

from containers.rehearsal import packages
from containers.rehearsal.errors import MissingPackagesError, RehearsalError
from containers.rehearsal.lab import Rehearsal


@pytest.fixture(scope="session")
def lab() -> Iterator[Rehearsal]:
    """A running rehearsal."""
    try:
        if lacking := packages.missing(tests=True):
            raise MissingPackagesError(lacking)
        running = Rehearsal.start()
    except RehearsalError as problem:
        pytest.fail(f"the rehearsal province cannot be started: {problem}", pytrace=False)
    with running:
        running.settle()  # what audits judge must not depend on how soon they come
        yield running
