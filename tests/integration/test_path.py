"""The path engines on the rehearsal's real kernels and filters, beside the tools that everybody uses."""

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
from probes.observations.path import TAUGHT

pytest_plugins = ("tests.support.rehearsal",)
pytestmark = pytest.mark.needs_root

LAYOUT = lay_out(PROVINCE)
NEAR, NARROW = PROVINCE.fqdn("cong"), PROVINCE.fqdn("khetrang")
HIDDEN, DEAF = PROVINCE.fqdn("hochua"), PROVINCE.fqdn("tuongthanh")
"""Behind silent routers; behind a firewall that drops all ICMPv6."""
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


def traceroute(lab: Rehearsal, address: str) -> list[str]:
    ran = lab.run(["traceroute", "-6" if ":" in address else "-4", "-n", "-q", "1", address], "vantage")
    assert ran.returncode == 0, ran.stderr
    return [line.split()[1] for line in ran.stdout.splitlines()[1:]]


@pytest.mark.parametrize("protocol", ["udp", "tcp", "icmp"])
def test_traces_are_those_of_traceroute(lab: Rehearsal, protocol: str) -> None:
    addresses = [six(NEAR), six(NARROW), four(NEAR), four(NARROW)]
    found = ours(lab, "trace", protocol, *addresses)
    for address in addresses:
        hops = traceroute(lab, address)
        assert len(hops) == 3
        assert found[address] == [[hop] * 3 for hop in hops]


def test_the_mtu_of_a_path_is_that_of_tracepath(lab: Rehearsal) -> None:
    ran = lab.run(["tracepath", "-6", "-n", six(NARROW)], "vantage")
    assert (found := re.search(r"Resume: pmtu (\d+)", ran.stdout))
    (received, error, mtu) = ours(lab, "echo", "1452", six(NARROW))[six(NARROW)]
    assert (received, mtu) == (0, int(found[1]))
    assert str(error).startswith("2/0 from ")
    for address, size in ((six(NARROW), "1352"), (six(NARROW), "1232"), (six(NEAR), "1452")):
        assert ours(lab, "echo", size, address)[address] == [3, None, None]


def test_packet_too_big_is_heeded(lab: Rehearsal) -> None:
    for mtu in ("1400", "1350", "1300"):  # each less than before: what a server has learnt it remembers
        found = ours(lab, "pmtud", mtu, six(NEAR))[six(NEAR)]
        assert found[:2] == ["enough", True]
        assert 1 <= int(str(found[2])) <= 10


def test_packet_too_big_is_dropped_before_the_server(lab: Rehearsal) -> None:
    silent = PROVINCE.fqdn("dichvucong")
    with lab.fault("drop_icmp6_ptb", silent):
        found = ours(lab, "pmtud", "1350", six(silent))[six(silent)]
    assert found[:2] == ["stall", False]
    assert int(str(found[2])) >= 2


def probed(lab: Rehearsal, probe: str, target: str) -> Mapping[str, Any]:
    words = [str(Path(sys.executable).with_name("auditor")), "--config", str(lab.dir / "auditor.toml"), "probe"]
    ran = lab.run([*words, probe, target], "vantage")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return found


def test_the_probe_command_shows_the_hops_of_traceroute(lab: Rehearsal) -> None:
    """Silent routers too: a hop without an address, where traceroute prints a star."""
    for name, silent in ((NEAR, 0), (NARROW, 0), (HIDDEN, 2)):
        hops = traceroute(lab, six(name))
        assert hops.count("*") == silent
        traces = probed(lab, "trace", six(name))["traces"]
        assert [one["protocol"] for one in traces] == ["udp", "tcp"]
        for one in traces:
            assert one["reached"] is True
            assert [",".join(hop["from"]) or "*" for hop in one["hops"]] == hops
            assert [hop["ms"].count(None) for hop in one["hops"]] == [3 * (hop == "*") for hop in hops]


def test_the_probe_command_shows_the_mtu_of_tracepath(lab: Rehearsal) -> None:
    ran = lab.run(["tracepath", "-6", "-n", six(NARROW)], "vantage")
    assert (found := re.search(r"Resume: pmtu (\d+)", ran.stdout))
    small, full = probed(lab, "path_mtu", six(NARROW))["path_mtu"]
    assert (small["size"], small["received"]) == (1280, 5)
    assert (full["size"], full["received"], full["mtu"]) == (1500, 0, int(found[1]))


def test_the_probe_command_shows_what_came_of_packet_too_big(lab: Rehearsal) -> None:
    heeds, deaf = (probed(lab, "pmtud", name)["pmtud"] for name in (NARROW, DEAF))
    assert {one["heeded"] for one in heeds} <= {True, None}
    assert [one["ended"] in ("enough", "end") for one in heeds].count(True) >= 3
    assert {one["heeded"] for one in deaf} == {None, False}
    assert {one["ended"] for one in deaf if one["heeded"] is False} == {"stall"}
    assert [one["link"] for one in deaf] == list(TAUGHT)


def test_without_the_privilege_it_is_said(lab: Rehearsal) -> None:
    found = ours(lab, "trace", "udp", six(NEAR), before=UNPRIVILEGED)
    assert found[six(NEAR)] == "crafted packets need CAP_NET_RAW"
