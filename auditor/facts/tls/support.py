"""Reads the versions, suites and groups that a TLS service accepts, address by address.

A defect that was seen stands whether or not the enumeration came to its end; that there is none stands when it did.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.cached import remembered
from auditor.facts.targets import JudgedTargets
from auditor.facts.tls import places as tls_places
from auditor.facts.tls import seen as tls_seen
from auditor.facts.tls.places import HTTPS, TlsPlace
from auditor.framework.check import Message, inconclusive, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from probes.observations.tls import Answer, RenegotiationEnd, Stopped, TlsRenegotiation, TlsSupport, VersionSupport
from probes.wire.tls import suites
from probes.wire.tls.suites import Suite

CURRENT = ("TLSv1.3", "TLSv1.2")
OBSOLETE = ("TLSv1.1", "TLSv1.0", "SSLv3", "SSLv2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumerated:
    """Holds the enumeration of one place. ``support`` None: no TLS there, or, with a ``reason``, not known.

    ``agreed``: the parameters of a handshake of the run there, although no hello of the enumeration was answered.
    """

    place: TlsPlace
    support: TlsSupport | None = None
    reason: Reason | None = None
    agreed: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def address(self) -> IPAddress:
        return self.place.address

    @property
    def port(self) -> int:
        return self.place.port

    def version(self, name: str) -> VersionSupport | None:
        listed = self.support.versions if self.support is not None else ()
        return next((version_support for version_support in listed if version_support.version == name), None)

    def accepts(self, *names: str) -> tuple[str, ...]:
        """Return those of ``names`` that were accepted."""
        pairs = ((name, self.version(name)) for name in names)
        return tuple(name for name, version in pairs if version is not None and version.answer is Answer.ACCEPTED)

    def unsettled(self, *names: str) -> bool:
        """True if for at least one of ``names`` it is not known whether it is accepted."""
        version_supports = (self.version(name) for name in names)
        return any(version is None or version.answer is Answer.UNKNOWN for version in version_supports)

    def suites(self, *names: str) -> tuple[Suite, ...]:
        """Return the suites accepted in any of the versions, each once; without those that have no registered name."""
        listed = (self.version(name) for name in names)
        found = (suite for version in listed if version is not None for suite in version.suites)
        known = suites.by_name()
        return tuple(known[name] for name in dict.fromkeys(found) if name in known)

    def complete(self, *names: str) -> bool:
        """True if all suites of the versions are known, and every further question was answered."""
        version_supports = (self.version(name) for name in names)
        return self.whole and all(version is not None and version.complete for version in version_supports)

    @property
    def whole(self) -> bool:
        return self.support is not None and self.support.stopped is Stopped.NO

    def say(self, code: str, **args: Arg) -> Verdict:
        """Return a verdict about this place."""
        return Verdict(
            code=code,
            args={"address": self.place.shown, **args},
            address=self.address,
            detail=self.place.detail,
            evidence=self.evidence,
        )

    def unfinished(self) -> Verdict:
        """Return the verdict where nothing bad was seen, but not all was seen."""
        limited = self.support is not None and self.support.stopped is Stopped.RATE
        return self.say("LIMITED") if limited else self.undecided(None)

    def undecided(self, reason: Reason | None) -> Verdict:
        if self.agreed:
            return self.say("HELLOS_REFUSED", agreed=self.agreed)
        verdict = not_judged.at(self.address, f"tcp/{self.port}", reason, self.evidence)
        return replace(verdict, detail=self.place.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renegotiates:
    """Tells if clients may renegotiate without limit; ``freely`` None: not known. ``count``: the fewest in any try."""

    freely: bool | None = None
    count: int = 0
    evidence: tuple[EvidenceId, ...] = ()


FRAME: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    NO_ADDRESS=not_applicable("{name} has no address to ask for HTTPS."),
    **tls_places.NO_SERVICE,
    NO_TLS=not_applicable("{address} offers no TLS on port {port}."),
    HELLOS_REFUSED=inconclusive(
        "{address} answers none of the single questions about its TLS, but shakes hands all the same"
        " ({agreed:list}); what else it accepts is not known.",
        fix="Let the vantage through the filter that tells TLS clients apart, then check again.",
        reason=Reason.RATE,
    ),
    LIMITED=inconclusive(
        "{address} stopped answering in the middle of the enumeration; until then nothing bad was seen.",
        fix="Let the vantage through the limit on connections, then check again.",
        reason=Reason.RATE,
    ),
)
"""Messages of these checks where there is nothing to judge, or where judging did not come to its end."""


@remembered
def enumerated(evidence: EvidenceSet, ctx: Context, place: TlsPlace) -> Enumerated:
    """Return the most complete enumeration of all there are."""
    tries = [
        (envelope, step)
        for envelope, step in evidence.of(TlsSupport)
        if step.address == place.address and step.port == place.port and step.protocol == place.protocol
        if place.is_named(step.server_name)
    ]
    seen = [(envelope.id, step) for envelope, step in tries if step.failure is None]
    if seen:
        key, best = min(seen, key=lambda pair: (pair[1].stopped is not Stopped.NO, -pair[1].hellos))
        return Enumerated(place=place, support=best, evidence=(key,))
    state = tls_places.state(evidence, ctx, place)
    if state.shut:
        return Enumerated(place=place, evidence=state.evidence)
    ids = tuple(envelope.id for envelope, _ in tries)
    transport = f"tcp/{place.port}"
    reasons = [
        excuse(ctx, e, step.failure, place.address, transport, large=True)
        for e, step in tries
        if step.failure is not None
    ]
    let_in = tls_seen.handshake(evidence, place)
    left = any(step.failure is not None and step.failure.kind is not FailureKind.FILTERED_HERE for _, step in tries)
    if let_in is not None and left and any(reason in (None, Reason.EGR) for reason in reasons):
        return Enumerated(place=place, reason=Reason.RATE, agreed=let_in.words, evidence=(*ids, let_in.evidence))
    if None in reasons:  # after a dialogue that reached TLS, a refusal can only be a refusal of our vantage
        limited = Reason.RATE if place.protocol == "smtp" else None
        return Enumerated(place=place, reason=limited, evidence=ids)
    reason = next((r for r in reasons if r is not None), None) or state.reason or Reason.CUT
    return Enumerated(place=place, reason=reason, evidence=ids or state.evidence)


@remembered
def renegotiates(evidence: EvidenceSet, ctx: Context, place: TlsPlace) -> Renegotiates:
    """Judge whether renegotiation is unlimited at every try: some servers allow it at one try and not at the next."""
    tries = [
        (envelope.id, step)
        for envelope, step in evidence.of(TlsRenegotiation)
        if step.address == place.address and step.port == place.port and step.protocol == place.protocol
        if place.is_named(step.server_name) and step.failure is None
    ]
    if not tries:
        return Renegotiates()
    least = min((step for _, step in tries), key=lambda step: step.count)
    freely = all(step.ended is RenegotiationEnd.LIMIT for _, step in tries)
    return Renegotiates(freely=freely, count=least.count, evidence=tuple(key for key, _ in tries))


@remembered
def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Enumerated, ...]:
    """Return the enumeration of each usable address, IPv4 and IPv6, over HTTPS."""
    places = tls_places.everywhere(subject, evidence, ctx).places
    return tuple(enumerated(evidence, ctx, place) for place in places if place.protocol == HTTPS)


def targets(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[Enumerated]:
    """Return every place that accepts TLS, with its enumeration; for each other one the message of FRAME."""

    def measured(place: TlsPlace) -> Enumerated | Verdict:
        enumeration = enumerated(evidence, ctx, place)
        if enumeration.reason is not None:
            return enumeration.undecided(enumeration.reason)
        return enumeration if enumeration.support is not None else enumeration.say("NO_TLS", port=str(enumeration.port))

    return tls_places.targets(subject, evidence, ctx, measured)
