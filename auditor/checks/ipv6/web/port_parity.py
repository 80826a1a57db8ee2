"""Check that the same web ports are open over IPv4 and IPv6."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.facts import life, not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.exposure.port_state import SHOWS_OPEN, OpenState, Port, evidence_of, port_state
from auditor.facts.exposure.site_ports import declared_web_ports
from auditor.facts.web.visits import http_port, https_port
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.web import HttpExchange


@check(
    version=8,
    title="The same web ports are open on IPv4 and IPv6",
    problem="A web port open over IPv4 is closed over IPv6",
    problems={"MORE_ON_IPV6": "A web port open over IPv6 is closed over IPv4"},
    why="A port that only IPv4 has is a service that visitors with IPv6 do not get; one that only IPv6 has was mostly"
    " forgotten by the firewall.",
    fix="Give the web server the same listeners, and the firewall the same rules, for IPv4 and IPv6.",
    references=("Internet.nl web_ipv6_ws_reach", "RFC 8305"),
    needs=(NameLookup, TcpConnect),
    beside=(HttpExchange, EchoSeries),
    kinds=WEB_KINDS,
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/80", "tcp/443", "tcp/8080", "tcp/8443"}),
    excused_by={"MISSING_ON_IPV6": SHOWS_OPEN},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "SAME": passed("IPv4 and IPv6 have the same web {ports/port/ports} open: {ports:list}."),
        "MORE_ON_IPV6": warn(
            "Open over IPv6 but not over IPv4: {ports:list}.",
            fix="Close these ports for IPv6 if nobody is meant to use them, or open them for IPv4 too.",
        ),
        "MISSING_ON_IPV6": fail("Open over IPv4 but not over IPv6: {ports:list}."),
        "ONE_SILENT": inconclusive(
            "{name} answered nothing at all over {silent} in this run, so that its ports cannot be compared; open over"
            " {other}: {ports:list}.",
            fix="Find out why the {silent} address is silent: repair it or withdraw its record; if others do reach "
            "it, ask the operator of the firewall or the intrusion prevention to admit the vantage's addresses.",
            reason=Reason.RATE,
        ),
        "IPV6_ONLY": not_applicable("{name} has only IPv6; there is nothing to compare with."),
        "NO_AAAA": not_applicable("{name} has no usable IPv6 address to compare with IPv4."),
        "ALL_CLOSED": not_applicable("{name} has no web port open on either family."),
    },
)
def port_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    v6, v4 = usable_v6(subject, evidence, ctx), looks[1].v4
    name = looks[0].name
    for code, look, addresses in (("NO_AAAA", looks[0], v6), ("IPV6_ONLY", looks[1], v4)):
        if not addresses:
            args = {"name": name}
            yield Verdict(code=code, args=args, evidence=look.evidence) if look.known else not_judged.dns(look)
            return
    ports = _ports(subject)
    four = {port: [port_state(evidence, ctx, address, port) for address in v4] for port in ports}
    six = {port: [port_state(evidence, ctx, address, port) for address in v6] for port in ports}
    yield _one_silent(evidence, name, four, six) or _compare(name, four, six)


def _one_silent(
    evidence: EvidenceSet, name: str, four: Mapping[int, Sequence[Port]], six: Mapping[int, Sequence[Port]]
) -> Verdict | None:
    """Return the verdict where exactly one family answered nothing at all, and the silence is not ours."""
    sides = {"IPv4": four, "IPv6": six}
    silent = [family for family, side in sides.items() if _is_mute(evidence, side)]
    if len(silent) != 1:
        return None
    other = next(family for family in sides if family not in silent)
    opened = tuple(str(port) for port, side in sides[other].items() if _state(side) is OpenState.OPEN)
    args: dict[str, Arg] = {"name": name, "silent": silent[0], "other": other, "ports": opened}
    every = (port for side in sides.values() for ports in side.values() for port in ports)
    return Verdict(code="ONE_SILENT", args=args, evidence=evidence_of(every))


def _is_mute(evidence: EvidenceSet, side: Mapping[int, Sequence[Port]]) -> bool:
    ports = [port for ports in side.values() for port in ports]
    silent = any(port.state is OpenState.SILENT for port in ports)
    return silent and life.is_mute(evidence, {port.address for port in ports})


def _compare(name: str, four: Mapping[int, Sequence[Port]], six: Mapping[int, Sequence[Port]]) -> Verdict:
    missing = [port for port in four if _state(four[port]) is OpenState.OPEN and _state(six[port]) is OpenState.CLOSED]
    more = [port for port in four if _state(six[port]) is OpenState.OPEN and _state(four[port]) is OpenState.CLOSED]

    def say(code: str, rests: Iterable[int], **args: Arg) -> Verdict:
        shown = (
            other_port
            for port in rests
            for other_port in (*four[port], *six[port])
            if other_port.state is not OpenState.UNKNOWN
        )
        return Verdict(code=code, args=args, evidence=evidence_of(shown))

    if missing:
        return say("MISSING_ON_IPV6", missing, ports=tuple(map(str, missing)))
    sides = [side for port in four for side in (four[port], six[port]) if _state(side) is OpenState.UNKNOWN]
    if sides:
        unknown = next(port for port in sides[0] if port.state is OpenState.UNKNOWN)
        return replace(not_judged.port(unknown), address=None)
    if more:
        return say("MORE_ON_IPV6", more, ports=tuple(map(str, more)))
    both = [port for port in four if _state(four[port]) is OpenState.OPEN]
    return say("SAME", both, ports=tuple(map(str, both))) if both else say("ALL_CLOSED", four, name=name)


def _ports(subject: Subject) -> list[int]:
    """Return the ports that visitors are sent to: 80 and 443, and every web port that the inventory declares."""
    declared = declared_web_ports(subject)
    return sorted(declared | {port for port in (http_port(subject), https_port(subject)) if port is not None})


def _state(ports: Sequence[Port]) -> OpenState:
    """Return the state of a port over a family: open when any address is; CLOSED stands for silence too."""
    states = {port.state for port in ports}
    return next((state for state in (OpenState.OPEN, OpenState.UNKNOWN) if state in states), OpenState.CLOSED)
