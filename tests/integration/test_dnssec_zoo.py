"""Tests zones of real signers: our result agrees with Unbound and BIND's delv; no working zone is reported."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from typing import NoReturn

import pytest

from auditor.framework.check import load
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Finding, Outcome
from auditor.framework.trust_anchor import normal
from auditor.judging.judge import judge
from inventory.model import Endpoint, Subject, SubjectId
from probes.dns import dns as dns_probe
from probes.dnssec import dnssec
from probes.dnssec_server import dnssec_server
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, NameTask
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.observations.dns import LookupStatus, NameLookup
from tests.golden import lab
from tests.golden.case import dump
from tests.golden.case import load as load_case
from tests.golden.cases_dnssec import dnssec as dnssec_cases
from tests.integration.test_net import PATIENT, setting
from tests.support import private_net
from tests.support.careless_server import careless
from tests.support.dnssec_zoo import CARELESS, CARELESS_ZONES, JUDGED, ORACLE, OTHER, SETUP, ZONES, Zoo, zoo

pytestmark = pytest.mark.needs_root

CHECKS = {
    name: load()[CheckId(name)] for name in ("security.dns.dnssec", "security.dns.dnssec-health", "security.dns.cds")
}
STATES = {
    "SECURE": "secure",
    "STALE_SERVERS": "secure",
    "UNSIGNED": "insecure",
    "NO_DS": "insecure",
    "PARENT_UNSIGNED": "insecure",
}
HEALTH = {
    "salted.example": {"ITERATIONS"},
    "unsigned.example": {"UNSIGNED"},
    "expired.example": {"REFUSED"},
    "nightly.example": {"SHORT_LIVED"},
}
WISHES = {"unsigned.example": "UNSIGNED", "expired.example": "REFUSED", "two-signers.example": "NONE"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Holds the results of three validators for one zone.

    ``hosts``: the result of each for the addresses of a host in another zone.
    """

    findings: dict[str, list[Finding]]
    unbound: str
    delv: str
    hosts: dict[str, set[str]]


ASKED = [(f"www.{zone}", rtype) for zone in CARELESS_ZONES for rtype in ("A", "AAAA")]
ASKED += [("c1.chain.example", "A"), ("alias.power.example", "A")]
"""Names on servers with incomplete answers, and long chains of aliases."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Holds the results of all zones and names.

    ``looked``: for each name our iterator's lookup, and the code and records of Unbound.
    """

    shown: dict[str, Shown]
    looked: dict[tuple[str, str], tuple[NameLookup, tuple[str, set[str]]]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("zoo")
    folder.chmod(0o755)

    async def main() -> Seen:
        with zoo(folder) as made, careless(CARELESS):
            names = Source(hints=parse_hints(made.hints), resolvers=(Endpoint(address=ip_address(ORACLE), port=53),))
            async with KernelNet(replace(setting(PATIENT), names=names)) as net:
                return Seen(
                    shown={name: await _one(net, made, name) for name in JUDGED},
                    looked={one: await _looked(net, made, *one) for one in ASKED},
                )

    return private_net.run(SETUP, main)


@pytest.fixture(scope="module")
def shown(seen: Seen) -> dict[str, Shown]:
    return seen.shown


async def _looked(net: KernelNet, made: Zoo, name: str, rtype: str) -> tuple[NameLookup, tuple[str, set[str]]]:
    found = await net.names.lookup(Recorder(asyncio.get_running_loop().time), name, rtype, role="host")
    return found, await asyncio.to_thread(made.resolved, name, rtype)


async def _one(net: KernelNet, made: Zoo, name: str) -> Shown:
    task = NameTask(name=name, roles=frozenset({"zone"}))
    evidence = [
        await _evidence("dns", name, partial(dns_probe, task, net)),
        await _evidence("dnssec", name, partial(dnssec, task, net)),
    ]
    servers = [ZONES[name].server] + [OTHER] * (f"ns2 A {OTHER}" in ZONES[name].records)
    for address in servers:
        endpoint = Endpoint(address=ip_address(address), port=53)
        asked = EndpointTask(endpoint=endpoint, zone=name)
        evidence.append(await _evidence("dnssec_server", f"{address}#53 {name}", partial(dnssec_server, asked, net)))
    found = {check: _judged(check, name, evidence, made.anchor) for check in CHECKS}
    hosts = [one.detail for one in found["security.dns.dnssec"] if one.detail]
    return Shown(
        findings=found,
        unbound=await asyncio.to_thread(made.unbound, name, "SOA"),
        delv=await asyncio.to_thread(made.delv, name, "SOA"),
        hosts={host: made.unbound_of_host(host) for host in hosts},
    )


async def _evidence(probe: str, task: str, run: Callable[[Recorder], Awaitable[None]]) -> Evidence:
    started, rec = datetime.now(UTC), Recorder(asyncio.get_running_loop().time)
    await run(rec)
    return replace(lab.evidence(probe, *rec.steps, task=task), started=started)


def _context(anchor: str) -> Context:
    case = next(iter(dnssec_cases()))
    ctx = load_case(case.check, dump(case, {str(id_): one for id_, one in CHECKS.items()})).ctx
    return replace(ctx, now=datetime.now(UTC), reference=replace(ctx.reference, trust_anchor=normal(f". DS {anchor}")))


def _judged(check: str, name: str, evidence: list[Evidence], anchor: str) -> list[Finding]:
    subject: Subject = replace(lab.zone(), id=SubjectId(name), name=name, host=name)

    def fail(_check: object, _subject: object, error: Exception) -> NoReturn:
        raise error

    return list(judge(subject, EvidenceSet(evidence), [CHECKS[check]], _context(anchor), on_bug=fail))


@pytest.mark.parametrize("name", JUDGED)
def test_dnssec_zone_of_a_real_signer_is_what_other_validators_say(shown: dict[str, Shown], name: str) -> None:
    one = shown[name]
    own = next(finding for finding in one.findings["security.dns.dnssec"] if finding.detail is None)
    state = "bogus" if own.outcome is Outcome.FAIL else STATES.get(own.code, own.code)
    assert (state, state) == (one.unbound, one.delv), own
    for host in (finding for finding in one.findings["security.dns.dnssec"] if finding.detail):
        assert one.hosts[host.detail or ""] == {host.code.removeprefix("HOST_").lower()}, host


@pytest.mark.parametrize("name", JUDGED)
def test_dnssec_health_and_cds_of_a_real_signer_have_no_false_defect(shown: dict[str, Shown], name: str) -> None:
    found = {check: {one.code for one in findings} for check, findings in shown[name].findings.items()}
    assert found["security.dns.dnssec-health"] <= HEALTH.get(name, {"SOUND", "SIGNED_ON_LINE"})
    assert found["security.dns.cds"] == {WISHES.get(name, "CONSISTENT")}


@pytest.mark.parametrize(("name", "rtype"), ASKED)
def test_names_of_careless_servers_and_long_chains_are_found_as_unbound_finds_them(
    seen: Seen, name: str, rtype: str
) -> None:
    found, (rcode, records) = seen.looked[name, rtype]
    assert (rcode, set(found.records)) == ("NOERROR", records)
    assert found.status is (LookupStatus.ANSWER if records else LookupStatus.NO_DATA)


def test_dnssec_stale_secondary_of_the_zoo_is_named(shown: dict[str, Shown]) -> None:
    found = shown["behind.example"].findings["security.dns.dnssec"]
    assert [(one.code, one.args["addresses"]) for one in found] == [("STALE_SERVERS", (OTHER,))]


@pytest.mark.parametrize("name", ["knot-online.example"])
def test_dnssec_zone_signed_on_line_passes_with_short_signatures(shown: dict[str, Shown], name: str) -> None:
    assert [one.code for one in shown[name].findings["security.dns.dnssec-health"]] == ["SIGNED_ON_LINE"]


def test_dnssec_zone_signed_every_night_for_two_days_is_warned(shown: dict[str, Shown]) -> None:
    assert [one.code for one in shown["nightly.example"].findings["security.dns.dnssec-health"]] == ["SHORT_LIVED"]
