"""Tests the questions of the probe ``dns`` for each role of a name."""

from ipaddress import ip_address

import dns.rdata as dns_rdata
import pytest

from probes.dns import dns
from probes.framework.expand import MX_TESTED
from probes.framework.recorder import Recorder
from probes.framework.tasks import NameTask
from probes.observations.dns import NameLookup
from probes.wire.mail.dkim import UNLIKELY
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.zone_examples import ZONE, asked

CAA = [("www.a.vn", "CAA", "caa"), ("a.vn", "CAA", "caa"), ("vn", "CAA", "caa")]
HTTPS = ("www.a.vn", "HTTPS", "https")
SERVERS = [(name, rtype, "ns-address") for name in ("ns.b.vn", "ns1.a.vn", "ns2.a.vn") for rtype in ("A", "AAAA")]
MAIL = [(name, rtype, "mx-address") for name in ("mx.a.vn", "mx.b.vn") for rtype in ("A", "AAAA")]
SPF = ("a.vn", "TXT", "spf")


async def test_questions_follow_from_the_roles_of_a_name() -> None:
    assert await asked("www.a.vn", "host") == [("www.a.vn", "A", "host"), ("www.a.vn", "AAAA", "host"), *CAA, HTTPS]
    assert await asked("www.a.vn", "host", "site") == [
        *(("www.a.vn", rtype, "host") for rtype in ("A", "AAAA")),
        *CAA,
        HTTPS,
        *(("a.vn", rtype, "sibling") for rtype in ("A", "AAAA")),
    ]
    assert await asked("a.vn", "zone") == SERVERS
    assert await asked("a.vn", "mail") == [("a.vn", "MX", "mx"), *MAIL, SPF]


async def test_where_the_other_name_of_a_site_is_there_one_that_nobody_has_is_asked_for() -> None:
    """The same name may be a wildcard's."""
    names = FakeNames(records={("www.a.vn", "A"): ("192.0.2.1",), ("www.b.a.vn", "A"): ("192.0.2.1",)})
    for name, wildcard in (("a.vn", f"{UNLIKELY}.a.vn"), ("b.a.vn", f"{UNLIKELY}.b.a.vn"), ("c.a.vn", None)):
        rec = Recorder(lambda: 0.0)
        await dns(NameTask(name=name, roles=frozenset({"site"})), FakeNet(names=names), rec)
        looked = [step.name for step in rec.steps if isinstance(step, NameLookup) and step.role == "wildcard"]
        assert looked == ([] if wildcard is None else [wildcard] * 2)


async def test_no_name_that_nobody_has_is_asked_of_a_registry() -> None:
    names = FakeNames(records={("a.vn", "A"): ("192.0.2.1",)})
    rec = Recorder(lambda: 0.0)
    await dns(NameTask(name="www.a.vn", roles=frozenset({"site"})), FakeNet(names=names), rec)
    assert not [step for step in rec.steps if isinstance(step, NameLookup) and step.role == "wildcard"]


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
    pairs = [(step.name, step.rtype) for step in rec.steps if isinstance(step, NameLookup) and step.role == "spf"]
    assert pairs == [("a.vn", "TXT"), ("h.a.vn", "A"), ("h.a.vn", "AAAA"), ("7.2.0.192.s.vn", "A")]


async def test_a_name_that_is_no_zone_has_no_servers() -> None:
    assert [role for _, _, role in await asked("www.a.vn", "host", "zone")] == ["host", "host", *["caa"] * 3, "https"]


@pytest.mark.parametrize(
    ("records", "names"),
    [
        (("20 b.vn", "10 a.vn", "20 b.vn"), ["a.vn", "b.vn"]),
        (("0 .",), []),
        (("x a.vn", "a.vn", "", "१ a.vn", "1000000 a.vn", "10 "), []),
        (tuple(f"{n} mx{n}.vn" for n in range(20)), [f"mx{n}.vn" for n in range(MX_TESTED)]),
    ],
)
async def test_dns_looks_up_the_exchangers_that_are_tested(records: tuple[str, ...], names: list[str]) -> None:
    rec, net = Recorder(lambda: 0.0), FakeNet(names=FakeNames(records={("a.vn", "MX"): records}))
    await dns(NameTask(name="a.vn", roles=frozenset({"mail"})), net, rec)
    looked = [step.name for step in rec.steps if isinstance(step, NameLookup) and step.role == "mx-address"]
    assert list(dict.fromkeys(looked)) == names


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


async def test_as_many_reverse_names_are_followed_as_receivers_follow() -> None:
    pointers = tuple(f"web{number:02}.vn" for number in range(12))
    sender = ip_address("192.0.2.1")
    names = FakeNames(records={(sender.reverse_pointer, "PTR"): pointers})
    found = await reversed_names(NameTask(name="a.vn", roles=frozenset({"mail"}), senders=(sender,)), names)
    assert found == [("PTR", sender.reverse_pointer), *(("A", name) for name in pointers[:10])]


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
    pairs = await reversed_names(NameTask(name="a.vn", roles=frozenset({"mail"})), FakeNames(records=records))
    assert pairs == [("PTR", ip_address(text).reverse_pointer) for text in own]


async def test_a_domain_without_mx_is_asked_for_its_own_addresses_once() -> None:
    async def roles(*wanted: str) -> list[tuple[str, str]]:
        rec = Recorder(lambda: 0.0)
        task = NameTask(name="a.vn", roles=frozenset(wanted))
        await dns(task, FakeNet(names=FakeNames(records={("a.vn", "A"): ("192.0.2.1",)}, cuts={"a.vn": ZONE})), rec)
        looks = [step for step in rec.steps if isinstance(step, NameLookup) and step.name == "a.vn"]
        return [(look.rtype, look.role) for look in looks if look.rtype in ("A", "AAAA")]

    assert await roles("mail") == [("A", "mx-address"), ("AAAA", "mx-address")]
    assert await roles("mail", "host") == [("A", "host"), ("AAAA", "host")]


async def test_the_hosts_that_https_records_lead_to_are_looked_up() -> None:
    record = str(dns_rdata.from_text("IN", "HTTPS", "1 cdn.vn. ipv6hint=2001:db8::1").to_generic())
    names = FakeNames(records={("www.a.vn", "HTTPS"): (record, "\\# 1 00")}, cuts={"www.a.vn": ZONE})
    rec = Recorder(lambda: 0.0)
    await dns(NameTask(name="www.a.vn", roles=frozenset({"host"})), FakeNet(names=names), rec)
    pairs = [(step.name, step.rtype) for step in rec.steps if isinstance(step, NameLookup) and step.role[:5] == "https"]
    assert pairs == [("www.a.vn", "HTTPS"), ("cdn.vn", "A"), ("cdn.vn", "AAAA")]
