"""What others' programs will be given is valid under others' schemas: OSCAL under NIST's, JUnit under Jenkins'."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree  # type: ignore[import-untyped]

from reports.document import Options
from reports.oscal import VERSION
from reports.registry import renderer
from tests.unit.reports.sample import MemorySink, SampleReport, province

SCHEMAS = Path(__file__).parent / "schemas"
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
    for broken in (text.replace(b"<failure ", b"<broken ").replace(b"</failure>", b"</broken>"),
                   text.replace(b' classname="', b' class="', 1),
                   text.replace(b' tests="', b' test="', 1)):  # fmt: skip
        assert broken != text
        assert not junit().validate(etree.fromstring(broken))
