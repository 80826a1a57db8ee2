"""Compares connects over IPv4 and IPv6 that were made side by side, in pairs.

Failures of IPv6 from one moment on are recognised separately: an outage, or a filter that blocks after a limit.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from statistics import median, quantiles

from auditor.facts.attribution import excuse
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.pages import Pair, PairedConnects
from probes.observations.transport import TcpConnect

SENT_AGAIN = 1_000.0
"""Milliseconds after which an unanswered SYN is sent again (RFC 6298 §2)."""
_IN_A_ROW = 5
"""Number of consecutive failures up to the end of a round that random packet loss does not explain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Holds the results of one family: sorted delays in milliseconds, and the share of successes from 0 to 1."""

    delays: tuple[float, ...]
    median: float
    p95: float
    success: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedConnects:
    """Holds the comparison; ``count`` is the number of pairs, ``reason`` why the result is not known."""

    count: int = 0
    v4: Family | None = None
    v6: Family | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()
    before: "ComparedConnects | None" = None
    """The comparison without failures at the end of a round that something other than packet loss caused.

    These are the pairs after the last IPv6 success of a round, if so many follow that random loss does not explain
    them. None if there are none.
    """
    alone: float | None = None
    """Milliseconds of the fastest single connect over IPv6, outside the pairs, with its SYN sent once."""
    chance_of_first: float = 1.0
    """Probability that the first connects over IPv6 had their first SYN answered by chance.

    It covers the first in a row of each round and the single ones, if SYNs were lost at random at the overall rate. A
    limit lets only the first connects through.
    """


def compared(evidence: EvidenceSet, ctx: Context, port: int) -> ComparedConnects:
    """Return the comparison over all rounds; it is unknown if a failure proves nothing about the service."""
    pairs = [
        (envelope, pair) for envelope, step in evidence.of(PairedConnects) if step.port == port for pair in step.pairs
    ]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in pairs))
    for envelope, pair in pairs:
        reason = _unproven(ctx, envelope, pair, port)
        if reason is not None:
            return ComparedConnects(count=len(pairs), reason=reason, evidence=ids)
    rounds = [[pair for envelope, pair in pairs if envelope.id == id_] for id_ in ids]
    kept = [pair for of_round in rounds for pair in _until_shut_out(of_round)]
    before = None if len(kept) == len(pairs) else _of_pairs(kept, ids)
    single = _single(evidence, {pair.address6 for _, pair in pairs}, port)
    alone = min((delay for delay in single if delay is not None), default=None)
    chance = _chance_of_first([[_is_at_once(pair) for pair in of_round] for of_round in rounds], single)
    return replace(_of_pairs([pair for _, pair in pairs], ids), before=before, alone=alone, chance_of_first=chance)


def _single(evidence: EvidenceSet, addresses: Set[IPAddress], port: int) -> list[float | None]:
    """Return the milliseconds of each single connect; None where its first SYN was not answered."""
    there = (step for _, step in evidence.of(TcpConnect) if step.address in addresses and step.port == port)
    return [None if step.failure is not None or step.rtt is None else 1000 * step.rtt for step in there]


def _is_at_once(pair: Pair) -> bool:
    return pair.seconds6 is not None and 1000 * pair.seconds6 < SENT_AGAIN


def _chance_of_first(rounds: Sequence[Sequence[bool]], single: Sequence[float | None]) -> float:
    """Return ``chance_of_first`` of ``ComparedConnects``.

    ``rounds``: for each connect whether its first SYN was answered. The single connects are ignored if one of them had
    none: then they show no limit.
    """
    alone = 0 if None in single else len(single)
    every = [at_once for of_round in rounds for at_once in of_round]
    first = sum(next((n for n, at_once in enumerate(of_round) if not at_once), len(of_round)) for of_round in rounds)
    share = (sum(every) + alone) / max(len(every) + alone, 1)
    return float(share ** (first + alone))


def _of_pairs(pairs: Sequence[Pair], ids: tuple[EvidenceId, ...]) -> ComparedConnects:
    v4, v6 = _family([pair.seconds4 for pair in pairs]), _family([pair.seconds6 for pair in pairs])
    return ComparedConnects(count=len(pairs), v4=v4, v6=v6, evidence=ids)


def _until_shut_out(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Return the pairs of a round up to the last IPv6 success, if many failures in a row follow it; else all pairs."""
    good = max((number for number, pair in enumerate(pairs, start=1) if pair.seconds6 is not None), default=0)
    return pairs[:good] if len(pairs) - good >= _IN_A_ROW else pairs


def _unproven(ctx: Context, envelope: Evidence, pair: Pair, port: int) -> Reason | None:
    sides: list[tuple[IPAddress, FailureKind | None]] = [(pair.address4, pair.failure4), (pair.address6, pair.failure6)]
    for address, kind in sides:
        reason = None if kind is None else excuse(ctx, envelope, Failure(kind=kind), address, f"tcp/{port}")
        if reason is not None:
            return reason
    return None


def _family(seconds: list[float | None]) -> Family | None:
    """Return the statistics of one family, None if no connect succeeded."""
    done = sorted(1000 * second for second in seconds if second is not None)
    if not done:
        return None
    p95 = quantiles(done, n=20, method="inclusive")[18] if len(done) > 1 else done[0]
    return Family(delays=tuple(done), median=median(done), p95=p95, success=len(done) / len(seconds))
