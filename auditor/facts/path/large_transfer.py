"""Summarises the large transfers from an address; the best of several attempts counts."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from auditor.facts.attribution import excuse
from auditor.facts.path.differences import ECHOES
from auditor.facts.path.vantage_path import detour
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.path import BulkTransfer
from probes.observations.vantage import TCP_FULL

_CHECK = "ipv6.path.large-transfer"
LARGE = 100_000
GOOD = 200


class TransferEnd(Enum):
    WHOLE = "arrived whole"
    OTHER = "another answer than 200"
    STALLED = "the server fell silent, after the handshake"
    BROKEN = "it broke off"
    NO_HANDSHAKE = "not even a connection"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Holds the result of a large transfer.

    ``seconds``: those after the handshake; ``busy``: the part of them, at most, that our own machine caused.
    ``reason``: why the result is not known.
    """

    end: TransferEnd
    status: int | None = None
    received: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    reason: Reason | None = None
    at: datetime
    evidence: tuple[EvidenceId, ...] = ()


_BEST = tuple(TransferEnd)


def transfer(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Transfer | None:
    """Return the best transfer from the address, None if none was tried.

    It is a stall only if every attempt stalled.
    """
    tries = [_one(ctx, envelope, step) for envelope, step in evidence.of(BulkTransfer) if step.address == address]
    return min(tries, key=lambda attempt: (_BEST.index(attempt.end), attempt.seconds), default=None)


def pace(ctx: Context, v6: float, v4: float) -> str:
    """Return the message code for the seconds of the same transfer over IPv6 and IPv4."""

    def within(factor: str) -> bool:
        return v6 <= ctx.policy.threshold(_CHECK, factor) * v4 + ctx.policy.threshold(_CHECK, "slack_seconds")

    return "COMPLETES" if within("pass_factor") else "SLOWER" if within("warn_factor") else "FAR_SLOWER"


def own_seconds(ctx: Context, address: IPAddress, got: Transfer) -> float | Reason:
    """Return the seconds of a transfer due to the vantage's own detour, or why they are not known.

    Unknown if packets are lost near the vantage, each of which delays a transfer by several round trips, or if nothing
    was measured.
    """
    own = ctx.vantage.own.get(address.version)
    if own is not None and own.is_lossy:
        return Reason.V6 if address.version == 6 else Reason.V4
    if ctx.vantage.silent(address.version, TCP_FULL, got.at):
        return Reason.V6 if address.version == 6 else Reason.V4
    known = detour(ctx, ECHOES)
    return Reason.EGR if known is None else ctx.policy.threshold(_CHECK, "round_trips") * known.milliseconds / 1000


def _one(ctx: Context, envelope: Evidence, step: BulkTransfer) -> Transfer:
    end, reason = _end(step), None
    if step.failure is not None:
        reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True)
        end = end if reason is None else TransferEnd.UNKNOWN
    return Transfer(
        end=end,
        status=step.status,
        received=step.received,
        seconds=step.seconds,
        busy=step.busy,
        reason=reason,
        at=envelope.started,
        evidence=(envelope.id,),
    )


def _end(step: BulkTransfer) -> TransferEnd:
    if not step.connected:
        return TransferEnd.NO_HANDSHAKE
    if step.failure is not None:
        return TransferEnd.STALLED if step.failure.kind is FailureKind.TIMEOUT else TransferEnd.BROKEN
    return TransferEnd.WHOLE if step.status == GOOD and step.whole else TransferEnd.OTHER
