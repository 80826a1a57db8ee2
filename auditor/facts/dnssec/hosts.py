"""Name servers and mail hosts outside a zone, each validated in the zone it is in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dns.name
import dns.rdatatype

from auditor.facts.dnssec.answers import Said
from auditor.facts.dnssec.signatures import Why
from auditor.facts.dnssec.trust import State, Trust, Validator
from auditor.facts.dnssec.zones import Signed, shown
from probes.framework.evidence import EvidenceId
from probes.framework.expand import is_registry_zone

_OPEN = frozenset({Why.TOO_MUCH, Why.EDGE, Why.NO_ANSWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host. UNKNOWN where its zone was not reached, or what is wrong is a registry's."""

    name: dns.name.Name
    state: State
    evidence: tuple[EvidenceId, ...]


def outside(found: Signed) -> Iterator[Host]:
    """The hosts that were followed, by name."""
    validator = found.validator
    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    asked = [one for one in validator.answers if one.rdtype in wanted and not one.name.is_subdomain(found.name)]
    for name in sorted({one.name for one in asked}):
        answers = [one for one in asked if one.name == name]
        trust, state = validator.trust(answers[0].zone), State.UNKNOWN
        heard = [one for one in answers if one.message is not None]
        if trust.state is State.SECURE and heard:
            flaws = set(_flaws(validator, trust, heard))
            state = State.SECURE if not flaws else State.UNKNOWN if _OPEN & flaws else State.BOGUS
        elif trust.state is State.INSECURE or (trust.state is State.BOGUS and not is_registry_zone(shown(trust.at))):
            state = trust.state
        yield Host(name=name, state=state, evidence=tuple(dict.fromkeys(one.evidence for one in answers)))


def _flaws(validator: Validator, trust: Trust, heard: Sequence[Said]) -> Iterator[Why]:
    """What is wrong with the best answer to each question: resolvers go on to the next server."""
    for rdtype in {one.rdtype for one in heard}:
        whys = [validator.judged(one, trust).why for one in heard if one.rdtype == rdtype]
        if None not in whys:
            yield min(why for why in whys if why is not None)
