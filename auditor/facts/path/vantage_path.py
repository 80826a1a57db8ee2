"""Subtract the vantage's own path from what it measures of others.

CHECKS G5: a path that is narrow towards the controls, a detour that IPv6 makes from here and what is lost on it are
nobody's but ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from auditor.facts.path import chance
from auditor.framework.context import Context, OwnPath
from auditor.framework.sample_periods import nearest_rank
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.observations.transport import WHOLE_PACKETS
from probes.observations.vantage import ControlPath, FittedSegments

WHOLE = 1500
_SOME_LOST = 2
"""Fewer lost on the way to the controls are anybody's chance."""
_CHANGES = 20
"""Pairs of round trips from which on it is told how much they change."""
SHARING = 3
"""Subjects that must have the same trouble before it is taken for ours: two may well be slow together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """By how much IPv6 takes longer than IPv4 from here whoever is asked, and how many percentage points more it
    loses."""

    milliseconds: float = 0.0
    points: float = 0.0


def own_path(evidence: EvidenceSet, family: int) -> OwnPath:
    """What the self-tests of a run found. Of several controls the widest path counts: the narrow end may be theirs, as
    is what the one loses that loses most."""
    steps = [step for _, step in evidence.of(ControlPath) if step.address.version == family]
    answering = [step for step in steps if any(rtt is not None for rtt in step.rtts)]
    carried = [tried.size for step in steps for tried in step.sizes if tried.received]
    delays = [median(1000 * rtt for rtt in step.rtts if rtt is not None) for step in answering]
    echoes = _near_us(answering)
    return OwnPath(
        mtu=max(carried, default=None),
        routers=frozenset(step.router for step in steps if step.router is not None),
        fits=_fits(evidence, family),
        milliseconds=median(delays) if delays else None,
        answering=len({step.address for step in answering}),
        nearest=_nearest(step for step in answering if not step.implied),
        uneven=_uneven(step for step in answering if not step.implied),
        sent=len(echoes),
        lost=echoes.count(None),
    )


def _nearest(steps: Iterable[ControlPath]) -> float | None:
    """Milliseconds that whatever leaves the vantage needs: those of the fastest echo to a control of its own."""
    return min((1000 * rtt for step in steps for rtt in step.rtts if rtt is not None), default=None)


def _uneven(steps: Iterable[ControlPath]) -> float | None:
    """Milliseconds by which the way to a control changes from one packet to the next, at the 95th percentile: to that
    of those asked often enough to which it changes least. None without such a one."""
    of_control: dict[IPAddress, list[float]] = {}
    for step in steps:
        pairs = pairwise(step.rtts)
        changes = [1000 * abs(after - before) for before, after in pairs if before is not None and after is not None]
        of_control.setdefault(step.address, []).extend(changes)
    often = (sorted(changes) for changes in of_control.values() if len(changes) >= _CHANGES)
    return min((nearest_rank(changes, 0.95) for changes in often), default=None)


def _near_us(steps: Iterable[ControlPath]) -> list[float | None]:
    """The round trips to the controls, but for the one that loses most where there are several: many a router limits
    the echo that it answers itself, and what is lost near us is lost to all."""
    of_control: dict[IPAddress, list[float | None]] = {}
    for step in steps:
        of_control.setdefault(step.address, []).extend(step.rtts)
    by_loss = sorted(of_control.values(), key=lambda rtts: rtts.count(None) / len(rtts))
    return [rtt for rtts in by_loss[: max(1, len(by_loss) - 1)] for rtt in rtts]


def _fits(evidence: EvidenceSet, family: int) -> bool:
    """True if connections were made to fit the path at each self-test, and into no more than the narrowest showed."""
    made, widths = list[int](), list[int]()
    for envelope in evidence:
        paths = [step for step in envelope.steps if isinstance(step, ControlPath) and step.address.version == family]
        if paths:
            fits = [step.size for step in envelope.steps if isinstance(step, FittedSegments) and step.family == family]
            if not fits:
                return False
            made += fits
            widths += [max((tried.size for step in paths for tried in step.sizes if tried.received), default=WHOLE)]
    return bool(made) and max(made) <= min(widths)


def may_be_ours(ctx: Context, address: IPAddress, lost: int, sent: int) -> bool:
    """True if of as many packets as many may be lost near the vantage already: chance alone may make the difference to
    what its own controls lose of theirs."""
    own = ctx.vantage.own.get(address.version, OwnPath())
    return own.lost >= _SOME_LOST and chance.explains(lost, sent, own.lost, own.sent)


def detour(ctx: Context, check: str) -> Detour | None:
    """None where it is not known: neither controls of both families answered, nor were enough subjects compared that
    have no trouble. Shared by too many it is ours as well."""
    shared = ctx.vantage.shared.get(check)
    most = ctx.policy.threshold(check, "shared_percent") / 100
    if shared is not None and shared.slower >= max(SHARING, most * shared.compared):
        return None
    six, four = (ctx.vantage.own.get(family, OwnPath()) for family in (6, 4))
    if six.milliseconds is not None and four.milliseconds is not None:
        return Detour(
            milliseconds=max(0.0, six.milliseconds - four.milliseconds), points=max(0.0, six.loss - four.loss)
        )
    return Detour() if shared is not None and shared.compared >= SHARING else None


def width(ctx: Context, address: IPAddress) -> int | None:
    """How large packets are that the vantage's own path carries, as far as 1500 bytes; None where nothing told."""
    mtu = ctx.vantage.own.get(address.version, OwnPath()).mtu
    if mtu is not None and mtu >= WHOLE:
        return WHOLE
    return WHOLE if ctx.vantage.proven(address, WHOLE_PACKETS, location=ctx.location) else mtu
