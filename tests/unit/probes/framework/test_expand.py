"""Tests the expansion of subjects into tasks for every address; no evidence can break it."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from dns import rdata
from hypothesis import given
from hypothesis import strategies as st

from inventory.model import AgencyId, Clearance, DeclaredFacts, Kind, Network, Service, Subject, SubjectId
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.framework.expand import (
    ADDRESSES_PROBED,
    HINT,
    MX_TESTED,
    addresses,
    derive,
    expand,
    is_akin_exchanger,
    is_registry_zone,
    mail_exchangers,
    name_tasks,
    settle,
)
from probes.framework.tasks import DeviceTarget, EndpointTask, WebTarget
from probes.observations.dns import Delegation, LookupStatus, NameLookup
from tests.unit.probes.framework.examples import V4, V6, evidence, look, subject

WEB = ("http", "https", "http-alt", "https-alt")
AD_HOC = frozenset({Kind.PORTAL, Kind.ZONE, Kind.MAIL})
BOTH = evidence(look("AAAA", "2001:db8::2", "2001:db8::1"), look("A", "192.0.2.1"))


def _ends(tasks: tuple[EndpointTask, ...]) -> list[str]:
    return [task.key for task in tasks]


def test_a_site_is_every_address_and_every_web_port() -> None:
    tasks = expand(subject(), [BOTH])
    ports = ("", "#80", "#443", "#8080", "#8443")
    assert _ends(tasks) == [f"{a}{p}" for a in ("192.0.2.1", "2001:db8::1", "2001:db8::2") for p in ports]
    assert {task.host for task in tasks} == {task.endpoint.name for task in tasks} == {"www.example.vn"}
    assert [task.service.name for task in tasks[:5] if task.service] == list(WEB)


def test_declared_services_take_the_place_of_the_usual_ones() -> None:
    tasks = expand(subject(services=(Service(name="https", port=9443), Service(name="portal", port=443))), [BOTH])
    assert _ends(tasks)[:3] == ["192.0.2.1", "192.0.2.1#9443 https", "192.0.2.1#443 portal"]


def test_every_task_of_a_subject_has_a_key_of_its_own() -> None:
    """Two services may share a port, and a name server of the zone may be the site itself."""
    shared = subject(
        "example.vn",
        Kind.PORTAL,
        Kind.ZONE,
        services=(Service(name="http", port=443), Service(name="https", port=443), Service(name="dns", port=53)),
    )
    envelope = evidence(look("A", "192.0.2.1"), look("A", "192.0.2.1", role="ns-address", name="ns.example.vn"))
    keys = _ends(expand(shared, [envelope]))
    assert keys == ["192.0.2.1", "192.0.2.1#443 http", "192.0.2.1#443", "192.0.2.1#53", "192.0.2.1#53 example.vn"]


def test_addresses_without_a_name_are_those_declared() -> None:
    nameless = subject("rt1", Kind.ROUTER, addresses=(V6, V4))
    assert name_tasks(nameless) == ()
    assert addresses(nameless, []) == (V4, V6)
    assert addresses(subject(), []) == ()


def test_name_tasks_of_a_web_site_without_a_name_ask_what_its_addresses_are_called() -> None:
    (task,) = name_tasks(subject("192.0.2.1:443", Kind.PORTAL, addresses=(V4, V6)))
    assert (task.key, task.roles, task.nameless) == ("192.0.2.1", frozenset(), (V4, V6))


def test_addresses_are_ordered_as_numbers_ipv4_first() -> None:
    envelope = evidence(look("AAAA", "2001:db8::a", "2001:db8::9"), look("A", "192.0.2.10", "192.0.2.9"))
    ordered = ["192.0.2.9", "192.0.2.10", "2001:db8::9", "2001:db8::a"]
    assert [str(address) for address in addresses(subject(), [envelope])] == ordered


def test_name_servers_are_asked_once_each_for_the_zone() -> None:
    zone = subject("example.vn", Kind.ZONE)
    envelope = evidence(
        look("AAAA", "2001:db8::53", role="ns-address", name="ns2.example.vn"),
        look("A", "192.0.2.53", role="ns-address", name="ns1.example.vn"),
        look("AAAA", "2001:db8::53", role="ns-address", name="ns1.example.vn"),
        look("A", "192.0.2.9"),
    )
    tasks = expand(zone, [envelope])
    assert [(task.key, task.host, task.zone) for task in tasks] == [
        ("192.0.2.53#53 example.vn", "ns1.example.vn", "example.vn"),
        ("2001:db8::53#53 example.vn", "ns1.example.vn", "example.vn"),
    ]


@pytest.mark.parametrize(("role", "kind"), [("host", Kind.PORTAL), ("ns-address", Kind.ZONE)])
def test_a_name_with_thousands_of_addresses_does_not_make_us_knock_at_all(role: str, kind: Kind) -> None:
    many = [f"2001:db8::{number:x}" for number in range(1, 3 * ADDRESSES_PROBED)]
    envelope = evidence(look("AAAA", *many, role=role), look("A", "192.0.2.1", role=role))
    asked = {task.endpoint.address for task in expand(subject("example.vn", kind), [envelope])}
    assert len(asked) == ADDRESSES_PROBED + 1
    assert V4 in asked


def test_declared_addresses_of_a_named_device_are_probed_and_those_of_a_site_are_not() -> None:
    for kind, expected in ((Kind.ROUTER, {V4, V6}), (Kind.PORTAL, {V4})):
        named = replace(subject("rt1.example.vn", kind), addresses=(V6,))
        assert set(addresses(named, [evidence(look("A", str(V4)))])) == expected


@pytest.mark.parametrize(
    ("kinds", "roles"),
    [
        ((Kind.PORTAL,), {"host", "site"}),
        ((Kind.ROUTER,), {"host"}),
        ((Kind.ZONE,), {"zone"}),
        ((Kind.MAIL, Kind.ZONE), {"mail", "zone"}),
        ((Kind.UNIT,), set()),
    ],
)
def test_what_is_asked_about_a_name(kinds: tuple[Kind, ...], roles: set[str]) -> None:
    assert {role for task in name_tasks(subject("x.vn", *kinds)) for role in task.roles} == roles


CUT = Delegation(zone="example.vn", parent="vn")
NO_CUT = Delegation(zone="example.vn", parent="vn", failure=Failure(kind=FailureKind.TIMEOUT))
MX = look("MX", "10 mx.example.vn", role="mx")


@pytest.mark.parametrize(
    ("steps", "kind", "kinds"),
    [
        ([CUT, MX, look("A", "192.0.2.1")], Kind.PORTAL, AD_HOC),
        ([CUT, look("A")], Kind.ZONE, frozenset({Kind.ZONE})),
        ([MX], Kind.MAIL, frozenset({Kind.MAIL})),
        ([look("AAAA", "2001:db8::1"), NO_CUT], Kind.PORTAL, frozenset({Kind.PORTAL})),
        ([Delegation(zone="vn", parent="")], Kind.PORTAL, frozenset({Kind.PORTAL})),
        ([], Kind.PORTAL, frozenset({Kind.PORTAL})),
    ],
)
def test_an_ad_hoc_name_is_what_its_dns_shows(steps: list[Observation], kind: Kind, kinds: frozenset[Kind]) -> None:
    settled = settle(subject("example.vn", candidates=AD_HOC), [evidence(*steps)])
    assert (settled.kind, settled.kinds) == (kind, kinds)
    assert not settled.candidates
    assert settle(settled, []) is settled


def test_settling_never_ends_with_no_kind() -> None:
    odd = subject("example.vn", Kind.HOST, candidates=frozenset({Kind.MAIL}))
    assert settle(odd, [evidence(CUT)]).kinds == {Kind.HOST}


def test_derived_subjects_take_after_their_owner() -> None:
    owner = Subject(
        id=SubjectId("p"),
        kind=Kind.PORTAL,
        kinds=frozenset({Kind.PORTAL, Kind.MAIL}),
        agency=AgencyId("G01"),
        host="www.example.vn",
        network=Network.TSLCD,
        clearance=Clearance.PASSIVE,
    )
    zone, mx = derive(owner, [evidence(CUT, look("MX", "5 mx.vn", role="mx"))])
    assert (str(zone.id), zone.kinds, zone.host) == ("zone:example.vn", frozenset({Kind.ZONE}), "example.vn")
    assert (str(mx.id), mx.kinds, mx.services) == ("mx:mx.vn", frozenset({Kind.HOST}), (Service(name="smtp", port=25),))
    for one in (zone, mx):
        assert (one.agency, one.network, one.clearance) == ("G01", Network.TSLCD, Clearance.PASSIVE)
        assert one.derived_from == ("p",)


def _self(rtype: str, *records: str, role: str = "mx-address") -> NameLookup:
    status = LookupStatus.ANSWER if records else LookupStatus.NO_DATA
    return NameLookup(name="a.vn", rtype=rtype, role=role, status=status, records=records)


NO_MX = _self("MX", role="mx")
HERE = _self("A", "192.0.2.1")


@pytest.mark.parametrize(
    ("looks", "ids"),
    [
        ((NO_MX, HERE), ["mx:a.vn"]),
        ((NO_MX, _self("AAAA", "2001:db8::1", role="host")), ["mx:a.vn"]),
        ((NO_MX, HERE, _self("TXT", '"v=spf1 a -all"', role="spf")), ["mx:a.vn"]),
        ((NO_MX, HERE, _self("TXT", '"v=spf1 -all"', role="spf")), []),
        ((NO_MX, _self("A")), []),
        ((HERE,), []),
        ((_self("MX", "0 .", role="mx"), HERE), []),
        ((_self("MX", "5 mx.vn", role="mx"), HERE), ["mx:mx.vn"]),
    ],
)
def test_a_domain_without_mx_is_its_own_exchanger(looks: tuple[NameLookup, ...], ids: list[str]) -> None:
    assert [subject.id for subject in derive(subject("a.vn", Kind.MAIL), [evidence(*looks)])] == ids


@pytest.mark.parametrize(
    ("domain", "exchanger", "akin"),
    [
        ("tinh.gov.vn", "mx.tinh.gov.vn", True),
        ("tinh.gov.vn", "tinh.gov.vn", True),
        ("so.tinh.gov.vn", "thu.tinh.gov.vn", True),
        ("tinh.gov.vn", "mx.khac.gov.vn", False),
        ("a.vn", "mx.b.vn", False),
        ("so.tinh.gov.vn", "mx.google.com", False),
        ("tinh.gov.vn", "mxtinh.gov.vn", False),
    ],
)
def test_akin_exchangers_are_within_or_beside_the_domain(domain: str, exchanger: str, *, akin: bool) -> None:
    assert is_akin_exchanger(domain, exchanger) is akin


def test_the_zone_of_a_site_at_its_apex_is_derived_unless_the_subject_is_that_zone() -> None:
    apex = Delegation(zone="www.example.vn", parent="vn")
    assert [subject.id for subject in derive(subject(), [evidence(apex)])] == ["zone:www.example.vn"]
    assert derive(subject("www.example.vn", Kind.PORTAL, Kind.ZONE), [evidence(apex)]) == ()
    assert derive(subject("www.example.vn", Kind.ZONE), [evidence(CUT)]) == ()


@pytest.mark.parametrize(
    ("zone", "registry"),
    [
        ("", True),
        ("vn", True),
        ("gov.vn", True),
        ("gov.vn.", True),
        ("daklak.gov.vn", False),
        ("gov.com", False),
        ("example.vn", False),
    ],
)
def test_zones_of_registries(zone: str, *, registry: bool) -> None:
    assert is_registry_zone(zone) is registry
    subjects = derive(subject(), [evidence(Delegation(zone=zone, parent=""))])
    assert (subjects == ()) is registry


def test_mail_exchangers_by_preference_as_numbers() -> None:
    envelope = evidence(look("MX", "100 c.vn", "20 b.vn", "9 a.vn", "10 b.vn", role="mx"))
    assert mail_exchangers([envelope]) == ("a.vn", "b.vn", "c.vn")
    many = evidence(look("MX", *(f"{n} mx{n}.vn" for n in range(50)), role="mx"))
    assert len(mail_exchangers([many])) == MX_TESTED


@pytest.mark.parametrize(
    "record", ["0 .", "10 ", "", "x", "mx.vn", "-1 mx.vn", "1e3 mx.vn", "10", "99999999 mx.vn", "१ mx.vn"]
)
def test_what_is_no_mail_exchanger(record: str) -> None:
    assert mail_exchangers([evidence(look("MX", record, "10 mx.vn", role="mx"))]) == ("mx.vn",)


@pytest.mark.parametrize("record", ["", "www", "192.0.2.300", "2001:db8::g", "192.0.2.1 ", "fe80::1%eth0", "0x7f.1"])
def test_what_is_no_address(record: str) -> None:
    site = evidence(look("AAAA", record, "2001:db8::1"))
    assert addresses(subject(), [site]) == (ip_address("2001:db8::1"),)
    zone = evidence(look("AAAA", record, "2001:db8::1", role="ns-address"))
    assert len(expand(subject("example.vn", Kind.ZONE), [zone])) == 1


TEXT = st.one_of(st.text(max_size=12), st.sampled_from(["10 mx.vn", "192.0.2.1", "::1", "fe80::1%0", "0 .", "vn", "."]))
HOSTILE = st.one_of(
    st.builds(
        NameLookup,
        name=TEXT,
        rtype=st.sampled_from(["A", "AAAA", "MX", "NS", "TXT"]),
        role=st.sampled_from(["host", "mx", "ns", "ns-address", "mx-address"]),
        status=st.sampled_from(LookupStatus),
        records=st.lists(TEXT, max_size=3).map(tuple),
    ),
    st.builds(Delegation, zone=TEXT, parent=TEXT, parent_ns=st.lists(TEXT, max_size=2).map(tuple)),
)


@given(
    steps=st.lists(HOSTILE, max_size=8), kinds=st.frozensets(st.sampled_from(Kind), min_size=1), ad_hoc=st.booleans()
)
def test_hostile_evidence_breaks_nothing_and_order_means_nothing(
    steps: list[Observation], kinds: frozenset[Kind], *, ad_hoc: bool
) -> None:
    who = subject("x.vn", *sorted(kinds), candidates=AD_HOC if ad_hoc else frozenset())
    envelopes: list[Evidence] = [evidence(step, task=str(number)) for number, step in enumerate(steps)]
    settled = settle(who, envelopes)
    tasks = expand(settled, envelopes)
    assert settled.kind in settled.kinds
    assert len(set(_ends(tasks))) == len(tasks)
    assert set(tasks_of(settled, envelopes[::-1])) == set(_ends(tasks))
    assert {subject.id for subject in derive(settled, envelopes)} == {
        subject.id for subject in derive(settled, envelopes[::-1])
    }


def tasks_of(who: Subject, envelopes: list[Evidence]) -> list[str]:
    return _ends(expand(who, envelopes))


def test_hints_of_https_records_are_connected_to_where_they_are_no_own_address() -> None:
    """The first is the site's own, one stands on a port that nobody may make us knock at, one record is none."""
    texts = ("1 . ipv6hint=2001:db8::1,2001:db8::99", "1 . port=25 ipv6hint=2001:db8::98", "0 cdn.example.")
    records = tuple(str(rdata.from_text("IN", "HTTPS", text).to_generic()) for text in texts)
    hints = NameLookup(
        name="www.example.vn",
        rtype="HTTPS",
        role="https",
        status=LookupStatus.ANSWER,
        records=(*records, "\\# 1 00", "x"),
    )
    tasks = [
        endpoint_task
        for endpoint_task in expand(subject(), [BOTH, evidence(hints)])
        if endpoint_task.service and endpoint_task.service.name == HINT
    ]
    assert _ends(tuple(tasks)) == ["2001:db8::99#443 https-hint"]


def test_expand_of_an_authorised_domain_asks_its_own_exchangers_alone_for_relaying() -> None:
    domain = replace(subject("example.vn", Kind.MAIL), clearance=Clearance.INTRUSIVE)
    looks = [
        look("A", "192.0.2.25", role="mx-address", name="mx1.example.vn"),
        look("A", "192.0.2.26", role="mx-address", name="mx.provider.vn"),
        replace(look("A", "192.0.2.27", role="mx-address", name="mx2.example.vn"), chain=("mx.provider.vn",)),
    ]
    tasks = expand(domain, [evidence(*looks)])
    assert [task.key for task in tasks if task.service and task.service.name == "smtp-relay"] == [
        "192.0.2.25#25 smtp-relay"
    ]


def test_expand_gives_a_device_its_uplinks_and_networks() -> None:
    router = replace(
        subject("r.example.vn", Kind.ROUTER, addresses=(ip_address("2001:db8::1"),)),
        services=(Service(name="snmp", port=161), Service(name="ssh", port=22)),
        tags=("wan=GigabitEthernet 0/0", "wan=eth1", "aggregate=2001:db8:a::/48"),
    )
    address, snmp, ssh = expand(router, ())
    expected = DeviceTarget(name=router.id, uplinks=("GigabitEthernet 0/0", "eth1"), aggregates=router.aggregates)
    assert (address.device, snmp.device, ssh.device) == (expected, expected, None)


def test_expand_tells_the_page_to_test_from_a_large_file() -> None:
    for url, web in (
        ("https://www.example.vn/app", WebTarget(page_url="https://www.example.vn/app")),
        ("https://www.example.vn/a/ban-do.svg?v=1", WebTarget(object_url="https://www.example.vn/a/ban-do.svg?v=1")),
    ):
        site = replace(subject(), declared=DeclaredFacts(test_url=url))
        assert {task.web for task in expand(site, [BOTH]) if task.service} == {web}
        assert {task.web for task in expand(site, [BOTH]) if not task.service} == {
            replace(web, ports=frozenset({80, 443, 8080, 8443}))
        }
