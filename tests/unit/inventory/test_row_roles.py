"""Rows that are no entries, and entries that read nearly like them."""

import pytest

from inventory.columns import Column, TableKind
from inventory.row_roles import RowRole, role_of

_COLUMNS = (Column.ORDINAL, Column.NAME, Column.KIND, Column.IPV4)


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (("", "Tổng cộng: 8 thiết bị", "", ""), RowRole.TOTAL),
        (("TỔNG SỐ", "", "12", ""), RowRole.TOTAL),
        (("", "TONG CONG", "", "3"), RowRole.TOTAL),
        (("", "Cộng", "", ""), RowRole.TOTAL),
        (("", "Danh sách gồm có 12 thiết bị", "", ""), RowRole.TOTAL),
        (("", "Tổng công ty Điện lực", "", ""), RowRole.ENTRY),
        (("", "TONG CONG TY DIEN LUC", "", ""), RowRole.ENTRY),
        (("", "Tổng đài", "máy chủ", "10.0.0.1"), RowRole.ENTRY),
        (("", "Cổng thông tin", "", ""), RowRole.ENTRY),
        (("", "Cộng hưởng", "", ""), RowRole.ENTRY),
        (("", "Tổng cộng", "máy chủ", ""), RowRole.ENTRY),
        (("", "NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ"), RowRole.SIGNATURE),
        (("", "", "(Ký, ghi rõ họ tên)", ""), RowRole.SIGNATURE),
        (("", "", "Đắk Lắk, ngày … tháng 3 năm 2026", ""), RowRole.SIGNATURE),
        (("", "TM. ỦY BAN NHÂN DÂN", "", ""), RowRole.SIGNATURE),
        (("", "Giám đốc", "máy chủ", ""), RowRole.ENTRY),
        (("", "Ký số nội bộ", "", ""), RowRole.ENTRY),
        (("5", "Giám đốc trung tâm", "", "10.0.0"), RowRole.ENTRY),
        (("II", "Sở Y tế", "", ""), RowRole.AGENCY_HEADING),
        (("", "", "", ""), RowRole.ENTRY),
        (("III. UBND xã Ea Kar", "", "", ""), RowRole.AGENCY_HEADING),
        (("Sở Y tế", "", "", ""), RowRole.AGENCY_HEADING),
        (("I", "Thiết bị mạng", "", ""), RowRole.GROUP_HEADING),
        (("I", "Trung tâm dữ liệu", "", ""), RowRole.GROUP_HEADING),
        (("1", "Sở Y tế", "", ""), RowRole.ENTRY),
        (("", "Sở Y tế", "", ""), RowRole.ENTRY),
        (("I", "Sở Y tế", "router", "10.0.0.1"), RowRole.ENTRY),
    ],
)
def test_role_of_row_follows_its_wording(cells: tuple[str, ...], role: RowRole) -> None:
    assert role_of(cells, _COLUMNS, TableKind.TARGETS, ended=True) is role


@pytest.mark.parametrize(
    ("columns", "cells", "role"),
    [
        ((Column.NAME, Column.KIND), ("x", "nonsense"), RowRole.ENTRY),
        ((Column.NAME, Column.IPV4), ("C", "không rõ"), RowRole.ENTRY),
        ((None, Column.NAME), ("I", "Thiết bị mạng"), RowRole.GROUP_HEADING),
    ],
)
def test_role_of_numbered_heading_needs_its_number_outside_other_columns(
    columns: tuple[Column | None, ...], cells: tuple[str, ...], role: RowRole
) -> None:
    assert role_of(cells, columns, TableKind.TARGETS, ended=True) is role
