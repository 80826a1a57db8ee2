"""How one name server address takes what it does not know of EDNS (RFC 6891), of several attempts the best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import dns.flags
import dns.message
import dns.rcode

from auditor.facts.attribution import excuse
from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import EDNS_FLAG, EDNS_OPTION, EdnsAnswer

_PLAIN = "plain"
_TRIALS = ("option", "flag", "version", "small")
_BOTH = "both"
"""Version and option at once: asked since the second version of the probe, and told only where neither alone fails."""


class Taken(Enum):
    """Best first."""

    RIGHT = "as the standard says"
    WRONG = "answered otherwise"
    DROPPED = "silence, while plain EDNS was answered before and after"
    LIMITED = "plain EDNS was not answered any more either"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """``none``: no EDNS at all; ``silent``: nothing answers plain EDNS. ``wrong`` and ``dropped`` are trials."""

    none: bool = False
    silent: bool = False
    limited: bool = False
    wrong: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def manners(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress) -> Manners | None:
    """None where nothing was asked."""
    looks: dict[EvidenceId, tuple[Evidence, list[EdnsAnswer]]] = {}
    for envelope, step in evidence.of(EdnsAnswer):
        if step.server == address and canonical(step.zone) == zone:
            looks.setdefault(envelope.id, (envelope, []))[1].append(step)
    if not looks:
        return None
    ids = tuple(looks)
    plain = [(one, step) for one, steps in looks.values() for step in steps if step.trial == _PLAIN]
    heard = [message for _, step in plain if (message := _read(step)) is not None]
    if not heard:
        excuses = [excuse(ctx, one, step.failure, address, "udp/53") for one, step in plain if step.failure]
        known = [reason for reason in excuses if reason is not None]
        return Manners(silent=not known, reason=min(known) if known else None, evidence=ids)
    if all(message.edns < 0 for message in heard):
        return Manners(none=True, evidence=ids)
    found = {trial: min((_taken(steps, trial) for _, steps in looks.values()), key=_RANK.index) for trial in _TRIALS}
    if found["small"] is Taken.DROPPED:  # a large answer that is lost, which is large-response's finding
        found["small"] = Taken.RIGHT
    if found["option"] is found["version"] is Taken.RIGHT and _asked_both(looks.values()):
        found[_BOTH] = min((_taken(steps, _BOTH) for _, steps in looks.values()), key=_RANK.index)
    of = {taken: tuple(trial for trial in found if found[trial] is taken) for taken in Taken}
    return Manners(
        wrong=of[Taken.WRONG],
        dropped=of[Taken.DROPPED],
        limited=bool(of[Taken.LIMITED]),
        reason=Reason.CUT if of[Taken.UNKNOWN] else None,
        evidence=ids,
    )


_RANK = tuple(Taken)


def _asked_both(looks: Iterable[tuple[Evidence, list[EdnsAnswer]]]) -> bool:
    return any(step.trial == _BOTH for _, steps in looks for step in steps)


def _read(step: EdnsAnswer) -> dns.message.Message | None:
    return None if step.failure is not None else parsed(step.response)


def _taken(steps: Sequence[EdnsAnswer], trial: str) -> Taken:
    """What became of one trial in one attempt. Silence is theirs where the same server answered before and after it."""
    step = next((one for one in steps if one.trial == trial), None)
    if step is None:
        return Taken.UNKNOWN
    message = _read(step)
    if message is not None:
        return Taken.RIGHT if _right(message, trial) else Taken.WRONG
    if step.failure is None:
        return Taken.WRONG
    after = [one for one in steps[steps.index(step) + 1 :] if one.trial == _PLAIN]
    return Taken.DROPPED if any(_read(one) is not None for one in after) else Taken.LIMITED


def _right(message: dns.message.Message, trial: str) -> bool:
    """OPT in every answer, truncated ones too; BADVERS to an unknown version; the unknown ignored, and not echoed."""
    if message.edns != 0:
        return False
    echoed = any(int(one.otype) == EDNS_OPTION for one in message.options)
    if trial in ("version", _BOTH):
        return message.rcode() == dns.rcode.BADVERS and not (trial == _BOTH and echoed)
    if message.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS):
        return False
    return not echoed and not message.ednsflags & EDNS_FLAG
