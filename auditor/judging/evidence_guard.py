"""Turns a verdict into INCONCLUSIVE where its evidence does not support it.

The checks do this themselves; this is the last guard where one forgets. It reads the observations of the kinds that the
check declares, in the evidence that the verdict names, or in all evidence where the verdict names none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv6Address

from auditor.framework.check import Check, SilenceMeaning
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from inventory.model import IPAddress, Network
from probes.framework.evidence import At, Attribution, Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dns import Delegation, NameLookup
from probes.observations.dnssec import ZoneAnswer

_ACCUSING = frozenset({Outcome.WARN, Outcome.FAIL})
_NOWHERE = IPv6Address("::")
_NO_REPLY = Failure(kind=FailureKind.TIMEOUT, detail="no echo reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedStep:
    """Holds one observation: whether it failed, and why that may not count (None where it may)."""

    kind: type[Observation]
    address: IPAddress | None
    transport: str
    failed: bool
    reason: Reason | None

    @property
    def held(self) -> bool:
        return self.failed and self.reason is None


def doubt(check: Check, verdict: Verdict, outcome: Outcome, evidence: EvidenceSet, ctx: Context) -> Reason | None:
    """Return the reason why ``outcome`` does not follow from the evidence of ``verdict``; None if it does.

    A defect needs a failure that counts. Without one it may rest on a success (a weak cipher was accepted), but not
    where one family or transport that it names has nothing but failures that do not count: a success over IPv4 and
    silence of unknown origin over IPv6 is no difference between the two. "Nothing is exposed" holds only where every
    silence was shown to be the peer's; "something is exposed" holds on a single answer. A closed service is no defect
    where all peers refuse: a firewall near the vantage that rejects a port answers for all of them.
    """
    exposure = check.question is SilenceMeaning.EXPOSURE
    if outcome not in _ACCUSING and not (outcome is Outcome.PASS and exposure):
        return None
    found = (step for envelope in rests_on(verdict, evidence) for step in judged_steps(envelope, evidence, ctx))
    steps = [step for step in found if issubclass(step.kind, check.needs)]
    if outcome is Outcome.PASS:
        return _undecided(steps, lambda one: (one.kind, one.address, one.transport))
    if not exposure:
        steps = [unless_all_refuse(step, ctx) for step in steps]
    if any(step.held for step in steps):
        return None
    if exposure:
        return _undecided(steps, lambda one: ())
    return _undecided(steps, lambda one: (one.kind, one.address and one.address.version, one.transport))


def unless_all_refuse(step: JudgedStep, ctx: Context) -> JudgedStep:
    """Return the step, with EGR as reason if all peers on the Internet refuse this family and transport."""
    if not (step.held and step.address is not None and ctx.location.network is Network.INTERNET):
        return step
    everywhere = (step.address.version, step.transport) in ctx.vantage.turned_away
    return replace(step, reason=Reason.EGR) if everywhere else step


def rests_on(verdict: Verdict, evidence: EvidenceSet) -> Iterator[Evidence]:
    """Return the evidence that a verdict names, or all about its address where it names none."""
    if verdict.evidence:
        named = frozenset(verdict.evidence)
        return (envelope for envelope in evidence if envelope.id in named)
    return (envelope for envelope in evidence if about(envelope, verdict.address))


def about(evidence: Evidence, address: IPAddress | None) -> bool:
    """True if the evidence may concern an address, or if there is no address or the evidence names none."""
    return address is None or evidence.endpoint is None or evidence.endpoint.address == address


def _undecided(steps: Sequence[JudgedStep], key: Callable[[JudgedStep], object]) -> Reason | None:
    """Return the reason of the first group in which no step counts. Several attempts at one thing are one group."""
    if all(step.reason is None for step in steps):  # the usual case
        return None
    groups: dict[object, list[JudgedStep]] = {}
    for step in steps:
        groups.setdefault(key(step), []).append(step)
    return next((group[0].reason for group in groups.values() if all(step.reason for step in group)), None)


def judged_steps(one: Evidence, evidence: EvidenceSet, ctx: Context) -> tuple[JudgedStep, ...]:
    """Return the steps of one piece of evidence, cached for all checks."""
    key = (judged_steps, one.id, id(ctx))
    _, steps = evidence.once(key, lambda: (ctx, tuple(_each_step(one, ctx))))
    return steps


def _each_step(one: Evidence, ctx: Context) -> Iterator[JudgedStep]:
    for step in one.steps:
        for part in step.single_steps():
            yield _step(part, type(step), one.started, ctx, until=one.time_of(step))


def _step(
    step: Observation, kind: type[Observation], at: datetime, ctx: Context, *, until: datetime | None = None
) -> JudgedStep:
    place = step.at()
    address, transport = place or (None, "")
    failure = _NO_REPLY if step.is_silent else step.failure
    reason = None if failure is None else _reason(step, failure, place, ctx, (at, until))
    return JudgedStep(kind=kind, address=address, transport=transport, failed=failure is not None, reason=reason)


def why_not_held(step: Observation, at: datetime, ctx: Context) -> Reason | None:
    """Return why a failed step shows nothing about the subject; None if it did not fail, or may count as a defect."""
    return _step(step, type(step), at, ctx).reason


def _reason(
    step: Observation, failure: Failure, place: At | None, ctx: Context, times: tuple[datetime, datetime | None]
) -> Reason | None:
    if place is not None:
        at, until = times
        return ctx.unproven(failure, *place, at, until=until, large=step.LARGE)
    match failure.kind.attribution:
        case Attribution.OURS:
            return ctx.unproven(failure, _NOWHERE, "")
        case Attribution.PATH if isinstance(step, NameLookup | Delegation | ZoneAnswer):
            return Reason.DNS  # no server answered for the name: nothing is known about it
        case _:
            return None
