"""Holds the stores that must meet one contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.service.store import examples


@pytest.fixture(params=["memory", *DATABASES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else new_store(request, tmp_path) as opened:
        opened.create_run(examples.run())
        yield opened
