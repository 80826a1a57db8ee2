"""Check that a client with IPv6 only gets through every redirect, from the first address on."""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns import names
from auditor.facts.dns.names import Lookup, lookup, own, usable_v6
from auditor.facts.dns.siblings import may_be_of_a_wildcard
from auditor.facts.exposure.port_state import port_state
from auditor.facts.web.filters import UNAVAILABLE, WITHHELD, withheld
from auditor.facts.web.ipv4 import OverIpv4, over_ipv4, unless_cut_off
from auditor.facts.web.targets import TargetState, redirect_target
from auditor.facts.web.visits import Page, Visit, host_of, http_port, https_port, not_open, visit
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.framework.siblings import sibling
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_ACCUSING = ("IPV4_ONLY", "HOP_FAILS", "HOP_SHOWS_NONE")
_WORST_FIRST = (*_ACCUSING, "LIMITED", "FILTERED", "COME_BACK", "NOT_DECIDED", "BROKEN_ALIKE", "NO_PAGE", "COMPLETES")


@check(
    version=14,
    title="Every hop of the redirect chain works over IPv6",
    problem="Website redirects to a name without IPv6",
    problems={
        "SIBLING_WITHOUT": "The name with or without www has no IPv6 address",
        "HOP_FAILS": "Website redirects to a site that fails over IPv6",
        "HOP_SHOWS_NONE": "HTTP redirects to a site that shows no page over IPv6",
    },
    why="A portal with IPv6 that sends visitors on to a host without it, such as a login page, ends there for them.",
    fix="Publish an AAAA record for the host that the redirect leads to and let it answer over IPv6, or redirect within"
    " the same host.",
    references=("RFC 9110 §15.4", "khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    transports=frozenset({"tcp/80", "tcp/443"}),
    unit=Granularity.ADDRESS,
    excused_by={"SIBLING_WITHOUT": frozenset({"dns"}), "HOP_SHOWS_NONE": frozenset({"http"})},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "COMPLETES": passed("From {address} on, every host works over IPv6: {hosts:list}."),
        "IPV4_ONLY": fail("{address} redirects to {target}, which has no IPv6 address."),
        "SIBLING_WITHOUT": warn(
            "{name} works over IPv6, but {sibling}, which has an IPv4 address, has no IPv6 address.",
            fix="Publish AAAA records for the name with www before it and for the one without.",
        ),
        "HOP_FAILS": fail(
            "{address} redirects to {target}, which gives no answer over IPv6, while the chain works over IPv4."
        ),
        "HOP_SHOWS_NONE": fail(
            "{address} redirects HTTP to {target}, which shows no page over IPv6 (HTTP {status}), while the chain works"
            " over IPv4.",
            fix="Give the web server or proxy of that host the IPv6 virtual host, and let its back end accept requests"
            " that came over IPv6; or redirect to HTTPS on the same name.",
        ),
        **WITHHELD,
        "BROKEN_ALIKE": not_applicable("{address} redirects to {target}, which does not work over IPv4 either."),
        **not_judged.NO_PAGE,
        **not_judged.NOT_OPEN,
        **not_judged.NO_AAAA,
    },
)
def redirect_chain(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look, usable = own(subject, evidence, ctx, "AAAA"), usable_v6(subject, evidence, ctx)
    if not look.known:
        yield not_judged.dns(look)
    elif not usable:
        yield Verdict(code="NO_AAAA", args={"name": look.name}, evidence=look.evidence)
    else:
        ipv4 = over_ipv4(subject, evidence, ctx)
        chains = {address: _chains(subject, evidence, ctx, address, ipv4) for address in usable}
        for address, verdicts in chains.items():
            worst = min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.code), default=None)
            yield worst or not_open(subject, evidence, ctx, address)
        if any(verdict.code == "COMPLETES" for verdicts in chains.values() for verdict in verdicts):
            yield from _sibling(subject, evidence, ctx, look.name)


def _sibling(subject: Subject, evidence: EvidenceSet, ctx: Context, name: str) -> Iterator[Verdict]:
    """Yield a verdict if the name with or without ``www`` leads to the same site over only IPv4, and is published.
    At another address it may be another owner's; an older probe did not ask."""
    other = sibling(name)
    four, six = (lookup(evidence, ctx, other, rtype, "sibling", authoritative=True) for rtype in ("A", "AAAA"))
    same = not {*four.v4}.isdisjoint(own(subject, evidence, ctx, "A").v4)
    if same and six.known and not six.v6 and not may_be_of_a_wildcard(evidence, ctx, four):
        ids = tuple(dict.fromkeys((*four.evidence, *six.evidence)))
        yield Verdict(code="SIBLING_WITHOUT", args={"name": name, "sibling": other}, evidence=ids)


def _chains(
    subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPv6Address, ipv4: OverIpv4
) -> list[Verdict]:
    """Return verdicts on chains from this address; an HTTP error is left to ``https-forced`` unless IPv4 fares better.
    That error counts only if HTTPS is there; an error over HTTPS is ``http-ok``'s."""
    ports = [port for port in dict.fromkeys((https_port(subject), http_port(subject))) if port is not None]
    made = [said for port in ports if (said := _port(evidence, ctx, address, port, ipv4)) is not None]
    if len(made) > 1 and made[1].code == "NO_PAGE" and made[0].code != "NO_PAGE":
        found = visit(evidence, ctx, address, ports[1])
        if found is not None and found.page in (Page.ERROR, Page.LOOP):
            made[1:] = _over_ipv4_alone(subject, evidence, ctx, found)
    return made


def _over_ipv4_alone(subject: Subject, evidence: EvidenceSet, ctx: Context, found: Visit) -> Iterator[Verdict]:
    """Yield the verdict where redirects of plain HTTP lead to a page over IPv4, and to none over IPv6."""
    over4 = [visit(evidence, ctx, four, found.first.port) for four in own(subject, evidence, ctx, "A").v4]
    good = [four for four in over4 if four is not None and four.page in (Page.GOOD, Page.DENIED)]
    if found.final.hop > 0 and good:
        ids = tuple(dict.fromkeys((*found.evidence, *(id_ for four in good for id_ in four.evidence))))
        address = found.first.address
        args = {"address": str(address), "target": found.ended_at, "status": str(found.final.status)}
        yield Verdict(code="HOP_SHOWS_NONE", args=args, address=address, evidence=ids)


def _port(evidence: EvidenceSet, ctx: Context, address: IPv6Address, port: int, ipv4: OverIpv4) -> Verdict | None:
    state, visit_facts = port_state(evidence, ctx, address, port), visit(evidence, ctx, address, port)
    if visit_facts is None or (visit_facts.first.status is None and state.shut):
        return None if state.shut else not_judged.port(state)
    own_port = visit_facts.final.address == visit_facts.first.address
    if (
        visit_facts.final.hop > 0
        and own_port
        and port_state(evidence, ctx, visit_facts.final.address, visit_facts.final.port).shut
    ):
        return None  # the address itself does not open HTTPS: reach's finding
    return unless_cut_off(evidence, _judge(evidence, ctx, address, visit_facts, ipv4))


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address, visit_facts: Visit, ipv4: OverIpv4) -> Verdict:
    def say(code: str, **more: str | tuple[str, ...]) -> Verdict:
        return Verdict(
            code=code, args={"address": str(address), **more}, address=address, evidence=visit_facts.evidence
        )

    final = visit_facts.final
    if visit_facts.page is Page.UNKNOWN:
        return not_judged.at(address, "http", visit_facts.reason, visit_facts.evidence)
    if visit_facts.page is Page.LIMITED or (final.status == UNAVAILABLE and UNAVAILABLE not in ipv4.statuses):
        return withheld(ctx, address, final, visit_facts.evidence)
    if visit_facts.page is Page.OFF_FAMILY:
        target = host_of(final.onward or "")
        over4 = lookup(evidence, ctx, target, "A", "redirect")
        code = "BROKEN_ALIKE" if _is_mute_over_ipv4(evidence, ctx, target) else _off_family(target, over4, ipv4)
        return say(code, target=target) if code else not_judged.at(address, "http", over4.reason, visit_facts.evidence)
    if visit_facts.page is Page.FAILED and host_of(final.url) != host_of(visit_facts.first.url):
        code = _hop_fails(ipv4, mute_over_ipv4=_is_mute_over_ipv4(evidence, ctx, host_of(final.url)))
        if code is None:
            return not_judged.at(address, "http", ipv4.reason, visit_facts.evidence)
        return say(code, target=host_of(final.url))
    if visit_facts.page in (Page.GOOD, Page.DENIED):
        return say("COMPLETES", hosts=_hosts(evidence, visit_facts))
    if final.failure is not None and final.failure.kind is FailureKind.TIMEOUT:
        # Its target was not seen.
        return not_judged.at(address, "http", visit_facts.reason or Reason.CUT, visit_facts.evidence)
    return say("NO_PAGE")


def _hop_fails(ipv4: OverIpv4, *, mute_over_ipv4: bool) -> str | None:
    """Return the code for a target without an answer over IPv6; None if it is not known whether IPv4 fares better."""
    if not mute_over_ipv4 and not ipv4.works and ipv4.reason is not None:
        return None
    return "BROKEN_ALIKE" if mute_over_ipv4 or not (ipv4.works or not ipv4.exists) else "HOP_FAILS"


def _is_mute_over_ipv4(evidence: EvidenceSet, ctx: Context, target: str) -> bool:
    """True if clients over IPv4 are sent to the same host, and get no answer there.
    The site itself may work, as HTTPS does where only plain HTTP redirects away."""
    return redirect_target(evidence, ctx, target, (4,)).state is TargetState.MUTE


def _off_family(target: str, over4: Lookup, ipv4: OverIpv4) -> str | None:
    """Return the code for a target without an IPv6 address; None if it is not known whether it exists at all."""
    if names.address(target) is not None or over4.v4 or (not over4.known and ipv4.works):
        return "IPV4_ONLY"
    return "BROKEN_ALIKE" if over4.known else None


def _hosts(evidence: EvidenceSet, visit_facts: Visit) -> tuple[str, ...]:
    """Return the hosts of the chain in the order of its hops."""
    steps = [
        step
        for envelope, step in evidence.of(HttpExchange)
        if envelope.id in visit_facts.evidence and step.status is not None
    ]
    ordered = sorted(steps, key=lambda step: (step.hop, step.url))
    return tuple(dict.fromkeys(host_of(step.url) for step in ordered if step.address.version == 6))
