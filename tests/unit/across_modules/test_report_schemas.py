"""Exported reports are valid under external schemas.

OSCAL under NIST's, JUnit under Jenkins', OCSF under the models of its library.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree  # type: ignore[import-untyped]
from py_ocsf_models import OCSF_VERSION
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from pydantic import ValidationError

from auditor.framework.findings import Outcome
from reports.document import Options
from reports.formats.oscal import VERSION
from reports.registry import renderer
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.sample import MemorySink, SampleReport, province

SCHEMAS = Path(__file__).parents[1] / "reports" / "schemas"
OSCAL = SCHEMAS / f"oscal-assessment-results-{VERSION}.json"
REPORTS = {"province": province(), "plain": province(()), "empty": replace(province(), groups=())}


def rendered(report: SampleReport, name: str, lang: str) -> bytes:
    sink = MemorySink()
    renderer(name, Options(lang=lang))(report, sink)
    (content,) = sink.files.values()
    return content


@cache
def oscal() -> jsonschema.Draft7Validator:
    # Python's expressions know no classes of Unicode's properties.
    text = OSCAL.read_text("utf-8").replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")
    schema = json.loads(text)
    assert schema["$id"].split("/")[-2] == VERSION
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@cache
def junit() -> Any:
    return etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_assessment_results_are_valid_under_nist_s_schema(report: SampleReport, lang: str) -> None:
    assert [error.message for error in oscal().iter_errors(json.loads(rendered(report, "oscal", lang)))] == []


def _without(document: Any, *path: str | int) -> Any:
    at = document
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return document


def _broken() -> Iterator[Any]:
    def fresh() -> Any:
        return json.loads(rendered(province(), "oscal", "vi"))

    yield _without(fresh(), "assessment-results", "metadata", "oscal-version")
    yield _without(fresh(), "assessment-results", "results", 0, "reviewed-controls")
    yield _without(fresh(), "assessment-results", "results", 0, "findings", 0, "target", "status", "state")
    document = fresh()
    document["assessment-results"]["results"][0]["observations"][0]["uuid"] = "1"
    yield document
    document = fresh()
    document["assessment-results"]["results"][0]["verdict"] = "pass"
    yield document


def test_nist_s_schema_bites() -> None:
    assert [oscal().is_valid(one) for one in _broken()] == [False] * 5


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_junit_is_valid_under_jenkins_schema(report: SampleReport, lang: str) -> None:
    junit().validate(etree.fromstring(rendered(report, "junit", lang)))
    assert [error.message for error in junit().error_log] == []


def test_jenkins_schema_bites() -> None:
    text = rendered(province(), "junit", "vi")
    for broken in (
        text.replace(b"<failure ", b"<broken ").replace(b"</failure>", b"</broken>"),
        text.replace(b' classname="', b' class="', 1),
        text.replace(b' tests="', b' test="', 1),
    ):
        assert broken != text
        assert not junit().validate(etree.fromstring(broken))


def events(report: SampleReport, lang: str = "vi") -> list[dict[str, Any]]:
    return [json.loads(line) for line in rendered(report, "ocsf", lang).splitlines()]


def _known(given: Any, kept: Any) -> bool:
    """True if the model kept all of its input: it drops unknown fields silently."""
    if isinstance(given, dict):
        return isinstance(kept, dict) and all(key in kept and _known(value, kept[key]) for key, value in given.items())
    if isinstance(given, list):
        return len(given) == len(kept) and all(_known(one, other) for one, other in zip(given, kept, strict=True))
    return bool(given == kept)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("report", [*REPORTS.values(), whole_province()], ids=[*REPORTS, "whole"])
def test_events_are_compliance_findings_of_ocsf(report: SampleReport, lang: str) -> None:
    for event in events(report, lang):
        kept = ComplianceFinding.model_validate(event)
        assert _known(event, json.loads(kept.model_dump_json()))
        assert event["metadata"]["version"] == OCSF_VERSION


def test_every_finding_that_applies_is_one_event_with_its_verdict() -> None:
    report = whole_province()
    applying = [finding for finding in report.findings if finding.outcome is not Outcome.NOT_APPLICABLE]
    found = events(report)
    assert [one["finding_info"]["uid"] for one in found] == [finding.id for finding in applying]
    status = {"pass": 1, "inconclusive": 2, "error": 2, "fail": 3, "warn": 99}
    assert [one["compliance"]["status_id"] for one in found] == [status[finding.outcome.value] for finding in applying]
    assert {one["unmapped"]["judgement"] for one in found} == {report.header.judgement}
    suppressed = [one["finding_info"]["uid"] for one in found if one.get("status_id") == 3]
    assert suppressed == [finding.id for finding in applying if finding.waived is not None]
    fails = [one for one in found if one["compliance"]["status_id"] == 3]
    assert all(fail["severity_id"] > 1 and fail["remediation"]["desc"] for fail in fails)
    assert all(one["severity_id"] == 1 for one in found if one["compliance"]["status_id"] in (1, 2))


def test_an_event_that_is_none_is_refused() -> None:
    event = events(province())[0]
    for key, value in (("type_uid", 1), ("finding_info", {}), ("severity_id", "grave"), ("time", "yesterday")):
        with pytest.raises(ValidationError):
            ComplianceFinding.model_validate(event | {key: value})
    assert not _known(event | {"verdict": 1}, ComplianceFinding.model_validate(event | {"verdict": 1}).model_dump())
