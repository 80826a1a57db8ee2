"""Tests that a letter lists the fixes for an agency, place by place, and reports nothing undecided as a defect."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from docx import Document

from auditor.framework.findings import Finding, Outcome
from auditor.texts.translate import Texts
from inventory.model import AgencyId, SubjectId
from reports import agency_problems
from reports.document import AgencyReport, SubjectReport
from reports.formats import docx
from reports.registry import FOLDERS, renderer
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.sample import FORMULA, SCRIPT, V4, V6, MemorySink, SampleReport, province
from tests.unit.reports.troubled import FAILING, troubled


def letters(report: SampleReport) -> dict[str, str]:
    sink = MemorySink()
    renderer("docx")(report, sink)
    return {name: letter(data) for name, data in sink.files.items()}


def letter(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])


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
        for finding in subject.findings:
            if finding.outcome is Outcome.FAIL and finding.waived is None:
                assert agency_problems.place([finding], Texts("vi")) in text
                assert Texts("vi", report.checks).title(finding.check) in text


def test_a_letter_counts_systems_and_not_their_addresses() -> None:
    text = letters(province())["cong-van-so-xd.docx"]
    assert "; 1 hệ thống, thiết bị)" in text
    assert " kết quả)" not in text


def test_letter_omits_waived_and_undecided_findings() -> None:
    report = province(())
    group = report.groups[0]
    subject = next(iter(group.subjects))
    kept = tuple(
        finding for finding in subject.findings if finding.outcome is not Outcome.FAIL or finding.waived is not None
    )
    assert {finding.outcome for finding in kept} >= {Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN}
    harmless = replace(report, groups=(replace(group, subjects=(replace(subject, findings=kept),)),))
    assert letters(harmless) == {}


def test_hostile_text_in_a_letter_is_text() -> None:
    text = letters(province())["cong-van-so-xd.docx"]
    assert SCRIPT in text
    assert FORMULA in text
    assert "{{ 7*7 }}" in text
    assert "49" not in text.split("Hệ thống bị ảnh hưởng")[-1]


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


def test_letters_go_into_a_folder() -> None:
    assert frozenset({"docx"}) == FOLDERS


def test_a_letter_names_its_judgement() -> None:
    assert "lần đánh giá 2026Q1-01-bb)" in letters(whole_province())["cong-van-so-xd.docx"]
    assert "lần đánh giá" not in letters(province())["cong-van-so-xd.docx"].split("1. Kết quả chung")[0]


def test_each_place_is_told_what_was_found_there_and_every_remedy_once() -> None:
    report = province()
    group = report.groups[0]
    texts = Texts("vi", report.checks)
    fails = [
        finding
        for subject in group.subjects
        for finding in subject.findings
        if finding.check == "security.http.headers" and finding.outcome is Outcome.FAIL
    ]
    assert len({texts.message(finding) for finding in fails}) > 1
    text = letters(report)["cong-van-so-xd.docx"]
    for fail in fails:
        assert f"- {agency_problems.place([fail], texts)}: {texts.message(fail)}" in text
    assert text.count(str(texts.remedy(fails[0]))) == len({finding.check for finding in _failing(group)})
    alike = next(finding for finding in _failing(group) if finding.check == "ipv6.web.reach")
    assert f"Phát hiện: {texts.message(alike)}" in text
    assert f"- {agency_problems.place([alike], texts)}\n" in text


def test_letter_names_the_gravest_problems_and_its_annex_has_all_with_both_addresses_of_a_host_at_once() -> None:
    sink = MemorySink()
    renderer("docx")(troubled(), sink)
    document = Document(io.BytesIO(sink.files["cong-van-so-xd.docx"]))
    body = "\n".join(paragraph.text for paragraph in document.paragraphs)
    (annex,) = [table for table in document.tables if table.rows[0].cells[0].text == "TT"]
    assert f"Có {FAILING} nội dung cần khắc phục (15 nghiêm trọng, 15 cao, 15 trung bình, 15 thấp)" in body
    assert body.count("(mức độ: ") == docx.FIRST
    assert body.count("(mức độ: nghiêm trọng") == docx.FIRST
    assert len(annex.rows) == 1 + FAILING
    assert all(row.cells[2].text.count(f"{V4} / {V6}") >= 2 for row in annex.rows[1:])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs soffice: apt-get install libreoffice-writer-nogui")
def test_letter_with_many_problems_is_two_pages_and_its_annex_in_an_office_program(tmp_path: Path) -> None:
    sink = MemorySink()
    renderer("docx")(troubled(), sink)
    (path := tmp_path / "letter.docx").write_bytes(sink.files["cong-van-so-xd.docx"])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    words = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(words, check=True, capture_output=True, timeout=300)
    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "letter.pdf").pages]
    annex = next(number for number, text in enumerate(pages) if "PHỤ LỤC" in text)
    assert 1 <= annex <= 2
    assert "QUYỀN HẠN" in pages[annex - 1]
    assert all("Cách khắc phục" in text for text in pages[annex:-1])  # the head of the table on each page


def _failing(group: AgencyReport) -> list[Finding]:
    findings = (finding for subject in group.subjects for finding in subject.findings)
    return [finding for finding in findings if finding.outcome is Outcome.FAIL and finding.waived is None]


def _copies(number: int) -> tuple[SubjectReport, ...]:
    """Return ``number`` copies of one failing subject, each under its own name."""
    first = next(iter(province().groups[0].subjects))
    ids = [SubjectId(f"so{place:03}.example") for place in range(number)]
    return tuple(
        replace(
            first,
            subject=replace(first.subject, id=name),
            findings=tuple(replace(finding, subject=name) for finding in first.findings),
        )
        for name in ids
    )


def test_a_letter_is_all_that_an_agency_gets_and_names_every_place() -> None:
    report, copies = province(), _copies(150)
    (text,) = letters(replace(report, groups=(replace(report.groups[0], subjects=copies),))).values()
    assert [copy.subject.id for copy in copies if copy.subject.id not in text] == []


def test_a_letter_says_where_the_places_are_that_it_leaves_out() -> None:
    problems = agency_problems.AgencyProblems(most=1)
    for copy in _copies(3):
        problems.add(copy)
    for row in docx._problems(problems, Texts("vi")):
        assert re.fullmatch(r"và \d+ mục khác\. Danh sách đầy đủ có trong bảng tính \(XLSX\).*", str(row["more"]))
