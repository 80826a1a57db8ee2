"""Provides the rehearsal of TSLCD as a fixture.

A test module that wants it says `pytest_plugins = ("tests.support.tslcd",)`; one rehearsal serves the whole run, and so
does one audit of everything from inside.
"""

from collections.abc import Iterator

import pytest

from auditor.service.store.url import open_store
from containers.rehearsal import packages
from containers.rehearsal.errors import MissingPackagesError, RehearsalError
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from containers.rehearsal.tslcd.month import sample
from containers.rehearsal.tslcd.sites import COMMUNES
from tests.support.audits import Document
from tests.support.tslcd_audits import audit, store_of


@pytest.fixture(scope="session")
def tslcd() -> Iterator[TslcdRehearsal]:
    """Yield a running rehearsal of TSLCD."""
    try:
        if lacking := packages.missing(tests=True):
            raise MissingPackagesError(lacking)
        running = TslcdRehearsal.start()
    except RehearsalError as problem:
        pytest.fail(f"the rehearsal of TSLCD cannot be started: {problem}", pytrace=False)
    with running:
        yield running


@pytest.fixture(scope="session")
def inside(tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Return the result of an audit from inside, with a month of samples where the rehearsal has some."""
    folder = tmp_path_factory.mktemp("inside")
    with open_store(store_of(folder)[1]) as store:
        for commune in COMMUNES:
            if commune.sampled:
                sample(store, commune.label, commune.sampled)
    return audit(tslcd, folder)
