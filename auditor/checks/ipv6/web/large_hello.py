"""Check that a ClientHello of more than one TCP segment, as browsers send it, is answered.

Only the difference counts: a server that answers neither the large hello nor the small one is other checks' finding.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import port_state
from auditor.facts.web.visits import addresses, https_port
from auditor.framework.check import FamilyClaim, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.tls import LARGE_HELLO, BrowserHello, HelloAnswer
from probes.observations.transport import TcpConnect


@dataclass(frozen=True, slots=True, kw_only=True)
class _HelloResult:
    """Holds one address's result: ``answers`` the small hello, ``large`` the large one too; ``reason`` if unknown."""

    address: IPAddress
    answers: bool = False
    large: bool = False
    size: int = 0
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


_FAMILIES = {4: "IPv4", 6: "IPv6"}
_READS_ONE = (
    "Update the load balancer, firewall or IPS in front of the server: it reads only the first segment of the "
    "ClientHello. Until then switch its inspection of TLS off, if it has one."
)


@check(
    version=4,
    title="A ClientHello of more than one segment is answered",
    problem="Website does not answer modern browsers' large TLS greeting",
    problems={
        "SOME_DEAF": "Some addresses do not answer a large TLS greeting",
        "DEAF_FAMILY": "A large TLS greeting is unanswered over one IP version",
    },
    why="Browsers offer a key exchange that is safe from quantum computers, which takes two TCP segments. Where "
    "something on the way reads only the first, the site is dead for Chrome and Firefox and alive for older tools.",
    fix=_READS_ONE,
    references=("RFC 10024", "RFC 9846", "tldr.fail"),
    needs=(NameLookup, TcpConnect, BrowserHello),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    tls=True,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ANSWERED": passed("{name} answers a ClientHello of {size:n} bytes, as browsers send it, at {addresses:list}."),
        "SOME_DEAF": warn(
            "At {addresses:list} {name} answers a small ClientHello and not one of {size:n} bytes, as browsers send it;"
            " other addresses of the family do, or are undecided."
        ),
        "DEAF": fail(
            "{name} answers a small ClientHello and not one of {size:n} bytes, as browsers send it, at any address:"
            " {addresses:list}. To browsers the site is dead."
        ),
        "DEAF_FAMILY": fail(
            "Over {family} {name} answers a small ClientHello and not one of {size:n} bytes, as browsers send it, at"
            " {addresses:list}. To browsers the site is dead there.",
            fix="Correct the path MTU towards the server over this family: let ICMP messages about packets that are too"
            " big through (ICMPv6 type 2), or clamp the segment size. If the path is in order: " + _READS_ONE,
        ),
        "NO_HTTPS": not_applicable("{name} answers no ClientHello of any size, or has no HTTPS."),
    },
)
def large_hello(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    unknown = [look for rtype in ("AAAA", "A") if not (look := own(subject, evidence, ctx, rtype)).known]
    yield from (not_judged.dns(look, detail=look.rtype) for look in unknown)
    port = https_port(subject)
    looks = (
        [] if port is None else [_hellos(evidence, ctx, address, port) for address in addresses(subject, evidence, ctx)]
    )
    known = [look for look in looks if look.reason is None]
    yield from (not_judged.at(look.address, f"tcp/{port}", look.reason, look.evidence) for look in looks if look.reason)
    undecided = {look.address.version for look in looks if look.reason}
    yield from _judge(subject.host or subject.name, [look for look in known if look.answers], undecided)
    if not any(look.answers for look in known) and len(known) == len(looks) and not unknown:
        ids = tuple(dict.fromkeys(id_ for look in looks for id_ in look.evidence))
        yield Verdict(code="NO_HTTPS", args={"name": subject.host or subject.name}, evidence=ids)


def _judge(name: str, looks: Sequence[_HelloResult], undecided: Set[int]) -> Iterator[Verdict]:
    """Yield the verdicts; ``undecided``: the families with an address of which nothing is known."""
    deaf = [look for look in looks if not look.large]
    if looks and not deaf:
        yield _say("ANSWERED", name, looks)
        return
    if looks and not undecided and len(deaf) == len(looks) and len({look.address.version for look in looks}) == 2:
        yield _say("DEAF", name, looks)
        return
    for family, shown in _FAMILIES.items():
        here = [look for look in looks if look.address.version == family]
        bad = [look for look in here if not look.large]
        if bad and len(bad) == len(here) and family not in undecided:
            yield _say("DEAF_FAMILY", name, bad, family=shown)
        elif bad:
            yield _say("SOME_DEAF", name, bad)


def _say(code: str, name: str, looks: Sequence[_HelloResult], **args: str) -> Verdict:
    return Verdict(
        code=code,
        args={
            "name": name,
            "size": max(look.size for look in looks),
            "addresses": tuple(str(look.address) for look in looks),
            **args,
        },
        evidence=tuple(dict.fromkeys(id_ for look in looks for id_ in look.evidence)),
        detail=args.get("family"),
    )


def _hellos(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> _HelloResult:
    """Return the best result of all times that it was asked."""
    tries = [
        (envelope, step) for envelope, step in evidence.of(BrowserHello) if (step.address, step.port) == (address, port)
    ]
    large = [(envelope, step) for envelope, step in tries if step.large]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in tries))
    size = max((step.size for _, step in large), default=0)
    state = port_state(evidence, ctx, address, port)
    if any(step.taken for _, step in large):
        return _HelloResult(address=address, answers=True, large=True, size=size, evidence=ids)
    if not tries and state.shut:
        return _HelloResult(address=address, evidence=state.evidence)
    if not tries:
        return _HelloResult(address=address, reason=state.reason or Reason.CUT, evidence=state.evidence)
    if not any(step.taken for _, step in tries):
        return _small_unanswered(ctx, address, port, tries, ids)
    reasons = [_excuse(ctx, envelope, step, address) for envelope, step in large]
    if not reasons or None not in reasons:
        reason = next((reason for reason in reasons if reason is not None), Reason.CUT)
        return _HelloResult(address=address, reason=reason, evidence=ids)
    return _HelloResult(address=address, answers=True, size=size, evidence=ids)


def _small_unanswered(
    ctx: Context,
    address: IPAddress,
    port: int,
    tries: Sequence[tuple[Evidence, BrowserHello]],
    ids: tuple[EvidenceId, ...],
) -> _HelloResult:
    """Return the result where not even the small hello was answered, which is left to other checks."""
    reasons = [
        excuse(ctx, envelope, step.failure, address, f"tcp/{port}")
        for envelope, step in tries
        if not step.large and step.failure is not None
    ]
    if reasons and None in reasons:
        return _HelloResult(address=address, evidence=ids)
    return _HelloResult(
        address=address, reason=next((reason for reason in reasons if reason), Reason.CUT), evidence=ids
    )


def _excuse(ctx: Context, envelope: Evidence, step: BrowserHello, address: IPAddress) -> Reason | None:
    """Return why silence about a large hello proves nothing, or None.

    Over a family over which no other host answered a large hello of ours, any result may be due to our own path.
    """
    if step.failure is None or step.answer is HelloAnswer.ALERT:
        return None
    if step.failure.is_unconnected:  # no hello was sent, and another connection was accepted directly after
        return excuse(ctx, envelope, step.failure, address, f"tcp/{step.port}") or Reason.RATE
    reason = excuse(ctx, envelope, step.failure, address, LARGE_HELLO)
    if reason is None and not ctx.vantage.proven(address, LARGE_HELLO, envelope.started):
        reason = Reason.EGR
    return (Reason.V6 if address.version == 6 else Reason.V4) if reason is Reason.EGR else reason
