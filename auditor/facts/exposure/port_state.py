"""Decides whether a port of an address is open; the best of several attempts counts.

A port that answered any question of the run counts as open, such as a page that was fetched or a STARTTLS that
succeeded: a limit on connections that drops a plain connect beside it does not close the port.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from auditor.facts.attribution import excuse, unseen
from auditor.facts.cached import remembered
from auditor.facts.exposure.port_replies import heard
from auditor.facts.path.packets import silence_of_port_may_be_chance
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from auditor.framework.gathered import EVERY_PORT
from inventory.model import IPAddress, Network
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from probes.wire.exposure.port_hellos import HTTP

SHOWS_OPEN = frozenset({"tcp", "http", "tls", "tls_support", "large_hello"})
"""The probes of a web port whose answer shows that it is open."""
_ERRORS = 500
"""The lowest status of an answer that may be of a proxy that got none."""


class OpenState(IntEnum):
    """Lists the states of a port, best first: a conclusive attempt outranks an inconclusive one."""

    OPEN = 0
    CLOSED = 1  # refused, reset, or an ICMP error
    SILENT = 2  # nothing came back although the transport works from here
    UNKNOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Holds one port of one address. ``evidence`` are the attempts that ``state`` rests on, and no others."""

    address: IPAddress
    port: int
    state: OpenState
    failure: Failure | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def shut(self) -> bool:
        """True if it is shown not to accept connections, by refusal or by silence."""
        return self.state in (OpenState.CLOSED, OpenState.SILENT)

    @property
    def refused(self) -> bool:
        return self.failure is not None and self.failure.kind in (FailureKind.REFUSED, FailureKind.RESET)


@remembered
def port_state(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Port:
    """Return the best of all attempts and of the answers seen there.

    Without either it is UNKNOWN: the attempts were cut short, or the address's family does not work here.
    """
    tries = [
        (envelope.id, *_state(ctx, envelope, step))
        for envelope, step in evidence.of(TcpConnect)
        if step.address == address and step.port == port
    ]
    answered = port in heard(evidence, address)
    if answered and not any(state is OpenState.OPEN for _, state, _, _ in tries):
        _, shown = heard(evidence, address)[port]
        return Port(address=address, port=port, state=OpenState.OPEN, evidence=(shown,))
    if not tries:
        return Port(address=address, port=port, state=OpenState.UNKNOWN, reason=unseen(ctx, address))
    _, state, failure, reason = min(tries, key=lambda attempt: attempt[1])
    if state is OpenState.OPEN and _is_accepted_here(evidence, ctx, address, port):
        ids = tuple(dict.fromkeys(id_ for id_, *_ in tries))
        return Port(address=address, port=port, state=OpenState.UNKNOWN, reason=Reason.EGR, evidence=ids)
    ids = tuple(dict.fromkeys(id_ for id_, other, _, _ in tries if other is state))
    if state is OpenState.SILENT and silence_of_port_may_be_chance(evidence, address, port):
        state, reason = OpenState.UNKNOWN, Reason.SMPL
    return Port(address=address, port=port, state=state, failure=failure, reason=reason, evidence=ids)


def _is_accepted_here(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> bool:
    """True if a device near the vantage accepted, and nothing was heard but its own error."""
    keys = {(address.version, f"tcp/{port}"), (address.version, EVERY_PORT)}
    if ctx.location.network is not Network.INTERNET or keys.isdisjoint(ctx.vantage.accepted_here):
        return False
    spoken = heard(evidence, address).get(port)
    if spoken is None or spoken[0].protocol != HTTP:
        return spoken is None
    pages = (step for _, step in evidence.of(HttpExchange) if (step.address, step.port) == (address, port))
    return not any(page.status is not None and page.status < _ERRORS for page in pages)


def none_left(ports: Iterable[Port]) -> bool:
    """True if a bad address must be reported as a failure: no other is open, and none may still turn out to be."""
    return not any(port.state in (OpenState.OPEN, OpenState.UNKNOWN) for port in ports)


def evidence_of(ports: Iterable[Port]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(id_ for port in ports for id_ in port.evidence))


def _state(ctx: Context, envelope: Evidence, step: TcpConnect) -> tuple[OpenState, Failure | None, Reason | None]:
    if step.failure is None:
        return OpenState.OPEN, None, None
    reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}")
    if reason is not None:
        return OpenState.UNKNOWN, step.failure, reason
    silent = step.failure.kind is FailureKind.TIMEOUT
    return (OpenState.SILENT if silent else OpenState.CLOSED), step.failure, None
