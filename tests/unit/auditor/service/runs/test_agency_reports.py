"""Tests the report of one agency: with the units under it or without, of finished runs only."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.agency_reports import agency_report
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.scoped_report import ScopedReport
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import RunState, StoreError
from auditor.service.store.sql.store import SqlStore
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import RunId
from tests.support.statements import counted_statements
from tests.unit.auditor.stored import SUBJECTS, Brief, Held, put, row

RUN = RunId("r1")
FAILS = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name=RUN, findings={"www.tinh.vn": FAILS, "xa.tinh.vn": FAILS}, scored=True))
        yield made


def report(store: SqlStore, agency: str, state: RunState = RunState.FINISHED, *, below: bool = True) -> ScopedReport:
    judged = judged_run(RUN, store, catalogue.load())
    return report_of(replace(judged, run=replace(judged.run, state=state)), store, agency, below=below)


def report_of(judged: LoadedJudgement, store: SqlStore, agency: str, *, below: bool = True) -> ScopedReport:
    return agency_report(judged, AgencyId(agency), store, catalogue.load(), Inventories(store.database), below=below)


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


def _led(kind: Kind, name: str, *owners: str) -> Subject:
    return replace(row(name, kind, "S1"), derived_from=tuple(map(SubjectId, owners)))


@pytest.mark.parametrize(
    ("agency", "below", "subjects"),
    [("S1", True, {"www.tinh.vn", "zone:so"}), ("P", False, {"zone:chung"}), ("X1", True, {"xa.tinh.vn"})],
)
def test_agency_report_has_what_its_rows_led_to(tmp_path: Path, agency: str, below: bool, subjects: set[str]) -> None:
    rows = (row("www.tinh.vn", Kind.PORTAL, "S1"), row("xa.tinh.vn", Kind.COMMUNE_SITE, "X1"))
    led = (_led(Kind.ZONE, "zone:so", "www.tinh.vn"), _led(Kind.ZONE, "zone:chung", "www.tinh.vn", "xa.tinh.vn"))
    with open_sqlite(tmp_path / "a.db") as store:
        put(store, Held(name=RUN, subjects=rows, findings={each.id: FAILS for each in rows}))
        store.add_subjects(RUN, led)
        own = report(store, agency, below=below)
        assert {each.subject.id for each in own.stream_subjects()} == subjects


def test_agency_report_reads_its_own_subjects_only(tmp_path: Path) -> None:
    asked = []
    for others in (1, 2 * 200 + 1):  # two pages more of other agencies
        rows = (*SUBJECTS, *(row(f"xa-{number}.vn", Kind.COMMUNE_SITE, "X1") for number in range(others)))
        with open_sqlite(tmp_path / f"{others}.db") as store:
            put(store, Held(name=RUN, subjects=rows, findings={each.id: FAILS for each in rows}))
            judged = judged_run(RUN, store, catalogue.load())
            with counted_statements() as statements:
                own = report_of(judged, store, "S1")
                assert [len(list(each.subjects)) for each in own.agencies()] == [3]
                assert [own.header.run, len(list(own.stream_findings())), len(own.lives)] == [RUN, 3, 3]
            asked.append(len(statements))
    assert asked[0] == asked[1]
