"""Tests the printed summary: wholly Vietnamese, with the findings' figures, hostile text as plain text."""

import io
import re
from dataclasses import replace

import pypdf
import pytest

from auditor.framework.findings import Outcome, Severity
from auditor.texts.translate import Texts
from reports import agency_problems
from reports.document import Options, SubjectReport
from reports.formats.pdf import MOST_PAGES
from reports.registry import renderer
from tests.unit.reports.earlier import COUNTS, SEAL, whole_province
from tests.unit.reports.formats.test_xlsx import ROLLUP
from tests.unit.reports.sample import SCRIPT, VANTAGE, MemorySink, SampleReport, province
from tests.unit.reports.troubled import FAILING, troubled


def pdf(report: SampleReport, lang: str = "vi") -> pypdf.PdfReader:
    sink = MemorySink()
    renderer("pdf", Options(lang=lang))(report, sink)
    return pypdf.PdfReader(io.BytesIO(sink.files["summary.pdf"]))


def words(text: str) -> str:
    """Return the text without line breaks."""
    return re.sub(r"\s+", " ", text)


def failing(report: SampleReport) -> dict[str, list[str]]:
    """Return the checks that each agency fails, once for each of its failing subjects."""
    return {
        group.name: [
            check
            for subject in group.subjects
            for check in {
                finding.check
                for finding in subject.findings
                if finding.outcome is Outcome.FAIL and finding.waived is None
            }
        ]
        for group in report.groups
    }


def test_the_summary_is_tagged_and_names_its_language() -> None:
    root = pdf(province()).root_object
    assert str(root["/Lang"]) == "vi"
    assert str(root["/MarkInfo"]) == "{'/Marked': True, '/Suspects': False}"


def test_every_agency_begins_on_a_page_of_its_own() -> None:
    report = province()
    pages = [words(page.extract_text()) for page in pdf(report).pages]
    for group in report.groups[:3]:
        (page,) = [page for page in pages[1:] if f" {group.name} " in f" {page[:120]} "]
        assert "hệ thống, thiết bị cần khắc phục" in page


def test_a_digest_can_be_copied_as_it_is() -> None:
    report = province()
    first = pdf(report).pages[0].extract_text()
    assert report.header.policy in first.replace("\n", "")
    assert report.header.policy not in first  # it is wider than its column, and broken there
    assert "\u200b" not in first


def test_the_font_is_in_the_file() -> None:
    embedded, elsewhere = set[str](), set[str]()
    for page in pdf(province()).pages:
        there, missing = page._get_fonts()
        embedded |= there
        elsewhere |= missing
    assert elsewhere == set()
    assert all("BeVietnamPro" in font for font in embedded)
    assert len(embedded) >= 2  # plain and bold


def test_problems_of_the_summary_are_the_failing_checks() -> None:
    report = province()
    text = words("".join(page.extract_text() for page in pdf(report).pages))
    for name, checks in failing(report).items():
        for check in set(checks):
            assert f"{check}" in text, (name, check)
            assert f"({checks.count(check)})" in text, (name, check)


def test_the_languages_differ() -> None:
    vi, en = (words(pdf(province(), lang).pages[0].extract_text()) for lang in ("vi", "en"))
    assert "Tổng quan" in vi
    assert "Overview" in en


def test_summary_without_subjects_is_printed() -> None:
    assert len(pdf(replace(province(), groups=())).pages) == 1


def test_summary_of_an_agency_with_many_problems_keeps_to_twelve_pages_and_counts_what_it_leaves_out() -> None:
    pages = [words(page.extract_text()) for page in pdf(troubled()).pages]
    assert len(pages) <= MOST_PAGES
    told = words(" ".join(pages))
    assert told.count(Texts("vi").severity(Severity.CRITICAL)) >= FAILING / 4


def test_summary_of_an_agency_with_many_problems_names_the_systems_of_each() -> None:
    report = troubled()
    alone = replace(report, groups=report.groups[:1])
    told = words(" ".join(page.extract_text() for page in pdf(alone).pages))
    named = re.findall(r"cong-thong-tin-\d+\.so-xay-dung\.sonlam\.gov\.vn", told)
    assert len(named) >= FAILING
    assert "Cơ quan, đơn vị liên quan" not in told, "there is one agency only"
    assert "Cơ quan, đơn vị Mức độ Vấn đề" not in told


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_summary_of_three_hundred_agencies_keeps_to_twelve_pages(lang: str) -> None:
    report = troubled()
    many = tuple(
        replace(report.groups[0], name=f"Sở {number}", subjects=_some(report, number)) for number in range(300)
    )
    pages = [words(page.extract_text()) for page in pdf(replace(report, groups=many), lang).pages]
    assert len(pages) <= MOST_PAGES
    more = {"vi": "và 260 mục khác", "en": "and 260 more"}[lang]
    assert any(more in page for page in pages)


def _some(report: SampleReport, number: int) -> tuple[SubjectReport, ...]:
    subjects = tuple(report.groups[0].subjects)
    return (subjects[number % len(subjects)],)


def test_hostile_text_is_printed_as_text() -> None:
    text = words("".join(page.extract_text() for page in pdf(province()).pages))
    assert words(SCRIPT) in text
    assert "7*7" in text
    assert "\x1b" not in text


def test_more_places_than_a_page_holds_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency_problems, "MOST_PLACES", 3)
    report = province()
    text = words("".join(page.extract_text() for page in pdf(report).pages))
    assert "và 5 mục khác" in text or "5" in text.split("Danh sách đầy đủ")[0][-40:]


def test_figures_are_printed_with_what_they_speak_of() -> None:
    text = words(pdf(replace(province(), rollup=ROLLUP)).pages[0].extract_text())
    assert words(Texts("vi").kpi("K08")) in text
    assert words(Texts("vi").figure(ROLLUP.total.figures["K08"])) in text


def test_the_summary_names_judgement_seal_and_what_changed() -> None:
    report = whole_province()
    first = words(pdf(report).pages[0].extract_text())
    for text in ("2026Q1-01-bb", "2025Q4-01-aa", "02/12/2025", Texts("vi").word("change", "still_failing")):
        assert text in first
    assert SEAL.root.removeprefix("sha256:")[:20] in first.replace(" ", "")
    for counted in COUNTS.values():
        assert f" {counted} " in f" {first} "


def test_the_summary_of_one_agency_names_it_and_every_limit_its_vantage() -> None:
    whole = province(())
    (first, *_) = whole.groups
    printed = words(" ".join(page.extract_text() for page in pdf(replace(whole, groups=(first,))).pages))
    assert f"{first.name} · {whole.header.name}" in printed
    assert f"{VANTAGE}: " in printed
    assert f"{first.name} · {whole.header.name}" not in words(pdf(whole).pages[0].extract_text())
