"""Tests JUnit XML: well-formed for any target's text, every finding once, right counts, no failure reported twice."""

import re
from dataclasses import replace
from xml.etree import ElementTree

from auditor.framework.findings import Finding, Outcome
from reports.document import Options
from reports.registry import renderer
from tests.unit.reports.sample import SCRIPT, MemorySink, SampleReport, province


def document(report: SampleReport, lang: str = "vi") -> ElementTree.Element:
    sink = MemorySink()
    renderer("junit", Options(lang=lang))(report, sink)
    return ElementTree.fromstring(sink.files["junit.xml"])


def test_every_finding_is_a_case_of_its_subject() -> None:
    report = province()
    suites = list(document(report))
    subjects = [subject for group in report.groups for subject in group.subjects]
    assert [suite.get("name") for suite in suites] == [subject.subject.id for subject in subjects]
    for suite, subject in zip(suites, subjects, strict=True):
        assert [case.get("classname") for case in suite] == [finding.check for finding in subject.findings]
        assert suite.get("tests") == str(len(subject.findings))


def test_counts_are_those_of_the_cases() -> None:
    for suite in document(province()):
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(attribute) == str(len(suite.findall(f"testcase/{tag}")))
        stamp = suite.get("timestamp")
        assert stamp is not None
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", stamp)


def verdict(finding: Finding) -> str:
    for case in document(only(finding)).iter("testcase"):
        return " ".join(child.tag for child in case)
    raise AssertionError("no case")


def only(finding: Finding) -> SampleReport:
    report = province(())
    group = report.groups[0]
    subject = next(iter(group.subjects))
    return replace(report, groups=(replace(group, subjects=(replace(subject, findings=(finding,)),)),))


def test_each_outcome_is_what_a_server_makes_of_it() -> None:
    findings = {finding.outcome: finding for finding in province(()).findings if finding.waived is None}
    assert {outcome: verdict(finding) for outcome, finding in findings.items()} == {
        Outcome.PASS: "",
        Outcome.WARN: "system-out",
        Outcome.FAIL: "failure",
        Outcome.ERROR: "error",
        Outcome.INCONCLUSIVE: "skipped",
        Outcome.NOT_APPLICABLE: "skipped",
    }


def test_what_is_waived_fails_nobody() -> None:
    waived = next(finding for finding in province(()).findings if finding.waived is not None)
    assert (waived.outcome, verdict(waived)) == (Outcome.FAIL, "skipped")


def test_hostile_text_is_text() -> None:
    root = document(province())
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
    }
    texts = "".join([*(e.text or "" for e in root.iter()), *(v for e in root.iter() for v in e.attrib.values())])
    assert SCRIPT in texts
    assert "\x1b" not in texts
