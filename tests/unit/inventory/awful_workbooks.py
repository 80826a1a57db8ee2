"""Twelve tables as bad as offices send them: one file each, all that the units of a province do to a form.

Agencies, names and addresses are invented; addresses are of the ranges for documentation and for private use.
"""

import io
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Rows = Sequence[Sequence[object]]
_PORTALS = ("STT", "Cơ quan, đơn vị", "Tên trang", "Loại", "Địa chỉ truy cập")
_DEVICES = ("STT", "Đơn vị", "Tên thiết bị", "Loại thiết bị", "Địa chỉ IPv4", "Địa chỉ IPv6")


def _sheet(book: Workbook, title: str, rows: Rows, merged: Sequence[str] = ()) -> Worksheet:
    sheet = book.create_sheet(title)
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    return sheet


def _book() -> Workbook:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    return book


def _bytes(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def two_sheets_with_everything() -> bytes:
    """Titles, merged agencies, DHCP, a range, a telephone column, totals and signatures, on two sheets."""
    book = _book()
    _sheet(
        book,
        "Trang TTĐT",
        [
            ("UBND TỈNH SƠN LÂM", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
            ("DANH SÁCH TRANG THÔNG TIN ĐIỆN TỬ",),
            (),
            (*_PORTALS, "Điện thoại"),
            (1, "Sở Y tế", "Cổng Sở Y tế", "Cổng thông tin", "https://soyte.sonlam.example/trang-chu", "0262 111"),
            (2, None, "Trang tuyển dụng", "Trang TTĐT", "tuyendung.soyte.sonlam.example", None),
            (3, "Sở Xây dựng", "Cổng Sở Xây dựng", "Cổng TTĐT", "SOXAYDUNG.SONLAM.EXAMPLE", "0262 112"),
            (None, "Tổng cộng: 3 trang"),
        ],
        ["A1:B1", "C1:E1", "A2:F2", "B5:B6"],
    )
    _sheet(
        book,
        "Thiết bị",
        [
            ("PHỤ LỤC 2. THIẾT BỊ MẠNG",),
            _DEVICES,
            ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)"),
            (1, "Sở Y tế", "Máy chủ web", "Máy chủ", "10.20.1.5-9", "2001:db8:20::5/64"),
            (2, None, "Switch tầng 1", "Switch", "DHCP", "không có"),
            (3, "Sở Xây dựng", "Máy chủ web", "Máy chủ", "10.30.1.5", "Chưa có"),
            (4, None, "Switch tầng 1", "Switch", "10.30.1.2", None),
            (None, "Tổng cộng: 4 thiết bị"),
            (),
            (None, None, None, None, "Sơn Lâm, ngày 28 tháng 11 năm 2026"),
            (None, "NGƯỜI LẬP BIỂU", None, None, "THỦ TRƯỞNG ĐƠN VỊ"),
            (None, "(Ký, ghi rõ họ tên)", None, None, "(Ký tên, đóng dấu)"),
            (),
            (None, "Nguyễn Văn An", None, None, "Trần Thị Bình"),
        ],
        ["A1:F1", "B4:B5", "B6:B7"],
    )
    return _bytes(book)


def duplicates_and_typos() -> bytes:
    """The same device twice, one address on two devices, kinds and columns written wrong."""
    book = _book()
    _sheet(
        book,
        "Sheet1",
        [
            ("STT", "Tên đơn vi", "Tên thiêt bị", "Loại thiết bi", "Đia chỉ IP", "Ghi chú"),
            (1, "Sở Y tế", "Switch tầng 1", "Bộ chuyển mach", "10.20.1.2", None),
            (2, "Sở Y tế", "Switch tầng 1", "Switch", "10.20.1.3", "trùng tên"),
            (3, "Sở Y tế", "Tường lửa", "tường lữa", "10.20.1.2", "trùng địa chỉ"),
            (4, "Sở Y te", "Bộ định tuyến", "Roter", "10.20.1.1", None),
            (5, "Sở Y tế", "Camera", "Đầu ghi hình", "10.20.1.90", None),
            (6, "Sở Y tế", "Máy chủ CSDL", "Server", "10.20.1.256", None),
        ],
    )
    return _bytes(book)


def addresses_in_every_form() -> bytes:
    """Prefix lengths, ports, URLs, blocks, several in one cell, words around them."""
    book = _book()
    cells = (
        ("Một", "10.1.0.1/24", "2001:DB8:1::1/64"),
        ("Hai", "https://10.1.0.2:8443/", None),
        ("Ba", "10.1.0.3:443", "[2001:db8:1::3]:443"),
        ("Bốn", "10.1.0.4\n10.1.0.5", "2001:db8:1::4; 2001:db8:1::5"),
        ("Năm", "10.1.0.0/29", None),
        ("Sáu", "IP: 10.1.0.6", None),
        ("Bảy", "10.1.0.7 (VIP)", "không có"),
        ("Tám", "010.001.000.008", "N/A"),
        ("Chín", "10.1.0.9 - 10.1.0.11", "-"),
        ("Mười", "10.1.0.12,10.1.0.13", "2001:db8:1::12"),
        ("Mười một", "10,1,0,14", None),
        ("Mười hai", "www.sonlam.example", None),
        ("Mười ba", "2001:db8:1::13", "10.1.0.15"),
        ("Mười bốn", " 10.1.0.16 ", "fe80::1%eth0"),
        ("Mười lăm", "DHCP", "SLAAC"),
    )
    rows = [(number, "Sở A", name, "máy chủ", four, six) for number, (name, four, six) in enumerate(cells, 1)]
    _sheet(book, "Địa chỉ", [_DEVICES, *rows])
    return _bytes(book)


def dates_and_numbers() -> bytes:
    """Dates as dates, as texts and as serial numbers; numbers as texts, with units and Vietnamese separators."""
    book = _book()
    _sheet(
        book,
        "Kênh",
        [
            (
                "TT",
                "Đơn vị",
                "Tên điểm kết nối",
                "Loại",
                "Địa chỉ IP",
                "Băng thông (Mbps)",
                "Ngày kích hoạt",
                "Cấp độ",
                "Số hiệu mạng",
            ),
            ("1", "Xã A", "Trụ sở A", "điểm kết nối", "10.64.1.1", 100, datetime(2026, 3, 1), 2, 45899),  # noqa: DTZ001
            ("2", "Xã B", "Trụ sở B", "điểm kết nối", "10.64.2.1", "100 Mbps", "15/03/2026", "Cấp độ 2", "AS45899"),
            ("3", "Xã C", "Trụ sở C", "điểm kết nối", "10.64.3.1", "1.000", date(2026, 3, 2), "3", "AS 45899"),
            ("4", "Xã D", "Trụ sở D", "điểm kết nối", "10.64.4.1", "50", 46082, "cấp 3", None),
            ("5", "Xã E", "Trụ sở E", "điểm kết nối", "10.64.5.1", "hai trăm", "31/02/2026", None, None),
            ("6", "Xã G", 2026, "điểm kết nối", "10.64.6.1", 0.5, "2026-03-05", None, "x"),
        ],
    )
    return _bytes(book)


def hidden_rows_and_columns() -> bytes:
    """A filtered table: rows and columns that nobody sees, and a hidden sheet of last year."""
    book = _book()
    sheet = _sheet(
        book,
        "Năm 2026",
        [
            _DEVICES,
            (1, "Sở A", "Router", "Router", "10.1.1.1", "2001:db8:11::1"),
            (2, "Sở A", "Router cũ", "Router", "10.1.1.2", "2001:db8:11::2"),
            (3, "Sở A", "Switch", "Switch", "10.1.1.3", "2001:db8:11::3"),
            (4, "Sở A", "Switch cũ", "Switch", "10.1.1.4", "2001:db8:11::4"),
        ],
    )
    for row in (3, 5):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["F"].hidden = True
    _sheet(book, "Năm 2025", [_DEVICES, (1, "Sở A", "Router 2025", "Router", "10.1.2.1", None)]).sheet_state = "hidden"
    return _bytes(book)


def groups_and_printed_pages() -> bytes:
    """Headings with Roman numbers, the header again on each printed page, footnotes and remarks between rows."""
    book = _book()
    _sheet(
        book,
        "Toàn tỉnh",
        [
            ("Biểu số 03/CNTT",),
            ("STT", "Tên hệ thống", "Loại", "Tên miền", "Địa chỉ IP", "Ghi chú"),
            ("1", "2", "3", "4", "5", "6"),
            ("I", "Sở Y tế"),
            (1, "Cổng Sở Y tế", "cổng TTĐT", "soyte.sonlam.example", None, None),
            (2, "Một cửa", "DVC trực tuyến", "dvc.soyte.sonlam.example", "203.0.113.5", None),
            ("STT", "Tên hệ thống", "Loại", "Tên miền", "Địa chỉ IP", "Ghi chú"),
            (None, "Cộng Sở Y tế: 2"),
            ("II", "UBND xã Suối Mây"),
            (1, "Trang xã", "Trang thông tin điện tử xã", "suoimay.sonlam.example", None, None),
            ("III", "Xã Suối Mây"),
            (1, "Trang xã cũ", "Trang thông tin điện tử xã", "xasuoimay.sonlam.example", None, None),
            ("* Số liệu tính đến ngày 30/10/2026",),
            ("Ghi chú: các đơn vị chưa gửi sẽ bổ sung sau",),
            (None, None, None, "TM. ỦY BAN NHÂN DÂN"),
            (None, None, None, "KT. CHỦ TỊCH"),
            (None, None, None, "Lê Văn Cường"),
        ],
    )
    return _bytes(book)


def portals_without_a_kind() -> bytes:
    """A list of web sites in which nothing says that they are web sites."""
    book = _book()
    _sheet(
        book,
        "Danh sách",
        [
            ("DANH SÁCH CỔNG/TRANG THÔNG TIN ĐIỆN TỬ",),
            ("STT", "Tên cơ quan", "Địa chỉ truy cập", "Người phụ trách"),
            (1, "Sở Y tế", "http://soyte.sonlam.example", "Nguyễn Văn An"),
            (2, "Sở Xây dựng", "soxaydung.sonlam.example/", "Trần Thị Bình"),
            (3, "Sở Công Thương", "congthuong.sonlam.example", None),
        ],
    )
    return _bytes(book)


def formula_errors_and_blanks() -> bytes:
    """Errors of formulas, no-break spaces, zero-width characters, empty rows between, cells right of the table."""
    book = _book()
    _sheet(
        book,
        "Sheet1",
        [
            (None, None),
            (None, *_DEVICES[1:], None, "x"),
            (),
            (None, "Sở\u00a0A", "Router\u200b 1 ", "Router\u00a0", "10.1.3.1", "#N/A", None, None),
            (None, None, None, None, None, None, None, None),
            (None, "Sở A ", "Router 2", "ROUTER", "#REF!", None, None, "xem lại"),
            (None, "SỞ A", "Router 3", " router", "10.1.3.3", "2001:DB8:13::3", None, None),
            (None, " ", " ", " ", " ", None, None, None),
            (None, "Sở A", None, "Router", "10.1.3.4", None, None, None),
            (None, "Sở A", "Chưa lắp", "Router", None, None, None, None),
            (None, "Sở A", "Không loại", None, "10.1.3.6", None, None, None),
        ],
    )
    return _bytes(book)


def ods_with_merged_cells() -> bytes:
    """LibreOffice: agencies merged over their rows, a hidden row, repeated empty rows."""
    rows = (
        _ods_row(("DANH SÁCH THIẾT BỊ", 'table:number-columns-spanned="6"'))
        + _ods_row(*((title, "") for title in _DEVICES))
        + _ods_row(
            ("1", ""),
            ("Sở Y tế", 'table:number-rows-spanned="2"'),
            ("Switch tầng 1", ""),
            ("Switch", ""),
            ("10.20.2.2", ""),
            ("2001:db8:20:2::2", ""),
        )
        + _ods_row(("2", ""), None, ("Switch tầng 2", ""), ("Switch", ""), ("10.20.2.3", ""))
        + '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        + _ods_row(
            ("3", ""), ("Sở Xây dựng", ""), ("Switch cũ", ""), ("Switch", ""), ("10.30.2.2", ""), visibility="filter"
        )
        + _ods_row(None, ("Tổng cộng: 3", ""))
    )
    return _ods("Thiết bị", rows)


def _ods_row(*cells: tuple[str, str] | None, visibility: str = "visible") -> str:
    written = "".join(
        "<table:covered-table-cell/>"
        if cell is None
        else f'<table:table-cell office:value-type="string" {cell[1]}><text:p>{escape(cell[0])}</text:p>'
        "</table:table-cell>"
        for cell in cells
    )
    return f'<table:table-row table:visibility="{visibility}">{written}</table:table-row>'


def _ods(title: str, rows: str) -> bytes:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="{title}">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr("content.xml", content)
    return written.getvalue()


_SHAPES = "\u0302\u0306\u031b"
"""Circumflex, breve and horn: parts of a letter, not tones."""
_TEXT = (
    "DANH SÁCH CỔNG;;;;\r\n"
    "STT;Đơn vị;Tên cổng;Loại;Tên miền\r\n"
    "1;Sở Y tế;Cổng Sở Y tế;cổng thông tin điện tử;soyte.sonlam.example\r\n"
    '2;Sở Xây dựng;"Cổng; Sở\r\nXây dựng";cổng thông tin điện tử;soxaydung.sonlam.example\r\n'
    "3;Sở Nội vụ;Cổng Sở Nội vụ;cổng;sonoivu.sonlam.example\r\n"
    ";Tổng cộng: 3;;;\r\n"
)


def csv_of_windows_1258() -> bytes:
    """A CSV of an old Vietnamese Windows: its code page has tones as marks of their own."""
    return "".join(map(_with_tone_apart, _TEXT)).encode("windows-1258")


def _with_tone_apart(letter: str) -> str:
    base, *marks = list(unicodedata.normalize("NFD", letter))
    tones = [mark for mark in marks if mark not in _SHAPES]
    return unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark in _SHAPES)) + "".join(tones)


def csv_of_utf_16() -> bytes:
    """Return a file in Excel's "Unicode text" format: UTF-16 with tabs."""
    return b"\xff\xfe" + _TEXT.replace(";;;;", "\t\t\t\t").replace("; Sở", "- Sở").replace(";", "\t").encode(
        "utf-16-le"
    )


def csv_with_sep_line() -> bytes:
    """``sep=;`` before the table, a byte order mark, cells that need quotes."""
    return ("\ufeffsep=;\r\n" + _TEXT).encode()


TABLES: Mapping[str, Callable[[], bytes]] = {
    "hai-trang.xlsx": two_sheets_with_everything,
    "trùng-lặp.xlsx": duplicates_and_typos,
    "địa-chỉ.xlsx": addresses_in_every_form,
    "ngày-số.xlsx": dates_and_numbers,
    "ẩn.xlsx": hidden_rows_and_columns,
    "nhóm.xlsx": groups_and_printed_pages,
    "không-loại.xlsx": portals_without_a_kind,
    "lỗi-công-thức.xlsx": formula_errors_and_blanks,
    "gộp-ô.ods": ods_with_merged_cells,
    "cp1258.csv": csv_of_windows_1258,
    "utf16.txt": csv_of_utf_16,
    "sep.csv": csv_with_sep_line,
}
"""The twelve, by the names that they are sent under."""
