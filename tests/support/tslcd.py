"""The rehearsal of TSLCD as a fixture.

A test module that wants it says `pytest_plugins = ("tests.support.tslcd",)`; one rehearsal serves the whole run.
"""

from collections.abc import Iterator

import pytest

from containers.rehearsal import packages
from containers.rehearsal.errors import MissingPackagesError, RehearsalError
from containers.rehearsal.tslcd.lab import TslcdRehearsal


@pytest.fixture(scope="session")
def tslcd() -> Iterator[TslcdRehearsal]:
    """A running rehearsal of TSLCD."""
    try:
        if lacking := packages.missing(tests=True):
            raise MissingPackagesError(lacking)
        running = TslcdRehearsal.start()
    except RehearsalError as problem:
        pytest.fail(f"the rehearsal of TSLCD cannot be started: {problem}", pytrace=False)
    with running:
        yield running
