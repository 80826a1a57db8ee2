"""Tests the records of a run that are written before any measurement."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from auditor.framework import catalogue
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.store.api import AT_ONCE
from auditor.service.store.memory.store import MemoryStore
from inventory.inventory import Inventory
from inventory.model import Kind, Subject
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import row

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class _Counting(MemoryStore):
    """Records how many subjects are written together."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        some = tuple(subjects)
        self.sizes.append(len(some))
        super().add_subjects(run, some)


@pytest.mark.parametrize("count", [0, 1, 3 * AT_ONCE + 1])
def test_subjects_are_written_down_some_at_a_time(count: int) -> None:
    subjects = tuple(row(f"{number}.tinh.vn", Kind.PORTAL, None) for number in range(count))
    made = plan(Inventory(subjects=subjects), Config(), catalogue.load(), profile="quick", name="", now=NOW)
    with _Counting() as store:
        start_run(made, store, NOW)
        assert {subject.id for subject in store.subjects(made.run)} == {subject.id for subject in subjects}
        assert max(store.sizes, default=0) <= AT_ONCE
