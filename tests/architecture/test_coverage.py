"""The tables of other auditors' tests name checks that exist, and every test case once."""

import re
from collections.abc import Iterator

from auditor.framework.check import load
from tests.architecture.tree import ROOT

PAGE = ROOT / "docs" / "reference" / "coverage.md"
PARTS = ("Zonemaster", "Internet.nl", "Mozilla HTTP Observatory", "testssl.sh", "SSL Labs")
COUNTS = {
    "BASIC": 3,
    "ADDRESS": 3,
    "CONNECTIVITY": 4,
    "CONSISTENCY": 6,
    "DELEGATION": 7,
    "DNSSEC": 17,
    "NAMESERVER": 15,
    "SYNTAX": 8,
    "ZONE": 11,
}
"""The number of test cases in each part of Zonemaster."""
CHECK = re.compile(r"`((?:ipv6|security|tslcd)\.[a-z0-9.-]+)`")


def rows(part: str) -> Iterator[tuple[str, ...]]:
    text = PAGE.read_text("utf-8").partition(f"## {part}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    for line in lines:
        yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def covered(cell: str) -> bool:
    return bool(CHECK.match(cell))


def test_every_row_names_a_check_that_exists_or_says_why_none_does() -> None:
    known = {str(id_) for id_ in load()}
    for part in PARTS:
        cells = [row[-1] for row in rows(part)]
        assert cells, part
        assert [cell for cell in cells if not covered(cell) and not cell.startswith("refused: ")] == []
        assert {id_ for cell in cells for id_ in CHECK.findall(cell)} - known == set()


def test_every_test_case_of_zonemaster_stands_once() -> None:
    cases = [row[0] for row in rows("Zonemaster")]
    assert len(cases) == len(set(cases)) == sum(COUNTS.values())
    assert {part: sum(case.startswith(part) for case in cases) for part in COUNTS} == COUNTS


def test_the_number_of_covered_cases_is_the_one_that_is_written() -> None:
    found = list(rows("Zonemaster"))
    text = f"{sum(covered(row[-1]) for row in found)} of the {len(found)} are covered."
    assert text in PAGE.read_text("utf-8")


def test_every_test_of_observatory_stands_once() -> None:
    cases = [row[0] for row in rows("Mozilla HTTP Observatory")]
    assert len(cases) == len(set(cases)) == 15
