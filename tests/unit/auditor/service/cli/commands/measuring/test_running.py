"""Tests that a round is judged once: by the member that ends last."""

from datetime import timedelta

import pytest

from auditor.framework import catalogue
from auditor.service.cli.commands.measuring.running import judge_run, still_measured
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import RunState
from tests.support.vantages import ROUND, START, Place, add_round

ONE, OTHER = Place(name="ngoai"), Place(name="trong", networks=("tslcd",))


@pytest.mark.parametrize("end", [RunState.FINISHED, RunState.INTERRUPTED])
def test_judge_run_waits_for_the_other_members(end: RunState, capsys: pytest.CaptureFixture[str]) -> None:
    known = catalogue.load()
    with MemoryStore() as store:
        add_round(store, ONE, OTHER)
        store.resume_run(OTHER.run)
        assert still_measured(ROUND, store) == OTHER.name
        assert judge_run(ONE.run, store, known).run.id == ONE.run
        assert OTHER.name in capsys.readouterr().err
        assert not store.judgements(ROUND)
        store.finish_run(OTHER.run, START + timedelta(hours=1), end)
        assert judge_run(OTHER.run, store, known).run.id == ROUND
        assert len(store.judgements(ROUND)) == 1
