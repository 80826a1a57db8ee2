"""Detects name servers that answer one and the same question with an error at one time and correctly at another.

Load balancers such as dnsdist refuse, or answer SERVFAIL to, whoever asks too much; where one of several servers behind
an address is out of order, it looks the same. Such an error shows nothing about the zone or about the question that it
answers: any other question could have got it.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

import dns.flags
import dns.message
import dns.rcode

from auditor.facts.cached import remembered
from auditor.facts.dns.exchanges import QuestionAttempt, parsed, sends_to_tcp
from auditor.facts.dns.names import canonical
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.findings import Reason, Verdict
from inventory.model import IPAddress, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange, EdnsAnswer

_DECIDED = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})
_PLAIN = "plain"
_OF_CLIENTS = "resolver"
"""The probe that asks as a resolver's own clients do. A stranger's question is apart: whom a resolver answers at times
it is open to."""
ASKING = frozenset({"nameserver", "nameserver_tcp", "zone_data", "edns", "aaaa_answers"})
"""The probes of an address whose answers may show that it gives an error only at times."""

ERRS_AT_TIMES: Mapping[str, Message] = standard(
    ERRS_AT_TIMES=inconclusive(
        "{address} answered one and the same question with {rcode} at one time and correctly at another: a rate limit,"
        " or one of several servers behind this address that is out of order. Its {rcode} decides nothing.",
        fix="Let the vantage through the rate limit; where there is none, look at each server behind this address. Then"
        " check again.",
        reason=Reason.RATE,
    )
)


class _Answer(NamedTuple):
    """Holds one readable answer; the same question has the same value in ``question``."""

    question: Hashable
    rcode: str
    is_right: bool
    evidence: EvidenceId


@remembered
def passing_errors(evidence: EvidenceSet, address: IPAddress) -> Mapping[str, tuple[EvidenceId, ...]]:
    """Return the codes of errors that ``address`` gave to a question that it also answered, with evidence of both.

    A question is the same only with the same transport, EDNS, DO and RD: each of these may be what a server has trouble
    with.
    """
    every = list(_answers(evidence, address))
    right = {answer.question: answer.evidence for answer in every if answer.is_right}
    found: dict[str, tuple[EvidenceId, ...]] = {}
    for answer in every:
        if answer.question in right and not answer.is_right and answer.rcode not in found:
            found[answer.rcode] = tuple(dict.fromkeys((answer.evidence, right[answer.question])))
    return found


def errs_at_times(evidence: EvidenceSet, address: IPAddress, rcode: str, ids: Iterable[EvidenceId] = ()) -> Verdict:
    """Return the verdict about an address where ``rcode``, one of its passing errors, leaves a question open."""
    beside = passing_errors(evidence, address)[rcode]
    args = {"address": written(address), "rcode": rcode}
    return Verdict(code="ERRS_AT_TIMES", args=args, address=address, evidence=tuple(dict.fromkeys((*ids, *beside))))


def passing(evidence: EvidenceSet, reply: QuestionAttempt) -> Verdict | None:
    """Return the verdict about an answer that is a passing error of its server, None about any other."""
    if reply.rcode not in passing_errors(evidence, reply.step.server):
        return None
    return errs_at_times(evidence, reply.step.server, reply.rcode, (reply.evidence,))


def _answers(evidence: EvidenceSet, address: IPAddress) -> Iterator[_Answer]:
    """Yield the answers of an address that are either right or an error."""
    for envelope, step in evidence.of(DnsExchange):
        if step.server == address and step.failure is None:
            how = (step.transport, step.edns_size > 0, step.dnssec_ok, step.recursion_desired)
            for_us = dns.flags.RA if step.recursion_desired and envelope.probe == _OF_CLIENTS else 0
            yield from _read((canonical(step.qname), step.qtype, *how), step.response, envelope.id, for_us)
    for envelope, trial in evidence.of(EdnsAnswer):
        if trial.server == address and trial.trial == _PLAIN and trial.failure is None:
            question = (canonical(trial.zone), "SOA", "udp", True, False, False)
            yield from _read(question, trial.response, envelope.id)


def _read(question: Hashable, response: bytes | None, id_: EvidenceId, for_us: int = 0) -> Iterator[_Answer]:
    """Yield an answer that is right or an error. ``for_us``: a flag that makes it right without authority."""
    message = parsed(response)
    if message is None:
        return
    decides = message.rcode() in _DECIDED and bool(message.flags & (dns.flags.AA | for_us))
    if message.rcode() != dns.rcode.NOERROR or (decides and not sends_to_tcp(message)):
        yield _Answer(question, dns.rcode.to_text(message.rcode()), decides, id_)
