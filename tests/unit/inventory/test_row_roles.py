"""Rows that are no entries, and entries that read nearly like them."""

import pytest

from inventory.columns import Column, TableKind
from inventory.row_roles import Role, role_of

_COLUMNS = (Column.ORDINAL, Column.NAME, Column.KIND, Column.IPV4)


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (("", "Tổng cộng: 8 thiết bị", "", ""), Role.TOTAL),
        (("TỔNG SỐ", "", "12", ""), Role.TOTAL),
        (("", "TONG CONG", "", "3"), Role.TOTAL),
        (("", "Cộng", "", ""), Role.TOTAL),
        (("", "Danh sách gồm có 12 thiết bị", "", ""), Role.TOTAL),
        (("", "Tổng công ty Điện lực", "", ""), Role.ENTRY),
        (("", "TONG CONG TY DIEN LUC", "", ""), Role.ENTRY),
        (("", "Tổng đài", "máy chủ", "10.0.0.1"), Role.ENTRY),
        (("", "Cổng thông tin", "", ""), Role.ENTRY),
        (("", "Cộng hưởng", "", ""), Role.ENTRY),
        (("", "Tổng cộng", "máy chủ", ""), Role.ENTRY),
        (("", "NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ"), Role.SIGNATURE),
        (("", "", "(Ký, ghi rõ họ tên)", ""), Role.SIGNATURE),
        (("", "", "Đắk Lắk, ngày … tháng 3 năm 2026", ""), Role.SIGNATURE),
        (("", "TM. ỦY BAN NHÂN DÂN", "", ""), Role.SIGNATURE),
        (("", "Giám đốc", "máy chủ", ""), Role.ENTRY),
        (("", "Ký số nội bộ", "", ""), Role.ENTRY),
        (("5", "Giám đốc trung tâm", "", "10.0.0"), Role.ENTRY),
        (("II", "Sở Y tế", "", ""), Role.AGENCY_HEADING),
        (("", "", "", ""), Role.ENTRY),
        (("III. UBND xã Ea Kar", "", "", ""), Role.AGENCY_HEADING),
        (("Sở Y tế", "", "", ""), Role.AGENCY_HEADING),
        (("I", "Thiết bị mạng", "", ""), Role.GROUP_HEADING),
        (("I", "Trung tâm dữ liệu", "", ""), Role.GROUP_HEADING),
        (("1", "Sở Y tế", "", ""), Role.ENTRY),
        (("", "Sở Y tế", "", ""), Role.ENTRY),
        (("I", "Sở Y tế", "router", "10.0.0.1"), Role.ENTRY),
    ],
)
def test_role_of_row_follows_its_wording(cells: tuple[str, ...], role: Role) -> None:
    assert role_of(cells, _COLUMNS, TableKind.TARGETS, ended=True) is role


@pytest.mark.parametrize(
    ("columns", "cells", "role"),
    [
        ((Column.NAME, Column.KIND), ("x", "nonsense"), Role.ENTRY),
        ((Column.NAME, Column.IPV4), ("C", "không rõ"), Role.ENTRY),
        ((None, Column.NAME), ("I", "Thiết bị mạng"), Role.GROUP_HEADING),
    ],
)
def test_role_of_numbered_heading_needs_its_number_outside_other_columns(
    columns: tuple[Column | None, ...], cells: tuple[str, ...], role: Role
) -> None:
    assert role_of(cells, columns, TableKind.TARGETS, ended=True) is role
