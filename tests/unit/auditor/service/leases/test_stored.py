"""Tests leases as rows of the store: they are committed or lost together with the rest of their transaction."""

from pathlib import Path

import pytest

from auditor.service.leases.stored import StoredLeases
from auditor.service.store.database.sqlite import open_sqlite
from inventory.model import SubjectId
from tests.unit.auditor.service.store.examples import RUN, run


def test_defer_in_a_transaction_that_fails_leaves_no_batch(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        leases = StoredLeases(store.database)

        def start() -> None:
            with store.batch():
                store.create_run(run())
                leases.defer(RUN, "hub", [SubjectId("a")])
                raise RuntimeError

        with pytest.raises(RuntimeError):
            start()
        assert store.runs() == ()
        assert leases.lease("hub", "w1") is None


def test_leases_survive_the_process(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        StoredLeases(store.database).defer(RUN, "hub", [SubjectId("a")])
        held = StoredLeases(store.database).lease("hub", "w1")
    assert held is not None
    with open_sqlite(tmp_path / "auditor.db") as store:
        assert StoredLeases(store.database).held(held.key) == held
