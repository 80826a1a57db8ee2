"""What an address says about a port where nobody listens: it refuses, or it is silent."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.facts.attribution import excuse, unseen
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.transport import TcpConnect, UdpKnock

_SAID_NO = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.PROHIBITED})
TRANSPORTS = ("tcp", "udp")


class Said(Enum):
    NO = "refused"
    NOTHING = "silent"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Over one transport. ``port`` is that of the attempts, ``reason`` why it is not known."""

    transport: str
    said: Said
    port: int = 0
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def where(self) -> str:
        return f"{self.transport}/{self.port}"


def refusal(evidence: EvidenceSet, ctx: Context, address: IPAddress, transport: str) -> Refusal:
    """Of all attempts in evidence that holds a knock: one refusal is enough, and silence must be proven by each."""
    port = next((step.port for _, step in evidence.of(UdpKnock) if step.address == address), 0)
    every: Iterator[tuple[Evidence, TcpConnect | UdpKnock]] = (
        evidence.of(TcpConnect) if transport == "tcp" else evidence.of(UdpKnock)
    )
    tries = [(one, step) for one, step in every if port and (step.address, step.port) == (address, port)]
    if not tries:
        return Refusal(transport=transport, said=Said.UNKNOWN, reason=unseen(ctx, address))
    ids = tuple(dict.fromkeys(one.id for one, _ in tries))
    failures = [(one, step.failure) for one, step in tries]
    if any(failure is not None and failure.kind in _SAID_NO for _, failure in failures):
        return Refusal(transport=transport, said=Said.NO, port=port, evidence=ids)
    for one, failure in failures:
        if failure is None or failure.kind is not FailureKind.TIMEOUT:
            ours = None if failure is None else excuse(ctx, one, failure, address, f"{transport}/{port}")
            return Refusal(transport=transport, said=Said.UNKNOWN, port=port, reason=ours or Reason.AMB, evidence=ids)
        reason = excuse(ctx, one, failure, address, f"{transport}/{port}")
        if reason is not None:
            return Refusal(transport=transport, said=Said.UNKNOWN, port=port, reason=reason, evidence=ids)
    return Refusal(transport=transport, said=Said.NOTHING, port=port, evidence=ids)
