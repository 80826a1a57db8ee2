"""Tests that the worst failing checks are named with the first subjects, and repeated at the end of a long text."""

from dataclasses import replace

from auditor.framework.findings import CheckId, Outcome, Severity
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from reports.document import Options
from reports.registry import renderer
from reports.terminal.layout import style
from reports.worst_problems import WorstProblems
from tests.unit.reports.sample import MemorySink, SampleReport, province
from tests.unit.reports.troubled import troubled


def text(report: SampleReport, lang: str) -> str:
    sink = MemorySink()
    renderer("text", Options(lang=lang))(report, sink)
    return sink.files["report.txt"].decode()


def test_a_subject_counts_once_for_a_check_and_only_failures_count() -> None:
    report = province(())
    texts, look = Texts("en", report.checks), style(color=False, ascii_only=False)
    worst = WorstProblems(texts)
    findings = [finding for group in report.groups for subject in group.subjects for finding in subject.findings]
    for finding in findings:
        worst.add(finding)
    failing = [each for each in findings if each.outcome is Outcome.FAIL and each.waived is None]
    assert len(worst) == len({(finding.check, texts.heading(finding)) for finding in failing})
    heading, *lines = worst.lines(look, 2)
    assert heading.startswith("Worst problems (2 of ")
    assert len(lines) == 2
    assert all(line.startswith("  ✘ critical  ") for line in lines[:1])
    assert list(WorstProblems(texts).lines(look, 2)) == []


def test_what_is_said_of_one_subject_names_no_other_that_fails_in_another_way() -> None:
    report = province(())
    texts, look = Texts("en"), style(color=False, ascii_only=False)
    worst = WorstProblems(texts)
    finding = next(each for group in report.groups for subject in group.subjects for each in subject.findings)
    for subject, code in (("a.vn", "EXPIRED_INTERMEDIATE"), ("b.vn", "INCOMPLETE"), ("c.vn", "EXPIRED_INTERMEDIATE")):
        worst.add(
            replace(
                finding,
                subject=SubjectId(subject),
                check=CheckId("security.tls.cert-chain"),
                code=code,
                outcome=Outcome.FAIL,
                severity=Severity.HIGH,
                waived=None,
            )
        )
    _, first, second = worst.lines(look, 5)
    assert first == "  ✘ high  A certificate in the chain is out of its dates: a.vn, c.vn"
    assert second == "  ✘ high  Certificate chain is incomplete: b.vn"


def test_a_text_with_many_problems_ends_with_the_worst_and_one_with_few_does_not() -> None:
    for lang, heading in (("vi", "Lỗi nghiêm trọng nhất"), ("en", "Worst problems")):
        *_, result = told = text(troubled(), lang).splitlines()
        place = next(number for number, line in enumerate(told) if line.startswith(heading))
        assert place >= len(told) - 6, result
    report = troubled()
    few = tuple(replace(subject, findings=subject.findings[:1]) for subject in list(report.groups[0].subjects)[:2])
    assert "Worst problems" not in text(replace(report, groups=(replace(report.groups[0], subjects=few),)), "en")
