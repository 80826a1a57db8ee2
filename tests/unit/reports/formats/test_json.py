"""Tests JSON and JSON lines: valid under the shipped schema, complete, streamed, inert on a terminal."""

import json
from collections import Counter
from dataclasses import replace
from importlib import resources
from typing import Any

import jsonschema
import pytest

from auditor.figures.comparison import ChangeKind
from auditor.framework.findings import Outcome
from reports.document import Statement
from reports.registry import FORMATS, UnknownFormat, renderer
from tests.unit.reports.earlier import COUNTS, SEAL, whole_province
from tests.unit.reports.sample import MemorySink, SampleReport, province

SCHEMA = json.loads(resources.files("reports").joinpath("result.schema.json").read_text(encoding="utf-8"))
ACTIVE = {
    *map(chr, range(9)),
    *map(chr, range(11, 32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202e\u2066\u2028\u200b\ufeff",
}


def rendered(report: SampleReport, name: str = "json") -> str:
    sink = MemorySink()
    renderer(name)(report, sink)
    return sink.only


def document(report: SampleReport) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(rendered(report))
    return loaded


def test_the_document_is_valid() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(document(province()))


def test_an_empty_document_is_valid() -> None:
    empty = replace(province(), groups=())
    jsonschema.Draft202012Validator(SCHEMA).validate(document(empty))
    assert document(empty)["findings"] == []


def test_schema_refuses_a_changed_document() -> None:
    broken = document(province())
    failing = next(one for one in broken["findings"] if one["outcome"] == "fail")
    failing["remedy"] = None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(broken)


def test_nothing_is_lost_or_added() -> None:
    report = province()
    found = document(report)
    assert [one["id"] for one in found["findings"]] == [finding.id for finding in report.findings]
    assert found["summary"] == {
        outcome.value: Counter(f.outcome for f in report.findings)[outcome] for outcome in Outcome
    }
    assert sum(found["summary"].values()) == len(found["findings"])
    assert [one["id"] for one in found["subjects"]] == [s.subject.id for g in report.groups for s in g.subjects]


def test_keys_stand_in_a_fixed_order() -> None:
    assert list(document(province())) == [
        "schema",
        "run",
        "subjects",
        "findings",
        "summary",
        "not_tested",
        "limits",
        "limits_detail",
    ]


def test_a_document_names_its_judgement_its_seal_and_what_changed() -> None:
    found = document(whole_province())
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert (found["run"]["judgement"], found["run"]["seal"]["root"]) == ("2026Q1-01-bb", SEAL.root)
    assert found["since"]["summary"] == {kind.value: COUNTS[kind] for kind in ChangeKind}
    assert found["since"]["agencies"] == [{"agency": "so-xd", "summary": found["since"]["summary"]}]
    bare = document(province())
    assert (bare["run"]["judgement"], bare["run"]["seal"]) == (None, None)


def test_scores_have_all_areas_and_ladders_beside_them() -> None:
    portal, _, _, point = document(province())["subjects"][:4]
    assert list(portal["scores"]) == [
        "ipv6.dns",
        "ipv6.web",
        "ipv6.mail",
        "ipv6.path",
        "ipv6.device",
        "tslcd",
        "security",
    ]
    assert portal["scores"]["ipv6.web"]["ladder"] == 1
    assert portal["ladders"] == {"service": {"level": 1, "at_least": False, "blocked_by": ["ipv6.web.reach"]}}
    assert portal["scores"]["ipv6.mail"] == {"score": None, "coverage": None}
    assert "ladder" not in portal["scores"]["tslcd"]
    assert point["scores"]["tslcd"]["ladder"] == 1


def test_messages_carry_both_languages() -> None:
    reason = next(one for one in document(province())["findings"] if one["reason"] == "U-PRIV")
    assert reason["message"]["vi"].startswith("Chương trình kiểm tra thiếu quyền")
    assert reason["message"]["en"].startswith("The auditor lacks a privilege")
    assert reason["remedy"]["vi"] != reason["remedy"]["en"]


def test_not_tested_is_the_index_of_what_was_not_measured() -> None:
    found = document(province())
    untested = [one for one in found["findings"] if one["outcome"] == "inconclusive" and not one["evidence"]]
    assert [(one["subject"], one["check"], one["reason"]) for one in untested] == [
        (one["subject"], one["check"], one["why"]) for one in found["not_tested"]
    ]
    assert len(untested) == 1


def test_self_tests_stand_with_the_vantage_only() -> None:
    found = document(province())
    assert [one["check"] for one in found["run"]["vantages"][0]["selftest"]] == ["meta.selftest.egress"]
    assert not [one for one in found["findings"] if one["check"].startswith("meta.")]
    assert found["limits"][0] == "meta.selftest.egress BLOCKED vantage=trung-tam-tinh"


def test_the_statutory_limit_always_stands_once() -> None:
    report = province()
    twice = replace(report, header=replace(report.header, limits=(Statement(code="NOT_STATUTORY"),)))
    for sample_report in (report, twice):
        assert document(sample_report)["limits"].count("NOT_STATUTORY") == 1


def test_lines_are_the_same_findings_with_run_and_agency() -> None:
    report = province()
    lines = [json.loads(line) for line in rendered(report, "jsonl").splitlines()]
    findings = document(report)["findings"]
    assert [{key: line[key] for key in findings[0]} for line in lines] == findings
    assert {line["agency"] for line in lines} == {"so-xd", "so-yt", "xa-01", None}
    assert {line["run"] for line in lines} == {"2026Q1-01"}


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_nothing_in_it_acts_on_a_terminal(name: str) -> None:
    assert not ACTIVE & set(rendered(province(), name))


def test_hostile_values_come_back_as_they_were() -> None:
    report = province()
    values = {f.args["value"] for f in report.findings if "value" in f.args}
    assert {one["args"]["value"] for one in document(report)["findings"] if "value" in one["args"]} == values


def test_numbers_that_json_has_not_are_null() -> None:
    report = province(())
    group = report.groups[0]
    subject = next(iter(group.subjects))
    odd = replace(subject.findings[0], args={"n": float("nan"), "ratio": float("inf")})
    changed = replace(report, groups=(replace(group, subjects=(replace(subject, findings=(odd,)),)),))
    assert document(changed)["findings"][0]["args"] == {"n": None, "ratio": None}


def test_formats_by_name() -> None:
    assert set(FORMATS) >= {"text", "json", "jsonl", "html"}
    with pytest.raises(UnknownFormat, match="unknown format 'word'; there are text, "):
        renderer("word")
