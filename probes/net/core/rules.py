"""Defines the rules of the engines: how long to wait, how fast to send, and which addresses may be connected to.

Protocols, so that the engines depend on neither the runner's classes nor the configuration.
"""

from ipaddress import IPv6Address
from typing import Protocol

from inventory.model import Endpoint, IPAddress
from inventory.scope import ScopeDecision
from probes.framework.evidence import Failure, FailureKind
from probes.framework.reach import REACH

DNS_PORT = 53
SWEEP, CRAFTED, FORGED, THROUGHPUT = "sweep", "crafted", "forged", "throughput"
"""Transports of the scope that are more than one port.

A sweep of many ports, crafted packets, forged sources with the checks of their arrival, a test of throughput.
"""


class Timing(Protocol):
    """Gives the seconds for each kind of step, and the shape of an echo series.

    ``probes.framework.profile.Profile`` implements it.
    """

    @property
    def dns_udp(self) -> float: ...
    @property
    def dns_connect(self) -> float: ...
    @property
    def dns_answer(self) -> float: ...
    @property
    def tcp_connect(self) -> float: ...
    @property
    def tls(self) -> float: ...
    @property
    def http(self) -> float: ...
    @property
    def smtp_reply(self) -> float: ...
    @property
    def smtp_pause(self) -> float: ...
    @property
    def mail_enumeration(self) -> float: ...
    @property
    def echo_count(self) -> int: ...
    @property
    def echo_interval(self) -> float: ...
    @property
    def echo_wait(self) -> float: ...
    @property
    def echo_size(self) -> int: ...
    @property
    def snmp(self) -> float: ...
    @property
    def snmp_tries(self) -> int: ...
    @property
    def train_enough(self) -> int: ...
    @property
    def is_hurried(self) -> bool: ...
    @property
    def shortest_wait(self) -> float: ...


class Admission(Protocol):
    """Delays exchanges: waits until ``packets`` of them with an address may start, or tells the wait in advance."""

    async def admit(self, address: IPAddress, packets: int = 1) -> None: ...

    def delay(self, address: IPAddress, packets: int = 1) -> float: ...


class Permits(Protocol):
    """Decides which addresses are in scope, see inventory.scope.

    ``transport`` (``tcp/443``, ``udp/53``, ``icmp`` and others, see ``Net``) is the means of the question; some
    addresses are open for one only.
    """

    def permits(self, address: IPAddress, transport: str = "") -> ScopeDecision: ...


def refusal(scope: Permits, address: IPAddress, *, implied: bool = False, transport: str = "") -> Failure | None:
    """Return the failure if an address may not be connected to, None if it may.

    ``implied``: for this protocol an address outside ``allow`` is allowed all the same (INTERFACE, Scope). Denied and
    special addresses stay closed, and so do those that are not on the Internet: a hostile delegation must not make
    us connect to our own loopback, or to an internal network. Without ``allow`` a private address is open to
    the work on a target that it belongs to.
    """
    decision = scope.permits(address, transport)
    if decision is ScopeDecision.ALLOWED or (implied and decision is ScopeDecision.NOT_ALLOWED):
        return None
    if decision is ScopeDecision.PRIVATE and REACH.get().holds(address):
        return None
    return Failure(kind=FailureKind.OUT_OF_SCOPE, detail=decision.value)


def plain(address: IPAddress) -> IPAddress:
    """Return the address without its interface: two forms of one address are one target."""
    return IPv6Address(address.packed) if isinstance(address, IPv6Address) and address.scope_id else address


def port_of(endpoint: Endpoint) -> int:
    """Return the port to connect to; an endpoint without one is a mistake of the caller."""
    if endpoint.port is None:
        raise ValueError(f"no port to dial at {endpoint.address}")
    return endpoint.port
