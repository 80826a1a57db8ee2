"""Tests the path engines on the rehearsal's real kernels and filters against common tools."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from containers.rehearsal.addressing import lay_out
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.province import PROVINCE
from inventory.model import written
from probes.observations.path import REPEATED, TAUGHT

pytest_plugins = ("tests.support.rehearsal",)
pytestmark = pytest.mark.needs_root

LAYOUT = lay_out(PROVINCE)
NEAR, NARROW = PROVINCE.fqdn("cong"), PROVINCE.fqdn("khetrang")
HIDDEN, DEAF = PROVINCE.fqdn("hochua"), PROVINCE.fqdn("tuongthanh")
"""Portals behind silent routers, and behind a firewall that drops all ICMPv6."""
CLAMPED = PROVINCE.fqdn("buudien")
"""A portal behind a firewall that limits the MSS to the packet size that IPv6 must always carry."""
UNPRIVILEGED = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")


def six(name: str) -> str:
    return written(LAYOUT.portals[name].v6[0])


def four(name: str) -> str:
    return written(LAYOUT.portals[name].v4[0])


def ours(lab: Rehearsal, *words: str, before: Sequence[str] = ()) -> Mapping[str, Any]:
    ran = lab.run([*before, sys.executable, "-m", "tests.support.paths", *words], "vantage")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return found


METHODS = {"udp": ("-p", "33434"), "tcp": ("-T", "-p", "80"), "icmp": ("-I",)}
"""The options of Debian's traceroute for the same protocol and port."""


def traceroute(lab: Rehearsal, address: str, protocol: str = "udp") -> list[str]:
    method = METHODS[protocol]
    ran = lab.run(["traceroute", "-6" if ":" in address else "-4", "-n", "-q", "1", *method, address], "vantage")
    assert ran.returncode == 0, ran.stderr
    return [line.split()[1] for line in ran.stdout.splitlines()[1:]]


@pytest.mark.parametrize("protocol", ["udp", "tcp", "icmp"])
def test_traces_are_those_of_traceroute(lab: Rehearsal, protocol: str) -> None:
    addresses = [six(NEAR), six(NARROW), four(NEAR), four(NARROW)]
    found = ours(lab, "trace", protocol, *addresses)
    for address in addresses:
        hops = traceroute(lab, address, protocol)
        assert len(hops) == 3
        assert found[address] == [[hop] * 3 for hop in hops]


def tracepath(lab: Rehearsal, address: str) -> tuple[list[str], int]:
    """Return the hops and the path MTU from tracepath."""
    ran = lab.run(["tracepath", "-6" if ":" in address else "-4", "-n", address], "vantage")
    mtu = re.search(r"Resume: pmtu (\d+)", ran.stdout)
    assert mtu is not None, ran.stdout
    hops = dict(re.findall(r"^ *(\d+): +([\da-f.:]+) +[\d.]+ms", ran.stdout, re.MULTILINE))
    return list(hops.values()), int(mtu[1])


@pytest.mark.parametrize("address", [six(NARROW), four(NARROW)])
def test_the_mtu_of_a_path_is_that_of_tracepath(lab: Rehearsal, address: str) -> None:
    hops, least = tracepath(lab, address)
    headers = 48 if ":" in address else 28
    (received, error, mtu) = ours(lab, "echo", str(1500 - headers), address)[address]
    assert (received, mtu) == (0, least)
    assert str(error).startswith("2/0 from " if ":" in address else "3/4 from ")
    assert ours(lab, "echo", str(least - headers), address)[address] == [3, None, None]
    assert [[hop] * 3 for hop in hops] == ours(lab, "trace", "udp", address)[address]


def test_a_path_that_carries_full_packets_is_that_of_tracepath(lab: Rehearsal) -> None:
    for address in (six(NEAR), four(NEAR)):
        hops, least = tracepath(lab, address)
        assert least == 1500
        assert ours(lab, "echo", str(1500 - (48 if ":" in address else 28)), address)[address] == [3, None, None]
        assert [[hop] * 3 for hop in hops] == ours(lab, "trace", "udp", address)[address]


def test_what_is_carried_by_a_narrow_path(lab: Rehearsal) -> None:
    for size in ("1352", "1232", "12"):
        assert ours(lab, "echo", size, six(NARROW))[six(NARROW)] == [3, None, None]


def test_tcp_packets_find_the_same_mtu(lab: Rehearsal) -> None:
    """A real Packet Too Big makes the kernel send smaller packets; without one a packet is lost for good."""
    for size, expected in (("800", None), ("1280", None), ("1500", 1400)):
        assert ours(lab, "segment", size, six(NARROW))[six(NARROW)] == [None, expected]
        assert ours(lab, "segment", size, six(NEAR))[six(NEAR)] == [None, None]
    lost = six(PROVINCE.fqdn("thethao"))
    assert ours(lab, "segment", "800", lost)[lost] == [None, None]
    assert ours(lab, "segment", "1280", lost)[lost] == ["timeout", None]


def test_packet_too_big_is_heeded(lab: Rehearsal) -> None:
    for mtu in ("1400", "1350", "1300"):  # in falling order: a server remembers a smaller MTU
        found = ours(lab, "pmtud", mtu, six(NEAR))[six(NEAR)]
        assert found[:2] == ["enough", True]
        assert 1 <= int(str(found[2])) <= 10
        assert found[3] is False


def test_packet_too_big_is_dropped_before_the_server(lab: Rehearsal) -> None:
    silent = PROVINCE.fqdn("dichvucong")
    with lab.fault("drop_icmp6_ptb", silent):
        found = ours(lab, "pmtud", "1350", six(silent))[six(silent)]
    assert found[:2] == ["stall", False]
    assert int(str(found[2])) > REPEATED
    assert found[3] is True  # it was reported before the connection ended


def probed(lab: Rehearsal, probe: str, target: str) -> Mapping[str, Any]:
    words = [str(Path(sys.executable).with_name("auditor")), "--config", str(lab.dir / "auditor.toml"), "probe"]
    ran = lab.run([*words, probe, target], "vantage")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return found


def test_the_probe_command_shows_the_hops_of_traceroute(lab: Rehearsal) -> None:
    """A silent router is a hop without an address, for which traceroute prints a star."""
    for name, silent in ((NEAR, 0), (NARROW, 0), (HIDDEN, 2)):
        hops = traceroute(lab, six(name))
        assert hops.count("*") == silent
        traces = probed(lab, "trace", six(name))["traces"]
        assert [each_trace["protocol"] for each_trace in traces] == ["udp", "tcp"]
        for trace in traces:
            assert trace["reached"] is True
            assert [",".join(hop["from"]) or "*" for hop in trace["hops"]] == hops
            assert [hop["ms"].count(None) for hop in trace["hops"]] == [3 * (hop == "*") for hop in hops]


def test_the_probe_command_shows_the_mtu_of_tracepath(lab: Rehearsal) -> None:
    ran = lab.run(["tracepath", "-6", "-n", six(NARROW)], "vantage")
    assert (match := re.search(r"Resume: pmtu (\d+)", ran.stdout))
    small, full, fitting = probed(lab, "path_mtu", six(NARROW))["path_mtu"]
    assert (small["size"], small["received"]) == (1280, 5)
    assert (full["size"], full["received"], full["mtu"]) == (1500, 0, int(match[1]))
    assert (fitting["size"], fitting["received"]) == (int(match[1]), 5)


def test_the_probe_command_shows_what_came_of_packet_too_big(lab: Rehearsal) -> None:
    heeds, deaf = (probed(lab, "pmtud", name)["pmtud"] for name in (NARROW, DEAF))
    assert {heed["heeded"] for heed in heeds} <= {True, None}
    assert [heed["ended"] in ("enough", "end") for heed in heeds].count(True) >= 3
    assert {one["heeded"] for one in deaf} == {None, False}
    assert {one["ended"] for one in deaf if one["heeded"] is False} == {"stall"}
    largest = deaf[0]["largest_packet"]
    assert [one["link"] for one in deaf] == [None, *(mtu for mtu in TAUGHT if mtu < largest)]
    assert len(deaf) > 3
    assert all(abs(one["largest_packet"] - largest) < 8 for one in deaf)  # signatures differ by some bytes
    assert 1280 < heeds[0]["largest_packet"] <= 1400  # its path is narrow, and it has received a Packet Too Big
    small = probed(lab, "pmtud", CLAMPED)["pmtud"]
    # Once with the page, which is short, and once with data that fills packets: no link is narrower than its packets.
    assert [(one["link"], one["largest_packet"], one["packet_too_big_sent"]) for one in small] == [(None, 1280, 0)] * 2


def test_a_teredo_server_is_found_and_who_is_none_is_not(lab: Rehearsal) -> None:
    """miredo-server answers from its other address if a question has the cone bit."""
    for name, answer in (("may-teredo", "reply"), ("may-trung-chuyen", "refused")):
        address = written(LAYOUT.machines[name].v4[0])
        assert ours(lab, "tunnel", "teredo", address)[address] == answer


def test_without_the_privilege_it_is_said(lab: Rehearsal) -> None:
    found = ours(lab, "trace", "udp", six(NEAR), before=UNPRIVILEGED)
    assert found[six(NEAR)] == "crafted packets need CAP_NET_RAW"
