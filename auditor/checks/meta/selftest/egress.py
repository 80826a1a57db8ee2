"""Check that the packets of each check leave the vantage and answers arrive.

A transport over which no control of a family answers, at any point of the run, is blocked near us: timeouts over it are
no defect of any subject. A family without any answer at all is the finding of ``meta.selftest.ipv6`` or ``.ipv4``.
"""

from collections.abc import Iterable, Iterator

from auditor.facts.selftest import limit_verdicts
from auditor.framework.check import CheckScope, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.vantage import AAAA_ONLY, CONNECTIONS, ControlAnswer, LimitHit

Key = tuple[int, str]


@check(
    version=3,
    title="Vantage may send what each check sends",
    problem="Some outgoing traffic is blocked at the vantage",
    problems={
        "INSPECTED": "TLS is decrypted near the vantage",
        "CONNECTIONS_FULL": "Vantage has no room for more connections",
    },
    why="A provider that blocks a port makes every server behind it look dead; without a control of its own the auditor"
    " would report that as the agencies' fault.",
    fix="Ask the provider of the vantage to open these ports, or measure from elsewhere.",
    references=("RFC 4890 §4.3", "RFC 7754 §4"),
    needs=(ControlAnswer, LimitHit),
    kinds=frozenset(),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.VANTAGE,
    messages={
        "OPEN": passed("Controls answer over everything that this run sends: {transports:list}."),
        "BLOCKED": fail("No control answers over {transports:list}; what depends on that is not judged."),
        "INSPECTED": fail(
            "Near the vantage TLS is decrypted: {issuer} issues certificates of its own for sites in {owners:n}"
            " {owners/network/networks} ({transports:list}). What is said of TLS of services is not judged there.",
            fix="Exempt the vantage from TLS inspection (firewall, proxy, antivirus program), or measure from another"
            " network. Where it is an authority of the agencies' own, name its root under [tls] declared_roots.",
        ),
        "CONNECTIONS_FULL": warn(
            "The packet filter of the vantage kept track of as many connections as it may ({setting} = {room:n}): it"
            " dropped packets before they left. What stayed silent meanwhile is not judged.",
            fix="Raise {setting} on the vantage (for a container: on the machine that runs it), or exempt the auditor's"
            " own traffic from tracking (nft: notrack), then run again.",
        ),
        "NO_CONTROL": inconclusive(
            "No control answers at all, so it is not known what gets out of the vantage.",
            fix="Check the controls of [vantage] control (auditor respond answers on all ports), then run again.",
            reason=Reason.EGR,
        ),
        "NOT_TESTED": not_applicable("This run asks no control over any transport."),
    },
)
def egress(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    points = [(envelope, _asked(envelope)) for envelope in evidence]
    points = [(envelope, asked) for envelope, asked in points if asked]
    answered = {key for _, asked in points for key, came in asked.items() if came}
    working = {family for family, _ in answered}
    blocked = {
        key: envelope.id for envelope, asked in points for key, came in asked.items() if not came and key[0] in working
    }
    ids = tuple(envelope.id for envelope, _ in points)
    yield from _inspected(ctx, evidence)
    yield from limit_verdicts(evidence, CONNECTIONS, "CONNECTIONS_FULL")
    if not points:
        yield Verdict(code="NOT_TESTED")
    elif not answered:
        yield Verdict(code="NO_CONTROL", evidence=ids)
    elif blocked:
        where = tuple(dict.fromkeys(blocked[key] for key in sorted(blocked)))
        yield Verdict(code="BLOCKED", args={"transports": _named(blocked)}, evidence=where)
    else:
        yield Verdict(code="OPEN", args={"transports": _named(answered)}, evidence=ids)


def _inspected(ctx: Context, evidence: EvidenceSet) -> Iterator[Verdict]:
    found = ctx.vantage.inspection
    if found is not None:
        args: dict[str, Arg] = {"issuer": found.name, "owners": found.owners, "transports": _named(found.places)}
        yield Verdict(code="INSPECTED", args=args, detail="tls", evidence=tuple(envelope.id for envelope in evidence))


def _asked(envelope: Evidence) -> dict[Key, bool]:
    """Return each family and transport over which controls were asked at one point, and whether any answered."""
    found: dict[Key, bool] = {}
    for step in envelope.steps:
        if isinstance(step, ControlAnswer) and step.transport != AAAA_ONLY:  # a name, no control
            key = (step.address.version, step.transport)
            came = step.is_control
            found[key] = found.get(key, False) or came
    return found


def _named(keys: Iterable[Key]) -> tuple[str, ...]:
    """Return ``IPv6 tcp/25``; a transport of both families once, without the family."""
    families: dict[str, set[int]] = {}
    for family, transport in keys:
        families.setdefault(transport, set()).add(family)
    ordered = sorted(families.items(), key=lambda item: (item[0].partition("/")[0], _port(item[0])))
    return tuple(transport if len(seen) == 2 else f"IPv{min(seen)} {transport}" for transport, seen in ordered)


def _port(transport: str) -> int:
    number = transport.partition("/")[2]
    return int(number) if number.isdecimal() else 0
