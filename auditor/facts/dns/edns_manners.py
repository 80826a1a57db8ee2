"""Read how one address of a name server treats EDNS that it cannot know, from all looks at it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import dns.message
import dns.rcode

from auditor.facts.attribution import excuse
from auditor.facts.dns import losses
from auditor.facts.dns.exchanges import parsed, sends_to_tcp
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Blame, Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import EDNS_FLAG, EDNS_OPTION, EdnsAnswer

_PLAIN = "plain"
_TRIALS = ("option", "flag", "version", "small")
_BOTH = "both"
"""Version and option at once: asked since the second version of the probe, and told only where neither alone fails."""


class _Taken(Enum):
    """Best first."""

    RIGHT = "as the standard says"
    WRONG = "answered otherwise"
    DROPPED = "silence, while plain EDNS was answered before and after"
    LIMITED = "plain EDNS was not answered any more either"
    TRUNCATED = "to be asked over TCP, with nothing else to it: a rate limit"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """``none``: no EDNS at all; ``silent``: nothing answers plain EDNS; ``limited``: it stopped answering in the midst.

    ``wrong`` and ``dropped`` are trials; ``reason``: why it is not known of some what became of them.
    """

    none: bool = False
    silent: bool = False
    limited: bool = False
    wrong: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


_RANK = tuple(_Taken)
_SILENCES = 4
"""How often one trial stays unanswered before it is held against anybody: lines and busy servers lose datagrams."""


def manners(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress) -> Manners | None:
    """Return what the address makes of it for the zone; None where nothing was asked."""
    looks: dict[EvidenceId, tuple[Evidence, list[EdnsAnswer]]] = {}
    for envelope, step in evidence.of(EdnsAnswer):
        if step.server == address and canonical(step.zone) == zone:
            looks.setdefault(envelope.id, (envelope, []))[1].append(step)
    if not looks:
        return None
    ids = tuple(looks)
    plain = [(envelope, step) for envelope, steps in looks.values() for step in steps if step.trial == _PLAIN]
    heard = [message for _, step in plain if (message := _read(step)) is not None]
    if not heard:
        excuses = [excuse(ctx, envelope, step.failure, address, "udp/53") for envelope, step in plain if step.failure]
        known = [reason for reason in excuses if reason is not None]
        return Manners(silent=not known, reason=min(known) if known else None, evidence=ids)
    said = [message for message in heard if not _is_put_off(message, _PLAIN)]
    if all(message.edns < 0 for message in said):
        return Manners(none=True, evidence=ids) if said else Manners(reason=Reason.RATE, evidence=ids)
    found = {trial: min((_taken(steps, trial) for _, steps in looks.values()), key=_RANK.index) for trial in _TRIALS}
    if found["small"] is _Taken.DROPPED:  # a large answer that is lost, which is large-response's finding
        found["small"] = _Taken.RIGHT
    if found["option"] is found["version"] is _Taken.RIGHT and _asked_both(looks.values()):
        found[_BOTH] = min((_taken(steps, _BOTH) for _, steps in looks.values()), key=_RANK.index)
    of = {taken: tuple(trial for trial in found if found[trial] is taken) for taken in _Taken}
    every = (step for _, steps in looks.values() for step in steps)
    silences = Counter(s.trial for s in every if s.failure is not None and s.failure.kind.blame is not Blame.OURS)
    dropped = tuple(trial for trial in of[_Taken.DROPPED] if silences[trial] >= _SILENCES)
    if losses.may_be_chance(evidence, address, sum(silences[trial] for trial in dropped)):
        return Manners(reason=Reason.SMPL, evidence=ids)
    few = len(dropped) < len(of[_Taken.DROPPED])
    return Manners(
        wrong=of[_Taken.WRONG],
        dropped=dropped,
        limited=bool(of[_Taken.LIMITED]),
        reason=_open_reason(of, few=few),
        evidence=ids,
    )


def _open_reason(of: Mapping[_Taken, tuple[str, ...]], *, few: bool) -> Reason | None:
    """Why it is not known of some trials what became of them."""
    if few:
        return Reason.SMPL
    if of[_Taken.TRUNCATED]:
        return Reason.RATE
    return Reason.CUT if of[_Taken.UNKNOWN] else None


def _asked_both(looks: Iterable[tuple[Evidence, list[EdnsAnswer]]]) -> bool:
    return any(step.trial == _BOTH for _, steps in looks for step in steps)


def _read(step: EdnsAnswer) -> dns.message.Message | None:
    return None if step.failure is not None else parsed(step.response)


def _taken(steps: Sequence[EdnsAnswer], trial: str) -> _Taken:
    """What became of one trial in one attempt. Silence is theirs where the same server answered before and after it."""
    tries = [edns_answer for edns_answer in steps if edns_answer.trial == trial]
    heard = [message for step in tries if (message := _read(step)) is not None]
    if heard and all(_right(message, trial) for message in heard):
        return _Taken.RIGHT
    if heard:
        limited = all(_is_put_off(message, trial) or _is_slip(message, steps) for message in heard)
        return _Taken.TRUNCATED if limited else _Taken.WRONG
    if any(step.failure is None for step in tries):
        return _Taken.WRONG
    if not tries or all(step.failure is not None and step.failure.kind.blame is Blame.OURS for step in tries):
        return _Taken.UNKNOWN
    after = [step for step in steps[steps.index(tries[-1]) + 1 :] if step.trial == _PLAIN]
    return _Taken.DROPPED if any(_read(step) is not None for step in after) else _Taken.LIMITED


def _is_put_off(message: dns.message.Message, trial: str) -> bool:
    """A rate limit, of the server or of a load balancer, answers some questions without a look at their EDNS: perhaps
    without OPT. The keys, asked for in little space, may be too large indeed."""
    if trial == "small" or not sends_to_tcp(message):
        return False
    return message.edns < 0 or trial in ("version", _BOTH)


def _is_slip(message: dns.message.Message, steps: Sequence[EdnsAnswer]) -> bool:
    """True if an answer without OPT is cut short as others were that are never too large."""
    others = ((read, step.trial) for step in steps if (read := _read(step)) is not None)
    return message.edns < 0 and sends_to_tcp(message) and any(_is_put_off(other, trial) for other, trial in others)


def _right(message: dns.message.Message, trial: str) -> bool:
    """OPT in every answer, truncated ones too; BADVERS to an unknown version; the unknown ignored, and not echoed."""
    if message.edns != 0:
        return False
    echoed = any(int(option.otype) == EDNS_OPTION for option in message.options)
    if trial in ("version", _BOTH):
        return message.rcode() == dns.rcode.BADVERS and not (trial == _BOTH and echoed)
    if trial == "small" and message.rcode() == dns.rcode.NOTIMP:
        return True  # it does not know the type, and said so with EDNS
    if message.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS):
        return False
    return not echoed and not message.ednsflags & EDNS_FLAG
