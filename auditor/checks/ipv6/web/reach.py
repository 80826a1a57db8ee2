"""Check that every IPv6 address of the service accepts connections on its HTTPS port.

A service without HTTPS, shut on 443 at every address of both families while 80 is open, is judged on 80: that is
``security.http.https-exists``'s finding.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.exposure.port_state import SHOWS_OPEN, OpenState, Port, none_left, port_state
from auditor.facts.web.visits import addresses, http_port, https_port
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_LISTEN = "Let the web server listen on {address}, or withdraw its AAAA record."
_OPEN = "Allow TCP port {port} to {address} in the firewall as for IPv4, or withdraw its AAAA record."
_ROUTE = "Repair the route to {address} or the filter that rejects the packets, or withdraw its AAAA record."
_NONE = "; no IPv6 address of {name} accepts connections."
_SOME = "; open IPv6 addresses of {name}: {open:n} of {count:n}."
_DEFECTS = {
    "REFUSED": ("{address} refuses connections on TCP port {port}", _LISTEN),
    "SILENT": ("{address} does not answer on TCP port {port}", _OPEN),
    "UNREACHABLE": ("{address}, TCP port {port}, is reported as unreachable by the network", _ROUTE),
}


@check(
    version=5,
    title="Every IPv6 address accepts TCP 443 (and 80)",
    problem="Website cannot be reached over IPv6",
    problems={
        "SOME_REFUSED": "One IPv6 address of the website cannot be reached",
        "SOME_SILENT": "One IPv6 address of the website cannot be reached",
        "SOME_UNREACHABLE": "One IPv6 address of the website cannot be reached",
    },
    why="Browsers try IPv6 first: a published address that does not answer costs every visitor with IPv6 time, and "
    "visitors with only IPv6 the whole service.",
    fix="Fix the listener or the firewall on the failing address, or withdraw its AAAA record.",
    references=(
        "khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP",
        "RFC 8305",
        "Internet.nl web_ipv6_ws_reach",
        "IPv6 Ready logo (VNNIC)",
    ),
    needs=(NameLookup, TcpConnect),
    beside=(HttpExchange,),
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    transports=frozenset({"tcp/443", "tcp/80"}),
    unit=Granularity.ADDRESS,
    excused_by=dict.fromkeys((*_DEFECTS, *(f"SOME_{code}" for code in _DEFECTS)), SHOWS_OPEN),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "OPEN": passed("{address} accepts connections on TCP port {port}."),
        **{code: fail(text + _NONE, fix=fix) for code, (text, fix) in _DEFECTS.items()},
        **{f"SOME_{code}": warn(text + _SOME, fix=fix) for code, (text, fix) in _DEFECTS.items()},
        "NO_AAAA": not_applicable("{name} has no usable IPv6 address to connect to."),
    },
)
def reach(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look = own(subject, evidence, ctx, "AAAA")
    usable = usable_v6(subject, evidence, ctx)
    if not look.known:
        yield not_judged.dns(look)
        return
    if not usable:
        yield Verdict(code="NO_AAAA", args={"name": look.name}, evidence=look.evidence)
        return
    ports = _judged_ports(subject, evidence, ctx)
    none = none_left(ports)
    for port in ports:
        yield _say(look.name, port, ports, none=none)


def _judged_ports(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Port, ...]:
    """Return one port for each IPv6 address: 443, or 80 where the whole service has no HTTPS."""
    usable = usable_v6(subject, evidence, ctx)
    secure, plain = https_port(subject), http_port(subject)
    on_plain = {address: port_state(evidence, ctx, address, plain) for address in usable} if plain is not None else {}
    if secure is None:
        return tuple(on_plain.values())
    on_secure = {address: port_state(evidence, ctx, address, secure) for address in usable}
    v4 = [port_state(evidence, ctx, address, secure) for address in own(subject, evidence, ctx, "A").v4]
    everywhere = [*on_secure.values(), *v4]
    plainly = [] if plain is None else [port_state(evidence, ctx, a, plain) for a in addresses(subject, evidence, ctx)]
    if any(port.state is OpenState.OPEN for port in everywhere):
        return tuple(on_secure.values())
    if not any(port.state is OpenState.OPEN for port in plainly):
        # A service without HTTPS is judged on port 80: while its state is unknown, so is the verdict.
        return tuple(
            replace(port, state=OpenState.UNKNOWN, reason=on_plain[address].reason)
            if port.shut and on_plain and on_plain[address].state is OpenState.UNKNOWN
            else port
            for address, port in on_secure.items()
        )
    unknown = next((port.reason for port in everywhere if port.state is OpenState.UNKNOWN), None)
    unknown = unknown or own(subject, evidence, ctx, "A").reason
    if unknown is None:
        return tuple(on_plain.values())
    # Whether there is HTTPS is unknown: an address closed on 443 and open on 80 is no defect yet.
    return tuple(
        replace(port, state=OpenState.UNKNOWN, reason=unknown)
        if port.shut and on_plain[address].state is OpenState.OPEN
        else port
        for address, port in on_secure.items()
    )


def _say(name: str, port: Port, ports: tuple[Port, ...], *, none: bool) -> Verdict:
    args: dict[str, str | int] = {"address": str(port.address), "port": str(port.port)}
    if port.state is OpenState.UNKNOWN:
        return not_judged.port(port)
    if port.state is OpenState.OPEN:
        return Verdict(code="OPEN", args=args, address=port.address, evidence=port.evidence)
    args["name"] = name
    if not none:
        args |= {"open": sum(each_port.state is OpenState.OPEN for each_port in ports), "count": len(ports)}
    code = ("" if none else "SOME_") + _defect(port)
    return Verdict(code=code, args=args, address=port.address, evidence=port.evidence)


def _defect(port: Port) -> str:
    if port.state is OpenState.SILENT:
        return "SILENT"
    kind = None if port.failure is None else port.failure.kind
    return "UNREACHABLE" if kind in (FailureKind.UNREACHABLE, FailureKind.PROHIBITED) else "REFUSED"
