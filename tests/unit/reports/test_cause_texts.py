"""Tests shared causes in every format: the same in all, in both languages, hostile names made harmless."""

import json
import re
from dataclasses import replace

import pytest

from auditor.figures.causes import Cause, CauseKey, CauseKind, CauseProblem, Gain, OwnerBasis, TargetGain
from auditor.figures.compliance import Compliance
from auditor.figures.figure import Figure
from auditor.figures.rollup import Rollup, UnitRollup
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, FindingId, Severity
from auditor.texts.translate import Texts
from inventory.model import AgencyId, SubjectId
from reports import cause_texts
from reports.document import Options
from reports.formats.html import page as html_page
from reports.registry import renderer
from reports.report_texts import say
from reports.terminal import summary
from tests.unit.auditor.stored import START
from tests.unit.reports.sample import MemorySink, SampleReport, province

CHECKS = catalogue.load().checks
REACH = CheckId("ipv6.web.reach")
UNITS = tuple(
    UnitRollup(agency=AgencyId(code), name=name) for code, name in (("so-xd", "Sở Xây dựng"), ("so-yt", "Sở Y tế"))
)
ROLLUP = Rollup(day=START.date(), total=UnitRollup(agency=None, name="UBND tỉnh"), units=UNITS)
CAUSE = Cause(
    id="0123456789abcdef",
    key=CauseKey(kind=CauseKind.ADDRESS, name="2001:db8:7::1", vantage="v", port="443"),
    severity=Severity.CRITICAL,
    problems=(CauseProblem(check=REACH, code="REFUSED", severity=Severity.CRITICAL, findings=2, subjects=2),),
    subjects=(SubjectId("www.so-xd.example"), SubjectId("www.so-yt.example")),
    subject_count=2,
    findings=(FindingId("f1"), FindingId("f2")),
    finding_count=2,
    agencies=(AgencyId("so-xd"), AgencyId("so-yt")),
    owner=AgencyId("so-yt"),
    owner_basis=OwnerBasis.ROW,
    gains=(Gain(figure="K08", met=3, of=9, met_after=5, of_after=9),),
    targets=(TargetGain(framework="f", requirement="1", now=Compliance.NOT_MET),),
)
HOSTILE = replace(
    CAUSE,
    id="hostile",
    key=CauseKey(kind=CauseKind.NAME_SERVERS, name="<script>alert(1)</script>\x1b[31m"),
    owner=None,
    owner_basis=OwnerBasis.UNKNOWN,
)


def report(*causes: Cause) -> SampleReport:
    known = province()
    return replace(known, rollup=ROLLUP, causes=causes, checks={**known.checks, **CHECKS})


def rendered(kind: str, shown: SampleReport, lang: str = "vi") -> bytes:
    sink = MemorySink(many=False)
    renderer(kind, Options(lang=lang))(shown, sink)
    (content,) = sink.files.values()
    return content


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_line_names_cause_owner_reach_problem_and_gain(lang: str) -> None:
    texts = Texts(lang, CHECKS)
    told = cause_texts.line(CAUSE, texts, {unit.agency: unit.name for unit in UNITS if unit.agency is not None})
    assert "2001:db8:7::1" in told.title
    assert "443" in told.title
    assert "Sở Y tế" in told.owner
    assert told.agencies == "Sở Xây dựng, Sở Y tế"
    assert told.problems == (texts.problem(REACH, "REFUSED"),)
    assert told.gains[0].index("3/9") < told.gains[0].index("5/9")
    assert told.targets


@pytest.mark.parametrize("kind", list(CauseKind))
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_title_each_kind_has_words_in_both_languages(kind: CauseKind, lang: str) -> None:
    shared = replace(CAUSE, key=CauseKey(kind=kind, name="thing", software="nginx/1.2"))
    title = cause_texts.title(shared, Texts(lang, CHECKS))
    assert "thing" in title
    assert ("prob" in title or "nhiều khả năng" in title) is not shared.certain


def test_line_restricted_cause_counts_no_findings_of_others() -> None:
    own = replace(CAUSE, findings=(), finding_count=0)
    assert "0" not in cause_texts.line(own, Texts("en", CHECKS), {}).takes


def test_text_summary_is_three_lines_at_most() -> None:
    text = rendered("text", report(*(replace(CAUSE, id=str(n)) for n in range(7)))).decode()
    part = text.partition(say(Texts("vi", CHECKS), "causes"))[2].partition("\n\n")[0].strip().splitlines()
    assert [line[:2] for line in part] == ["1.", "2.", "3."]


def test_text_without_causes_has_no_heading_for_them() -> None:
    assert say(Texts("vi", CHECKS), "causes") not in rendered("text", report()).decode()


def test_terminal_summary_names_causes_and_stays_within_its_lines() -> None:
    lines = summary.summary(report(*(replace(CAUSE, id=str(n)) for n in range(7))), Options(lang="en"))
    assert say(Texts("en", CHECKS), "causes") in lines
    assert sum("2001:db8:7::1" in line for line in lines) == cause_texts.TOLD
    assert len(lines) <= summary.MOST_LINES


def test_figures_of_a_terminal_summary_are_not_listed_among_its_problems() -> None:
    total = UnitRollup(agency=None, name="UBND tỉnh", figures={"K08": Figure(of=3, met=2)})
    lines = summary.summary(replace(report(), rollup=replace(ROLLUP, total=total)), Options(lang="en"))
    first = next(number for number, line in enumerate(lines) if line.startswith("  K"))
    assert lines[first - 1] == "Figures"


def test_json_lists_causes_with_ids_owner_and_gains() -> None:
    (told,) = json.loads(rendered("json", report(CAUSE)))["causes"]
    assert (told["kind"], told["name"], told["certain"], told["owner"]) == ("address", "2001:db8:7::1", True, "so-yt")
    assert told["gains"] == [{"figure": "K08", "met": 3, "of": 9, "met_after": 5, "of_after": 9, "possible": 0}]
    assert told["subjects"] == list(CAUSE.subjects)


def test_html_shows_causes_escaped_before_the_list_of_agencies() -> None:
    page = rendered("html", report(CAUSE, HOSTILE)).decode()
    assert page.index('id="causes"') < page.index('id="agencies"')
    assert f'id="cause-{CAUSE.id}"' in page
    assert "<script>alert(1)" not in page


def rows_of_cause(page: str) -> list[str]:
    """Return the links of the first cause, in its order."""
    part = page.partition(f'id="cause-{CAUSE.id}"')[2].partition("</details>")[0]
    return re.findall(r'<a class="lead" href="([^"]*)#s\d+">', part)


def anchors(page: str) -> list[str]:
    return re.findall(r'#(s\d+)">www\.so-', page.partition(f'id="cause-{CAUSE.id}"')[2].partition("</details>")[0])


def test_html_leads_from_a_cause_to_each_of_its_subjects() -> None:
    page = rendered("html", report(CAUSE)).decode()
    assert rows_of_cause(page) == ["", ""]
    for anchor, subject in zip(anchors(page), CAUSE.subjects, strict=True):
        assert f"<b>{subject}</b>" in page.partition(f'id="{anchor}"')[2].partition("</summary>")[0]


def test_html_in_a_folder_leads_from_a_cause_to_the_pages_of_its_agencies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_page, "WHOLE_SUBJECTS", 0)
    sink = MemorySink(many=True)
    renderer("html", Options(lang="vi"))(report(CAUSE), sink)
    page = sink.files["report.html"].decode()
    for folder_page, anchor, subject in zip(rows_of_cause(page), anchors(page), CAUSE.subjects, strict=True):
        own = sink.files[folder_page].decode()
        assert f"<b>{subject}</b>" in own.partition(f'id="{anchor}"')[2].partition("</summary>")[0]


def test_html_names_a_subject_of_a_cause_that_is_not_in_the_report_without_a_link() -> None:
    elsewhere = replace(CAUSE, subjects=(SubjectId("<b>none</b>"),))
    page = rendered("html", report(elsewhere)).decode()
    assert rows_of_cause(page) == []
    assert "&lt;b&gt;none&lt;/b&gt;" in page


def test_html_without_causes_says_so() -> None:
    assert say(Texts("en", CHECKS), "causes_none") in rendered("html", report()).decode()
