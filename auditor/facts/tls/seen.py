"""Finds completed handshakes: they show that TLS is offered, even where other hellos failed."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.tls.places import TlsPlace
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import Answer, TlsSupport
from probes.observations.web import HttpExchange, TlsHandshake


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedTls:
    """Holds the parameters that a handshake agreed on: version and suite, as far as they are known."""

    words: tuple[str, ...]
    evidence: EvidenceId


def handshake(evidence: EvidenceSet, place: TlsPlace) -> AgreedTls | None:
    """Return a handshake at the place that was completed, or at least reached the server's certificate.

    Of several, the last one with the most parameters counts. A page that came over HTTPS shows a handshake as well.
    """
    found = sorted(_handshakes(evidence, place), key=lambda handshake: len(handshake.words))
    return found[-1] if found else None


def enumerated(evidence: EvidenceSet, place: TlsPlace) -> tuple[EvidenceId, ...]:
    """Return the evidence of hellos that were answered at the place."""
    return tuple(
        envelope.id
        for envelope, step in evidence.of(TlsSupport)
        if (step.address, step.port, step.protocol) == (place.address, place.port, place.protocol)
        if place.is_named(step.server_name) and any(version.answer is Answer.ACCEPTED for version in step.versions)
    )


def _handshakes(evidence: EvidenceSet, place: TlsPlace) -> Iterator[AgreedTls]:
    where = (place.address, place.port)
    for envelope, step in evidence.of(TlsHandshake):
        there = (step.address, step.port) == where and step.protocol == place.protocol
        if there and place.is_named(step.server_name) and (step.version or step.chain):
            yield _agreed(step.version, step.cipher, envelope.id)
    for envelope, dialogue in evidence.of(SmtpDialogue) if place.protocol == "smtp" else ():
        if (
            (dialogue.address, dialogue.port) == where
            and place.is_named(dialogue.server_name)
            and (dialogue.version or dialogue.chain)
        ):
            yield _agreed(dialogue.version, dialogue.cipher, envelope.id)
    for envelope, page in evidence.of(HttpExchange):
        secure = page.url.startswith("https://") and page.status is not None
        if secure and (page.address, page.port) == where and place.protocol == "https" and page.hop == 0:
            yield _agreed(None, None, envelope.id)


def _agreed(version: str | None, cipher: str | None, evidence: EvidenceId) -> AgreedTls:
    return AgreedTls(words=tuple(word for word in (version, cipher) if word) or ("TLS",), evidence=evidence)
