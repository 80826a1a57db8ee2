"""Check that every name server address treats unknown EDNS as the standard says.

An address that does not answer plain EDNS is ``ns-reach``'s or ``ns-ipv4``'s finding.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import dns.flags
import dns.message
import dns.rcode

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns import every_server, losses
from auditor.facts.dns.every_server import ServerAddress
from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject, written
from probes.framework.evidence import Blame, Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import EDNS_FLAG, EDNS_OPTION, Delegation, EdnsAnswer, NameLookup

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
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manners:
    """``none``: no EDNS at all; ``silent``: nothing answers plain EDNS. ``wrong`` and ``dropped`` are trials."""

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
_UPDATE = "Update the name server, or the firewall and load balancer in front of it."


@check(
    version=5,
    title="Name servers handle EDNS as the standard says",
    problem="Queries with unknown EDNS options are dropped",
    problems={
        "OTHERWISE": "Name server handles EDNS in a non-standard way",
        "NO_EDNS": "Name server does not support EDNS",
    },
    why="EDNS is how DNS is extended, by DNSSEC among others: what drops a question because of something new in it"
    " makes resolvers wait, and one day cuts the zone off.",
    fix=_UPDATE,
    references=("RFC 6891 §6.1.1–6.1.4, §7", "RFC 8906 (BCP 231)", "Zonemaster NAMESERVER02, NAMESERVER10–14"),
    needs=(Delegation, NameLookup, EdnsAnswer),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **every_server.NO_SERVER,
        "RIGHT": passed("{address} ignores unknown options and flags of EDNS, and says so of a version."),
        "OTHERWISE": warn(
            "{address} answers, but not as RFC 6891 says, to EDNS with something unknown in it: {trials:list}."
        ),
        "NO_EDNS": warn(
            "{address} knows no EDNS at all: large and signed answers do not fit.",
            fix="Update the name server: EDNS has been the standard since 1999.",
        ),
        "DROPPED": fail(
            "{address} answers plain EDNS, but not with something unknown in it: {trials:list}. Something in front of"
            " the server drops what it does not know.",
            fix="Let the firewall or load balancer pass DNS messages that it does not understand (DNS inspection).",
        ),
        **not_judged.DNS_LIMITED,
        "NO_BASIS": not_applicable("{address} does not answer plain EDNS either, which other findings are about."),
    },
)
def edns(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(server: ServerAddress) -> Verdict:
        zone, address = server.zone, server.address
        seen = _manners(evidence, ctx, zone.name, address)
        if seen is None:
            return not_judged.at(address, "udp/53", unseen(ctx, address))
        args: dict[str, str | tuple[str, ...]] = {"address": written(address)}
        code = "NO_EDNS" if seen.none else "NO_BASIS" if seen.silent else ""
        if not code and seen.dropped:
            code, args["trials"] = "DROPPED", seen.dropped
        elif not code and seen.limited:
            code = "LIMITED"
        elif not code and seen.reason is not None:
            return not_judged.at(address, "udp/53", seen.reason, seen.evidence)
        elif not code and seen.wrong:
            code, args["trials"] = "OTHERWISE", seen.wrong
        return Verdict(code=code or "RIGHT", args=args, address=address, evidence=seen.evidence)

    yield from for_each(every_server.targets(subject, evidence, ctx), judge)


def _manners(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress) -> _Manners | None:
    """None where nothing was asked."""
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
        return _Manners(silent=not known, reason=min(known) if known else None, evidence=ids)
    if all(message.edns < 0 for message in heard):
        return _Manners(none=True, evidence=ids)
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
        return _Manners(reason=Reason.SMPL, evidence=ids)
    few = len(dropped) < len(of[_Taken.DROPPED])
    return _Manners(
        wrong=of[_Taken.WRONG],
        dropped=dropped,
        limited=bool(of[_Taken.LIMITED]),
        reason=Reason.SMPL if few else Reason.CUT if of[_Taken.UNKNOWN] else None,
        evidence=ids,
    )


def _asked_both(looks: Iterable[tuple[Evidence, list[EdnsAnswer]]]) -> bool:
    return any(step.trial == _BOTH for _, steps in looks for step in steps)


def _read(step: EdnsAnswer) -> dns.message.Message | None:
    return None if step.failure is not None else parsed(step.response)


def _taken(steps: Sequence[EdnsAnswer], trial: str) -> _Taken:
    """What became of one trial in one attempt. Silence is theirs where the same server answered before and after it."""
    tries = [edns_answer for edns_answer in steps if edns_answer.trial == trial]
    heard = [message for step in tries if (message := _read(step)) is not None]
    if heard:
        return _Taken.RIGHT if all(_right(message, trial) for message in heard) else _Taken.WRONG
    if any(step.failure is None for step in tries):
        return _Taken.WRONG
    if not tries or all(step.failure is not None and step.failure.kind.blame is Blame.OURS for step in tries):
        return _Taken.UNKNOWN
    after = [step for step in steps[steps.index(tries[-1]) + 1 :] if step.trial == _PLAIN]
    return _Taken.DROPPED if any(_read(step) is not None for step in after) else _Taken.LIMITED


def _right(message: dns.message.Message, trial: str) -> bool:
    """OPT in every answer, truncated ones too; BADVERS to an unknown version; the unknown ignored, and not echoed."""
    if message.edns != 0:
        return False
    echoed = any(int(option.otype) == EDNS_OPTION for option in message.options)
    if trial in ("version", _BOTH):
        return message.rcode() == dns.rcode.BADVERS and not (trial == _BOTH and echoed)
    if message.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS):
        return False
    return not echoed and not message.ednsflags & EDNS_FLAG
