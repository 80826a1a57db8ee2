"""Workbooks, written by XlsxWriter in the test; ODS by hand, since nothing here writes it."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from inventory.loader import LoadedInventory, load_with_warnings
from inventory.problems.problem import InventoryError, ProblemCollector
from inventory.sources.files import sheets_sent
from inventory.sources.sheet_bounds import UNPACKED_LIMIT, repacked
from inventory.sources.workbook import read_workbook

Sheets = Mapping[str, Sequence[Sequence[object]]]
_DAY = datetime(2026, 1, 2)  # noqa: DTZ001 - spreadsheets have no time zones
TOO_MANY = ": a sheet spreads over more than 2000000 cells; delete what stands far outside of the table"
HEADER = ["Tên", "Loại", "Địa chỉ IP"]


def _xlsx(sheets: Sheets) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for position, value in enumerate(row):
                    if isinstance(value, datetime):
                        sheet.write_datetime(number, position, value, book.add_format({"num_format": "dd/mm/yyyy"}))
                    elif value is not None:
                        sheet.write(number, position, value)
    return written.getvalue()


def _load(folder: Path, data: bytes, name: str = "a.xlsx") -> LoadedInventory:
    path = folder / name
    path.write_bytes(data)
    return load_with_warnings([path])


def _lines(folder: Path, data: bytes, name: str = "a.xlsx") -> list[str]:
    with pytest.raises(InventoryError) as caught:
        _load(folder, data, name)
    return [line.removeprefix(f"{folder}/{name}") for line in caught.value.lines()]


def test_sheets_are_tables(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        _xlsx(
            {
                "Hướng dẫn": [["Điền vào các trang sau"]],
                "Sở A": [["DANH SÁCH"], [], [None, *HEADER], [None, "R1", "router", "10.0.0.1"]],
                "Sở B": [
                    [*HEADER, "valid_from", "bandwidth_mbps"],
                    ["R2", "router", "10.0.0.2", _DAY, 1.125],
                    ["R3", "router", "10.0.0.3", None, 1000],
                ],
                "Trống": [],
                "Miễn": [["subject", "check_prefix", "reason", "signatory"], ["R1", "ipv6", "cũ", "GĐ"]],
            }
        ),
    )
    subject, two, three = loaded.inventory.subjects
    assert subject.origin is not None
    assert (subject.origin.source, subject.origin.row) == (f"{tmp_path}/a.xlsx[Sở A]", 4)
    assert two.valid_from is not None
    assert (two.valid_from.isoformat(), two.declared.bandwidth_mbps) == ("2026-01-02", 1.125)
    assert three.declared.bandwidth_mbps == 1000.0
    assert [exemption.subject for exemption in loaded.inventory.exemptions] == ["R1"]
    assert [warning.line().removeprefix(f"{tmp_path}/a.xlsx") for warning in loaded.warnings] == [
        "[Hướng dẫn]: sheet without a header row that is known; rows left out: 1",
        "[Sở A]:3: the header is row 3; rows above it left out: 1",
    ]


def test_a_number_of_three_decimals_is_shown_as_it_is_and_never_read_as_a_thousand(tmp_path: Path) -> None:
    rows: list[list[object]] = [[*HEADER, "Băng thông", "Diện tích"], [203.162, "router", "10.0.0.1", 1.125, 203.162]]
    data = _xlsx({"Sheet1": rows})
    (router,) = _load(tmp_path, data).inventory.subjects
    assert (router.name, router.declared.note) == ("203.162", "Diện tích: 203.162")
    assert router.declared.bandwidth_mbps == 1.125
    (sheet,) = sheets_sent("a.xlsx", data, ProblemCollector())
    assert sheet.records[1][1][3] == "1.1250"
    wrong = _xlsx({"Sheet1": [HEADER, ["R1", "router", 203.162]]})
    assert _lines(tmp_path, wrong) == [':2:ipv4: "203.162" is not an IP address']


def test_problems_name_the_sheet_and_the_row_it_shows(tmp_path: Path) -> None:
    assert _lines(tmp_path, _xlsx({"A": [HEADER, [], ["R1", "router", "10.0.0.300"]], "B": [["x"]]})) == [
        '[A]:3:ipv4: "10.0.0.300" is not an IP address',
        "[B]: sheet without a header row that is known; rows left out: 1",
    ]


def test_a_workbook_of_one_sheet_needs_no_sheet_name(tmp_path: Path) -> None:
    assert _lines(tmp_path, _xlsx({"Sheet1": [HEADER, ["R1", "router", "x"]]})) == [':2:ipv4: "x" is not an IP address']


def test_an_empty_workbook(tmp_path: Path) -> None:
    assert _lines(tmp_path, _xlsx({"Sheet1": []})) == [": the file is empty"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
@pytest.mark.parametrize(
    "data", [b"\0\0\0not a workbook", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_read_workbook_of_another_format_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    line, *said = _lines(tmp_path, data, name)
    assert line.startswith(": broken or foreign workbook: ")
    assert all("it was read as what it is" in text for text in said)


@pytest.mark.parametrize(
    ("data", "vi", "en"),
    [
        (b"not a workbook", "nội dung không phải bảng tính", "its content is no workbook"),
        (_xlsx({"Sheet1": [HEADER]})[:400], "tệp bị cắt ngắn hoặc bị hỏng", "the file is cut off or damaged"),
    ],
    ids=["other content", "cut off"],
)
def test_read_broken_workbook_tells_why_in_the_language_of_the_reader(data: bytes, vi: str, en: str) -> None:
    problems = ProblemCollector()
    assert read_workbook("a.xlsx", data, problems) == ()
    (problem,) = problems.whole()
    assert (vi in problem.line("vi"), en in problem.line("en")) == (True, True)


def _ods(rows: str) -> bytes:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="T">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr("content.xml", content)
    return written.getvalue()


def _ods_row(*cells: str, repeated: int = 1) -> str:
    written = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{written}</table:table-row>'


_FILLER = (
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/>'
    "</table:table-row>"
)


def test_ods_with_its_usual_million_empty_rows(tmp_path: Path) -> None:
    data = _ods(_ods_row(*HEADER) + _ods_row("R1", "router", "10.0.0.1") + _FILLER)
    assert [subject.id for subject in _load(tmp_path, data, "a.ods").inventory.subjects] == ["R1"]


def test_ods_of_several_sheets_with_their_million_empty_rows(tmp_path: Path) -> None:
    """Cells after the empty cells of one sheet do not fall into another sheet."""
    again = '</table:table><table:table table:name="U"><table:table-column table:number-columns-repeated="16384"/>'
    first, second = (_ods_row(*HEADER) + _ods_row(name, "router", "10.0.0.1") + _FILLER for name in ("R1", "R2"))
    data = _ods(first + again + second)
    assert [subject.id for subject in _load(tmp_path, data, "a.ods").inventory.subjects] == ["R1", "R2"]


def test_what_would_unpack_to_too_much_is_refused(tmp_path: Path) -> None:
    assert repacked(_xlsx({"A": [HEADER]})) is not None
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "name")
        sheet.write(1_048_575, 16_383, "x")
    assert _lines(tmp_path, written.getvalue()) == [TOO_MANY]
    assert _lines(tmp_path, _ods(_ods_row("a", "b") + _ods_row("x", repeated=900_000_000)), "a.ods") == [TOO_MANY]
    zeros = io.BytesIO()
    with (
        zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("big.xml", "w", force_zip64=True) as big,
    ):
        for _ in range(UNPACKED_LIMIT // 2**20 + 1):
            big.write(bytes(2**20))
    assert repacked(zeros.getvalue()) is None


def _sheet(cells: str, place: str = "worksheets/sheet1.xml") -> bytes:
    """Return a workbook of one sheet written by hand, as no writer of ours would make it."""
    main, office = (
        f"http://schemas.openxmlformats.org/{text}" for text in ("spreadsheetml/2006/main", "officeDocument")
    )
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, kind, target in (("", "officeDocument", "xl/workbook.xml"), ("xl/", "worksheet", place)):
            name = f"{folder}_rels/{'workbook.xml' if folder else ''}.rels"
            link = f'<Relationship Id="rId1" Type="{office}/2006/relationships/{kind}" Target="{target}"/>'
            archive.writestr(name, f'<Relationships xmlns="{links}">{link}</Relationships>')
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}/2006/relationships"><sheets>'
            '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(f"xl/{place}", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>')
    return written.getvalue()


_CELL = "<c t='inlineStr'><is><t>{}</t></is></c>"
_ROWS = "".join(f"<row>{''.join(map(_CELL.format, row))}</row>" for row in (HEADER, ["R1", "router", "10.0.0.1"]))


def test_read_workbook_cells_without_position_follow_the_cell_before(tmp_path: Path) -> None:
    assert [subject.id for subject in _load(tmp_path, _sheet(_ROWS)).inventory.subjects] == ["R1"]


@pytest.mark.parametrize("place", ["worksheets/sheet1.xml", "elsewhere.xml"])
@pytest.mark.parametrize(
    "far",
    [
        '<row r="1"><c r="ALL1"/></row><row r="20000"><c r="A20000"><v>1</v></c></row>',
        '<row r="1"><c r="ALL1"/></row><row r="20000"><c><v>1</v></c></row>',
        f'<row r="1">{"<c><v>1</v></c>" * 1_000}</row><row r="20000"><c><v>1</v></c></row>',
        f'<row r="19999"><c><v>1</v></c></row><row>{"<c><!-- <row> --><v>1</v></c>" * 1_000}</row>',
    ],
)
def test_a_far_corner_is_found_however_it_is_written(tmp_path: Path, far: str, place: str) -> None:
    assert _lines(tmp_path, _sheet(far, place)) == [TOO_MANY]


@pytest.mark.parametrize("harm", ["compressed data", "encrypted", "unknown compression"])
def test_a_workbook_that_cannot_be_unpacked_is_named(tmp_path: Path, harm: str) -> None:
    data = bytearray(_xlsx({"A": [[f"name {number}"] for number in range(500)]}))
    zip_info = zipfile.ZipFile(io.BytesIO(data)).getinfo("xl/worksheets/sheet1.xml")
    listed = data.rindex(b"PK\x01\x02", 0, data.index(zip_info.filename.encode(), data.index(b"PK\x01\x02")))
    if harm == "compressed data":
        at = zip_info.header_offset + 30 + len(zip_info.filename) + 40
        data[at : at + 20] = b"\xff" * 20
    elif harm == "encrypted":
        data[listed + 8] |= 1
        data[zip_info.header_offset + 6] |= 1
    else:
        data[listed + 10] = data[zip_info.header_offset + 8] = 97
    (line,) = _lines(tmp_path, bytes(data))
    assert line.startswith(": broken or foreign workbook: ")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_sheet_in_another_encoding_is_none(tmp_path: Path, encoding: str) -> None:
    """A far corner in an unreadable sheet causes no large allocation."""
    place = "worksheets/sheet1.xml"
    data, written = io.BytesIO(_sheet('<row r="20000"><c r="ALL20000"><v>1</v></c></row>', place)), io.BytesIO()
    with zipfile.ZipFile(data) as read, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in read.namelist():
            content = read.read(name)
            archive.writestr(name, content.decode().encode(encoding) if name.endswith(place) else content)
    assert len(_lines(tmp_path, written.getvalue())) == 1


def test_a_far_corner_of_ods_is_found_behind_any_attribute(tmp_path: Path) -> None:
    far = '<table:table-row table:style-name=">" table:number-rows-repeated="20000">'
    cell = '<table:table-cell table:style-name=">" table:number-columns-repeated="{}" office:value-type="string">'
    filled = cell.format(1_000) + "<text:p>x</text:p></table:table-cell>"
    assert _lines(tmp_path, _ods(f"{far}{filled}</table:table-row>"), "a.ods") == [TOO_MANY]


def test_a_sheet_outside_of_the_members_that_hold_text_is_not_read(tmp_path: Path) -> None:
    (line,) = _lines(tmp_path, _sheet(_ROWS, "picture.png"))
    assert line.startswith(": broken or foreign workbook: ")


@pytest.mark.parametrize("place", ["WQJ00001000000", "wqj1000000", "AAAAAAAA1", "A99999999999999999999", "A1B2"])
def test_a_far_corner_is_found_however_its_number_is_written(tmp_path: Path, place: str) -> None:
    cell = f'<row r="1"><c r="A1"/></row><row><c r="{place}"><v>1</v></c></row>'
    assert _lines(tmp_path, _sheet(cell)) == [TOO_MANY]


@pytest.mark.parametrize("number", ["0000003000", "3000", "+3000", " 3000", "99999999999"])
def test_a_repeat_of_ods_counts_however_it_is_written(tmp_path: Path, number: str) -> None:
    cell = f'<table:table-cell table:number-columns-repeated="{number}" office:value-type="string"/>'
    row = f'<table:table-row table:number-rows-repeated="{number}">{cell}</table:table-row>'
    assert _lines(tmp_path, _ods(row), "a.ods") == [TOO_MANY]


def test_a_workbook_under_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    ods = _ods(_ods_row(*HEADER) + _ods_row("R1", "router", "10.0.0.1"))
    for name, data in (("a.xlsx", ods), ("a.csv", ods), ("a.ods", _sheet(_ROWS)), ("a.yaml", _sheet(_ROWS))):
        loaded = _load(tmp_path, data, name)
        assert [subject.id for subject in loaded.inventory.subjects] == ["R1"]
        assert ["it was read as what it is" in warning.line() for warning in loaded.warnings] == [True]


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.xlsx", b"name,kind\na.vn,portal\n", "plain text"),
        ("a.xls", b"\n<html><table><tr><td>name</td></tr></table>", "a page in HTML or XML"),
        ("a.csv", b"<?xml version='1.0'?><Workbook/>", "a page in HTML or XML"),
        ("a.csv", b"%PDF-1.7 ...", "a PDF document"),
    ],
)
def test_a_content_that_is_not_read_is_told(tmp_path: Path, name: str, data: bytes, what: str) -> None:
    (line,) = _lines(tmp_path, data, name)
    assert line.startswith(f": the content is {what}, unlike what ")


def test_a_binary_workbook_is_told_and_never_opened(tmp_path: Path) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"\0")
    (line,) = _lines(tmp_path, written.getvalue())
    assert line.startswith(": the content is a binary XLSB workbook, unlike what ")
