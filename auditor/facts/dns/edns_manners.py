"""Reads from all attempts how one name server address treats EDNS extensions that it cannot know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import dns.message
import dns.rcode

from auditor.facts.attribution import excuse
from auditor.facts.dns import losses
from auditor.facts.dns.error_limits import passing_errors
from auditor.facts.dns.exchanges import parsed, sends_to_tcp
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Attribution, Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import EDNS_FLAG, EDNS_OPTION, EdnsAnswer

_PLAIN = "plain"
_TRIALS = ("option", "flag", "version", "small")
_BOTH = "both"
"""The trial with version and option together.

The probe sends it since its second version; it is reported only if neither of the two alone fails.
"""


class _TrialResult(Enum):
    """Classifies the answer to one trial, best first."""

    RIGHT = "as the standard says"
    WRONG = "answered otherwise"
    DROPPED = "silence, while plain EDNS was answered before and after"
    LIMITED = "plain EDNS was not answered any more either"
    TRUNCATED = "to be asked over TCP, with nothing else to it: a rate limit"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """Holds how an address treats unknown EDNS.

    ``none``: it does not support EDNS at all; ``silent``: it does not answer plain EDNS; ``limited``: it stopped
    answering during the trials. ``wrong`` and ``dropped`` are names of trials; ``reason``: why the result of some
    trials is not known; ``passing``: the error that they got instead, which the address gives only at times.
    """

    none: bool = False
    silent: bool = False
    limited: bool = False
    wrong: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    reason: Reason | None = None
    passing: str = ""
    evidence: tuple[EvidenceId, ...] = ()


_RANK = tuple(_TrialResult)
_SILENCES = 4
"""Number of unanswered attempts of one trial before it is reported: lines and busy servers lose datagrams."""


def manners(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress) -> Manners | None:
    """Return how the address treats unknown EDNS in questions about the zone; None if no trial was made."""
    every = evidence.of(EdnsAnswer)
    asked = [(envelope, step) for envelope, step in every if (step.server, canonical(step.zone)) == (address, zone)]
    if not asked:
        return None
    errors = {step: error for _, step in asked if (error := _passing(evidence, step))}
    passing = next(iter(errors.values()), "")
    looks: dict[EvidenceId, tuple[Evidence, list[EdnsAnswer]]] = {}
    for envelope, step in asked:
        looks.setdefault(envelope.id, (envelope, []))[1].extend(() if step in errors else (step,))
    ids = tuple(looks)
    plain = [(envelope, step) for envelope, steps in looks.values() for step in steps if step.trial == _PLAIN]
    heard = [message for _, step in plain if (message := _read(step)) is not None]
    if passing and not heard:
        return Manners(passing=passing, evidence=ids)
    if not heard:
        excuses = [excuse(ctx, envelope, step.failure, address, "udp/53") for envelope, step in plain if step.failure]
        known = [reason for reason in excuses if reason is not None]
        return Manners(silent=not known, reason=min(known) if known else None, evidence=ids)
    said = [message for message in heard if not _is_put_off(message, _PLAIN)]
    if all(message.edns < 0 for message in said):
        return Manners(none=True, evidence=ids) if said else Manners(reason=Reason.RATE, evidence=ids)
    found = {trial: min((_taken(steps, trial) for _, steps in looks.values()), key=_RANK.index) for trial in _TRIALS}
    if found["small"] is _TrialResult.DROPPED:  # a large answer was lost: the finding of large-response
        found["small"] = _TrialResult.RIGHT
    if found["option"] is found["version"] is _TrialResult.RIGHT and any(step.trial == _BOTH for _, step in asked):
        found[_BOTH] = min((_taken(steps, _BOTH) for _, steps in looks.values()), key=_RANK.index)
    of = {taken: tuple(trial for trial in found if found[trial] is taken) for taken in _TrialResult}
    steps_left = (step for _, steps in looks.values() for step in steps)
    silences = Counter(
        s.trial for s in steps_left if s.failure is not None and s.failure.kind.attribution is not Attribution.OURS
    )
    dropped = tuple(trial for trial in of[_TrialResult.DROPPED] if silences[trial] >= _SILENCES)
    if losses.may_be_chance(evidence, address, sum(silences[trial] for trial in dropped)):
        return Manners(reason=Reason.SMPL, evidence=ids)
    few = len(dropped) < len(of[_TrialResult.DROPPED])
    return Manners(
        wrong=of[_TrialResult.WRONG],
        dropped=dropped,
        limited=bool(of[_TrialResult.LIMITED]),
        passing=passing if of[_TrialResult.UNKNOWN] else "",
        reason=_open_reason(of, few=few),
        evidence=ids,
    )


def _open_reason(of: Mapping[_TrialResult, tuple[str, ...]], *, few: bool) -> Reason | None:
    """Return the reason why the result of some trials is not known, None if all are known."""
    if few:
        return Reason.SMPL
    if of[_TrialResult.TRUNCATED]:
        return Reason.RATE
    return Reason.CUT if of[_TrialResult.UNKNOWN] else None


def _passing(evidence: EvidenceSet, step: EdnsAnswer) -> str:
    """Return the error that the address gives only at times if it is the answer to a trial, else an empty text.

    Such an answer is none to the trial: another one could have got it.
    """
    message = _read(step)
    rcode = "" if message is None else dns.rcode.to_text(message.rcode())
    return rcode if rcode not in ("", "NOERROR") and rcode in passing_errors(evidence, step.server) else ""


def _read(step: EdnsAnswer) -> dns.message.Message | None:
    return None if step.failure is not None else parsed(step.response)


def _taken(steps: Sequence[EdnsAnswer], trial: str) -> _TrialResult:
    """Return the result of one trial in one attempt.

    Silence counts against the server only if plain EDNS was answered before and after it.
    """
    tries = [edns_answer for edns_answer in steps if edns_answer.trial == trial]
    heard = [message for step in tries if (message := _read(step)) is not None]
    if heard and all(_right(message, trial) for message in heard):
        return _TrialResult.RIGHT
    if heard:
        limited = all(_is_put_off(message, trial) or _is_slip(message, steps) for message in heard)
        return _TrialResult.TRUNCATED if limited else _TrialResult.WRONG
    if any(step.failure is None for step in tries):
        return _TrialResult.WRONG
    if not tries or all(
        step.failure is not None and step.failure.kind.attribution is Attribution.OURS for step in tries
    ):
        return _TrialResult.UNKNOWN
    after = [step for step in steps[steps.index(tries[-1]) + 1 :] if step.trial == _PLAIN]
    return _TrialResult.DROPPED if any(_read(step) is not None for step in after) else _TrialResult.LIMITED


def _is_put_off(message: dns.message.Message, trial: str) -> bool:
    """True if the answer comes from a rate limit that did not read the question's EDNS.

    A server or a load balancer limits like this, perhaps without OPT. In the trial ``small`` the keys may really be too
    large for the offered size.
    """
    if trial == "small" or not sends_to_tcp(message):
        return False
    return message.edns < 0 or trial in ("version", _BOTH)


def _is_slip(message: dns.message.Message, steps: Sequence[EdnsAnswer]) -> bool:
    """True if an answer without OPT is truncated by a rate limit.

    An answer to a trial that is never too large must have been truncated in the same way.
    """
    others = ((read, step.trial) for step in steps if (read := _read(step)) is not None)
    return message.edns < 0 and sends_to_tcp(message) and any(_is_put_off(other, trial) for other, trial in others)


def _right(message: dns.message.Message, trial: str) -> bool:
    """True if the answer follows RFC 6891: OPT in every answer, BADVERS to an unknown version, nothing unknown echoed.

    Truncated answers need OPT as well.
    """
    if message.edns != 0:
        return False
    echoed = any(int(option.otype) == EDNS_OPTION for option in message.options)
    if trial in ("version", _BOTH):
        return message.rcode() == dns.rcode.BADVERS and not (trial == _BOTH and echoed)
    if trial == "small" and message.rcode() == dns.rcode.NOTIMP:
        return True  # it does not know the type, and its answer has OPT
    if message.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS):
        return False
    return not echoed and not message.ednsflags & EDNS_FLAG
