"""Tests a vantage with only a real Unbound as resolver, which maps each missing name to a machine of its own."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from auditor.facts.dns.names import own
from auditor.framework import catalogue
from auditor.framework.context import Context, ReferenceData
from auditor.framework.findings import Reason
from auditor.framework.policy import default
from auditor.judging import vantage as vantages
from auditor.judging.judge import judge_vantage
from auditor.judging.usable import usable
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

RESOLVER = Endpoint(address=ip_address("192.0.2.53"), port=53)
ROOT = ip_address("192.0.2.1")
REAL, MISSING = "co-that.example", "khong-co.example"
UNBOUND = """
server:
  interface: 192.0.2.53
  access-control: 0.0.0.0/0 allow
  do-daemonize: no
  username: ""
  chroot: ""
  use-syslog: no
  pidfile: ""
  module-config: "iterator"
  local-zone: "." redirect
  local-data: ". 60 IN A 203.0.113.66"
  local-zone: "co-that.example." static
  local-data: "co-that.example. 60 IN A 198.51.100.10"
remote-control:
  control-enable: no
"""


@contextmanager
def resolver(folder: Path) -> Iterator[None]:
    (folder / "unbound.conf").write_text(UNBOUND, "ascii")
    unbound = shutil.copy("/usr/sbin/unbound", folder / "unbound")  # a copy has no AppArmor profile
    daemon = subprocess.Popen([str(unbound), "-d", "-c", f"{folder}/unbound.conf"])
    try:
        yield
    finally:
        daemon.kill()
        daemon.wait()


async def measured(net: KernelNet) -> tuple[Evidence, Evidence]:
    """Return the evidence of a self-test with the resolver as fallback, and of lookups of two names."""
    clock = asyncio.get_running_loop().time
    test = SelfTest(controls=(), roots=(ROOT,), fallback=(RESOLVER,), own_way=False)
    tested, names = Recorder(clock), Recorder(clock)
    for _ in range(100):  # the daemon takes a moment
        if (await net.tcp(names.aside(), RESOLVER)).failure is None:
            break
        await asyncio.sleep(0.1)
    await self_test(test, net, tested)
    for name in (REAL, MISSING):
        await net.names.lookup(names, name, "A", role="host")
    return lab.evidence("selftest", *tested.steps, task="before"), lab.evidence("dns", *names.steps, task=REAL)


def test_no_address_of_a_resolver_that_makes_them_up_is_believed(tmp_path: Path) -> None:
    async def main() -> tuple[Evidence, Evidence]:
        with resolver(tmp_path):
            hints = parse_hints(". NS a\na A 192.0.2.1")
            source = Source(hints=hints, resolvers=(RESOLVER,), iterative=False)
            setting = Setting(scope=EVERYTHING, limits=Unlimited(), timing=TIMING, names=source, strict=True)
            async with KernelNet(setting) as net:
                return await measured(net)

    selftest, names = private_net.run("ip addr add 192.0.2.53/32 dev lo", main)
    checks = catalogue.load().checks
    ctx = Context(
        now=lab.NOW,
        policy=default(),
        vantage=unknown_health("tinh-a", frozenset({Network.INTERNET})),
        reference=ReferenceData(documentation_is_global=True),
    )
    health = vantages.assess([selftest], checks, ctx)
    known = replace(ctx, vantage=health)
    said = judge_vantage(lab.vantage(), EvidenceSet([selftest]), checks.values(), known, on_bug=_bug)
    assert {str(one.check): one.code for one in said}["meta.selftest.resolver"] == "INVENTS_NAMES"

    for name, address in ((REAL, "198.51.100.10"), (MISSING, "203.0.113.66")):
        subject = replace(lab.site(), host=name, name=name)
        assert own(subject, EvidenceSet([names]), ctx, "A").records == (address,)
        kept, _ = usable(EvidenceSet([names]), known)
        look = own(subject, kept, known, "A")
        assert (look.records, look.reason) == ((), Reason.EGR)


def _bug(check: object, subject: object, error: Exception) -> None:
    raise error
