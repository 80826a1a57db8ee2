"""What the engine room asks of its surroundings: how patient to be, how polite, and what may be dialled.

Protocols, so that the engines depend on neither the runner's classes nor the configuration.
"""

from ipaddress import IPv6Address
from typing import Protocol

from inventory.model import IPAddress
from inventory.scope import ScopeDecision
from probes.framework.evidence import Failure, FailureKind

DNS_PORT = 53


class Timing(Protocol):
    """Seconds for each kind of step, and the shape of an echo series. ``probes.framework.profile.Profile`` is one."""

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


class Admission(Protocol):
    """Waits until ``packets`` exchanges with an address may start."""

    async def admit(self, address: IPAddress, packets: int = 1) -> None: ...


class Permits(Protocol):
    """The scope, see inventory.scope."""

    def permits(self, address: IPAddress) -> ScopeDecision: ...


def refusal(scope: Permits, address: IPAddress, *, implied: bool = False) -> Failure | None:
    """Why an address may not be dialled, None when it may.

    ``implied``: for this protocol an address outside ``allow`` is allowed all the same (INTERFACE, Scope). Denied and
    special addresses stay closed: a hostile delegation must not make us knock at our own loopback.
    """
    decision = scope.permits(address)
    if decision is ScopeDecision.ALLOWED or (implied and decision is ScopeDecision.NOT_ALLOWED):
        return None
    return Failure(kind=FailureKind.OUT_OF_SCOPE, detail=decision.value)


def plain(address: IPAddress) -> IPAddress:
    """The address itself, without an interface: two ways of writing one address are one target."""
    return IPv6Address(address.packed) if isinstance(address, IPv6Address) and address.scope_id else address
