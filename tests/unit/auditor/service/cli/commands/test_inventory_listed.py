"""Lists of other programs become rows of the inventory, which reads them back."""

import csv
import io
from pathlib import Path

import pytest

from auditor.service.cli.commands.inventory_listed import propose
from auditor.service.cli.failures import Ended
from inventory.loader import load_sent


def test_propose_prints_rows_that_the_inventory_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosts, known = tmp_path / "hosts", tmp_path / "a.csv"
    hosts.write_text("192.0.2.1 a.example\n192.0.2.2 =cmd.example\n192.0.2.3 c.example\n", "utf-8")
    known.write_text("name,kind\na.example,portal\n", "utf-8")
    assert propose(hosts, "hosts", "", [known]) == 0
    out, err = capsys.readouterr()
    assert [row["name"] for row in csv.DictReader(io.StringIO(out))] == ["'=cmd.example", "c.example"]
    assert err.startswith("2 ")
    assert [each.name for each in load_sent([("b.csv", out.encode())]).inventory.subjects] == [
        "=cmd.example",
        "c.example",
    ]


@pytest.mark.parametrize(
    ("kind", "data"),
    [("nmap", b"<a/>"), ("certificates", b"{}"), ("zone", b"$INCLUDE x"), ("hosts", b"\xff"), ("excel", b"")],
)
def test_propose_of_something_else_is_refused(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(data)
    with pytest.raises(Ended):
        propose(path, kind, "a.example", [])


def test_propose_of_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Ended):
        propose(tmp_path / "none", "hosts", "", [])
