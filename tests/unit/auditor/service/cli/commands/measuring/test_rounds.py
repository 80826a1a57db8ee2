"""Tests a round started from a terminal: our own vantage measures, workers are waited for, and nothing is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.service.cli.commands.measuring import rounds
from auditor.service.cli.commands.measuring.rounds import measure_round, members_of
from auditor.service.config.model import Config
from auditor.service.leases.model import MOST_SUBJECTS
from auditor.service.leases.stored import StoredLeases
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.scheduler.members import Members
from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import RunState
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from probes.framework.profile import PROFILES
from tests.support import vantages
from tests.unit.auditor.service.cli.calling import Cli

CONFIG = Config.model_validate(
    {"vantage": {"name": "trung-tam"}, "vantages": {"hub": {"networks": ["tslcd"]}, "island": {}}}
)
OURS, HUB = "trung-tam", "hub"


@dataclass
class Measuring:
    """Ends a run as if it had been measured, or is interrupted."""

    store: DatabaseStore
    interrupted: bool = False
    runs: list[RunId] = field(default_factory=list)

    def __call__(self, run_plan: Plan, store: DatabaseStore, *, resumed: bool, evidence: Path | None) -> None:
        assert resumed
        self.runs.append(run_plan.run)
        if self.interrupted:
            raise KeyboardInterrupt
        store.finish_run(run_plan.run, datetime.now(UTC))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatabaseStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        yield made


@pytest.fixture
def measuring(store: DatabaseStore, monkeypatch: pytest.MonkeyPatch) -> Measuring:
    made = Measuring(store)
    monkeypatch.setattr(rounds, "measure", made)
    return made


@pytest.fixture
def planned() -> Plan:
    return plan(
        vantages.inventory(),
        CONFIG,
        catalogue.load(),
        profile="quick",
        name="quý",
        now=datetime.now(UTC),
        run=RunId("r"),
    )


def made(store: DatabaseStore, run_plan: Plan, *names: str, resumed: bool = False) -> Members:
    found = members_of(run_plan, store, CONFIG, names, resumed=resumed)
    assert found is not None
    return found


def deliver(store: DatabaseStore) -> None:
    """End the hub's only batch, as its worker does."""
    leases = StoredLeases(store.database)
    lease = leases.lease(HUB, "w")
    assert lease is not None
    leases.end(lease.key)


@pytest.mark.parametrize(("profile", "batches"), [("quick", 3), ("audit", 1)])
def test_measure_round_cuts_few_batches_where_attempts_are_repeated_late(
    store: DatabaseStore, planned: Plan, profile: str, batches: int
) -> None:
    many = [replace(planned.subjects[0], id=SubjectId(f"s{number}")) for number in range(2 * MOST_SUBJECTS + 1)]
    wanted = replace(planned, subjects=tuple(many), profile=PROFILES[profile])
    made(store, wanted, HUB).start(wanted, datetime.now(UTC))
    assert StoredLeases(store.database).open_batches(RunId("r-1")) == batches


def states(store: DatabaseStore) -> dict[str, RunState]:
    return {one.vantage: one.state for one in map(store.run, store.run(RunId("r")).members)}


def test_measure_round_measures_here_and_waits_for_workers(
    store: DatabaseStore,
    planned: Plan,
    measuring: Measuring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    members = made(store, planned, OURS, HUB)
    monkeypatch.setattr(Members, "measured", lambda self, whole: deliver(store))
    measure_round(planned, members, 1, resumed=False, evidence=None)
    assert states(store) == {OURS: RunState.FINISHED, HUB: RunState.FINISHED}
    assert measuring.runs == [RunId("r-1")]
    assert "waiting for the workers of hub until" in capsys.readouterr().err


def test_measure_round_cuts_a_worker_off_at_the_deadline(
    store: DatabaseStore, planned: Plan, measuring: Measuring
) -> None:
    measure_round(planned, made(store, planned, OURS, HUB), 0, resumed=False, evidence=None)
    assert states(store) == {OURS: RunState.FINISHED, HUB: RunState.INTERRUPTED}
    assert StoredLeases(store.database).lease(HUB, "w") is None


def test_measure_round_interrupted_is_resumed_with_the_vantages_it_was_made_with(
    store: DatabaseStore, planned: Plan, measuring: Measuring
) -> None:
    measuring.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        measure_round(planned, made(store, planned, OURS, HUB), 1, resumed=False, evidence=None)
    assert states(store) == {OURS: RunState.INTERRUPTED, HUB: RunState.RUNNING}
    deliver(store)
    measuring.interrupted = False
    measure_round(planned, made(store, planned, resumed=True), 1, resumed=True, evidence=None)
    assert states(store) == {OURS: RunState.FINISHED, HUB: RunState.FINISHED}
    assert measuring.runs == [RunId("r-1"), RunId("r-1")]
    assert {one.id for one in store.subjects(RunId("r-2"))} >= {SubjectId(name) for name in vantages.ADDRESSES}


def test_members_of_one_run_without_vantages_are_none(store: DatabaseStore, planned: Plan) -> None:
    assert members_of(planned, store, CONFIG, (), resumed=False) is None


def test_audit_command_refuses_an_unknown_vantage_before_anything_is_kept(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,kind,ipv4\nx,host,192.0.2.1\n")
    result = cli("audit", "a.csv", "--vantage", "hub", "--store", f"sqlite:///{tmp_path / 'a.db'}")
    assert (result.code, "no vantage 'hub' in the configuration" in result.err) == (2, True)
    assert not (tmp_path / "a.db").exists()


def test_audit_command_takes_either_a_new_round_or_a_known_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,kind,ipv4\nx,host,192.0.2.1\n")
    result = cli("audit", "a.csv", "--vantage", "hub", "--round", "2026-11")
    assert (result.code, "use one of the two" in result.err) == (2, True)
