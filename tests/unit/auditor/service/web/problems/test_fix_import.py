"""Tests reading back the sheet of fixes: changed cells are changes, bad ones are reported with row and column."""

from datetime import date

import pytest

from auditor.service.store.kept.problem_states import ProblemState, WantedChange
from auditor.service.web.problems.fix_import import FixRows, read_fixes
from auditor.texts.translate import Texts
from inventory.sources.sheet import Sheet
from reports.formats.xlsx.fix_columns import COLUMNS, heading

VI, EN = Texts("vi"), Texts("en")
KEY = "internet ipv6.web.aaaa www.tinh.vn"
PLAIN = {"key": KEY, "was": "new||", "state": "mới"}


def read(*rows: dict[str, str], texts: Texts = VI, title: tuple[str, ...] = ()) -> FixRows:
    """Read a sheet with these rows below its headings, and lines of text above them."""
    lines = [*([line] for line in title), [heading(texts, name) for name in COLUMNS]]
    lines += [[row.get(name, "") for name in COLUMNS] for row in rows]
    records = tuple((number, tuple(cells)) for number, cells in enumerate(lines, 1))
    return read_fixes([Sheet("a.xlsx", "Cần khắc phục", records)], [VI, EN])


def test_read_fixes_of_untouched_sheet_changes_nothing() -> None:
    made = read(PLAIN)
    assert (made.found, made.wanted, made.bad, set(made.places)) == (True, {}, [], {KEY})


@pytest.mark.parametrize(
    ("cells", "change"),
    [
        ({"state": "Đang xử lý"}, WantedChange(state=ProblemState.IN_WORK)),
        ({"state": "dang xu ly"}, WantedChange(state=ProblemState.IN_WORK)),
        ({"state": "in work"}, WantedChange(state=ProblemState.IN_WORK)),
        ({"owner": "Phòng CNTT"}, WantedChange(owner="Phòng CNTT")),
        ({"deadline": "31/12/2026"}, WantedChange(deadline=date(2026, 12, 31))),
        ({"deadline": "1-3-2027"}, WantedChange(deadline=date(2027, 3, 1))),
        ({"deadline": "2026-12-31"}, WantedChange(deadline=date(2026, 12, 31))),
        ({"comment": "đã gửi nhà cung cấp"}, WantedChange(comment="đã gửi nhà cung cấp")),
        ({"was": "new||An", "owner": ""}, WantedChange(owner="")),
        ({"was": "new|2026-12-31|An", "owner": "-", "deadline": "–"}, WantedChange(owner="", no_deadline=True)),
        ({"was": "new|2026-12-31|", "deadline": ""}, None),
        ({"was": "new||", "owner": "-", "deadline": "-"}, None),
        ({"was": "in_work|2026-12-31|An", "state": "đang xử lý", "deadline": "31/12/2026", "owner": "An"}, None),
        ({"state": ""}, None),
    ],
)
def test_read_fixes_takes_cells_that_changed(cells: dict[str, str], change: WantedChange | None) -> None:
    made = read({**PLAIN, **cells})
    assert (made.bad, made.wanted) == ([], {} if change is None else {KEY: change})


@pytest.mark.parametrize("texts", [VI, EN])
def test_read_fixes_finds_headings_in_either_language_below_a_title(texts: Texts) -> None:
    made = read({**PLAIN, "owner": "An"}, texts=texts, title=("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "Danh sách"))
    assert made.wanted == {KEY: WantedChange(owner="An")}


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"state": "xong rồi"}, "state", "BAD_STATE"),
        ({"deadline": "31/02/2027"}, "deadline", "BAD_DAY"),
        ({"deadline": "tháng sau"}, "deadline", "BAD_DAY"),
        ({"deadline": "1/1/1926"}, "deadline", "BAD_DAY"),
        ({"owner": "x" * 201}, "owner", "TOO_LONG"),
        ({"comment": "x" * 1001}, "comment", "TOO_LONG"),
    ],
)
def test_read_fixes_tells_wrong_cells_with_their_place(cells: dict[str, str], column: str, code: str) -> None:
    made = read(PLAIN, {**PLAIN, "key": "internet a b", **cells})
    ((bad),) = made.bad
    assert (bad.source, bad.row, bad.column, bad.code) == ("a.xlsx", 3, column, code)


def test_read_fixes_tells_all_wrong_cells_of_a_row() -> None:
    made = read({**PLAIN, "state": "xong", "deadline": "mai"})
    assert {bad.column for bad in made.bad} == {"state", "deadline"}


def test_read_fixes_of_a_problem_in_two_rows_is_told() -> None:
    (bad,) = read(PLAIN, PLAIN).bad
    assert (bad.row, bad.column, bad.code) == (3, "key", "ROW_TWICE")


def test_read_fixes_without_the_columns_finds_nothing() -> None:
    sheet = Sheet("a.xlsx", "Khác", ((1, ("Tên", "Ghi chú")), (2, ("a", "b"))))
    assert not read_fixes([sheet], [VI, EN]).found
