"""Reads the stapled OCSP responses of a place, and the entries of revocation lists for its certificate."""

from collections.abc import Sequence
from hashlib import sha256

from auditor.facts.tls.certificates import Certificate
from auditor.facts.tls.places import TlsPlace
from auditor.facts.tls.revocations import List, Staple, of_list, of_staple
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.certificates import RevocationList, TlsStaple


def at(evidence: EvidenceSet, place: TlsPlace) -> tuple[tuple[Evidence, TlsStaple], ...]:
    """Return every request for a staple at the place, in the order of the evidence."""
    return tuple(
        (envelope, step)
        for envelope, step in evidence.of(TlsStaple)
        if (step.address, step.port, step.protocol) == (place.address, place.port, place.protocol)
        if place.is_named(step.server_name)
    )


def listed(
    evidence: EvidenceSet, leaf: Certificate, above: Sequence[Certificate]
) -> tuple[List | None, str, tuple[EvidenceId, ...]]:
    """Return the best result of the revocation lists that a certificate names, the date of revocation, and evidence.

    None where no list was asked for.
    """
    wanted = sha256(leaf.der).digest()
    tried = [
        (of_list(envelope, step, above), envelope.id, step)
        for envelope, step in evidence.of(RevocationList)
        if step.certificate == wanted
    ]
    if not tried:
        return None, "", ()
    state, id_, step = min(tried, key=lambda triple: triple[0])
    return state, "" if step.entry is None else step.entry.since.isoformat(), (id_,)


def stapled(
    evidence: EvidenceSet, place: TlsPlace, leaf: Certificate, above: Sequence[Certificate]
) -> tuple[Staple | None, tuple[EvidenceId, ...]]:
    """Return the best staple that came with the certificate in any look; None where no look succeeded."""
    seen = [
        (of_staple(step.ocsp, envelope.started, leaf, above), envelope.id)
        for envelope, step in at(evidence, place)
        if step.failure is None and step.chain[:1] == (leaf.der,)
    ]
    return (min(seen)[0], tuple(id_ for _, id_ in seen)) if seen else (None, ())
