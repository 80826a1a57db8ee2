"""Tells which parts of a landing page on other hosts a client with only IPv6 can load."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from auditor.facts.attribution import excuse
from auditor.facts.dns.names import Lookup, address, canonical, is_own_machine, lookup, usable_v6
from auditor.facts.exposure.port_state import OpenState, Port, port_state
from auditor.facts.web.filters import STATUSES
from auditor.facts.web.suffixes import registrable
from auditor.facts.web.visits import host_of, http_port, https_port
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import Subject
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.framework.expand import is_registry_zone
from probes.observations.dns import Delegation, LookupStatus
from probes.observations.pages import PageParts, Part
from probes.observations.transport import TcpConnect

_TIMES = 2  # one unanswered connect is no defect yet (CHECKS §0.4)


class HostReach(IntEnum):
    """Tells whether a host is reachable over IPv6; BROKEN: over neither family, which is no defect of IPv6."""

    THERE = 0
    IPV4_ONLY = 1
    LITERAL = 2  # an IPv4 address in a URL
    SHUT = 3  # it has an AAAA record, and its addresses do not answer
    BROKEN = 4
    UNKNOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceHost:
    """Holds one other host; ``own``: it is in the agency's zone or the inventory."""

    name: str
    own: bool
    reach: HostReach
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedOverIpv6:
    """Holds the page as fetched over IPv6.

    ``reason``: why it was not fetched; without page and reason, the site gave none.
    """

    page: PageParts | None = None
    hosts: tuple[ResourceHost, ...] = ()
    truncated: bool = False
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def landed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> LandedOverIpv6:
    """Return the first page shown, preferably over HTTPS; if there is none, why the last attempt failed.

    Of the failed attempts, too, those over HTTPS count first.
    """
    tries = [(envelope, step) for envelope, step in evidence.of(PageParts) if not _is_sheet(step)]
    tries.sort(key=lambda made: not _is_plain(made[1]))
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in tries))
    shown = ((envelope, step) for envelope, step in tries if step.status == 200 and step.leads_to is None)
    good = max(shown, key=lambda made: not _is_plain(made[1]), default=None)
    if good is None or (_is_plain(good[1]) and _is_lost(evidence, ctx, tries[-1][1])):
        return LandedOverIpv6(reason=_why(ctx, tries), evidence=ids)
    envelope, page = good
    steps = [step for step in envelope.steps if isinstance(step, PageParts) and (step is page or _is_sheet(step))]
    parts = dict.fromkeys(part for step in steps for part in step.parts)
    hosts = _hosts(subject, evidence, ctx, host_of(page.url), parts)
    cut = envelope.failure is not None or any(step.truncated for step in steps)
    return LandedOverIpv6(page=page, hosts=hosts, truncated=cut, evidence=(envelope.id,))


def shut(subject: Subject, evidence: EvidenceSet, ctx: Context) -> bool:
    """True if no usable IPv6 address accepts web connections: the finding of ``reach``."""
    ports = [port for port in (https_port(subject), http_port(subject)) if port is not None]
    port_states = [
        port_state(evidence, ctx, address, port) for address in usable_v6(subject, evidence, ctx) for port in ports
    ]
    return all(port.shut for port in port_states)


def _is_plain(step: PageParts) -> bool:
    return not step.url.lower().startswith("https:")


def _is_lost(evidence: EvidenceSet, ctx: Context, last: PageParts) -> bool:
    """True if the page was requested over HTTPS from an open port and did not arrive.

    Then a page over plain HTTP may not be the site's.
    """
    return (
        not _is_plain(last) and last.failure is not None and not port_state(evidence, ctx, last.address, last.port).shut
    )


def _is_sheet(step: PageParts) -> bool:
    return step.because is not None and step.because.startswith("style sheet of ")


def _why(ctx: Context, tries: Sequence[tuple[Evidence, PageParts]]) -> Reason | None:
    """Return why no page was fetched; None if the site answered without a page, which other checks report."""
    if not tries:
        return Reason.CUT
    envelope, last = tries[-1]
    if last.status == 401 or last.status in STATUSES:
        return Reason.RATE
    if last.failure is not None:
        return excuse(ctx, envelope, last.failure, last.address, f"tcp/{last.port}", large=True)
    return Reason.CUT if last.status is None or envelope.failure is not None else None


def _hosts(
    subject: Subject, evidence: EvidenceSet, ctx: Context, page_host: str, parts: Iterable[Part]
) -> tuple[ResourceHost, ...]:
    domains = own_domains(subject, evidence, ctx)
    ports: dict[str, int] = {}
    for part in parts:
        here = canonical(part.host) in (page_host, canonical(subject.host or ""))
        if not here and not is_own_machine(part.host):
            ports.setdefault(canonical(part.host), part.port)
    return tuple(_host(evidence, ctx, name, port, domains) for name, port in sorted(ports.items()))


def own_domains(subject: Subject, evidence: EvidenceSet, ctx: Context) -> frozenset[str]:
    """Return the site's zone, unless a registry runs it, and every name of the inventory."""
    names = {canonical(subject.host)} if subject.host else set()
    mine = {zone for zone in _zones(subject, evidence) if not is_registry_zone(zone)}
    return frozenset(mine | names | ctx.names)


def perhaps_own_domains(subject: Subject, evidence: EvidenceSet, ctx: Context) -> frozenset[str]:
    """Return the possible domains of the agency, for findings about other sites.

    If no delegation of the site's zone was seen, that includes the site's registrable domain.
    """
    known = own_domains(subject, evidence, ctx)
    if _zones(subject, evidence) or not subject.host:
        return known
    widest = registrable(subject.host, ctx)
    return known if widest is None else known | {widest}


def _zones(subject: Subject, evidence: EvidenceSet) -> set[str]:
    """Return the zones above the site for which a delegation was seen."""
    zones = {canonical(cut.zone) for _, cut in evidence.of(Delegation) if cut.failure is None}
    return {zone for zone in zones if subject.host and _under(canonical(subject.host), zone)}


def _under(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _host(evidence: EvidenceSet, ctx: Context, name: str, port: int, domains: frozenset[str]) -> ResourceHost:
    own = any(_under(name, domain) for domain in domains)
    literal = address(name)
    if isinstance(literal, IPv4Address):
        return ResourceHost(name=name, own=own, reach=HostReach.LITERAL)
    if literal is not None:
        return ResourceHost(name=name, own=own, reach=HostReach.UNKNOWN, reason=Reason.CUT)
    six = lookup(evidence, ctx, name, "AAAA", "resource")
    four = lookup(evidence, ctx, name, "A", "resource")
    ids = tuple(dict.fromkeys((*six.evidence, *four.evidence)))
    reach, reason = _published(six, four) if not six.v6 else _answers(evidence, ctx, six, port)
    return ResourceHost(name=name, own=own, reach=reach, reason=reason, evidence=ids)


def _published(six: Lookup, four: Lookup) -> tuple[HostReach, Reason | None]:
    if not six.known:
        return HostReach.UNKNOWN, six.reason
    if four.status is LookupStatus.ANSWER:
        return HostReach.IPV4_ONLY, None
    return (HostReach.BROKEN, None) if four.known else (HostReach.UNKNOWN, four.reason)


def _answers(evidence: EvidenceSet, ctx: Context, six: Lookup, port: int) -> tuple[HostReach, Reason | None]:
    port_states = [port_state(evidence, ctx, address, port) for address in six.v6]
    tried = [port_state for port_state in port_states if port_state.evidence] or port_states
    if any(each_port.state is OpenState.OPEN for each_port in tried):
        return HostReach.THERE, None
    unknown = next((each_port for each_port in tried if each_port.state is OpenState.UNKNOWN), None)
    if unknown is not None:
        return HostReach.UNKNOWN, unknown.reason or Reason.CUT
    once = any(each_port.state is OpenState.SILENT and _times(evidence, each_port) < _TIMES for each_port in tried)
    return (HostReach.UNKNOWN, Reason.SMPL) if once else (HostReach.SHUT, None)


def _times(evidence: EvidenceSet, port: Port) -> int:
    """Return the number of connects to a port."""
    return sum((step.address, step.port) == (port.address, port.port) for _, step in evidence.of(TcpConnect))
