"""Opens stores for tests that every database must pass: ``@pytest.fixture(params=DATABASES)``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.service.store.api import DatabaseStore
from auditor.service.store.url import open_store
from tests.support.postgresql import Server

DATABASES = ("sqlite", "postgresql")


@contextmanager
def store_url(request: pytest.FixtureRequest, folder: Path, kind: str | None = None) -> Iterator[str]:
    """Yield the URL of an empty store of the kind that the fixture was asked for."""
    if (kind or request.param) == "sqlite":
        yield f"sqlite:///{folder / 'auditor.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


@contextmanager
def new_store(request: pytest.FixtureRequest, folder: Path, kind: str | None = None) -> Iterator[DatabaseStore]:
    with store_url(request, folder, kind) as url, open_store(url) as opened:
        yield opened
