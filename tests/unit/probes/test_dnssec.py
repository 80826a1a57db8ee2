"""Tests the questions of the probe ``dnssec``, and the zones that it asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import dns.message as dns_message
import dns.rrset as dns_rrset

from probes.dnssec import dnssec, named
from probes.framework.recorder import Recorder
from probes.framework.tasks import NameTask
from probes.net.dns.classify import is_within
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from tests.unit.probes.fake_names import FakeNames, answered
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.zone_examples import NAMES


async def test_a_zone_without_keys_is_not_asked_for_signatures() -> None:
    rec = Recorder(lambda: 0.0)
    await dnssec(NameTask(name="a.vn", roles=frozenset({"zone"})), FakeNet(names=NAMES), rec)
    assert [step.qtype for step in rec.steps if isinstance(step, ZoneAnswer)] == ["SOA"]
    assert sum(isinstance(step, SecondOpinion) for step in rec.steps) == 1


@dataclass
class SignedNames(FakeNames):
    """Simulates a signed zone ``a.vn`` whose mail host is an alias into its child zone ``b.a.vn``."""

    walked: list[tuple[str, str]] = field(default_factory=list)

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        self.walked.append((name, start))
        if name == "a.vn":
            rec.record(ZoneAnswer(zone="a.vn", qname="a.vn", qtype="DNSKEY", response=KEY.to_wire()), t0=0.0)
        return next(zone for zone in ("b.a.vn", "a.vn", "c.vn") if is_within(name, zone))

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        alias = self.records.get((name, "CNAME"))
        wire = answered(name, "CNAME", alias) if alias else answered(name, rtype, self.records.get((name, rtype), ()))
        return rec.record(ZoneAnswer(zone=zone, qname=name, qtype=rtype, response=wire), t0=0.0)


KEY = dns_message.make_response(dns_message.make_query("a.vn", "DNSKEY", id=0))
KEY.answer.append(dns_rrset.from_text("a.vn.", 60, "IN", "DNSKEY", "257 3 13 " + "A" * 88))


async def dnssec_asked(records: Mapping[tuple[str, str], tuple[str, ...]]) -> tuple[SignedNames, list[tuple[str, str]]]:
    """The names, and the zone and name of each question for an IPv6 address below the apex."""
    names, rec = SignedNames(records=records), Recorder(lambda: 0.0)
    await dnssec(NameTask(name="a.vn", roles=frozenset({"zone"})), FakeNet(names=names), rec)
    answers = [step for step in rec.steps if isinstance(step, ZoneAnswer)]
    return names, [
        (answer.zone, answer.qname) for answer in answers if answer.qtype == "AAAA" and answer.qname != "a.vn"
    ]


async def test_dnssec_hosts_are_asked_of_the_zones_that_hold_them() -> None:
    records = {("a.vn", "MX"): ("10 mx.a.vn", "20 mx.c.vn"), ("mx.a.vn", "CNAME"): ("mail.b.a.vn",)}
    names, pairs = await dnssec_asked(records)
    assert pairs == [("a.vn", "mx.a.vn"), ("b.a.vn", "mail.b.a.vn"), ("c.vn", "mx.c.vn")]
    assert names.walked == [("a.vn", "."), ("mx.a.vn", "a.vn"), ("mail.b.a.vn", "a.vn"), ("mx.c.vn", ".")]


async def test_dnssec_loop_of_aliases_ends() -> None:
    records = {("a.vn", "MX"): ("10 x.a.vn",), ("x.a.vn", "CNAME"): ("y.a.vn",), ("y.a.vn", "CNAME"): ("x.a.vn",)}
    assert (await dnssec_asked(records))[1] == [("a.vn", "x.a.vn"), ("a.vn", "y.a.vn")]


async def test_a_name_that_is_no_zone_is_not_asked() -> None:
    rec = Recorder(lambda: 0.0)
    await dnssec(NameTask(name="x.b.vn", roles=frozenset({"zone"})), FakeNet(names=NAMES), rec)
    await dnssec(NameTask(name="a.vn", roles=frozenset({"host"})), FakeNet(names=NAMES), rec)
    assert not rec.steps


def test_hosts_are_read_from_answers() -> None:
    wire = answered("a.vn", "MX", ("10 mx.a.vn", "20 mx.b.vn"))
    assert sorted(named(ZoneAnswer(zone="a.vn", qname="a.vn", qtype="MX", response=wire))) == ["mx.a.vn", "mx.b.vn"]
    assert named(ZoneAnswer(zone="a.vn", qname="a.vn", qtype="MX", response=wire[:-3])) == []
