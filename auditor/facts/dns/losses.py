"""Tells whether an address that loses ordinary questions may have lost other questions by chance.

Ordinary questions are for SOA, NS and A over UDP with the EDNS that resolvers send: nothing about them is large or new.
"""

from collections.abc import Iterator
from typing import NamedTuple

from auditor.facts.path.chance import lost_all
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, Failure, FailureKind
from probes.observations.dns import DnsExchange, EdnsAnswer

ORDINARY_QUESTIONS = frozenset({"nameserver", "zone_data", "edns"})
"""The probes that ask a name server ordinary questions."""
_ORDINARY = frozenset({"SOA", "NS", "A"})
_LARGEST = 1232
_PLAIN, _ASKED = "plain", "SOA"
"""The EDNS trial with only ordinary options, and the record type that it asks for."""


def may_be_chance(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """True if all ``lost`` questions of one kind may have been lost by chance, at the loss rate of others.

    Others are ordinary questions, and those of any kind that were answered at any time: what such a question lost at
    another time, the line lost. False if none of them was lost, or none was answered: then there is no rate to compare
    with.
    """
    every = list(_asked(evidence, address))
    answered = {question for question, _, is_answered in every if is_answered}
    fates = [is_answered for question, is_ordinary, is_answered in every if is_ordinary or question in answered]
    return lost_all(lost, sum(not answered for answered in fates), len(fates))


def answers_nothing(evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if the address was asked ordinary questions and answered none of them; other questions do not count."""
    fates = list(_ordinary(evidence, address))
    return bool(fates) and not any(fates)


def answers_some(evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if the address answered any ordinary question."""
    return any(_ordinary(evidence, address))


def loses_some(evidence: EvidenceSet, address: IPAddress, *, but: str) -> bool:
    """True if the address answered some ordinary questions and left others unanswered, except those of type ``but``."""
    return len(set(_ordinary(evidence, address, but))) > 1


def _ordinary(evidence: EvidenceSet, address: IPAddress, but: str = "") -> Iterator[bool]:
    """Yield for each ordinary question, except those of type ``but``, whether it was answered or timed out."""
    for question, is_ordinary, is_answered in _asked(evidence, address):
        if is_ordinary and question.qtype != but:
            yield is_answered


class _Question(NamedTuple):
    """Identifies a question over UDP; the same question has the same values."""

    qname: str
    qtype: str
    edns_size: int = 0
    recursion_desired: bool = False
    dnssec_ok: bool = False
    trial: str = ""


def _asked(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[_Question, bool, bool]]:
    """Yield each question over UDP, True if it is ordinary, and True if it was answered; False if it timed out."""
    for _, step in evidence.of(DnsExchange):
        if step.server == address and step.transport == "udp":
            asked = _Question(step.qname, step.qtype, step.edns_size, step.recursion_desired, step.dnssec_ok)
            is_ordinary = step.qtype in _ORDINARY and 0 < step.edns_size <= _LARGEST and not step.recursion_desired
            yield from ((asked, is_ordinary, fate) for fate in _fate(step.response, step.failure))
    for _, answer in evidence.of(EdnsAnswer):
        if answer.server == address:
            asked = _Question(answer.zone, _ASKED, trial=answer.trial)
            yield from ((asked, answer.trial == _PLAIN, fate) for fate in _fate(answer.response, answer.failure))


def _fate(response: bytes | None, failure: Failure | None) -> Iterator[bool]:
    if response is not None or (failure is not None and failure.kind is FailureKind.TIMEOUT):
        yield response is not None
