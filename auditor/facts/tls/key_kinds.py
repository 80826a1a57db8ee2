"""Finds certificates with keys of other kinds than those that handshakes are shown: older clients get them."""

from collections.abc import Iterator, Sequence

from auditor.facts.tls.certificates import Certificate, read
from auditor.facts.tls.places import TlsPlace
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.certificates import OtherCertificate


def others(
    evidence: EvidenceSet, place: TlsPlace, shown: Sequence[Certificate]
) -> Iterator[tuple[Evidence, Certificate]]:
    """Yield the leaves that a place presented, with a key of a kind that none of ``shown`` has.

    One of the same kind is another server's behind the address, or a filter's that interfered with the many hellos.
    """
    kinds = {certificate.algorithm for certificate in shown}
    for envelope, step in evidence.of(OtherCertificate):
        there = (step.address, step.port, step.protocol) == (place.address, place.port, place.protocol)
        leaf = read(step.chain[0]) if there and place.is_named(step.server_name) and step.chain else None
        if leaf is not None and leaf.algorithm not in kinds:
            yield envelope, leaf
