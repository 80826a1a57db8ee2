"""Tests that lists of other programs become rows of the inventory, which reads them back."""

import csv
import io
from pathlib import Path

import pytest

from auditor.framework.operator_problems import OperatorError
from auditor.service.cli.commands.inventories.inventory_listed import ListOptions, propose
from auditor.service.cli.failures import Ended
from inventory.loader import load_sent


def test_propose_prints_rows_that_the_inventory_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosts, known = tmp_path / "hosts", tmp_path / "a.csv"
    hosts.write_text("192.0.2.1 a.example\n192.0.2.2 =cmd.example\n192.0.2.3 c.example\n", "utf-8")
    known.write_text("name,kind\na.example,portal\n", "utf-8")
    assert propose(str(hosts), "hosts", [known], ListOptions()) == 0
    out, err = capsys.readouterr()
    assert [row["name"] for row in csv.DictReader(io.StringIO(out))] == ["'=cmd.example", "c.example"]
    assert err.startswith("2 ")
    assert [each.name for each in load_sent([("b.csv", out.encode())]).inventory.subjects] == [
        "=cmd.example",
        "c.example",
    ]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("nmap", b"<a/>"),
        ("certificates", b"{}"),
        ("zone", b"$INCLUDE x"),
        ("hosts", b"\xff"),
        ("excel", b""),
        ("netbox", b'{"a": [{"id": 1}]}'),
        ("netbox", b"[]"),
        ("ansible", b"$ANSIBLE_VAULT;1.1;AES256\n"),
        ("ansible", b"#!/bin/sh\n"),
    ],
)
def test_propose_of_something_else_is_refused(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(data)
    with pytest.raises(Ended):
        propose(str(path), kind, [], ListOptions(origin="a.example"))


def test_propose_of_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Ended):
        propose(str(tmp_path / "none"), "hosts", [], ListOptions())


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://localhost:1", None),
        ("https://localhost:1", "0123456789abcdef"),
        ("https://localhost:1", "env:NO_SUCH_TOKEN"),
        ("https://localhost:1", "file:/dev/null"),
        ("http://localhost:1", "env:HOME"),
        ("https://a:secret@localhost:1", "env:HOME"),
    ],
)
def test_propose_of_netbox_without_a_safe_way_for_the_token_is_refused(
    capsys: pytest.CaptureFixture[str], url: str, token: str | None
) -> None:
    with pytest.raises((Ended, OperatorError)):
        propose(url, "netbox", [], ListOptions(token=token))
    assert "0123456789abcdef" not in capsys.readouterr().err


def test_propose_tells_of_encrypted_values_and_reads_kinds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosts = tmp_path / "hosts.yml"
    text = 'all:\n  hosts:\n    a.example: {ansible_host: 192.0.2.1, p: !vault "$ANSIBLE_VAULT;1.1"}\n'
    hosts.write_text(text, "utf-8")
    assert propose(str(hosts), "ansible", [], ListOptions(kinds=["all=router"])) == 0
    out, err = capsys.readouterr()
    assert [row["ipv4"] for row in csv.DictReader(io.StringIO(out))] == ["192.0.2.1"]
    assert err.startswith("1 ")


@pytest.mark.parametrize(
    "options", [ListOptions(kinds=["a"]), ListOptions(kinds=["a=b"]), ListOptions(agencies=["=b"])]
)
def test_propose_with_a_meaning_that_is_none_is_refused(tmp_path: Path, options: ListOptions) -> None:
    with pytest.raises(Ended):
        propose(str(tmp_path), "ansible", [], options)
