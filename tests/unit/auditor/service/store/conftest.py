"""The stores that are held to one contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.service.store.api import Store
from auditor.service.store.memory import MemoryStore
from auditor.service.store.sqlite import open_sqlite
from tests.unit.auditor.service.store import examples


def make(kind: str, folder: Path) -> Store:
    return MemoryStore() if kind == "memory" else open_sqlite(folder / "auditor.db")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with make(request.param, tmp_path) as opened:
        opened.create_run(examples.run())
        yield opened
