"""Tests that offline routing tables are read once for each file and dated; errors name file, row and field."""

import gzip
import os
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from auditor.framework.check import Check, load
from auditor.framework.operator_problems import OperatorProblem
from auditor.service.config.loading import load as load_config
from auditor.service.config.model import Config, ReferenceSection
from auditor.service.pipeline.operator_files import parsed_tables
from auditor.service.pipeline.operator_files.routing_tables import origins
from probes.net.origins import Origins
from probes.observations.routing import DatedBy, RouteOrigin
from probes.wire.routing import routes

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


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "auditor" / "routing"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the list of the data that was parsed line by line."""
    seen: list[bytes] = []

    def read(data: bytes) -> routes.RouteTable:
        seen.append(data)
        return read_by_lines(data)

    read_by_lines = routes.read
    monkeypatch.setattr(routes, "read", read)
    return seen


BOTH = "; of 2026-11-22 06:00\n192.0.2.0\t24\t64501\n2001:db8::\t32\t64500_64502\n2001:db8::1\t128\t64503\n"


def _seen(found: Origins) -> list[RouteOrigin]:
    return [found.look(ip_address(address)) for address in ("2001:db8::1", "2001:db8::2", "192.0.2.1", "198.51.100.1")]


def test_a_table_is_parsed_once_and_says_the_same_when_kept(
    cache: Path, tmp_path: Path, checks: list[Check], parsed: list[bytes]
) -> None:
    path = tmp_path / "t"
    path.write_text(BOTH, "utf-8")
    first = _seen(_read(checks, routes=str(path))[0])
    assert [[a.origin for a in seen.announcements] for seen in first] == [
        [64503, 64500, 64502],
        [64500, 64502],
        [64501],
        [],
    ]
    assert _seen(_read(checks, routes=str(path))[0]) == first
    assert len(parsed) == 1
    path.write_text(BOTH.replace("64501", "64509"), "utf-8")
    _read(checks, routes=str(path))
    assert len(parsed) == 2  # another file is another table, even under the same name


@pytest.mark.parametrize("left", [0, 10, 40, -1])
def test_what_a_power_failure_left_is_parsed_again(cache: Path, tmp_path: Path, checks: list[Check], left: int) -> None:
    path = tmp_path / "t"
    path.write_text(BOTH, "utf-8")
    first = _seen(_read(checks, routes=str(path))[0])
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:left])
    assert _seen(_read(checks, routes=str(path))[0]) == first
    assert len(kept.read_bytes()) > 40  # and kept whole


def test_authorisations_are_kept_too(cache: Path, tmp_path: Path, checks: list[Check]) -> None:
    path = tmp_path / "roas.json"
    path.write_text(
        '{"metadata": {"generatedTime": "2026-11-24T06:00:00Z"},'
        ' "roas": [{"asn": 64500, "prefix": "2001:db8::/32", "maxLength": 48}]}',
        "utf-8",
    )
    first = _seen(_read(checks, roas=str(path))[0])
    assert first[0].roas is not None
    assert first[0].roas.dated_by is DatedBy.CONTENT
    assert len(list(cache.iterdir())) == 1
    assert _seen(_read(checks, roas=str(path))[0]) == first


def test_the_oldest_are_thrown_away_and_a_folder_that_cannot_be_written_stops_nobody(
    cache: Path, tmp_path: Path, checks: list[Check]
) -> None:
    path = tmp_path / "t"
    for day in range(parsed_tables.KEPT + 3):
        path.write_text(BOTH.replace("64501", str(day + 1)), "utf-8")
        assert _read(checks, routes=str(path))[1] == []
    assert len(list(cache.iterdir())) == parsed_tables.KEPT
    for kept in cache.iterdir():
        kept.unlink()
    cache.rmdir()
    cache.write_text("a file", "utf-8")
    found, problems = _read(checks, routes=str(path))
    assert (len(found.look(V6).announcements), problems) == (3, [])
