"""Check that HTTP/3, where it is announced, works over both families.

Browsers that were told of HTTP/3 try it first, and stall where the packets vanish.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns.names import lookup, own
from auditor.facts.life import is_mute
from auditor.facts.path.packets import silence_may_be_chance
from auditor.facts.web.https_answers import values
from auditor.facts.web.visits import addresses, host_of, https_port
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.transport import EchoSeries, QuicInitial
from probes.observations.web import HttpExchange
from probes.wire.dns import svcb
from probes.wire.web import alt_svc

_HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class _Announced:
    """Holds the places at which a site announces HTTP/3: its own ports, and other hosts."""

    ports: frozenset[int] = frozenset()
    hosts: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()


@check(
    version=7,
    title="HTTP/3 works over IPv4 and IPv6 where it is announced",
    problem="Announced HTTP/3 does not work",
    problems={
        "SOME_DEAD": "Announced HTTP/3 does not work on some addresses",
        "DEAD_OVER_IPV6": "Announced HTTP/3 does not work over IPv6",
    },
    why="A browser that was told of HTTP/3 tries it before anything else; where its packets vanish over IPv6 the page"
    " waits, and nobody sees why.",
    fix="Let the announced UDP port and ICMPv6 type 2 (Packet Too Big) pass over IPv6, or withdraw the announcement"
    " (Alt-Svc, the alpn of the HTTPS record).",
    references=("RFC 9114 §3.1", "RFC 7838", "RFC 9460", "RFC 9000 §14.1"),
    needs=(NameLookup, HttpExchange, QuicInitial),
    beside=(EchoSeries,),
    kinds=WEB_KINDS,
    claims=FamilyClaim.NONE,
    transports=frozenset({"udp/443"}),
    excused_by=dict.fromkeys(("DEAD", "SOME_DEAD", "DEAD_OVER_IPV6"), frozenset({"icmp6", "tcp"})),
    messages={
        **not_judged.DNS_CODES,
        "ALIVE": passed("{name} announces HTTP/3 and answers QUIC at every address ({count:n})."),
        "DEAD": warn(
            "{name} announces HTTP/3, and no address answers QUIC on UDP port {port}.",
            fix="Let the announced UDP port pass to the web server, or withdraw the announcement (Alt-Svc, HTTPS"
            " record).",
        ),
        "SOME_DEAD": warn(
            "{name} announces HTTP/3, but {addresses:list} {addresses/does/do} not answer QUIC on UDP port {port}.",
            fix="Let the announced UDP port pass to every address, or withdraw the announcement (Alt-Svc, HTTPS"
            " record).",
        ),
        "DEAD_OVER_IPV6": fail(
            "{name} announces HTTP/3 and answers QUIC over IPv4, but not over IPv6 (UDP port {port})."
        ),
        "OTHER_PORT": inconclusive(
            "{name} announces HTTP/3 on UDP port {port}, which was not asked.", reason=Reason.SCOPE
        ),
        "ELSEWHERE": not_applicable("{name} announces HTTP/3 only at {hosts:list}, and not at its own addresses."),
        "UNDECIDED": inconclusive("Whether {name} answers QUIC as it announces could not be decided from here."),
        "NOT_ANNOUNCED": not_applicable("{name} does not announce HTTP/3."),
    },
)
def http3(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name, port = subject.host or subject.name, https_port(subject)
    announced = _announced(subject, evidence, ctx, port or 0)
    looks = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    if port is None or not announced.ports:
        yield not_judged.dns(looks[0]) if len(looks) > 1 else _none(name, announced)
        return
    # With HTTPS, the QUIC probe has asked anyway; of other ports the probe of pages asks the first.
    judged = port if port in announced.ports else min(announced.ports)
    if judged != port and not any(step.port == judged for _, step in evidence.of(QuicInitial)):
        yield Verdict(code="OTHER_PORT", args={"name": name, "port": str(judged)}, evidence=announced.evidence)
    elif looks:
        yield not_judged.dns(looks[0])
    else:
        asked = [_asked(evidence, ctx, address, judged) for address in addresses(subject, evidence, ctx)]
        yield _judge(name, judged, asked, announced.evidence)


def _none(name: str, announced: _Announced) -> Verdict:
    if announced.hosts:
        return Verdict(code="ELSEWHERE", args={"name": name, "hosts": announced.hosts}, evidence=announced.evidence)
    return Verdict(code="NOT_ANNOUNCED", args={"name": name})


@dataclass(frozen=True, slots=True, kw_only=True)
class _QuicResult:
    """Holds the result of the packets to one address. ``reason``: why it is not known whether QUIC is there."""

    address: IPAddress
    alive: bool = False
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def _judge(name: str, port: int, asked: list[_QuicResult], announcements: tuple[EvidenceId, ...]) -> Verdict:
    ids = tuple(dict.fromkeys((*announcements, *(id_ for attempt in asked for id_ in attempt.evidence))))

    def say(code: str, reason: Reason | None = None, **more: Arg) -> Verdict:
        return Verdict(code=code, args={"name": name, **more}, evidence=ids, reason=reason)

    alive = {
        version: [attempt for attempt in asked if attempt.alive and attempt.address.version == version]
        for version in (4, 6)
    }
    dead = [attempt for attempt in asked if not attempt.alive and attempt.reason is None]
    unknown = [attempt.reason for attempt in asked if attempt.reason is not None]
    six_dead = any(attempt.address.version == 6 for attempt in dead) and not alive[6]
    if alive[4] and six_dead and not unknown:
        return say("DEAD_OVER_IPV6", port=str(port))
    if dead and (alive[4] or alive[6]):
        return say("SOME_DEAD", port=str(port), addresses=tuple(written(attempt.address) for attempt in dead))
    if unknown or not asked:
        return say("UNDECIDED", reason=min(unknown, default=Reason.CUT))
    return say("DEAD", port=str(port)) if dead else say("ALIVE", count=len(asked))


def _asked(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> _QuicResult:
    """Return the best of all looks; one answer is enough to show QUIC."""
    made = [
        (envelope, step) for envelope, step in evidence.of(QuicInitial) if (step.address, step.port) == (address, port)
    ]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in made))
    if any(step.failure is None for _, step in made):
        return _QuicResult(address=address, alive=True, evidence=ids)
    reasons = [
        excuse(ctx, envelope, step.failure, address, f"udp/{port}")
        for envelope, step in made
        if step.failure is not None
    ]
    mute = all(step.failure is not None and step.failure.kind is FailureKind.TIMEOUT for _, step in made)
    if None in reasons and mute and silence_may_be_chance(evidence, address, len(made)):
        return _QuicResult(address=address, evidence=ids, reason=Reason.SMPL)
    if None in reasons:
        # If nothing else answers either, it is ipv6.web.reach's finding, and shows nothing about HTTP/3.
        return _QuicResult(address=address, evidence=ids, reason=Reason.RATE if is_mute(evidence, (address,)) else None)
    reason = min((reason for reason in reasons if reason is not None), default=unseen(ctx, address))
    return _QuicResult(address=address, reason=reason, evidence=ids)


def _announced(subject: Subject, evidence: EvidenceSet, ctx: Context, usual: int) -> _Announced:
    """Return the places at which the site's own answers and its HTTPS records announce HTTP/3."""
    ports, hosts, ids = set[int](), dict[str, None](), dict[EvidenceId, None]()
    for envelope, step in evidence.of(HttpExchange):
        if step.status is None or not step.url.lower().startswith("https:"):
            continue
        own_host = host_of(step.url)
        if own_host != host_of(f"https://{subject.host}/") and subject.host is not None:
            continue
        alternatives = [alternative for value in values(step, "alt-svc") for alternative in alt_svc.http3(value)]
        ports |= {alternative.port for alternative in alternatives if alternative.host in ("", own_host)}
        hosts |= dict.fromkeys(
            alternative.host for alternative in alternatives if alternative.host not in ("", own_host)
        )
        ids |= dict.fromkeys([envelope.id] if alternatives else [])
    if subject.host is not None:
        records = lookup(evidence, ctx, subject.host, "HTTPS", "https", authoritative=True)
        read = [binding for record in records.records if (binding := svcb.read(record)) is not None]
        said = [binding.port for binding in read if "h3" in binding.protocols and binding.target == "."]
        ports.update(port if port != _HTTPS else usual for port in said)
        ids |= dict.fromkeys(records.evidence if said else ())
    return _Announced(ports=frozenset(ports), hosts=tuple(hosts), evidence=tuple(ids))
