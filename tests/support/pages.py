"""Provides fixtures for tests of pages and of the API: an empty store, and the service over it.

A module that wants more in its store, or another configuration, has a fixture of the same name over these.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from tests.support.serving import Served, cheap_passwords, serving


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make passwords cheap to hash."""
    cheap_passwords(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        yield made


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    async with serving(store) as made:
        yield made
