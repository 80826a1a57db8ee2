"""Subtracts the vantage's own path from measurements of other hosts.

CHECKS G5: a narrow path towards the controls, a detour of IPv6 at the vantage and losses on it are only ours.
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
"""Smallest number of losses towards the controls that is not attributed to chance."""
_CHANGES = 20
"""Number of pairs of round trips from which their variation is computed."""
SHARING = 3
"""Number of subjects with the same trouble before it is attributed to the vantage; two may be slow by coincidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """Holds by how much IPv6 is slower than IPv4 from here to any host, and the extra loss in percentage points."""

    milliseconds: float = 0.0
    points: float = 0.0


def own_path(evidence: EvidenceSet, family: int) -> OwnPath:
    """Return the vantage's own path as the self-tests of a run found it.

    Of several controls the widest path counts, because a narrow one may be the control's. For loss, the control with
    the most is left out for the same reason.
    """
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
    """Return the milliseconds of the fastest echo to one of the vantage's own controls: the least delay possible."""
    return min((1000 * rtt for step in steps for rtt in step.rtts if rtt is not None), default=None)


def _uneven(steps: Iterable[ControlPath]) -> float | None:
    """Return the variation in milliseconds between successive packets to the steadiest control, 95th percentile.

    None if no control was asked often enough.
    """
    of_control: dict[IPAddress, list[float]] = {}
    for step in steps:
        pairs = pairwise(step.rtts)
        changes = [1000 * abs(after - before) for before, after in pairs if before is not None and after is not None]
        of_control.setdefault(step.address, []).extend(changes)
    often = (sorted(changes) for changes in of_control.values() if len(changes) >= _CHANGES)
    return min((nearest_rank(changes, 0.95) for changes in often), default=None)


def _near_us(steps: Iterable[ControlPath]) -> list[float | None]:
    """Return the round trips to the controls, without the control that loses most if there are several.

    Many routers limit the echo that they answer themselves, while loss near the vantage affects all controls.
    """
    of_control: dict[IPAddress, list[float | None]] = {}
    for step in steps:
        of_control.setdefault(step.address, []).extend(step.rtts)
    by_loss = sorted(of_control.values(), key=lambda rtts: rtts.count(None) / len(rtts))
    return [rtt for rtts in by_loss[: max(1, len(by_loss) - 1)] for rtt in rtts]


def _fits(evidence: EvidenceSet, family: int) -> bool:
    """True if connections fitted the path at each self-test, within the narrowest width measured."""
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
    """True if that many of the packets sent may be lost near the vantage already.

    That is so if chance may explain the difference to the losses of the vantage's own controls.
    """
    own = ctx.vantage.own.get(address.version, OwnPath())
    return own.lost >= _SOME_LOST and chance.explains(lost, sent, own.lost, own.sent)


def detour(ctx: Context, check: str) -> Detour | None:
    """Return the detour of IPv6 at the vantage, None if it is not known.

    Not known if too many of the compared subjects are slower, which is then a fault of the vantage; or if neither
    controls over both families answered nor enough subjects were compared.
    """
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
    """Return the largest packet in bytes, up to 1500, that the vantage's own path carries; None if not measured."""
    mtu = ctx.vantage.own.get(address.version, OwnPath()).mtu
    if mtu is not None and mtu >= WHOLE:
        return WHOLE
    return WHOLE if ctx.vantage.proven(address, WHOLE_PACKETS, location=ctx.location) else mtu
