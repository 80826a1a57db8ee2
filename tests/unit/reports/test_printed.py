"""The printed summary and the letters: Vietnamese whole, figures those of the findings, hostile text only text."""

import io
import re
from dataclasses import replace

import pypdf
import pytest
from docx import Document

from auditor.framework.findings import Finding, Outcome
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from reports import agency_problems
from reports.document import AgencyReport, Options
from reports.registry import FOLDERS, renderer
from tests.unit.reports.earlier import COUNTS, SEAL, whole_province
from tests.unit.reports.sample import FORMULA, SCRIPT, MemorySink, SampleReport, province
from tests.unit.reports.test_tables import ROLLUP


def pdf(report: SampleReport, lang: str = "vi") -> pypdf.PdfReader:
    sink = MemorySink()
    renderer("pdf", Options(lang=lang))(report, sink)
    return pypdf.PdfReader(io.BytesIO(sink.files["summary.pdf"]))


def words(text: str) -> str:
    """Text without the places at which lines broke."""
    return re.sub(r"\s+", " ", text)


def letters(report: SampleReport) -> dict[str, str]:
    sink = MemorySink()
    renderer("docx")(report, sink)
    return {name: letter(data) for name, data in sink.files.items()}


def letter(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(one.text for one in document.paragraphs)])


def failing(report: SampleReport) -> dict[str, list[str]]:
    return {
        group.name: [
            one.check
            for subject in group.subjects
            for one in subject.findings
            if one.outcome is Outcome.FAIL and one.waived is None
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
        (page,) = [one for one in pages[1:] if f" {group.name} " in f" {one[:120]} "]
        assert "hệ thống, thiết bị cần khắc phục" in page


def test_a_digest_can_be_copied_as_it_is() -> None:
    report = province()
    first = pdf(report).pages[0].extract_text()
    assert report.header.policy in first.replace("\n", "")
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


def test_hostile_text_is_printed_as_text() -> None:
    text = words("".join(page.extract_text() for page in pdf(province()).pages))
    assert words(SCRIPT) in text
    assert "7*7" in text
    assert "\x1b" not in text


def test_a_letter_for_each_agency_with_something_to_put_right() -> None:
    found = letters(province())
    assert set(found) == {"cong-van-so-xd.docx", "cong-van-xa-01.docx"}
    for text in found.values():
        for phrase in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Kính gửi:", "Nơi nhận:"):
            assert phrase in text
        assert not re.search(r"\{[{%]", text.replace("{{ 7*7 }}{% raw %}", ""))


def test_a_letter_names_each_place_of_each_problem() -> None:
    report = province()
    text = letters(report)["cong-van-so-xd.docx"]
    for subject in report.groups[0].subjects:
        for one in subject.findings:
            if one.outcome is Outcome.FAIL and one.waived is None:
                assert agency_problems.place(one, Texts("vi")) in text
                assert Texts("vi", report.checks).title(one.check) in text


def test_letter_omits_waived_and_undecided_findings() -> None:
    report = province(())
    group = report.groups[0]
    subject = next(iter(group.subjects))
    kept = tuple(one for one in subject.findings if one.outcome is not Outcome.FAIL or one.waived is not None)
    assert {one.outcome for one in kept} >= {Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN}
    harmless = replace(report, groups=(replace(group, subjects=(replace(subject, findings=kept),)),))
    assert letters(harmless) == {}


def test_hostile_text_in_a_letter_is_text() -> None:
    text = letters(province())["cong-van-so-xd.docx"]
    assert SCRIPT in text
    assert FORMULA in text
    assert "{{ 7*7 }}" in text
    assert "49" not in text.split("Nơi mắc lỗi")[-1]


@pytest.mark.parametrize(
    ("codes", "names"),
    [
        (("../../etc/passwd",), {"cong-van-etc-passwd.docx"}),
        (("Sở-XD", "so xd"), {"cong-van-so-xd.docx", "cong-van-so-xd-2.docx"}),
        (("Đắk Lắk", "漢"), {"cong-van-dak-lak.docx", "cong-van-agency.docx"}),
    ],
)
def test_names_of_files_are_plain_and_apart(codes: tuple[str, ...], names: set[str]) -> None:
    report = province(())
    groups = tuple(replace(report.groups[0], agency=AgencyId(code)) for code in codes)
    assert set(letters(replace(report, groups=groups))) == names


def test_more_places_than_a_page_holds_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency_problems, "MOST_PLACES", 3)
    report = province()
    text = words("".join(page.extract_text() for page in pdf(report).pages))
    assert "và 5 mục khác" in text or "5" in text.split("Danh sách đầy đủ")[0][-40:]


def test_letters_go_into_a_folder() -> None:
    assert frozenset({"docx"}) == FOLDERS


def test_figures_are_printed_with_what_they_speak_of() -> None:
    text = words(pdf(replace(province(), rollup=ROLLUP)).pages[0].extract_text())
    assert words(Texts("vi").kpi("K08")) in text
    assert words(Texts("vi").figure(ROLLUP.total.figures["K08"])) in text


def test_the_summary_names_judgement_seal_and_what_changed() -> None:
    report = whole_province()
    first = words(pdf(report).pages[0].extract_text())
    for said in ("2026Q1-01-bb", "2025Q4-01-aa", "02/12/2025", Texts("vi").word("change", "still_failing")):
        assert said in first
    assert SEAL.root.removeprefix("sha256:")[:20] in first.replace(" ", "")
    for counted in COUNTS.values():
        assert f" {counted} " in f" {first} "


def test_a_letter_names_its_judgement() -> None:
    assert "lần đánh giá 2026Q1-01-bb)" in letters(whole_province())["cong-van-so-xd.docx"]
    assert "lần đánh giá" not in letters(province())["cong-van-so-xd.docx"].split("1. Kết quả chung")[0]


def test_each_place_is_told_what_was_found_there_and_every_remedy_once() -> None:
    report = province()
    group = report.groups[0]
    texts = Texts("vi", report.checks)
    fails = [
        one
        for subject in group.subjects
        for one in subject.findings
        if one.check == "security.http.headers" and one.outcome is Outcome.FAIL
    ]
    assert len({texts.message(one) for one in fails}) > 1
    text = letters(report)["cong-van-so-xd.docx"]
    for one in fails:
        assert f"- {agency_problems.place(one, texts)}: {texts.message(one)}" in text
    assert text.count(str(texts.remedy(fails[0]))) == len({one.check for one in _failing(group)})
    alike = next(one for one in _failing(group) if one.check == "ipv6.web.reach")
    assert f"Phát hiện: {texts.message(alike)}" in text
    assert f"- {agency_problems.place(alike, texts)}\n" in text


def _failing(group: AgencyReport) -> list[Finding]:
    found = (one for subject in group.subjects for one in subject.findings)
    return [one for one in found if one.outcome is Outcome.FAIL and one.waived is None]
