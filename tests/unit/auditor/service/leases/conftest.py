"""Holds the implementations of leases that must meet one contract."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.leases.model import Leases
from auditor.service.leases.stored import StoredLeases
from auditor.service.store.sql.database import Database
from tests.support.stores import DATABASES, new_store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MakeLeases = Callable[[Database, Callable[[], datetime]], Leases]
IMPLEMENTATIONS: dict[str, MakeLeases] = {"rows": StoredLeases}


@dataclass(slots=True)
class Clock:
    """Simulates a clock that stands still until it is moved."""

    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def move(self, step: timedelta) -> None:
        self.time += step


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[(name, kind) for name in sorted(IMPLEMENTATIONS) for kind in DATABASES])
def leases(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Leases]:
    implementation, kind = request.param
    with new_store(request, tmp_path, kind) as store:
        yield IMPLEMENTATIONS[implementation](store.database, clock)
