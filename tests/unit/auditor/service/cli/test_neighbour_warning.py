"""Tests that an audit of more neighbours than the kernel has room for is warned of beforehand."""

from ipaddress import ip_address, ip_network

import pytest

from auditor.service.cli import neighbour_warning
from auditor.service.cli.neighbour_warning import too_many_neighbours, warn_of_neighbours
from inventory.inventory import Inventory
from inventory.model import Kind, Subject, SubjectId
from probes.net.core.neighbour_table import NeighbourTable


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")
    networks = frozenset({ip_network("10.100.240.0/20"), ip_network("2001:db8:1::/64")})
    monkeypatch.setattr(neighbour_warning, "on_link_networks", lambda: networks)


def _inventory(hosts: int, elsewhere: int = 0) -> Inventory:
    texts = [f"10.100.{240 + n // 250}.{n % 250 + 1}" for n in range(hosts)]
    texts += [f"10.9.{n // 250}.{n % 250 + 1}" for n in range(elsewhere)]
    subjects = (
        Subject(id=SubjectId(text), kind=Kind.HOST, kinds=frozenset({Kind.HOST}), name=text, addresses=(there,))
        for text, there in ((text, ip_address(text)) for text in texts)
    )
    return Inventory(subjects=tuple(subjects))


def _table(_family: int) -> NeighbourTable:
    return NeighbourTable(room=1_024, refused=0)


def test_more_hosts_than_there_is_room_for_are_warned_of() -> None:
    [text] = too_many_neighbours(_inventory(1_500), _table)
    assert text.startswith("1,500 IPv4 addresses of the inventory are in this machine's own networks")
    assert "room for 1,024" in text
    assert "raise net.ipv4.neigh.default.gc_thresh3 to 4096" in text


@pytest.mark.parametrize(("hosts", "elsewhere"), [(700, 0), (0, 3_000), (700, 3_000)])
def test_hosts_that_fit_or_are_behind_routers_are_not(hosts: int, elsewhere: int) -> None:
    assert too_many_neighbours(_inventory(hosts, elsewhere), _table) == []


def test_nothing_is_said_where_the_kernel_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert too_many_neighbours(_inventory(1_500), lambda _: None) == []
    monkeypatch.setattr(neighbour_warning, "too_many_neighbours", lambda _: ["so many"])
    warn_of_neighbours(_inventory(0))
    assert capsys.readouterr().err == "auditor: warning: so many\n"
