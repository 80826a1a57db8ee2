"""Waits until the rehearsal is ready: every service answers a client at the dual-stack vantage, end to end.

Listening sockets alone prove too little: a daemon may listen before it has loaded its zones, and a route may be wrong.
"""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from gufo.snmp import SnmpError, User
from gufo.snmp.sync import SnmpSession

from containers.rehearsal import machines, mail, web
from containers.rehearsal.addressing import CONTROL, AddressPlan, server_name
from containers.rehearsal.agent_access import AgentAccess
from containers.rehearsal.daemons import WEB_SITES
from containers.rehearsal.model import Province, Recursion
from containers.rehearsal.nameservers import registry_views
from containers.rehearsal.zones import CONTROL_NAMES

Address = IPv4Address | IPv6Address
PATIENCE = 0.3  # seconds for one exchange on one machine
PAUSE = 0.02
CONTROL_PORTS = (22, 25, 53, 80, 443)


@dataclass(frozen=True, slots=True)
class ReadinessTest:
    """Tests one service that must answer."""

    text: str
    answers: Callable[[], bool]


def wait(wanted: Iterator[ReadinessTest], deadline: float, alive: Callable[[], None]) -> None:
    """Poll each service in turn until it answers; `alive` raises as soon as a daemon has died.

    In turn, because the resolver comes last: it must not be asked, and remember a failure, before the zones are there.
    """
    for question in wanted:
        while not question.answers():
            alive()
            if time.monotonic() > deadline:
                raise RuntimeError(f"no answer from {question.text}")
            time.sleep(PAUSE)


def everything(province: Province, layout: AddressPlan) -> Iterator[ReadinessTest]:
    """Yield the tests of all services of the rehearsal."""
    for address, port in _tcp(province, layout):
        yield ReadinessTest(f"[{address}]:{port}", lambda a=address, p=port: connects(a, p))  # type: ignore[misc]
    for address, zone in _authoritative(province, layout):
        yield ReadinessTest(f"{zone} at {address}", lambda a=address, z=zone: _authority(a, z))  # type: ignore[misc]
    for device in province.devices:
        if device.access is AgentAccess.CLOSED:
            continue
        address = layout.devices[device.label].v4[0]
        yield ReadinessTest(f"agent {address}", lambda a=address: speaks(a))  # type: ignore[misc]
    for resolver in province.resolvers:
        validating = resolver.recursion is not Recursion.FILTERED
        for address in layout.resolvers[province.fqdn(resolver.label)].every():
            yield ReadinessTest(f"resolver {address}", partial(_resolves, address, validating=validating))
    for address in CONTROL.every():
        yield ReadinessTest(f"time from {address}", lambda a=address: _tells_the_time(a))  # type: ignore[misc]


def _tcp(province: Province, layout: AddressPlan) -> Iterator[tuple[Address, int]]:
    for site in WEB_SITES:
        for shown in web.shown(province, layout, site):
            own_v6 = layout.portals[shown.name].v6
            silent = {(own_v6[index], port) for index, port in shown.portal.silent_v6}
            for port, _, _ in web.listeners(shown.face):
                yield from ((a, port) for a in shown.addresses if (a, port) not in silent)
    quirky = [layout.portals[province.fqdn(portal.label)] for portal in province.portals if portal.quirk is not None]
    yield from ((address, port) for seat in quirky for address in seat.every() for port in (80, 443))
    for host in mail.shown(province, layout):
        filtered = host.exchanger.silent_v6
        yield from ((address, 25) for address in host.addresses if not (filtered and address.version == 6))
    for _, place, _ in mail.client_listeners(province, layout):
        yield from ((place, port) for port in mail.CLIENT_PORTS.values())
    for machine in province.machines:
        for runs, _ in machine.runs:
            if runs in machines.PORTS:
                for address in machines.addresses(machine, runs, layout):
                    yield ip_address(address), machines.PORTS[runs]
    yield from ((address, port) for address in CONTROL.every() for port in CONTROL_PORTS)


def _authoritative(province: Province, layout: AddressPlan) -> Iterator[tuple[Address, str]]:
    for view in registry_views():
        yield from ((address, zone) for address in view.addresses for zone in view.zones)
    for zone in province.zones:
        for server in zone.servers:
            answering = layout.servers[server_name(province, zone, server)].answering()
            yield from ((address, province.fqdn(zone.label)) for address in answering)


def connects(address: Address | str, port: int) -> bool:
    """True if a connection is accepted."""
    try:
        socket.create_connection((str(address), port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


def speaks(address: Address) -> bool:
    """An SNMP agent tells the id of its engine."""
    try:
        session = SnmpSession(str(address), user=User("readiness"), timeout=PATIENCE)
        session.refresh()
        return bool(session.get_engine_id())
    except (SnmpError, OSError):
        return False


def _authority(address: Address, zone: str) -> bool:
    reply = _ask(address, dns.message.make_query(zone, dns.rdatatype.SOA, flags=0))
    good = dns.flags.AA | dns.flags.TC  # or what stands before the server sends everybody to TCP
    return reply is not None and reply.rcode() == dns.rcode.NOERROR and bool(reply.flags & good)


def _resolves(address: Address, *, validating: bool) -> bool:
    query = dns.message.make_query(CONTROL_NAMES["signed"], dns.rdatatype.A)
    query.flags |= dns.flags.AD
    reply = _ask(address, query)
    return reply is not None and bool(reply.answer) and bool(reply.flags & dns.flags.AD) is validating


def _tells_the_time(address: Address) -> bool:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        try:
            sock.connect((str(address), 123))
            sock.send(b"\x23" + bytes(46) + b"?")
            return len(sock.recv(1_024)) >= 48
        except OSError:
            return False


def _ask(address: Address, query: dns.message.Message) -> dns.message.Message | None:
    try:
        return dns.query.udp(query, str(address), timeout=PATIENCE)
    except (dns.exception.DNSException, OSError):
        return None
