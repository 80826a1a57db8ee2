"""What a TLS service accepts, address by address, and the frame that the checks of it share.

A defect that was seen stands whether or not the enumeration came to its end; that there is none stands when it did.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from auditor.check import Message, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.blame import excuse
from auditor.facts.names import canonical, own
from auditor.facts.ports import knock
from auditor.facts.remembered import remembered
from auditor.facts.web import addresses, https_port
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.tls import Answer, Stopped, TlsSupport, VersionSupport
from probes.wire.tls import suites
from probes.wire.tls.suites import Suite

CURRENT = ("TLSv1.3", "TLSv1.2")
OBSOLETE = ("TLSv1.1", "TLSv1.0", "SSLv3", "SSLv2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumerated:
    """One address. ``support`` None: no TLS there, or, with a ``reason``, not known."""

    address: IPAddress
    port: int
    support: TlsSupport | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    def version(self, name: str) -> VersionSupport | None:
        listed = self.support.versions if self.support is not None else ()
        return next((one for one in listed if one.version == name), None)

    def accepts(self, *names: str) -> tuple[str, ...]:
        """Those of ``names`` that were accepted."""
        found = ((name, self.version(name)) for name in names)
        return tuple(name for name, one in found if one is not None and one.answer is Answer.ACCEPTED)

    def unsettled(self, *names: str) -> bool:
        """Whether it is open for any of ``names`` if it is accepted."""
        found = (self.version(name) for name in names)
        return any(one is None or one.answer is Answer.UNKNOWN for one in found)

    def suites(self, *names: str) -> tuple[Suite, ...]:
        """The suites accepted in any of the versions, each once; without those that have no registered name."""
        listed = (self.version(name) for name in names)
        found = (suite for one in listed if one is not None for suite in one.suites)
        known = suites.by_name()
        return tuple(known[name] for name in dict.fromkeys(found) if name in known)

    def complete(self, *names: str) -> bool:
        """Whether all suites of the versions are known, and what else was asked was answered."""
        found = (self.version(name) for name in names)
        return self.whole and all(one is not None and one.complete for one in found)

    @property
    def whole(self) -> bool:
        return self.support is not None and self.support.stopped is Stopped.NO

    def say(self, code: str, **args: Arg) -> Verdict:
        """A verdict about this address."""
        return Verdict(
            code=code, args={"address": str(self.address), **args}, address=self.address, evidence=self.evidence
        )

    def unfinished(self) -> Verdict:
        """Nothing bad was seen, but not all was seen."""
        limited = self.support is not None and self.support.stopped is Stopped.RATE
        return self.say("LIMITED") if limited else undecided.at(self.address, f"tcp/{self.port}", None, self.evidence)


FRAME: Mapping[str, Message] = {
    **undecided.DNS_CODES,
    **undecided.NOT_DECIDED,
    "NO_ADDRESS": says(Outcome.NOT_APPLICABLE, "{name} has no address to ask for HTTPS."),
    "NO_TLS": says(Outcome.NOT_APPLICABLE, "{address} offers no TLS on port {port}."),
    "LIMITED": says(
        Outcome.INCONCLUSIVE,
        "{address} stopped answering in the middle of the enumeration; until then nothing bad was seen.",
        fix="Let the measuring point through the limit on connections, then check again.",
        reason=Reason.RATE,
    ),
}
"""What these checks say where there is nothing to judge, or where judging did not come to its end."""


@remembered
def enumerated(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Enumerated:
    """The enumeration that says most, of all there are."""
    tries = [
        (envelope, step)
        for envelope, step in evidence.of(TlsSupport)
        if step.address == address and step.port == port and step.protocol == "https"
        if subject.host is None or canonical(step.server_name or "") == canonical(subject.host)
    ]
    seen = [(envelope.id, step) for envelope, step in tries if step.failure is None]
    if seen:
        key, best = min(seen, key=lambda one: (one[1].stopped is not Stopped.NO, -one[1].hellos))
        return Enumerated(address=address, port=port, support=best, evidence=(key,))
    state = knock(evidence, ctx, address, port)
    if state.shut:
        return Enumerated(address=address, port=port, evidence=state.evidence)
    ids = tuple(envelope.id for envelope, _ in tries)
    reasons = [excuse(ctx, e, step.failure, address, f"tcp/{port}") for e, step in tries if step.failure is not None]
    if None in reasons:
        return Enumerated(address=address, port=port, evidence=ids)
    reason = next((r for r in reasons if r is not None), None) or state.reason or Reason.CUT
    return Enumerated(address=address, port=port, reason=reason, evidence=ids or state.evidence)


@remembered
def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Enumerated, ...]:
    """What each usable address of either family accepts."""
    port = https_port(subject)
    if port is None:
        return ()
    return tuple(enumerated(subject, evidence, ctx, one, port) for one in addresses(subject, evidence, ctx))


def judge_each(
    subject: Subject, evidence: EvidenceSet, ctx: Context, judge: Callable[[Enumerated], Verdict]
) -> Iterator[Verdict]:
    """One verdict for each address: ``judge``'s where TLS is accepted, else what FRAME says."""
    unknown = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    yield from (undecided.dns(look, detail=look.rtype) for look in unknown)
    found = everywhere(subject, evidence, ctx)
    for one in found:
        if one.reason is not None:
            yield undecided.at(one.address, f"tcp/{one.port}", one.reason, one.evidence)
        else:
            yield one.say("NO_TLS", port=str(one.port)) if one.support is None else judge(one)
    if not found and not unknown:
        yield Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name})
