"""Tests that units are kept with the figures, so that the summary of the pages reads no inventory."""

from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.summaries.kept_units import PlacedUnits, read, units_of, written
from auditor.service.pipeline.summaries.summarising import keep, organisation_of
from auditor.service.runs.comparing import judged_run
from auditor.service.store.database.schema import summary
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries, JudgementSummary
from inventory.inventory import Inventory
from inventory.model import AgencyId, Coordinates, DeclaredFacts, Kind, Subject, SubjectId
from inventory.organisation import Organisation, Unit
from probes.framework.codec import dump_frozen
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, put

RUN = RunId("r1")
SEAT = Coordinates(latitude=12.5, longitude=108.0)


def _placed() -> PlacedUnits:
    point = Subject(
        id=SubjectId("diem-1"),
        kind=Kind.CONNECTION_POINT,
        kinds=frozenset({Kind.CONNECTION_POINT}),
        agency=AgencyId("X"),
        declared=DeclaredFacts(coordinates=SEAT),
    )
    units = (
        Unit(code=AgencyId("T"), name="Tỉnh", level="province"),
        Unit(code=AgencyId("X"), name="Xã", parent=AgencyId("T")),
    )
    return units_of(Inventory(subjects=(point,), organisation=Organisation(units=units)))


def test_units_are_read_as_they_were_kept() -> None:
    placed = _placed()
    assert read(written(placed)) == placed
    assert placed.positions == {"X": SEAT}


def test_units_of_another_form_are_not_read() -> None:
    assert read(b'{"organisation":{},"of_a_later_program":1}') is None


def _summary(store: SqlStore) -> JudgementSummary:
    judgement = store.latest_judgement(RUN)
    assert judgement is not None
    return JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database)).of(judgement)


def _refuse(*args: object) -> Inventory:
    raise AssertionError("the inventory was read")


def test_summary_with_kept_units_reads_no_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        put(
            store,
            Held(name=RUN, findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL)]}, scored=True),
        )
        judged = judged_run(RUN, store, catalogue.load())
        store.add_conditions(judged.id, store.put_blob(dump_frozen(judged.conditions)))
        keep(judged, store)
        with monkeypatch.context() as patched:
            patched.setattr(Inventories, "of", _refuse)
            patched.setattr(Inventory, "from_json", _refuse)
            kept = _summary(store)
            assert organisation_of(judged_run(RUN, store, catalogue.load()), store) == kept.organisation
        with store.database.writing() as connection:
            connection.execute(summary.delete())
        read_again = _summary(store)
    assert (kept.organisation, kept.positions) == (read_again.organisation, read_again.positions)
    assert (kept.rollup, kept.lines) == (read_again.rollup, read_again.lines)
