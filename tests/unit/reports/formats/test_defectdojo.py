"""Tests DefectDojo's generic import: its fields and no others, each defect once, nothing undecided as a defect."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from auditor.figures.held_states import DefectAge, HeldState
from auditor.framework.findings import Finding, Outcome
from inventory.model import written
from reports.document import Options
from reports.registry import renderer
from tests.unit.reports.sample import SCRIPT, MemorySink, SampleReport, province

ALLOWED = {
    "date": {"type": "string", "format": "date"},
    "mitigation": {"type": "string"},
    "impact": {"type": "string"},
    "references": {"type": "string"},
    "active": {"type": "boolean"},
    "risk_accepted": {"type": "boolean"},
    "under_review": {"type": "boolean"},
    "component_name": {"type": "string", "maxLength": 500},
    "static_finding": {"type": "boolean"},
    "dynamic_finding": {"type": "boolean"},
    "unique_id_from_tool": {"type": "string", "maxLength": 500},
    "vuln_id_from_tool": {"type": "string", "maxLength": 500},
    "service": {"type": "string", "maxLength": 200},
    "tags": {"type": "array", "items": {"type": "string", "pattern": "^[^,\\s]+$"}},
    "endpoints": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"host": {"type": "string", "minLength": 1}},
            "required": ["host"],
            "additionalProperties": False,
        },
    },
    "title": {"type": "string", "minLength": 1, "maxLength": 511},
    "severity": {"enum": ["Info", "Low", "Medium", "High", "Critical"]},
    "description": {"type": "string", "minLength": 1},
}
"""The fields we write, each accepted by DefectDojo's parser of generic findings, which refuses files with others."""
SCHEMA = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": ALLOWED,
                "required": ["title", "severity", "description", "unique_id_from_tool"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["name", "type", "version", "findings"],
}


def document(report: SampleReport, lang: str = "vi") -> Any:
    sink = MemorySink()
    renderer("defectdojo", Options(lang=lang))(report, sink)
    return json.loads(sink.files["findings.defectdojo.json"])


def _only(finding: Finding) -> SampleReport:
    report = province(())
    group = report.groups[0]
    subject = next(iter(group.subjects))
    return replace(report, groups=(replace(group, subjects=(replace(subject, findings=(finding,)),)),))


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    "report", [province(), province(()), replace(province(), groups=())], ids=["hostile", "plain", "empty"]
)
def test_document_has_the_fields_that_defectdojo_takes_and_no_others(report: SampleReport, lang: str) -> None:
    jsonschema.validate(document(report, lang), SCHEMA)


def test_schema_refuses_a_field_that_defectdojo_does_not_know() -> None:
    broken = document(province(()))
    broken["findings"][0]["outcome"] = "fail"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_each_defect_is_one_finding_under_its_own_id() -> None:
    report = province()
    defects = [finding for finding in report.findings if finding.outcome in (Outcome.FAIL, Outcome.WARN)]
    findings = document(report)["findings"]
    assert [one["unique_id_from_tool"] for one in findings] == [finding.id for finding in defects]
    assert [one["active"] for one in findings] == [finding.waived is None for finding in defects]
    assert [one["risk_accepted"] for one in findings] == [finding.waived is not None for finding in defects]
    for one, finding in zip(findings, defects, strict=True):
        if finding.address is not None:
            assert one["endpoints"] == [{"host": written(finding.address)}]


def test_undecided_finding_is_written_only_when_it_was_a_defect_before() -> None:
    finding = next(finding for finding in province(()).findings if finding.outcome is Outcome.INCONCLUSIVE)
    report = _only(finding)
    assert document(report)["findings"] == []
    when = datetime(2026, 9, 1, tzinfo=UTC)
    life = DefectAge(first=when, since=when, rounds=3, state=HeldState(outcome=Outcome.FAIL, since=when, seen=when))
    (written_finding,) = document(replace(report, lives={finding.id: life}))["findings"]
    assert written_finding["under_review"] is True
    assert written_finding["date"] == "2026-09-01"


def test_text_of_a_target_stays_indented_code() -> None:
    report = province((SCRIPT, "](javascript:alert(1)) ``` <b>"))
    for one in document(report)["findings"]:
        assert all(line.startswith("    ") for line in one["description"].splitlines())
