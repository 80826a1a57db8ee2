"""Compares how one name server address answers for AAAA and HTTPS with its answer for A (RFC 4074, RFC 8020).

The answer for A, from the same address at the same moment, is the control: silence or an error for AAAA counts only if
A was answered before and after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns import losses
from auditor.facts.dns.error_limits import passing_errors
from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Attribution, Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange

_TIMES = 4  # a line that loses one datagram in ten loses two in a row at one server in a hundred
_ASKED = ("AAAA", "HTTPS")


class Conduct(IntEnum):
    """Classifies the answer for one type, best first; of several attempts the best counts."""

    GOOD = 0
    NO_SOA = 1  # no data, without an SOA record
    OTHER_RCODE = 2  # a different RCODE than for A, for a name without A records
    NAME_ERROR = 3  # NXDOMAIN although the name has A records
    BAD_RCODE = 4  # any other error although the name has A records
    DROPPED = 5  # silence although the name has A records
    ERRS_AT_TIMES = 6  # an error that it also gave to a question which it answered at another time
    LIMITED = 7  # A, asked once more, was not answered either
    UNKNOWN = 8


_ERRORS = frozenset({Conduct.OTHER_RCODE, Conduct.NAME_ERROR, Conduct.BAD_RCODE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Holds the judgement of one name and type at one address; ``expected`` is the RCODE of the answer for A."""

    name: str
    rtype: str
    conduct: Conduct
    rcode: str = ""
    expected: str = ""
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _NameQuestions:
    """Holds the questions about one name in one attempt, in the order they were sent."""

    evidence: EvidenceId
    name: str
    steps: tuple[DnsExchange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlings:
    """Holds all handlings at one address; empty, with a reason, if the address gave no usable answer for A."""

    handlings: tuple[Handling, ...] = ()
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def handlings(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress) -> Handlings:
    """Return the best of all attempts at each name and type."""
    asked = [(envelope, questions) for envelope in evidence for questions in _asked(envelope, zone, address)]
    ids = tuple(dict.fromkeys(questions.evidence for _, questions in asked))
    handlings_by_pair: dict[tuple[str, str], list[Handling]] = {}
    for envelope, attempt in asked:
        for handling in _read(evidence, ctx, envelope, attempt):
            handlings_by_pair.setdefault((handling.name, handling.rtype), []).append(handling)
    if handlings_by_pair:
        best = tuple(_best(evidence, address, tries) for tries in handlings_by_pair.values())
        return Handlings(handlings=best, evidence=ids)
    if not asked:
        return Handlings(reason=unseen(ctx, address))
    if any(step.failure is not None for _, questions in asked if len(questions.steps) > 1 for step in questions.steps):
        return Handlings(reason=Reason.AMB, evidence=ids)  # there was an answer, but not for A
    if any(_is_cut(step) for _, questions in asked for step in questions.steps[:1]):
        return Handlings(reason=Reason.RATE, evidence=ids)  # truncated over UDP, without an answer over TCP
    said = {answer.rcode for _, questions in asked if (answer := _Answer.of(questions.steps[0])) is not None}
    if not said.isdisjoint(passing_errors(evidence, address)):
        return Handlings(reason=Reason.RATE, evidence=ids)  # A got an error that it gives only at times
    failures = [(envelope, step.failure) for envelope, questions in asked for step in questions.steps[:1]]
    excuses = [excuse(ctx, envelope, failure, address, "udp/53") for envelope, failure in failures if failure]
    known = [reason for reason in excuses if reason is not None]
    return Handlings(reason=min(known) if known and len(known) == len(failures) else Reason.DNS, evidence=ids)


def _asked(envelope: Evidence, zone: str, address: IPAddress) -> Iterator[_NameQuestions]:
    if envelope.endpoint is None:
        return
    by_name: dict[str, list[DnsExchange]] = {}
    for step in envelope.steps:
        if not isinstance(step, DnsExchange) or step.server != address:
            continue
        name = canonical(step.qname)
        if step.qtype not in ("A", *_ASKED) or step.recursion_desired or not f".{name}".endswith(f".{zone}"):
            continue
        if step.transport == "udp":
            by_name.setdefault(name, []).append(step)
        elif _completes(step, by_name.get(name, ())):
            by_name[name][-1] = step
    for name, steps in by_name.items():
        if any(step.qtype in _ASKED for step in steps) or steps[0].failure is not None or _is_cut(steps[0]):
            yield _NameQuestions(evidence=envelope.id, name=name, steps=tuple(steps))


def _completes(step: DnsExchange, before: Sequence[DnsExchange]) -> bool:
    """True if a step is the answer over TCP to the last question, which was truncated over UDP."""
    asked = before[-1] if before else None
    return asked is not None and asked.qtype == step.qtype and _is_cut(asked) and step.failure is None


def _is_cut(step: DnsExchange) -> bool:
    answer = _Answer.of(step)
    return answer is not None and answer.truncated


def _read(evidence: EvidenceSet, ctx: Context, envelope: Evidence, attempt: _NameQuestions) -> Iterator[Handling]:
    base = next((_Answer.of(step) for step in attempt.steps if step.qtype == "A"), None)
    if base is None or not base.basic:
        return
    for number, step in enumerate(attempt.steps):
        if step.qtype in _ASKED:
            later = [_Answer.of(other) for other in attempt.steps[number + 1 :] if other.qtype == "A"]
            conduct, reason = _conduct(ctx, envelope, step, base, later)
            answer = _Answer.of(step)
            if conduct in _ERRORS and answer is not None and answer.rcode in passing_errors(evidence, step.server):
                conduct = Conduct.ERRS_AT_TIMES
            yield Handling(
                name=attempt.name,
                rtype=step.qtype,
                conduct=conduct,
                rcode="" if answer is None else answer.rcode,
                expected=base.rcode,
                reason=reason,
                evidence=(attempt.evidence,),
            )


def _conduct(
    ctx: Context, envelope: Evidence, step: DnsExchange, base: "_Answer", later: Sequence["_Answer | None"]
) -> tuple[Conduct, Reason | None]:
    answer = _Answer.of(step)
    if answer is None and step.failure is None:
        return Conduct.UNKNOWN, Reason.AMB
    if answer is not None and answer.rcode == base.rcode and not answer.truncated:
        return (Conduct.NO_SOA if answer.bare else Conduct.GOOD), None
    if step.failure is not None and (step.answered_from is not None or _is_ours(ctx, envelope, step)):
        return Conduct.UNKNOWN, excuse(ctx, envelope, step.failure, step.server, "udp/53") or Reason.AMB
    if answer is not None and answer.truncated:
        return Conduct.LIMITED, None
    if not later:
        return Conduct.UNKNOWN, Reason.CUT
    if not any(other is not None and other.rcode == base.rcode for other in later):
        return Conduct.LIMITED, None
    if answer is None:
        return (Conduct.DROPPED, None) if base.present else (Conduct.UNKNOWN, Reason.AMB)
    if not base.present and step.qtype == "AAAA":
        return Conduct.OTHER_RCODE, None
    return (Conduct.NAME_ERROR if answer.rcode == "NXDOMAIN" else Conduct.BAD_RCODE), None


def _is_ours(ctx: Context, envelope: Evidence, step: DnsExchange) -> bool:
    """True if the failure is this machine's, or the address family does not work from here."""
    if step.failure is None:
        return False
    reason = excuse(ctx, envelope, step.failure, step.server, "udp/53")
    is_silence = step.failure.kind.attribution is not Attribution.OURS
    return not is_silence or reason not in (None, Reason.EGR)  # the answers for A prove that packets arrive


def _best(evidence: EvidenceSet, address: IPAddress, tries: Sequence[Handling]) -> Handling:
    best = min(tries, key=lambda handling: handling.conduct)
    seldom = len(tries) < _TIMES or losses.may_be_chance(evidence, address, len(tries))
    if best.conduct is Conduct.DROPPED and seldom:
        return Handling(
            name=best.name, rtype=best.rtype, conduct=Conduct.UNKNOWN, reason=Reason.SMPL, evidence=best.evidence
        )
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Holds the parts of an answer that are compared."""

    message: dns.message.Message
    rcode: str

    @classmethod
    def of(cls, step: DnsExchange) -> "_Answer | None":
        message = None if step.failure is not None else parsed(step.response)
        return None if message is None else cls(message=message, rcode=dns.rcode.to_text(message.rcode()))

    @property
    def truncated(self) -> bool:
        return bool(self.message.flags & dns.flags.TC)

    @property
    def present(self) -> bool:
        return self.rcode == "NOERROR" and bool(self.message.answer)

    @property
    def bare(self) -> bool:
        """True if the answer is NODATA without an SOA record, which states the cache time (RFC 2308 §2.2).

        NXDOMAIN is not examined.
        """
        soa = any(rrset.rdtype == dns.rdatatype.SOA for rrset in self.message.authority)
        return self.rcode == "NOERROR" and not self.message.answer and not soa

    @property
    def basic(self) -> bool:
        """True if this answer for A states with authority which records exist or that there are none."""
        decided = self.rcode == "NXDOMAIN" or self.present or not self.bare
        return bool(self.message.flags & dns.flags.AA) and self.rcode in ("NOERROR", "NXDOMAIN") and decided
