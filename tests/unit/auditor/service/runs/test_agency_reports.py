"""The report of one agency: with the units under it or without, of finished runs only."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.runs.agency_reports import agency_report
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.scoped_report import ScopedReport
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import RunState, StoreError
from auditor.service.store.sql.store import SqlStore
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Held, Said, put

RUN = RunId("r1")
FAILS = [Said(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name=RUN, findings={"www.tinh.vn": FAILS, "xa.tinh.vn": FAILS}, scored=True))
        yield made


def report(store: SqlStore, agency: str, state: RunState = RunState.FINISHED, *, below: bool = True) -> ScopedReport:
    known = catalogue.load()
    judged = judged_run(RUN, store, known)
    judged = replace(judged, run=replace(judged.run, state=state))
    return agency_report(judged, AgencyId(agency), store, known, Inventories(store.database), below=below)


@pytest.mark.parametrize(
    ("agency", "below", "subjects"),
    [
        ("P", True, {"www.tinh.vn", "xa.tinh.vn"}),
        ("P", False, set()),
        ("S1", True, {"www.tinh.vn"}),
        ("X1", False, {"xa.tinh.vn"}),
    ],
)
def test_agency_report_has_findings_of_its_subjects(
    store: SqlStore, agency: str, below: bool, subjects: set[str]
) -> None:
    assert {finding.subject for finding in report(store, agency, below=below).stream_findings()} == subjects


def test_agency_report_names_what_the_agency_belongs_to(store: SqlStore) -> None:
    (own,) = report(store, "S1").agencies()
    assert (own.name, own.path) == ("Sở Một", ("UBND tỉnh",))


def test_agency_report_of_unknown_agency_is_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="S9"):
        report(store, "S9")


def test_agency_report_of_interrupted_run_is_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="did not finish"):
        report(store, "S1", RunState.INTERRUPTED)
