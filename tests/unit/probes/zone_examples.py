"""Holds a zone, its delegation and its names for tests of probes."""

from probes.dns import dns
from probes.framework.recorder import Recorder
from probes.framework.tasks import NameTask
from probes.observations.dns import Delegation, NameLookup
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet

ZONE = Delegation(zone="a.vn", parent="vn", parent_ns=("ns1.a.vn", "ns.b.vn"), child_ns=("ns1.a.vn", "ns2.a.vn"))
NAMES = FakeNames(
    records={("a.vn", "MX"): ("10 mx.a.vn", "20 mx.b.vn"), ("a.vn", "A"): ("192.0.2.1",)},
    cuts={"a.vn": ZONE, "www.a.vn": ZONE},
)


async def asked(name: str, *roles: str) -> list[tuple[str, str, str]]:
    rec = Recorder(lambda: 0.0)
    await dns(NameTask(name=name, roles=frozenset(roles)), FakeNet(names=NAMES), rec)
    lookups = [(step.name, step.rtype, step.role) for step in rec.steps if isinstance(step, NameLookup)]
    cuts = sum(isinstance(step, Delegation) for step in rec.steps)
    assert cuts == (1 if {"host", "zone"} & set(roles) else 0)
    return lookups
