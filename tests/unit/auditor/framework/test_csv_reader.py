"""Tables by hand are read, and what is wrong is told with file, row and field; how old reference tables are."""

import gzip
import os
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.framework.check import Check, load
from auditor.framework.csv_reader import CsvColumn, CsvRow, read_rows
from auditor.framework.operator_problems import OperatorProblem
from auditor.service.config.loading import load as load_config
from auditor.service.config.model import Config, ReferenceSection
from auditor.service.pipeline.tables import origins
from probes.net.origins import Origins
from probes.observations.routing import DatedBy

ROUTES = "2001:db8::\t32\t64500\n"
V6 = ip_address("2001:db8::1")


@pytest.fixture
def checks() -> list[Check]:
    return [check for id_, check in load().items() if id_ == "security.routing.rpki"]


def _read(checks: list[Check], **keys: object) -> tuple[Origins, list[OperatorProblem]]:
    problems: list[OperatorProblem] = []
    found = origins(Config(reference=ReferenceSection.model_validate(keys)), checks, problems)
    return found, problems


def test_a_name_a_comment_and_the_configuration_date_a_table(tmp_path: Path, checks: list[Check]) -> None:
    path = tmp_path / "rv6-20261123-1200.pfx2as.gz"
    path.write_bytes(gzip.compress(ROUTES.encode()))
    table = _read(checks, routes=str(path))[0].look(V6).routes
    assert table is not None
    assert (table.taken, table.dated_by) == (datetime(2026, 11, 23, 12, tzinfo=UTC), DatedBy.NAME)
    assert (table.rows, table.source) == (1, path.name)
    path.write_bytes(f"; of 2026-11-22 06:00\n{ROUTES}".encode())
    table = _read(checks, routes=[str(path)])[0].look(V6).routes
    assert table is not None
    assert (table.taken, table.dated_by) == (datetime(2026, 11, 22, 6, tzinfo=UTC), DatedBy.CONTENT)
    table = _read(checks, routes=str(path), routes_taken="2026-11-21T13:00:00+07:00")[0].look(V6).routes
    assert table is not None
    assert (table.taken, table.dated_by) == (datetime(2026, 11, 21, 6, tzinfo=UTC), DatedBy.CONFIGURATION)


def test_without_any_date_the_file_itself_has_one(tmp_path: Path, checks: list[Check]) -> None:
    path = tmp_path / "roas.csv"
    path.write_text("ASN,IP Prefix,Max Length\nAS1,2001:db8::/32,32\n", "utf-8")
    os.utime(path, (0, 1_700_000_000))
    table = _read(checks, roas=str(path))[0].look(V6).roas
    assert table is not None
    assert (table.taken, table.dated_by) == (datetime.fromtimestamp(1_700_000_000, UTC), DatedBy.FILE)


def test_each_table_may_hold_one_family(tmp_path: Path, checks: list[Check]) -> None:
    (tmp_path / "v4").write_text("192.0.2.0\t24\t64501\n", "utf-8")
    (tmp_path / "v6").write_text(ROUTES, "utf-8")
    found, _ = _read(checks, routes=[str(tmp_path / "v4"), str(tmp_path / "v6")])
    assert [announcement.origin for announcement in found.look(V6).announcements] == [64500]
    assert [announcement.origin for announcement in found.look(ip_address("192.0.2.1")).announcements] == [64501]
    found, _ = _read(checks, routes=[str(tmp_path / "v4")])
    assert found.look(V6).routes is None  # no table of this family: never "not announced"


def test_what_cannot_be_read_is_named_with_file_row_and_field(tmp_path: Path, checks: list[Check]) -> None:
    path = tmp_path / "t"
    said = []
    for data in (
        b"ASN,IP Prefix,Max Length\nAS1,2001:db8::/32,32\nAS1,x/32,32\n",
        b"",
        gzip.compress(ROUTES.encode() * 999)[:40],
        b'{"roas": [',
        b'{"roas": [{"asn": 1, "prefix": "::/0"}]}',
    ):
        path.write_bytes(data)
        said += [str(problem).removeprefix(f"{path}: reference.roas: ") for problem in _read(checks, roas=str(path))[1]]
    assert said == [
        "row 3, IP Prefix: 'x/32' is not a prefix such as 2001:db8::/32",
        "row 1: is of no known form; see the guide about routing tables",
        "the packed file ends too early or is damaged",
        "is not valid JSON: the document ends too early",
        "row 1, maxLength: is missing or not of the form of this file",
    ]
    problems = _read(checks, routes=str(tmp_path / "absent"), roas=str(tmp_path))[1]
    assert [str(problem).partition(": reference.")[2] for problem in problems] == [
        "routes: there is no such file",
        "roas: is a folder, not a file",
    ]


def test_no_table_is_read_where_no_check_asks(tmp_path: Path) -> None:
    assert _read([], routes=str(tmp_path / "absent")) == (Origins(), [])


def test_the_keys_stand_in_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "auditor.toml"
    file.write_text('[reference]\nroutes = "a.gz"\nroas = ["b", "c"]\nroas_taken = 2026-11-24T06:00:00Z\n', "utf-8")
    reference_section = load_config(explicit=file, environment={}, options={}, directories=[]).config.reference
    assert reference_section.routes == (tmp_path / "a.gz",)
    assert reference_section.roas == (tmp_path / "b", tmp_path / "c")
    assert reference_section.roas_taken == datetime(2026, 11, 24, 6, tzinfo=UTC)


COLUMNS = (
    CsvColumn(name="name", also=("tên",), needed=True),
    CsvColumn(name="value", also=("giá trị",)),
    CsvColumn(name="until", also=("đến ngày",)),
)


def read(text: str) -> tuple[list[CsvRow], list[str]]:
    problems: list[OperatorProblem] = []
    rows = list(read_rows(text.encode(), "t.csv", COLUMNS, problems))
    for row in rows:
        row.number("value")
        row.day("until")
    return rows, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "text",
    [
        'name,value,until\na,"2,5",2026-12-31\n',
        "\ufeffTên;Giá trị;Đến ngày\r\na;2,5;31/12/2026\r\n",
        "TEN\tgia tri\tDEN NGAY\na\t2.5\t31.12.2026",
    ],
)
def test_the_same_row_in_three_hands(text: str) -> None:
    (row,), problems = read(text)
    assert problems == []
    assert (row.text("name"), row.number("value"), row.day("until")) == ("a", 2.5, date(2026, 12, 31))
    assert row.place == "t.csv:2"


def test_every_problem_has_its_place() -> None:
    assert read("name,valu,until,until\na,1,2026-02-30,\n,2,,,x\n")[1] == [
        "t.csv:1: unknown column 'valu' (did you mean 'value'?)",
        "t.csv:1: column 'until' stands twice",
        "t.csv:1: column 'until' stands twice",
        "t.csv:3: has more fields than the header",
        "t.csv:3:name: is missing",
        "t.csv:2:until: is not a date (2026-12-31 or 31/12/2026): '2026-02-30'",
    ]


def test_a_number_that_means_two_things_is_refused() -> None:
    rows, problems = read("name;value\na;1.234\nb;80%\nc;viel\n")
    assert [row.number("value") for row in rows] == [None, 80.0, None]
    assert problems[0] == "t.csv:2:value: could be read in two ways: '1.234'; write it without grouping"
    assert problems[1] == "t.csv:4:value: is not a number: 'viel'"


@pytest.mark.parametrize("text", ["", "\n\n", "value\n1\n", "\x00", "name\n" + "x" * 2_000])
def test_what_is_no_such_table_is_a_problem(text: str) -> None:
    assert read(text)[1]


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    problems: list[OperatorProblem] = []
    for row in read_rows(data, "t.csv", COLUMNS, problems):
        row.number("value")
        row.day("until")
    assert all(str(problem) for problem in problems)
