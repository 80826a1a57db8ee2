"""Tests the choice of checks and of the probes that they need, with a catalogue made up for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue, UnknownName, transports
from auditor.framework.check import Check, CheckScope, passed
from auditor.framework.findings import CheckId, Verdict
from inventory.model import Kind
from probes.framework.evidence import Observation
from probes.framework.recorder import Recorder
from probes.framework.registry import Probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.feed import MonthlyFeed
from probes.observations.rows import DeclaredUnit, RowPosition
from probes.observations.series import SeriesCounter, SeriesWeeks, SeriesWindow
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake
from tests.unit.auditor.contexts import always, check


async def nothing(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Do nothing; this probe never runs."""


def _probe(
    name: str, *records: type[Observation], shape: str = "endpoint", services: str = "", needs_open: bool = False
) -> Probe:
    return Probe(
        name=name,
        version=1,
        title=name,
        records=records,
        shape=shape,
        run=nothing,
        services=frozenset(services.split()),
        needs_open=needs_open,
    )


PROBES = (
    _probe("dns", NameLookup, shape="name"),
    _probe("echo", EchoSeries),
    _probe("http", HttpExchange, services="http https", needs_open=True),
    _probe("nameserver", DnsExchange, services="dns"),
    _probe("tcp", TcpConnect, services="http https smtp"),
    _probe("tls", TlsHandshake, services="https", needs_open=True),
)


def _check(name: str, *needs: type[Observation], scope: CheckScope = CheckScope.SUBJECT) -> Check:
    return check(always(Verdict(code="GOOD")), name=name, needs=needs, scope=scope)


CHECKS = (
    _check("ipv6.dns.ns-aaaa", NameLookup),
    _check("ipv6.dns.ns-reach", DnsExchange),
    _check("ipv6.path.echo", EchoSeries),
    _check("ipv6.web.aaaa", NameLookup),
    _check("ipv6.web.reach", TcpConnect),
    _check("meta.selftest.ipv6", NameLookup, scope=CheckScope.VANTAGE),
    _check("security.tls.cert-name", TlsHandshake, TcpConnect),
    _check("tslcd.dc.redundancy"),
)
ALL = Catalogue(checks={check.id: check for check in CHECKS}, probes={probe.name: probe for probe in PROBES})


@pytest.mark.parametrize(
    ("only", "skip", "chosen"),
    [
        ([], [], "ns-aaaa ns-reach echo aaaa reach cert-name redundancy"),
        (["ipv6.dns"], [], "ns-aaaa ns-reach"),
        (["ipv6.dns.*"], [], "ns-aaaa ns-reach"),
        (["ipv6.dns.ns-reach", "security"], [], "ns-reach cert-name"),
        (["ipv6"], ["ipv6.web", "ipv6.path.echo"], "ns-aaaa ns-reach"),
        ([], ["ipv6"], "cert-name redundancy"),
        (["ipv6.web"], ["ipv6"], ""),
        (["meta"], [], ""),
        (["ipv6.web", "ipv6.web.reach"], [], "aaaa reach"),
    ],
)
def test_only_and_skip(only: list[str], skip: list[str], chosen: str) -> None:
    assert [check.id.rpartition(".")[2] for check in ALL.select(only, skip)] == chosen.split()


@given(
    only=st.lists(st.sampled_from(["ipv6", "ipv6.dns", "ipv6.web.reach", "tslcd"]), max_size=3),
    skip=st.lists(st.sampled_from(["ipv6.web", "ipv6.dns.ns-aaaa", "security"]), max_size=3),
)
def test_skip_always_wins_and_order_means_nothing(only: list[str], skip: list[str]) -> None:
    def ids(wanted: list[str], unwanted: list[str]) -> set[str]:
        return {check.id for check in ALL.select(wanted, unwanted)}

    assert ids(only, skip) == ids(only[::-1], skip[::-1])
    assert ids(only, skip) == ids(only, []) - (ids(skip, []) if skip else set())


def test_every_unknown_word_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        ALL.select(["ipv6.dsn", "ipv6.web.aaa", "ipv6.dns"], ["securty", "frobnicate", "ipv6.w", ""])
    assert str(caught.value).splitlines() == [
        "unknown check 'ipv6.dsn' (did you mean 'ipv6.dns'?)",
        "unknown check 'ipv6.web.aaa' (did you mean 'ipv6.web.aaaa'?)",
        "unknown check 'securty' (did you mean 'security'?)",
        "unknown check 'frobnicate'",
        "unknown check 'ipv6.w' (did you mean 'ipv6.web'?)",
        "unknown check '–'",
    ]


def test_one_check_by_its_full_id() -> None:
    assert ALL.find("ipv6.web.reach").id == "ipv6.web.reach"
    with pytest.raises(UnknownName, match=r"^unknown check 'ipv6.web.reech' \(did you mean 'ipv6.web.reach'\?\)$"):
        ALL.find("ipv6.web.reech")
    with pytest.raises(UnknownName, match=r"^unknown check 'ipv6.web' \(did you mean 'ipv6.web.aaaa'\?\)$"):
        ALL.find("ipv6.web")


def test_one_probe_by_its_name() -> None:
    assert ALL.find_probe("tls").name == "tls"
    with pytest.raises(UnknownName) as caught:
        ALL.find_probe("tsl")
    known = "dns, echo, http, nameserver, tcp, tls"
    assert str(caught.value) == f"unknown probe 'tsl'; there are {known} (did you mean 'tls'?)"


@pytest.mark.parametrize(
    ("only", "probes"),
    [
        ("ipv6.web.aaaa", "dns"),
        ("ipv6.dns", "dns nameserver"),
        ("ipv6.path", "dns echo"),
        ("ipv6.web.reach", "dns tcp"),
        ("security", "dns tcp tls"),
        ("tslcd", ""),
        ("ipv6", "dns echo nameserver tcp"),
    ],
)
def test_only_what_the_chosen_checks_need_is_sent(only: str, probes: str) -> None:
    assert [probe.name for probe in ALL.probes_for(ALL.select([only], []))] == probes.split()


def test_what_stands_behind_an_open_port_brings_the_probe_that_opens_it() -> None:
    page = _check("x.page", HttpExchange)
    assert [probe.name for probe in ALL.probes_for([page])] == ["dns", "http", "tcp"]


def test_a_probe_that_records_as_much_stands_for_another_where_it_is_chosen() -> None:
    page = replace(ALL.probes["http"], instead_of=frozenset({"tls"}))
    whole = replace(ALL, probes={**ALL.probes, "http": page})

    def chosen(*needs: type[Observation]) -> set[str]:
        return {probe.name for probe in whole.probes_for([_check("x.page", *needs)])}

    assert chosen(HttpExchange, TlsHandshake) == {"dns", "http", "tcp"}
    assert chosen(TlsHandshake) == {"dns", "tcp", "tls"}


def test_the_version_changes_with_the_meaning_of_any_check() -> None:
    def version(*checks: Check) -> str:
        return Catalogue(checks={check.id: check for check in checks}, probes={}).version

    one, two = CHECKS[:2]
    more = replace(one, messages={**one.messages, "NEW": passed("New.")})
    renamed = replace(one, id=CheckId("ipv6.dns.other"))
    assert (
        len(
            {
                version(one),
                version(two),
                version(one, two),
                version(more),
                version(replace(one, version=8)),
                version(renamed),
            }
        )
        == 6
    )
    assert version(one) == version(replace(one, title="Other words"))


@pytest.mark.parametrize(
    ("kinds", "used"),
    [
        ({Kind.PORTAL}, {"icmp", "tcp/80", "tcp/443", "udp/53"}),
        ({Kind.ZONE}, {"icmp", "udp/53"}),
        ({Kind.MAIL}, {"icmp", "tcp/25", "tcp/443"}),
        ({Kind.ROUTER}, {"icmp"}),
        (set(), {"icmp"}),
    ],
)
def test_controls_are_asked_over_what_the_run_uses(kinds: set[Kind], used: set[str]) -> None:
    assert transports(PROBES, kinds) == used
    assert transports(PROBES[:2], kinds) == {"icmp"}


def test_the_shipped_catalogue_fits_together() -> None:
    shipped = catalogue.load()
    assert shipped.version == catalogue.load().version
    recorded = {kind for probe in shipped.probes.values() for kind in (*probe.records, *probe.on_the_way)}
    sampled = {
        SeriesCounter,
        SeriesWeeks,
        SeriesWindow,
        RowPosition,
        DeclaredUnit,
        MonthlyFeed,
    }  # by the run itself, from store and inventory
    for one in shipped.select([], []):
        assert {*one.needs, *one.beside} <= recorded | sampled, f"{one.id} reads what no probe records"
        assert set(one.needs) <= sampled or shipped.probes_for([one])
