"""Tests the scope file of the crafted-packet program: its permitted owner and mode, and that no caller widens it."""

import json
import os
from ipaddress import ip_address
from pathlib import Path

import pytest

from probes.rawpkt import bounds, requests
from probes.rawpkt.bounds import Untrusted
from probes.rawpkt.pace import RATE
from probes.rawpkt.scope import ANYWHERE, PacketScope

LISTS: dict[str, list[str]] = {"allow": ["2001:db8::/32"], "deny": [], "interfaces": ["eth1"], "receivers": []}
WIDE = {
    "allow": ["0.0.0.0/0", "::/0", "127.0.0.0/8", "169.254.0.0/16", "::1/128"],
    "deny": [],
    "interfaces": ["eth0", "eth1"],
    "receivers": ["203.0.113.5", "169.254.169.254"],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    made = tmp_path / "rawpkt.json"
    made.write_text(json.dumps(LISTS), "utf-8")
    made.chmod(0o644)
    return made


def said(bound: PacketScope) -> PacketScope:
    """Return the scope of a caller who asks for everything."""
    return requests.read_scope(json.dumps(WIDE).encode(), bound)


def test_read_gives_the_lists_and_the_usual_rate(file: Path) -> None:
    found = bounds.read(str(file))
    assert found is not None
    assert found.scope.permits(ip_address("2001:db8::1"))
    assert found.rate == RATE


def test_read_of_no_file_gives_none(tmp_path: Path) -> None:
    assert bounds.read(str(tmp_path / "missing.json")) is None


def test_read_gives_the_rate_that_stands_there(file: Path) -> None:
    file.write_text(json.dumps(LISTS | {"packets_per_second": 50}), "utf-8")
    found = bounds.read(str(file))
    assert found is not None
    assert found.rate == 50.0


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_read_refuses_a_file_that_others_may_write(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(Untrusted, match="can be written by others"):
        bounds.read(str(file))


def test_read_refuses_a_file_in_a_folder_that_others_may_write(file: Path) -> None:
    file.parent.chmod(0o1777)
    with pytest.raises(Untrusted, match="can be written by others"):
        bounds.read(str(file))


def test_read_refuses_a_file_of_another_user(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def fstat(number: int) -> os.stat_result:
        found = list(real(number))
        found[4] = os.geteuid() + 1
        return os.stat_result(found)

    monkeypatch.setattr("probes.rawpkt.bounds.os.fstat", fstat)
    with pytest.raises(Untrusted, match="belongs to another user"):
        bounds.read(str(file))


def test_read_refuses_links_and_what_is_no_file(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(file)
    os.mkfifo(tmp_path / "fifo")
    for path in (link, tmp_path / "fifo", tmp_path):
        with pytest.raises(Untrusted):
            bounds.read(str(path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps(LISTS | {"more": 1}),
        json.dumps(LISTS | {"packets_per_second": 0}),
        json.dumps(LISTS | {"packets_per_second": True}),
        json.dumps(LISTS | {"allow": ["x"]}),
    ],
)
def test_read_refuses_what_is_no_scope(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(Untrusted):
        bounds.read(str(file))


def test_no_caller_widens_the_file(file: Path) -> None:
    found = bounds.read(str(file))
    assert found is not None
    scope = said(found.scope)
    assert scope.permits(ip_address("2001:db8::1"))
    for closed in ("2001:db9::1", "127.0.0.1", "169.254.169.254", "192.0.2.1", "::1"):
        assert not scope.permits(ip_address(closed)), closed
    assert not scope.expects(ip_address("203.0.113.5"))
    assert (scope.may_listen("eth1"), scope.may_listen("eth0")) == (True, False)


def test_a_caller_narrows_the_file(file: Path) -> None:
    found = bounds.read(str(file))
    assert found is not None
    told = {"allow": ["2001:db8::/32"], "deny": ["2001:db8::1/128"], "interfaces": [], "receivers": []}
    scope = requests.read_scope(json.dumps(told).encode(), found.scope)
    assert not scope.permits(ip_address("2001:db8::1"))
    assert not scope.may_listen("eth1")


def test_a_caller_by_a_socket_gets_nothing_special_without_a_file() -> None:
    scope = said(ANYWHERE)
    assert scope.permits(ip_address("192.0.2.1"))
    for closed in ("127.0.0.1", "169.254.169.254", "::1"):
        assert not scope.permits(ip_address(closed)), closed
    assert not scope.expects(ip_address("203.0.113.5"))
    assert not scope.may_listen("eth1")
