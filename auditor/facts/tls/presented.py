"""Reads the certificates that a service presents, address by address."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.cached import remembered
from auditor.facts.targets import JudgedTargets
from auditor.facts.tls import places as tls_places
from auditor.facts.tls import seen as tls_seen
from auditor.facts.tls.certificates import MAX_CERTIFICATES, Certificate, read
from auditor.facts.tls.issuers import FetchedIssuer, fetched
from auditor.facts.tls.places import HTTPS, TlsPlace
from auditor.framework.check import Message, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure
from probes.observations.mail import SmtpDialogue
from probes.observations.web import TlsHandshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Holds one chain that an address served, and when. ``chain`` is None when its leaf cannot be read.

    ``issuers``: the certificates that were not sent and could be fetched.
    """

    chain: tuple[Certificate, ...] | None
    evidence: EvidenceId
    seen: datetime
    issuers: FetchedIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """Holds all chains of one place. ``reason``: not known; neither chains nor reason: no TLS service there."""

    place: TlsPlace
    served: tuple[Served, ...] = ()
    reason: Reason | None = None
    failed: bool = False
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def address(self) -> IPAddress:
        return self.place.address

    def say(self, code: str, *evidence: EvidenceId, **args: Arg) -> Verdict:
        """Return a verdict about this place, by some of its evidence."""
        return Verdict(
            code=code,
            args={"address": self.place.shown, **args},
            address=self.address,
            detail=self.place.detail,
            evidence=evidence,
        )


NO_CERTIFICATE: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    NO_ADDRESS=not_applicable("{name} has no address to ask for HTTPS, so there is no certificate."),
    NO_TLS=not_applicable("{address} offers no TLS on port {port}, so there is no certificate."),
    UNREADABLE=not_applicable("{address} presents a certificate that cannot be read."),
    **tls_places.NO_SERVICE,
)
"""Messages of certificate checks where there is nothing to judge; an unreadable one is ``cert-chain``'s finding."""


NOT_VERIFIED: Mapping[str, Message] = standard(
    NOT_VERIFIED=not_applicable(
        "Servers that send mail to {address} do not verify its certificate, except with DANE or MTA-STS; see the"
        " findings about those."
    )
)
"""Messages of checks about defects that only clients that verify see (CHECKS, security.mail.starttls)."""


@remembered
def presented(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Presented:
    """Return the chains that the subject's web service presents at one address and port."""
    return presented_at(evidence, ctx, TlsPlace(address=address, port=port, name=subject.host))


@remembered
def presented_at(evidence: EvidenceSet, ctx: Context, place: TlsPlace) -> Presented:
    """Return the chains that a place presents.

    A chain counts although the handshake failed after it: a server may ask for our certificate (trap L2).
    """
    tries = list(_handshakes(evidence, place))
    served = {chain: _served(evidence, ctx, e, chain) for e, chain, _ in tries if chain}
    state = tls_places.state(evidence, ctx, place)
    if served:
        return Presented(place=place, served=tuple(served.values()))
    transport = f"tcp/{place.port}"
    reasons = [
        excuse(ctx, e, failure, place.address, transport, large=True) for e, _, failure in tries if failure is not None
    ]
    theirs = tuple(e.id for e, _, failure in tries if failure is not None)
    let_in = tls_seen.enumerated(evidence, place)
    if let_in and theirs and not state.shut:  # hellos are answered and OpenSSL is not: the service tells clients apart
        return Presented(place=place, reason=Reason.RATE, evidence=(*theirs, *let_in))
    if state.shut or (reasons and None in reasons):
        return Presented(place=place, failed=not state.shut, evidence=state.evidence if state.shut else theirs)
    reason = next((r for r in reasons if r is not None), None) or state.reason or Reason.CUT
    return Presented(place=place, reason=reason, evidence=theirs or state.evidence)


def _served(evidence: EvidenceSet, ctx: Context, envelope: Evidence, sent: tuple[bytes, ...]) -> Served:
    issuers = fetched(evidence, ctx, sent)
    return Served(chain=_chain(sent), evidence=envelope.id, seen=envelope.started, issuers=issuers)


def _handshakes(evidence: EvidenceSet, place: TlsPlace) -> Iterator[tuple[Evidence, tuple[bytes, ...], Failure | None]]:
    """Yield the chains that were sent there, or why none was; an exchanger's is in the dialogue."""
    for envelope, step in evidence.of(TlsHandshake):
        there = (step.address, step.port, step.protocol) == (place.address, place.port, place.protocol)
        if there and place.is_named(step.server_name):
            yield envelope, step.chain, step.failure
    for envelope, dialogue in evidence.of(SmtpDialogue) if place.protocol == "smtp" else ():
        there = (dialogue.address, dialogue.port) == (place.address, place.port)
        if there and place.is_named(dialogue.server_name):
            yield envelope, dialogue.chain, dialogue.tls_failure or dialogue.failure


@remembered
def keys(evidence: EvidenceSet, address: IPAddress) -> tuple[tuple[EvidenceId, int, bytes], ...]:
    """Return the public keys that an address presented, each with the port where it did."""
    shown = [(e.id, step) for e, step in evidence.of(TlsHandshake) if step.address == address and step.chain]
    leaves = ((id_, step.port, read(step.chain[0])) for id_, step in shown)
    return tuple((id_, port, leaf.key) for id_, port, leaf in leaves if leaf is not None)


def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Presented, ...]:
    """Return the chains that each usable address, IPv4 and IPv6, presents over HTTPS."""
    places = tls_places.everywhere(subject, evidence, ctx).places
    return tuple(presented_at(evidence, ctx, place) for place in places if place.protocol == HTTPS)


def targets(
    subject: Subject, evidence: EvidenceSet, ctx: Context, *, verified: bool = True
) -> JudgedTargets[Presented]:
    """Return every place that presents a readable certificate; for each other one the message of NO_CERTIFICATE.

    ``verified``: the check is about defects that only clients that verify see.
    """

    def measured(place: TlsPlace) -> Presented | Verdict:
        presented_facts = presented_at(evidence, ctx, place)
        if verified and not place.verified:
            ids = dict.fromkeys((*(served.evidence for served in presented_facts.served), *presented_facts.evidence))
            return presented_facts.say("NOT_VERIFIED", *ids)
        return _blank(presented_facts) or presented_facts

    return tls_places.targets(subject, evidence, ctx, measured)


def _blank(one: Presented) -> Verdict | None:
    if one.reason is not None:
        verdict = not_judged.at(one.address, f"tcp/{one.place.port}", one.reason, one.evidence)
        return replace(verdict, detail=one.place.detail)
    if not one.served:
        return one.say("NO_TLS", *one.evidence, port=str(one.place.port))
    broken = next((served for served in one.served if served.chain is None), None)
    return None if broken is None else one.say("UNREADABLE", broken.evidence)


def _chain(sent: tuple[bytes, ...]) -> tuple[Certificate, ...] | None:
    """Return the leaf and as many of the others as can be read."""
    leaf = read(sent[0])
    if leaf is None:
        return None
    above = (read(der) for der in sent[1:MAX_CERTIFICATES])
    return (leaf, *(certificate for certificate in above if certificate is not None))
