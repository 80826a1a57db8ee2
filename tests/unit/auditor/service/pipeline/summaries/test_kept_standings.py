"""Tests that the standings kept with figures are those of the count, and are read without any finding."""

from pathlib import Path

import pytest

from auditor.figures.kpis import KPIS, Standing, SubjectStanding
from auditor.figures.movement import KeptStanding
from auditor.framework import catalogue
from auditor.service.pipeline.summaries.kept_standings import StandingStrips, read
from auditor.service.pipeline.summaries.summarising import keep, kept_summary
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.figure_standings import requirement_standings, standings_of
from auditor.service.store.database.sqlite import open_sqlite
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.evidence import RunId
from tests.support import published
from tests.unit.auditor.figured import facts

READING = ("outlines_of", "findings_of", "findings_by_subject", "scores_of", "settled_of")


def kept(standing: Standing) -> KeptStanding:
    return KeptStanding(agency=AgencyId("S1"), standing=standing)


def test_strips_are_read_back_as_they_were_recorded() -> None:
    strips = StandingStrips(["K1", "K2", "K3"])
    for figure, subject, standing in (
        ("K2", "b.vn", Standing.UNKNOWN),
        ("K1", "a.vn", Standing.MET),
        ("K1", "c\ud800.vn", Standing.NOT_MET),
        ("K2", "a.vn", Standing.EXEMPT),
    ):
        strips(figure, facts(subject, Kind.PORTAL, "S1"), SubjectStanding(standing=standing))
    assert read(strips.written(), ["K1", "K2", "K3"]) == {
        "K1": {SubjectId("a.vn"): kept(Standing.MET), SubjectId("c\ud800.vn"): kept(Standing.NOT_MET)},
        "K2": {SubjectId("b.vn"): kept(Standing.UNKNOWN), SubjectId("a.vn"): kept(Standing.EXEMPT)},
    }
    assert read(strips.written(), ["K1", "K9"]) is None
    assert read(b'{"form":0}', []) is None


def test_standings_of_a_kept_count_read_no_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        judged = judged_run(RunId("r1"), store, catalogue.load())
        counted = standings_of(judged, store, KPIS.values())
        keep(judged, store)
        for method in READING:
            monkeypatch.setattr(store, method, _refuse)
        assert standings_of(judged, store, KPIS.values()) == counted
        summary = kept_summary(judged.id, store)
        assert summary is not None
        measured = [
            requirement_standings(judged, store, framework, requirement)
            for framework in summary.frameworks
            for requirement in framework.requirements
        ]
        assert any(measured)


def _refuse(*args: object, **kwargs: object) -> None:
    raise AssertionError("findings were read")
