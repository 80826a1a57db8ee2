"""Workbooks and tables of which some bytes are others: read or told, within the time and the memory of the reader.

Every file goes through one process that is bounded as the program that reads files is. Where a file ends it, the next
one gets another process, and the program itself must have said one clear error about that file.
"""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.service.inventories.file_reading import load_sent
from auditor.service.inventories.reader_protocol import MEMORY
from inventory.problems.codes import Code
from inventory.problems.problem import InventoryError
from tests.architecture.tree import ROOT

SECONDS = 5
"""Seconds of processor time for one file of a few kilobytes."""
_ENDED = {Code.NEEDS_MEMORY, Code.NEEDS_TIME}
_WORKER = f"""
import sys
from inventory.problems.problem import InventoryError
from inventory.loader import load_sent
from probes.net.core import confinement
confinement.confine({MEMORY})
while size := sys.stdin.buffer.readline():
    name, data = sys.stdin.buffer.readline().decode().strip(), sys.stdin.buffer.read(int(size))
    confinement.allow_seconds({SECONDS})
    try:
        load_sent([(name, data)])
        said = "read"
    except (InventoryError, MemoryError):
        said = "told"
    except BaseException as error:
        said = repr(error)
    confinement.allow_seconds(0)
    print(said, flush=True)
"""


class Reader:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def said(self, name: str, data: bytes) -> str:
        """Return ``read``, ``told``, ``ended``, or the repr of an uncaught error."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{len(data)}\n{name}\n".encode() + data)
        process.stdin.flush()
        line = process.stdout.readline().decode().strip()
        if not line:
            self.close()
        return line or "ended"

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-c", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
            cwd="/",
        )

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with process:
                process.kill()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def _xlsx() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        for name in ("R1", "R2"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Tên", "Loại", "Địa chỉ IP", "bandwidth_mbps", "note"])
            sheet.write_row(1, 0, [name, "portal", "10.0.0.1", 1.5])
            sheet.write_formula(1, 4, "=A1&A2", None, "kết quả")
    return written.getvalue()


def _ods() -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    rows = "".join(
        "<table:table-row>{}</table:table-row>".format(
            "".join(
                f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
                for text in row
            )
        )
        for row in (("name", "kind", "ip"), ("R1", "router", "10.0.0.1"))
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="T">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return _zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": b"<?xml version='1.0'?><manifest/>",
        }
    )


def _xlsb() -> bytes:
    return _zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": bytes(range(256))})


def _csv() -> bytes:
    return (
        b"name;kind;ip;expected_ipv6;services;note\n"
        b'R1;router;10.0.0.1;planned:2027-06;https:443;"a ""b"""\nwww.a.vn;portal;2001:db8::1;required;;\n'
    )


def _zipped(members: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return written.getvalue()


FILES: Mapping[str, Callable[[], bytes]] = {"a.xlsx": _xlsx, "a.ods": _ods, "a.xlsb": _xlsb, "a.csv": _csv}
MADE = {name: make() for name, make in FILES.items()}
_TOKENS = [
    b"\0",
    b"\xff" * 4,
    b"\n",
    b'"',
    b"'",
    b";",
    b"<",
    b">",
    b"&#0;",
    b"&#x110000;",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<row r='4294967295'>",
    b'r="XFD1048576"',
    b'r="WQJ00001000000"',
    b't="s"><v>99999999999</v>',
    b't="e"',
    b'table:number-columns-repeated="99999999"',
    b'table:number-rows-repeated="4294967296"',
    b"<c>" * 500,
    b"<table:table-row>" * 500,
    b'ref="A1:XFD1048576"',
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"-1",
    b"1e999",
    b'encoding="utf-16"',
    "\u0301".encode() * 50,
    b"\xed\xa0\x80",
]
_CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["put", "over", "cut", "twice"]),
        st.integers(1, 400),
        st.sampled_from(_TOKENS) | st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)
Changes = list[tuple[float, str, int, bytes]]


def _changed(data: bytes, changes: Changes) -> bytes:
    for place, how, size, token in changes:
        at = int(place * len(data))
        match how:
            case "put":
                data = data[:at] + token + data[at:]
            case "over":
                data = data[:at] + token + data[at + len(token) :]
            case "cut":
                data = data[:at] + data[at + size :]
            case _:
                data = data[:at] + data[at : at + size] * 20 + data[at + size :]
    return data


def _inside(data: bytes, which: float, changes: Changes) -> bytes:
    """Return an archive with the changes made in one of its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = list(members)[int(which * len(members))]
    return _zipped({**members, name: _changed(members[name], changes)})


_FUZZ = settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _is_read_or_told(reader: Reader, name: str, data: bytes) -> None:
    text = reader.said(name, data)
    if text == "ended":
        with pytest.raises(InventoryError) as caught:
            load_sent([(name, data)])
        assert [problem.code in _ENDED for problem in caught.value.problems] == [True]
    else:
        assert text in ("read", "told")


@given(st.sampled_from(sorted(MADE)), st.sampled_from(sorted(MADE)), _CHANGES)
@_FUZZ
def test_a_file_with_other_bytes_is_read_or_told(reader: Reader, name: str, content: str, changes: Changes) -> None:
    _is_read_or_told(reader, name, _changed(MADE[content], changes))


@given(st.sampled_from(["a.xlsx", "a.ods"]), st.floats(0, 1, exclude_max=True), _CHANGES)
@_FUZZ
def test_a_workbook_with_other_bytes_inside_is_read_or_told(
    reader: Reader, name: str, which: float, changes: Changes
) -> None:
    _is_read_or_told(reader, name, _inside(MADE[name], which, changes))


def test_the_files_that_are_changed_can_be_read(reader: Reader) -> None:
    assert {name: reader.said(name, data) for name, data in MADE.items()} == {
        "a.csv": "read",
        "a.ods": "read",
        "a.xlsb": "told",
        "a.xlsx": "read",
    }
