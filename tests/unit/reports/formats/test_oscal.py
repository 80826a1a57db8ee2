"""Tests OSCAL assessment results: complete, the same every time, no failure for undecided findings.

That it is valid under NIST's schema is shown in ``test_schemas``."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from auditor.framework.findings import Outcome
from reports.document import Options
from reports.registry import renderer
from tests.unit.reports.sample import MemorySink, SampleReport, province


def document(report: SampleReport, lang: str = "vi") -> dict[str, Any]:
    sink = MemorySink()
    renderer("oscal", Options(lang=lang))(report, sink)
    loaded: dict[str, Any] = json.loads(sink.only)
    return loaded


def result(report: SampleReport) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = document(report)["assessment-results"]["results"]
    assert len(found) == 1
    return found[0]


def test_what_was_measured_is_an_observation_and_what_was_decided_a_finding() -> None:
    report = province()
    found = result(report)
    applying = [finding for finding in report.findings if finding.outcome is not Outcome.NOT_APPLICABLE]
    decided = [finding for finding in applying if finding.outcome in (Outcome.PASS, Outcome.WARN, Outcome.FAIL)]
    assert [len(found["observations"]), len(found["findings"])] == [len(applying), len(decided)]
    states = [one["target"]["status"]["state"] for one in found["findings"]]
    assert states == ["not-satisfied" if finding.outcome is Outcome.FAIL else "satisfied" for finding in decided]


def test_references_lead_somewhere() -> None:
    found = result(province())
    items = {one["uuid"] for one in found["local-definitions"]["inventory-items"]}
    observations = {one["uuid"] for one in found["observations"]}
    assert {each["subject-uuid"] for one in found["observations"] for each in one["subjects"]} <= items
    assert {e["observation-uuid"] for one in found["findings"] for e in one["related-observations"]} <= observations
    assert len(observations) == len(found["observations"])


def test_identifiers_are_uuids_and_stay_the_same() -> None:
    first, second = document(province()), document(province())
    assert first == second
    for text in re.findall(r'"uuid": "([^"]*)"', json.dumps(first)):
        assert UUID(text).version == 5


def test_a_report_without_subjects_is_a_document_too() -> None:
    empty = result(replace(province(), groups=()))
    assert "findings" not in empty
    assert "observations" not in empty
