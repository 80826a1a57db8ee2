"""Tests a vantage with only IPv6 behind a real NAT64 (TAYGA) and DNS64 (Unbound): its evidence and findings."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.context import Context, Health, ReferenceData
from auditor.framework.findings import CheckId
from auditor.framework.policy import default
from auditor.judging import vantage as vantages
from auditor.judging.judge import judge, judge_vantage
from auditor.judging.vantage import unknown_health
from inventory.model import Endpoint, Network
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.recorder import Recorder
from probes.framework.vantage import SelfTest, self_test
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from tests.golden import lab
from tests.integration.test_exposure import TIMING
from tests.integration.test_net import EVERYTHING, Unlimited
from tests.support import private_net

pytestmark = pytest.mark.needs_root

PREFIX = "2001:db8:64::"
GATEWAY, SITE4 = "2001:db8:1::1", "198.51.100.10"
WEB = "chi-ipv4.example"
MADE_UP = ip_address(f"{PREFIX}c633:640a")
UNBOUND = f"""
server:
  interface: {GATEWAY}
  access-control: ::/0 allow
  do-daemonize: no
  username: ""
  chroot: ""
  use-syslog: no
  pidfile: ""
  do-not-query-localhost: no
  local-zone: "arpa." transparent
  local-zone: "ipv4only.arpa." transparent
  module-config: "dns64 iterator"
  dns64-prefix: {PREFIX}/96
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@5300
"""
NAMES = """
server:
  interface: 127.0.0.1@5300
  do-daemonize: no
  username: ""
  chroot: ""
  use-syslog: no
  pidfile: ""
  module-config: "iterator"
  local-zone: "." static
  local-data: ". 60 IN SOA a. b. 1 60 60 60 60"
  local-data: "ipv4only.arpa. 60 IN A 192.0.0.170"
  local-data: "ipv4only.arpa. 60 IN A 192.0.0.171"
  local-data: "chi-ipv4.example. 60 IN A 198.51.100.10"
remote-control:
  control-enable: no
"""
TAYGA = f"""
tun-device nat64
ipv4-addr 192.168.255.1
ipv6-addr 2001:db8:1:ffff::1
prefix {PREFIX}/96
dynamic-pool 192.168.255.0/24
data-dir {{folder}}
"""
BEYOND = f"""
ip link set lo up
ip addr add {GATEWAY}/64 dev inside nodad
ip link set inside up
ip addr add {SITE4}/32 dev lo
sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1
tayga -c {{folder}}/tayga.conf --mktun
ip link set nat64 up
ip route add 192.168.255.0/24 dev nat64
ip route add {PREFIX}/96 dev nat64
"""


@contextmanager
def beyond(folder: Path) -> Iterator[None]:
    """Run a gateway at the other end of a link: translator, resolver, and a site with only IPv4."""
    holder = subprocess.Popen(["unshare", "-n", "sleep", "120"])
    try:
        _wait_for_another_namespace(holder.pid)
        for command in (
            "ip link add uplink type veth peer name inside",
            f"ip link set inside netns {holder.pid}",
            "ip addr add 2001:db8:1::5/64 dev uplink nodad",
            "ip link set uplink up",
            f"ip -6 route add default via {GATEWAY}",
        ):
            subprocess.run(command.split(), check=True)
        (folder / "tayga.conf").write_text(TAYGA.format(folder=folder), "ascii")
        (folder / "unbound.conf").write_text(UNBOUND, "ascii")
        (folder / "names.conf").write_text(NAMES, "ascii")
        there = ("nsenter", "-t", str(holder.pid), "-n")
        subprocess.run([*there, "sh", "-ec", BEYOND.format(folder=folder)], check=True)
        unbound = shutil.copy("/usr/sbin/unbound", folder / "unbound")  # a copy has no AppArmor profile
        daemons = [
            subprocess.Popen([*there, *words])
            for words in (
                ("tayga", "-d", "-c", f"{folder}/tayga.conf"),
                (str(unbound), "-d", "-c", f"{folder}/names.conf"),
                (str(unbound), "-d", "-c", f"{folder}/unbound.conf"),
                (sys.executable, "-P", "-m", "auditor", "respond", "--bind", SITE4, "--bind", GATEWAY, "--tcp", "443"),
            )
        ]
        try:
            yield
        finally:
            for one in daemons:
                one.kill()
                one.wait()
    finally:
        holder.kill()
        holder.wait()


def _wait_for_another_namespace(pid: int) -> None:
    own = os.readlink("/proc/thread-self/ns/net")
    for _ in range(5_000):
        if os.readlink(f"/proc/{pid}/ns/net") != own:
            return
        subprocess.run(["sleep", "0.01"], check=True)
    raise AssertionError("no namespace of its own")


async def measured(net: KernelNet) -> tuple[Evidence, Evidence, Evidence]:
    """Return the evidence of a self-test, a lookup of the site's name, and a connect to its IPv6 addresses."""
    clock = asyncio.get_running_loop().time
    test = SelfTest(
        controls=(Endpoint(address=ip_address(GATEWAY)), Endpoint(address=ip_address("192.0.2.1"))),
        roots=(),
        resolvers=(Endpoint(address=ip_address(GATEWAY), port=53),),
        transports=frozenset({"icmp", "tcp/443"}),
        own_way=False,
    )
    own, names, web = Recorder(clock), Recorder(clock), Recorder(clock)
    for _ in range(500):  # the daemons take a moment
        if (await net.tcp(web.aside(), Endpoint(address=MADE_UP, port=443))).failure is None:
            break
        await asyncio.sleep(0.2)
    await self_test(test, net, own)
    for rtype in ("A", "AAAA"):
        await net.names.lookup(names, WEB, rtype, role="host")
    assert (await net.tcp(web, Endpoint(address=MADE_UP, port=443))).failure is None, "NAT64 does not work"
    return (
        lab.evidence("selftest", *own.steps, task="before"),
        lab.evidence("dns", *names.steps, task=WEB),
        lab.evidence("tcp", *web.steps, task="443", endpoint=Endpoint(address=MADE_UP, port=443, name=WEB)),
    )


def test_nat64_is_told_apart_from_ipv6_of_the_site(tmp_path: Path) -> None:
    async def main() -> tuple[Evidence, Evidence, Evidence]:
        with beyond(tmp_path):
            source = Source(
                hints=parse_hints(". NS a\na A 192.0.2.1"),
                resolvers=(Endpoint(address=ip_address(GATEWAY), port=53),),
                iterative=False,
            )
            setting = Setting(scope=EVERYTHING, limits=Unlimited(), timing=TIMING, names=source, strict=True)
            async with KernelNet(setting) as net:
                return await measured(net)

    selftest, names, web = private_net.run("", main)
    checks = catalogue.load().checks
    ctx = Context(
        now=lab.NOW,
        policy=default(),
        vantage=unknown_health("tinh-a", frozenset({Network.INTERNET})),
        reference=ReferenceData(documentation_is_global=True),
    )
    health = vantages.assess([selftest], checks, ctx)
    assert list(map(str, health.nat64)) == [f"{PREFIX}/96"]
    assert (health.ipv6, health.ipv4, health.dns) == (Health.OK, Health.NONE, Health.OK)
    ctx = replace(ctx, vantage=health)

    own = judge_vantage(lab.vantage(), EvidenceSet([selftest]), checks.values(), ctx, on_bug=_bug)
    codes = {str(one.check): one.code for one in own}
    assert (codes["meta.selftest.ipv4"], codes["meta.selftest.resolver"]) == ("IPV6_ONLY", "NAT64")

    subject = replace(lab.site(), host=WEB, name=WEB)
    wanted = [checks[name] for name in map(CheckId, ("ipv6.web.aaaa", "ipv6.web.addr-sane", "ipv6.web.reach"))]
    found = judge(subject, EvidenceSet([names, web]), wanted, ctx, on_bug=_bug)
    assert {one.check: (one.code, one.outcome.value) for one in found} == {
        "ipv6.web.aaaa": ("U_EGR", "inconclusive"),  # only a resolver was asked
        "ipv6.web.addr-sane": ("U_EGR", "inconclusive"),
        "ipv6.web.reach": ("NO_AAAA", "not_applicable"),
    }
    taken_for_native = judge(
        subject, EvidenceSet([names, web]), wanted, replace(ctx, vantage=replace(health, nat64=())), on_bug=_bug
    )
    assert {one.code for one in taken_for_native} >= {"OPEN"}, "without the discovery it would be a false pass"


def _bug(*words: object) -> None:
    raise AssertionError(words)
