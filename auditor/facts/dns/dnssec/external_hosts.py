"""Validates name servers and mail hosts in other zones, each in the zone that holds it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dns.name
import dns.rdatatype

from auditor.facts.dns.dnssec.answers import TimedAnswer
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.trust import JudgedAnswer, TrustState, Validator, ZoneTrust
from auditor.facts.dns.dnssec.zones import SignedZone, shown
from probes.framework.evidence import EvidenceId
from probes.framework.expand import is_registry_zone

_OPEN = frozenset({Why.TOO_MUCH, Why.EDGE, Why.NO_ANSWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalHost:
    """Holds the state of one host: UNKNOWN if its zone was not reached, or if the fault is a registry's."""

    name: dns.name.Name
    state: TrustState
    evidence: tuple[EvidenceId, ...]


def external_hosts(signed_zone: SignedZone) -> Iterator[ExternalHost]:
    """Yield the hosts that were looked up in other zones, below this one or not, by name."""
    validator = signed_zone.validator
    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    asked = [answer for answer in validator.answers if answer.rdtype in wanted and answer.zone != signed_zone.name]
    for name in sorted({answer.name for answer in asked}):
        answers = [answer for answer in asked if answer.name == name]
        zone = max((answer.zone for answer in answers), key=len)
        answers = [answer for answer in answers if answer.zone == zone]
        trust, state = validator.trust(zone), TrustState.UNKNOWN
        heard = [answer for answer in answers if answer.message is not None]
        if trust.state is TrustState.SECURE and heard:
            state = _state(list(_best(validator, trust, heard)))
        elif trust.state is TrustState.INSECURE or (
            trust.state is TrustState.BOGUS and not is_registry_zone(shown(trust.at))
        ):
            state = trust.state
        yield ExternalHost(name=name, state=state, evidence=tuple(dict.fromkeys(answer.evidence for answer in answers)))


def _best(validator: Validator, trust: ZoneTrust, heard: Sequence[TimedAnswer]) -> Iterator[JudgedAnswer]:
    """Yield the best answer to each question, because resolvers try the next server after a bad one."""
    for rdtype in {answer.rdtype for answer in heard}:
        judged = [validator.judged(answer, trust) for answer in heard if answer.rdtype == rdtype]
        yield min(judged, key=lambda judged_answer: judged_answer.why or 0)


def _state(best: Sequence[JudgedAnswer]) -> TrustState:
    flaws = {judged_answer.why for judged_answer in best if judged_answer.why is not None}
    if flaws:
        return TrustState.UNKNOWN if _OPEN & flaws else TrustState.BOGUS
    return TrustState.INSECURE if all(judged_answer.insecure for judged_answer in best) else TrustState.SECURE
