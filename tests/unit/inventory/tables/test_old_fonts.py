"""Tables that were typed for TCVN3 or VNI: the reader is told the cause, and never that a header is missing."""

from pathlib import Path

import pytest

from inventory.tables.old_fonts import is_in_old_font
from tests.unit.inventory.reading import lines_of, load_text

_TCVN3 = ("C¬ quan, ®¬n vÞ,Tªn hÖ thèng,Lo¹i", "Së Y tÕ,Cæng Së Y tÕ,Cæng TT§T")
_VNI = ("Ñôn vò,Teân heä thoáng,Loaïi", "Sôû Y teá,Coång Sôû Y teá,Coång TTÑT")


@pytest.mark.parametrize("rows", [_TCVN3, _VNI])
def test_header_in_an_old_font_is_told_as_such(tmp_path: Path, rows: tuple[str, str]) -> None:
    (line,) = lines_of(tmp_path, "\n".join(rows) + "\n")
    assert "older than Unicode (TCVN3 such as .VnTime, or VNI)" in line
    assert "UniKey" in line


def test_body_in_an_old_font_is_a_warning_for_the_table(tmp_path: Path) -> None:
    text = f"agency_name,name,kind\n{_TCVN3[1].replace('Cæng TT§T', 'portal')}\nSë X©y dùng,Trang Së,portal\n"
    assert ["names show wrongly" in each.text("en") for each in load_text(tmp_path, text).warnings[:1]] == [True]


@pytest.mark.parametrize(
    "rows",
    [
        [("Sở Y tế", "Cổng Sở Y tế", "Trạm số 3 – 25µm")] * 5,
        [("Café", "Zürich Straße", "Müller")],
        [("© 2026", "§ 4", "a·b")] * 5,
        [("name", "kind")] * 500,
    ],
)
def test_text_in_unicode_is_in_no_old_font(rows: list[tuple[str, ...]]) -> None:
    assert not is_in_old_font(rows)
