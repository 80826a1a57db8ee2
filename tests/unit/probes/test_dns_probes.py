"""What the dns and nameserver probes ask for each role of a name."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from itertools import count

import dns.message as dns_message
import dns.rdata as dns_rdata
import dns.rrset as dns_rrset
import pytest

from inventory.model import Endpoint, Service
from probes.dns import MX_LIMIT, dns, exchangers
from probes.dnssec import dnssec, named
from probes.dnssec_server import is_short_lived
from probes.framework.recorder import Recorder
from probes.framework.registry import EndpointProbeFn
from probes.framework.tasks import EndpointTask, NameTask
from probes.framework.walks import QUESTIONS, Answer, Question, follow
from probes.large_response import large_response
from probes.mail_records import mail_records
from probes.mail_transport import mail_transport
from probes.nameserver import nameserver
from probes.nameserver_tcp import nameserver_tcp
from probes.net.dns.classify import is_within
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from probes.observations.mail import PolicyFetch
from probes.recursion import recursion
from probes.wire.dkim import UNLIKELY, USUAL_SELECTORS
from probes.zone_transfer import zone_transfer
from tests.unit.probes.fake_names import FakeNames, answered
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


CAA = [("www.a.vn", "CAA", "caa"), ("a.vn", "CAA", "caa"), ("vn", "CAA", "caa")]
HTTPS = ("www.a.vn", "HTTPS", "https")
SERVERS = [(name, rtype, "ns-address") for name in ("ns.b.vn", "ns1.a.vn", "ns2.a.vn") for rtype in ("A", "AAAA")]
MAIL = [(name, rtype, "mx-address") for name in ("mx.a.vn", "mx.b.vn") for rtype in ("A", "AAAA")]
SPF = ("a.vn", "TXT", "spf")


async def test_roles() -> None:
    assert await asked("www.a.vn", "host") == [("www.a.vn", "A", "host"), ("www.a.vn", "AAAA", "host"), *CAA, HTTPS]
    assert await asked("www.a.vn", "host", "site") == [
        *(("www.a.vn", rtype, "host") for rtype in ("A", "AAAA")),
        *CAA,
        HTTPS,
        *(("a.vn", rtype, "sibling") for rtype in ("A", "AAAA")),
    ]
    assert await asked("a.vn", "zone") == SERVERS
    assert await asked("a.vn", "mail") == [("a.vn", "MX", "mx"), *MAIL, SPF]


async def test_a_name_that_may_be_everything() -> None:
    first = [("a.vn", "A", "host"), ("a.vn", "AAAA", "host"), ("a.vn", "MX", "mx")]
    assert await asked("a.vn", "host", "zone", "mail") == [
        *first,
        *CAA[1:],
        ("a.vn", "HTTPS", "https"),
        *SERVERS,
        *MAIL,
        SPF,
    ]


async def test_spf_is_followed_for_strangers_and_for_each_sender() -> None:
    names = FakeNames(records={("a.vn", "TXT"): ('"v=spf1 a:%{ir}.s.vn a:h.a.vn -all"',)})
    task = NameTask(name="a.vn", roles=frozenset({"mail"}), senders=(ip_address("192.0.2.7"),))
    rec = Recorder(lambda: 0.0)
    await dns(task, FakeNet(names=names), rec)
    found = [(step.name, step.rtype) for step in rec.steps if isinstance(step, NameLookup) and step.role == "spf"]
    assert found == [("a.vn", "TXT"), ("h.a.vn", "A"), ("h.a.vn", "AAAA"), ("7.2.0.192.s.vn", "A")]


async def mail_asked(names: FakeNames, *selectors: str) -> list[str]:
    rec = Recorder(lambda: 0.0)
    task = NameTask(name="a.vn", roles=frozenset({"mail"}), selectors=selectors)
    await mail_records(task, FakeNet(names=names), rec)
    return [f"{step.role} {step.name}" for step in rec.steps if isinstance(step, NameLookup)]


async def test_mail_records() -> None:
    dmarc = ["dmarc _dmarc.a.vn", "dmarc _dmarc.vn"]
    usual = [f"dkim {one}._domainkey.a.vn" for one in USUAL_SELECTORS]
    declared = ["dkim 2026a._domainkey.a.vn", "dkim s1._domainkey.a.vn"]
    rest = [one for one in usual if one not in declared]
    assert await mail_asked(FakeNames()) == [*dmarc, *usual]
    assert await mail_asked(FakeNames(), "2026a", "s1", "s1") == [*dmarc, *declared, *rest]
    there = FakeNames(records={("2026a._domainkey.a.vn", "TXT"): ('"p="',)})
    assert await mail_asked(there, "2026a") == [*dmarc, declared[0], *usual]
    found = FakeNames(records={("google._domainkey.a.vn", "TXT"): ('"p="',)})
    assert await mail_asked(found) == [*dmarc, *usual, f"dkim {UNLIKELY}._domainkey.a.vn"]
    rec = Recorder(lambda: 0.0)
    await mail_records(NameTask(name="a.vn", roles=frozenset({"host", "zone"})), FakeNet(), rec)
    assert not rec.steps


async def test_mail_transport() -> None:
    records = {
        ("a.vn", "MX"): ("20 b.vn", "10 mx.a.vn"),
        ("_mta-sts.a.vn", "TXT"): ('"v=STSv1; id=1"',),
        ("mta-sts.a.vn", "AAAA"): ("2001:db8::1", "2001:db8::2", "2001:db8::3"),
    }
    rec = Recorder(lambda: 0.0)
    task = NameTask(name="a.vn", roles=frozenset({"mail"}))
    await mail_transport(task, FakeNet(names=FakeNames(records=records)), rec)
    asked = [f"{step.rtype} {step.name}" for step in rec.steps if isinstance(step, NameLookup)]
    assert asked == [
        "MX a.vn",
        "TXT _mta-sts.a.vn",
        "TXT _smtp._tls.a.vn",
        "TLSA _25._tcp.mx.a.vn",
        "TLSA _25._tcp.b.vn",
        "A mta-sts.a.vn",
        "AAAA mta-sts.a.vn",
    ]
    fetched = [(str(step.address), step.url) for step in rec.steps if isinstance(step, PolicyFetch)]
    url = "https://mta-sts.a.vn/.well-known/mta-sts.txt"
    assert fetched == [("2001:db8::1", url), ("2001:db8::2", url)]
    quiet = Recorder(lambda: 0.0)
    await mail_transport(task, FakeNet(), quiet)
    found = [(step.name, step.rtype) for step in quiet.steps if isinstance(step, NameLookup)]
    assert (found[3:], len(quiet.steps)) == (
        [("_25._tcp.a.vn", "TLSA")],
        4,
    )  # no MX: the domain may be its own exchanger


async def test_a_walk_without_end_is_left() -> None:
    def endless() -> Generator[Question, Answer, str]:
        for number in count():
            yield f"{number}.vn", "A"
        return ""

    rec = Recorder(lambda: 0.0)
    assert await follow(endless(), FakeNet(), rec, "spf", {}) is None
    assert len(rec.steps) == QUESTIONS


async def test_a_name_that_is_no_zone_has_no_servers() -> None:
    assert [role for _, _, role in await asked("www.a.vn", "host", "zone")] == ["host", "host", *["caa"] * 3, "https"]


@pytest.mark.parametrize(
    ("records", "names"),
    [
        (("20 b.vn", "10 a.vn", "20 b.vn"), ["a.vn", "b.vn"]),
        (("0 .",), []),
        (("x a.vn", "a.vn", ""), []),
        (tuple(f"{n} mx{n}.vn" for n in range(20)), [f"mx{n}.vn" for n in range(MX_LIMIT)]),
    ],
)
def test_mail_exchangers(records: tuple[str, ...], names: list[str]) -> None:
    look = NameLookup(name="a.vn", rtype="MX", role="mx", status=LookupStatus.ANSWER, records=records)
    assert exchangers([look]) == names


async def test_a_name_server_is_asked_for_the_soa() -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    await nameserver(EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn"), FakeNet(), rec)
    (exchange,) = rec.steps
    assert isinstance(exchange, DnsExchange)
    assert (exchange.qname, exchange.qtype, exchange.recursion_desired, exchange.transport) == (
        "a.vn",
        "SOA",
        False,
        "udp",
    )
    await nameserver(EndpointTask(endpoint=endpoint), FakeNet(), rec)
    assert len(rec.steps) == 1


async def test_large_answers_are_asked_for_by_size() -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    task = EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn")
    await large_response(task, FakeNet(), rec)
    sizes = [(step.qtype, step.edns_size, step.transport) for step in rec.steps if isinstance(step, DnsExchange)]
    assert sizes == [("DNSKEY", size, "udp") for size in (1232, 512, 4096, 0)]


@pytest.mark.parametrize(
    ("probe", "asked"),
    [
        (nameserver_tcp, ("a.vn", "SOA", False, "tcp")),
        (zone_transfer, ("a.vn", "AXFR", False, "tcp")),
        (recursion, ("ipv4only.arpa", "A", True, "udp")),
    ],
)
async def test_a_name_server_is_asked_one_question(probe: EndpointProbeFn, asked: tuple[object, ...]) -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    await probe(EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn"), FakeNet(), rec)
    (exchange,) = rec.steps
    assert isinstance(exchange, DnsExchange)
    assert (exchange.qname, exchange.qtype, exchange.recursion_desired, exchange.transport) == asked
    await probe(EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53)), FakeNet(), rec)
    assert len(rec.steps) == 1


async def test_reverse_names_are_asked_for_and_followed_back() -> None:
    arpa, arpa4 = (ip_address(text).reverse_pointer for text in ("2001:db8::1", "192.0.2.1"))
    names = FakeNames(
        records={("a.vn", "AAAA"): ("2001:db8::1",), (arpa, "PTR"): ("b.vn", "c.vn"), (arpa4, "PTR"): ("b.vn",)},
        cuts={"a.vn": ZONE},
    )
    senders = (ip_address("192.0.2.1"), ip_address("2001:db8::25"))
    assert await reversed_names(NameTask(name="a.vn", roles=frozenset({"host", "mail"}), senders=senders), names) == [
        ("PTR", arpa4),
        ("PTR", ip_address("2001:db8::25").reverse_pointer),
        ("PTR", arpa),
        ("A", "b.vn"),
        ("AAAA", "b.vn"),
        ("AAAA", "c.vn"),
    ]


async def reversed_names(task: NameTask, names: FakeNames) -> list[tuple[str, str]]:
    rec = Recorder(lambda: 0.0)
    await dns(task, FakeNet(names=names), rec)
    return [(step.rtype, step.name) for step in rec.steps if isinstance(step, NameLookup) and "ptr" in step.role]


async def test_of_exchangers_only_the_own_ones_are_asked_for_reverse_names() -> None:
    own, foreign = ("192.0.2.25", "2001:db8::25"), ("198.51.100.1", "2001:db8:f::1")
    records = {
        ("a.vn", "MX"): ("10 mx.a.vn", "20 mx.b.vn"),
        ("mx.a.vn", "A"): own[:1],
        ("mx.a.vn", "AAAA"): own[1:],
        ("mx.b.vn", "A"): foreign[:1],
        ("mx.b.vn", "AAAA"): foreign[1:],
    }
    found = await reversed_names(NameTask(name="a.vn", roles=frozenset({"mail"})), FakeNames(records=records))
    assert found == [("PTR", ip_address(one).reverse_pointer) for one in own]


async def test_a_domain_without_mx_is_asked_for_its_own_addresses_once() -> None:
    async def roles(*wanted: str) -> list[tuple[str, str]]:
        rec = Recorder(lambda: 0.0)
        task = NameTask(name="a.vn", roles=frozenset(wanted))
        await dns(task, FakeNet(names=FakeNames(records={("a.vn", "A"): ("192.0.2.1",)}, cuts={"a.vn": ZONE})), rec)
        looks = [step for step in rec.steps if isinstance(step, NameLookup) and step.name == "a.vn"]
        return [(one.rtype, one.role) for one in looks if one.rtype in ("A", "AAAA")]

    assert await roles("mail") == [("A", "mx-address"), ("AAAA", "mx-address")]
    assert await roles("mail", "host") == [("A", "host"), ("AAAA", "host")]


async def test_the_hosts_that_https_records_lead_to_are_looked_up() -> None:
    record = str(dns_rdata.from_text("IN", "HTTPS", "1 cdn.vn. ipv6hint=2001:db8::1").to_generic())
    names = FakeNames(records={("www.a.vn", "HTTPS"): (record, "\\# 1 00")}, cuts={"www.a.vn": ZONE})
    rec = Recorder(lambda: 0.0)
    await dns(NameTask(name="www.a.vn", roles=frozenset({"host"})), FakeNet(names=names), rec)
    found = [(step.name, step.rtype) for step in rec.steps if isinstance(step, NameLookup) and step.role[:5] == "https"]
    assert found == [("www.a.vn", "HTTPS"), ("cdn.vn", "A"), ("cdn.vn", "AAAA")]


async def test_a_zone_without_keys_is_not_asked_for_signatures() -> None:
    rec = Recorder(lambda: 0.0)
    await dnssec(NameTask(name="a.vn", roles=frozenset({"zone"})), FakeNet(names=NAMES), rec)
    assert [step.qtype for step in rec.steps if isinstance(step, ZoneAnswer)] == ["SOA"]
    assert sum(isinstance(step, SecondOpinion) for step in rec.steps) == 1


@dataclass
class SignedNames(FakeNames):
    """A signed zone ``a.vn`` whose mail host is an alias into its child zone ``b.a.vn``."""

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
    return names, [(one.zone, one.qname) for one in answers if one.qtype == "AAAA" and one.qname != "a.vn"]


async def test_dnssec_hosts_are_asked_of_the_zones_that_hold_them() -> None:
    records = {("a.vn", "MX"): ("10 mx.a.vn", "20 mx.c.vn"), ("mx.a.vn", "CNAME"): ("mail.b.a.vn",)}
    names, found = await dnssec_asked(records)
    assert found == [("a.vn", "mx.a.vn"), ("b.a.vn", "mail.b.a.vn"), ("c.vn", "mx.c.vn")]
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


def test_dnssec_server_signatures_of_two_days_are_short_lived() -> None:
    def soa(days: int) -> ZoneAnswer:
        message = dns_message.make_response(dns_message.make_query("a.vn", "SOA", id=0))
        ends = f"202603{1 + days:02d}000000"
        record = f"SOA 13 2 300 {ends} 20260301000000 4711 a.vn. " + "A" * 88
        message.answer.append(dns_rrset.from_text("a.vn.", 60, "IN", "RRSIG", record))
        return ZoneAnswer(zone="a.vn", qname="a.vn", qtype="SOA", response=message.to_wire())

    assert is_short_lived(soa(2))
    assert not is_short_lived(soa(14))
    assert not is_short_lived(replace(soa(2), response=(soa(2).response or b"")[:-30]))


@pytest.mark.parametrize(
    ("rcode", "validates", "unchecked", "again"),
    [
        ("SERVFAIL", True, "NOERROR", True),
        ("SERVFAIL", True, "SERVFAIL", False),
        ("SERVFAIL", False, "NOERROR", False),
        ("NOERROR", True, "", False),
    ],
)
def test_second_opinion_that_a_name_is_bogus_is_confirmed(
    rcode: str, validates: bool, unchecked: str, again: bool
) -> None:
    said = SecondOpinion(
        server=ip_address("192.0.2.53"),
        qname="a.vn",
        qtype="SOA",
        rcode=rcode,
        validates=validates,
        unchecked=unchecked,
    )
    assert said.worth_confirming is again
