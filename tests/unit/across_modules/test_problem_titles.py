"""Every format names a defect by its problem next to the requirement; a passed check keeps the requirement."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from auditor.framework.findings import CheckId
from reports.document import Report
from tests.unit.reports import reading
from tests.unit.reports.sample import CHECKS, province

REACH = CheckId("ipv6.web.reach")
PROBLEM, REQUIREMENT = CHECKS[REACH].problem, CHECKS[REACH].title
PROBLEM_VI = "Không kết nối được tới trang qua IPv6"


def workbook(report: Report) -> str:
    return "\n".join(str(cell) for rows in reading.sheets(report).values() for row in rows for cell in row)


def findings(report: Report) -> list[dict[str, Any]]:
    document = json.loads(reading.only(report, "json"))
    return [finding for finding in document["findings"] if finding["check"] == REACH]


@pytest.mark.parametrize("read", [reading.page, reading.printed, workbook])
def test_defect_is_titled_by_its_problem_with_the_requirement_beside_it(read: Callable[[Report], str]) -> None:
    text = read(province(()))
    assert PROBLEM in text
    assert REQUIREMENT in text


def test_letter_names_the_problem_and_then_the_requirement() -> None:
    text = reading.letters(province(()))["cong-van-so-xd.docx"]
    assert f"{PROBLEM_VI}\nMức độ: nghiêm trọng\nYêu cầu: {REQUIREMENT}" in text


def test_table_has_the_problem_of_a_defect_only() -> None:
    rows = [row for row in reading.table(province(())) if row["check"] == REACH]
    assert {(row["outcome"], row["problem"], row["title"]) for row in rows} == {
        ("fail", PROBLEM, REQUIREMENT),
        ("pass", "", REQUIREMENT),
    }


def test_document_has_the_problem_of_a_defect_in_both_languages() -> None:
    found = findings(province(()))
    assert {finding["outcome"] for finding in found} == {"fail", "pass"}
    for finding in found:
        defect = finding["outcome"] == "fail"
        assert finding["problem"] == ({"vi": PROBLEM_VI, "en": PROBLEM} if defect else None)
