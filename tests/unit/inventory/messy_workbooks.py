"""Workbooks as offices keep them, made by openpyxl: titles, merged cells, totals, signatures and remarks in any place.

Agencies, names and addresses are invented; addresses are of the ranges for documentation and for private use.
"""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Cells = Sequence[object]


def _fill(sheet: Worksheet, rows: Sequence[Cells], merged: Sequence[str] = ()) -> None:
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)


def _bytes(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _book(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return book, sheet


def departments() -> bytes:
    """A department's list: titles above, agencies merged over their rows, two header rows, a column of telephones."""
    book, sheet = _book("Danh sách")
    _fill(
        sheet,
        [
            ("UBND TỈNH SƠN LÂM",),
            ("SỞ KHOA HỌC VÀ CÔNG NGHỆ",),
            ("DANH SÁCH THIẾT BỊ, HỆ THỐNG THÔNG TIN CỦA CÁC SỞ, NGÀNH NĂM 2026",),
            (),
            ("STT", "Đơn vị", "Tên thiết bị", "Loại thiết bị", "Địa chỉ IP", None, "Điện thoại", "Ghi chú"),
            (None, None, None, None, "IPv4", "IPv6", None, None),
            ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"),
            (1, "Sở Y tế", "Máy chủ web", "Máy chủ", "10.20.1.5", "2001:db8:20::5", "0262 111", "Phòng máy"),
            (2, None, "Switch tầng 1", "Bộ chuyển mạch", "10.20.1.2", "không có", "0262 112", None),
            (3, None, "Modem", "modem", "10.20.1.3", None, None, None),
            (4, "Sở Xây dựng", "Máy chủ web", "Máy chủ", "10.30.1.5", "2001:DB8:30::5/64", "0262 211", None),
            (5, None, "Switch tầng 1", "Bộ chuyển mạch", "10.30.1.2", None, None, "Cũ"),
            (None, "Tổng cộng: 5 thiết bị", None, None, 5),
            (),
            (None, None, None, None, "Sơn Lâm, ngày 12 tháng 3 năm 2026"),
            (None, "NGƯỜI LẬP BIỂU", None, None, "GIÁM ĐỐC"),
            (None, "(Ký, ghi rõ họ tên)", None, None, "(Ký, đóng dấu)"),
            (None, "Nguyễn Văn An", None, None, "Trần Thị Bình"),
        ],
        ["A1:D1", "A2:D2", "A3:H3", "A5:A6", "B5:B6", "C5:C6", "D5:D6", "E5:F5", "G5:G6", "H5:H6", "B8:B10", "B11:B12"],
    )
    return _bytes(book)


def communes() -> bytes:
    """A provider's list of connection points: a heading for each area, subtotals, a total, remarks and signatures."""
    book, sheet = _book("Điểm kết nối")
    _fill(
        sheet,
        [
            ("PHỤ LỤC II: ĐIỂM KẾT NỐI MẠNG TSLCD CẤP XÃ",),
            ("(Kèm theo Công văn số 15/CV-VT ngày 02 tháng 3 năm 2026)",),
            (
                "TT",
                "Tên điểm kết nối",
                "Loại",
                "IP WAN",
                "Địa chỉ IPv4",
                "Địa chỉ IPv6",
                "Băng thông (Mbps)",
                "Nhà cung cấp",
                "Mạng",
            ),
            ("I", "UBND xã Ea Kar"),
            (
                1,
                "Trụ sở UBND",
                "điểm kết nối",
                "vlan 100",
                "10.64.1.1",
                "2001:db8:64:1::1",
                100,
                "Viễn thông A",
                "TSLCD",
            ),
            (2, "Trạm y tế", "điểm kết nối", "vlan 101", "10.64.1.9", None, "50 Mbps", "Viễn thông A", "TSLCD"),
            (None, "Cộng: 2"),
            ("II", "UBND phường Tân Lập"),
            (1, "Trụ sở UBND", "điểm kết nối", None, "10.64.2.0/29", None, 100, "Viễn thông B", "TSLCD"),
            (2, "Công an phường", "điểm kết nối", None, "10.64.2.9", "2001:db8:64:2::9", 100, "Viễn thông B", "TSLCD"),
            (None, "TỔNG CỘNG", None, None, None, None, 350),
            ("Danh sách này có 4 điểm kết nối./.",),
            (None, None, None, None, None, "KT. GIÁM ĐỐC"),
            (None, None, None, None, None, "PHÓ GIÁM ĐỐC"),
            (None, None, None, None, None, "Lê Văn Cường"),
        ],
        ["A1:I1", "A2:I2", "A12:E12"],
    )
    return _bytes(book)


def two_sheets() -> bytes:
    """Two tables and a sheet of explanations: other words for kinds, ``DHCP``, ranges, an untitled remark."""
    book, sheet = _book("Hướng dẫn")
    _fill(sheet, [("Các đơn vị điền vào hai trang sau, gửi lại trước ngày 30/3.",)])
    _fill(
        book.create_sheet("Trang TTĐT"),
        [
            ("Mã đơn vị", "Tên đơn vị", "Tên cổng", "Loại hình", "Website"),
            ("SYT", "Sở Y tế", "Cổng Sở Y tế", "Cổng thông tin điện tử", "https://soyte.sonlam.example/"),
            ("SXD", "Sở Xây dựng", "Trang Sở Xây dựng", "Trang TTĐT", "soxaydung.sonlam.example"),
            ("SXD", "Sở Xây dựng", "Một cửa", "Hệ thống một cửa điện tử", "motcua sonlam.example"),
        ],
    )
    _fill(
        book.create_sheet("Thiết bị mạng"),
        [
            ("Mã đơn vị", "Tên thiết bị", "Chủng loại", "Địa chỉ IP", "Model", None),
            ("SYT", "Cụm máy chủ", "máy chủ", "10.20.1.5-9", None, "mới thay"),
            ("SYT", "Switch tầng 2", "switch", "DHCP", "C9200L"),
            ("SXD", "Tường lửa", "Thiết bị tường lửa", "10.30.1.1, 10.30.1.2", "FG-60F"),
            ("SXD", "Camera cổng", "camera", "10.30.1.300", None),
        ],
    )
    return _bytes(book)
