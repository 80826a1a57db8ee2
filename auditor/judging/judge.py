"""Turns evidence into findings: passes the gates before each check and contains a check's exceptions.

Order of the gates: kind, expected state, clearance, vantage, self-test of the claimed family and transport, evidence
present, the check. A missing step is INCONCLUSIVE with its reason; an exception of a check is ERROR and is passed on.
Pure and deterministic: the same evidence and context give the same findings in the same order.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.framework.check import Check, CheckScope, FamilyClaim, Granularity, SilenceMeaning, VantageKind
from auditor.framework.context import Context
from auditor.framework.findings import (
    DECIDED,
    DEFECTS,
    ROUNDS,
    Arg,
    Finding,
    Outcome,
    Reason,
    Verdict,
    Waiver,
    finding_id,
    without_nul,
)
from auditor.framework.localdate import civil_day
from auditor.framework.waivers import waiver
from auditor.judging import (
    announced_work,
    cut_off_sites,
    cut_short,
    excuses,
    inspected,
    second_look,
    unanswered,
    within,
)
from auditor.judging.evidence_guard import doubt
from auditor.judging.gaps import by_gaps, with_gaps
from auditor.judging.gates import GATES, UngradedVerdict, code_of, inconclusive, judged_network
from auditor.judging.usable import usable
from inventory.model import IPAddress, Kind, Subject
from probes.framework.evidence import Evidence, EvidenceSet, Observation
from probes.framework.expand import HINT, exchanger_addresses, expand
from probes.framework.tls_services import TLS_SERVICES
from probes.observations.dns import NameLookup
from probes.observations.snmp import SnmpSession
from probes.observations.tls import TlsSupport
from probes.observations.web import TlsHandshake

Why = Callable[[IPAddress | None], Reason]
"""Returns the reason at one address, or for a subject without any."""
Needs = tuple[type[Observation], ...]
OnBug = Callable[[Check, Subject, Exception], None]
"""Called with every exception of a check; in tests it raises."""

_FAMILIES = {
    FamilyClaim.V6: frozenset({6}),
    FamilyClaim.V4: frozenset({4}),
    FamilyClaim.BOTH: frozenset({4, 6}),
    FamilyClaim.EACH: frozenset[int](),
    FamilyClaim.AAAA: frozenset[int](),
    FamilyClaim.NONE: frozenset[int](),
}
_OF_ADDRESSES = {**_FAMILIES, FamilyClaim.AAAA: frozenset({6})}
"""The families of the addresses that a check reports on; empty means both."""
SMTP = "tcp/25"
_OF_TLS = frozenset({TlsSupport, TlsHandshake})


def judge(
    subject: Subject, evidence: EvidenceSet, checks: Iterable[Check], ctx: Context, *, on_bug: OnBug
) -> tuple[Finding, ...]:
    """Return all findings of one settled subject, in the order of the checks."""
    found: list[Finding] = []
    ctx = replace(ctx, location=ctx.sites.places.location(subject, ctx.vantage.networks), judged=subject.id)
    case = _Case(subject, evidence, ctx)
    for check in checks:
        if check.scope is CheckScope.SUBJECT and check.concerns(subject):
            for said in _judge_one(check, case, on_bug):
                verdict = cut_short.named(said.verdict, said.reason, subject, case.evidence, case.usable)
                found.append(_finding(check, subject, said.about(verdict), ctx))
    return tuple(found)


def judge_vantage(
    subject: Subject, evidence: EvidenceSet, checks: Iterable[Check], ctx: Context, *, on_bug: OnBug
) -> tuple[Finding, ...]:
    """Return the ``meta.*`` findings of the vantage itself; they belong to the run and never to a score."""
    return judge_beside(subject, evidence, checks, ctx, scope=CheckScope.VANTAGE, on_bug=on_bug)


def judge_beside(
    subject: Subject, evidence: EvidenceSet, checks: Iterable[Check], ctx: Context, *, scope: CheckScope, on_bug: OnBug
) -> tuple[Finding, ...]:
    """Return the findings of a scope other than audited subjects: of the vantage, or of the run's inventory."""
    return tuple(
        _finding(check, subject, said, ctx)
        for check in checks
        if check.scope is scope and ctx.policy.knows(check.id)
        for said in _run(check, subject, evidence, ctx, on_bug) or [inconclusive(Reason.CUT)]
    )


class _Case:
    """Holds one subject before its checks, with values that several of their gates need, computed once."""

    def __init__(self, subject: Subject, evidence: EvidenceSet, ctx: Context) -> None:
        self.subject, self.evidence, self.ctx = subject, evidence, ctx
        self.usable, self.aside = usable(evidence, ctx)
        self.shown = with_gaps(self.usable, self.aside)  # read by the checks
        self._sight: dict[Needs, _Sight] = {}
        self._addresses: dict[bool, tuple[IPAddress, ...]] = {}

    def sight(self, needs: Needs) -> "_Sight":
        """Return the vantage's health at the time at which the evidence of a check was measured."""
        asked = () if self.ctx.vantage.is_steady else needs  # if the health never changed, any moment will do
        found = self._sight.get(asked)
        if found is None:
            found = self._sight[asked] = _looked(asked, self.evidence, self.ctx)
        return found

    def addresses(self, check: Check) -> tuple[IPAddress, ...]:
        """Return the addresses that a per-address check reports on.

        Name servers for DNS checks, mail exchangers for checks of SMTP with a domain, the subject's own for others.
        """
        if SMTP in check.transports and Kind.MAIL in check.kinds & self.subject.kinds:
            return exchanger_addresses(self.evidence)
        of_servers = bool(check.transports & {"udp/53", "tcp/53"})
        if Kind.ZONE in check.kinds and Kind.ZONE not in self.subject.kinds:  # a check that also applies to hosts
            of_servers = False
        if of_servers not in self._addresses:
            own = [t for t in expand(self.subject, self.evidence) if t.service is None or t.service.name != HINT]
            own = [t for t in own if not t.for_mail_clients]
            tasks = [task for task in own if (task.zone is not None) == of_servers]
            self._addresses[of_servers] = tuple(dict.fromkeys(task.endpoint.address for task in tasks))
        return self._addresses[of_servers]


def _judge_one(check: Check, case: _Case, on_bug: OnBug) -> Iterator[UngradedVerdict]:
    subject, ctx = case.subject, case.ctx
    gate = next((said for judge_gate in GATES if (said := judge_gate(check, subject, ctx)) is not None), None)
    if gate is not None:
        yield replace(gate, at_gate=True)
        return
    reason = _self_test(check, case.sight(check.needs))
    if reason is not None:
        yield from _for_each_address(check, case, lambda address: reason)
        return
    blind = _blind_addresses(check, case)
    yield from (inconclusive(_sick(address.version), address) for address in blind)
    if check.needs and not case.usable.has(check.needs) and not _nothing_to_measure(check, subject):
        yield from _for_each_address(check, case, _missing(check, case.aside), but=blind)
        return
    every = (by_gaps(said, case.aside) for said in _run(check, subject, case.shown, ctx, on_bug))
    found = [said for said in every if said.verdict.address not in blind]
    doubted = (_backstop(said, check, case) for said in _of_tested_addresses(found))
    for said in doubted:
        yield said.about(cut_short.over_budget(check, said.verdict, said.reason, case.usable))
    if not found and not blind:
        yield inconclusive(Reason.CUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """Holds the vantage's health at the moments evidence was taken: true only where it was so at every one of them.

    ``healthy``: the families that worked; ``iterative``: root servers answered; ``clock``: it was not found wrong.
    """

    healthy: frozenset[int]
    iterative: bool
    clock: bool


def _looked(needs: Needs, evidence: EvidenceSet, ctx: Context) -> _Sight:
    moments = set[datetime]().union(*(_moments(kind, None, evidence) for kind in needs)) or {ctx.now}
    healthy = set()
    for family in (6, 4):
        of_family = set[datetime]().union(*(_moments(kind, family, evidence) for kind in needs)) or {ctx.now}
        if all(ctx.vantage.usable(family, at) for at in of_family):
            healthy.add(family)
    return _Sight(
        healthy=frozenset(healthy),
        iterative=all(ctx.vantage.iterative(at) for at in moments),
        clock=all(ctx.vantage.clock(at) for at in moments),
    )


def _moments(kind: type[Observation], family: int | None, evidence: EvidenceSet) -> frozenset[datetime]:
    """Return the times of evidence with observations of a kind; with a family, only of evidence that may concern it."""

    def moments() -> frozenset[datetime]:
        return frozenset(
            envelope.started
            for envelope, _ in evidence.of(kind)
            if family is None or envelope.endpoint is None or envelope.endpoint.address.version == family
        )

    return evidence.once((_moments, kind, family), moments)


def _self_test(check: Check, sight: _Sight) -> Reason | None:
    """Return why the vantage could not see the state that a check claims when its evidence was taken, or None.

    The reason holds if it was so at any moment of the evidence.
    """
    sick = _FAMILIES[check.claims] - sight.healthy
    if sick:
        return _sick(max(sick))
    if "udp/53" in check.transports and not sight.iterative:
        return Reason.EGR
    return Reason.REF if check.clock and not sight.clock else None


def _reads(needs: Needs, evidence: Evidence) -> bool:
    return any(isinstance(step, needs) for step in evidence.steps)


def _sick(family: int) -> Reason:
    return Reason.V6 if family == 6 else Reason.V4


def _blind_addresses(check: Check, case: _Case) -> tuple[IPAddress, ...]:
    """Return, for a check of each address by itself, the addresses measured only while their family did not work.

    They are reported as inconclusive and not judged.
    """
    if check.unit is not Granularity.ADDRESS or check.claims is not FamilyClaim.EACH or not case.aside:
        return ()
    sick = {envelope.endpoint.address for envelope in case.aside if envelope.endpoint is not None}
    seen = {
        envelope.endpoint.address
        for envelope in case.usable
        if envelope.endpoint is not None and _reads(check.needs, envelope)
    }
    return tuple(address for address in case.addresses(check) if address in sick - seen)


def _nothing_to_measure(check: Check, subject: Subject) -> bool:
    """True if the subject has nothing that the check measures.

    A subject without a name has nothing for checks of names, nor for checks of a family that none of its addresses has;
    one that is not managed over SNMP has nothing for checks that read SNMP; a host without TLS services nothing for
    those of TLS.
    """
    if subject.host is None and check.needs == (NameLookup,):
        return True
    if SnmpSession in check.needs and not any(service.name == "snmp" for service in subject.services):
        return True
    if _OF_TLS & set(check.needs) and Kind.HOST in subject.kinds:
        return not any(service.name in TLS_SERVICES for service in subject.services)
    families = _OF_ADDRESSES[check.claims]
    declared = {address.version for address in subject.addresses}
    return subject.host is None and bool(declared) and bool(families) and not declared & families


def _missing(check: Check, aside: tuple[Evidence, ...]) -> Why:
    """Return a function that gives the reason for missing evidence: it was set aside, or there is none."""
    families = {
        envelope.endpoint.address.version
        for envelope in aside
        if envelope.endpoint is not None and _reads(check.needs, envelope)
    }

    def why(address: IPAddress | None) -> Reason:
        version = max(families, default=0) if address is None else address.version
        return _sick(version) if version in families else Reason.CUT

    return why


def _for_each_address(
    check: Check, case: _Case, why: Why, *, but: tuple[IPAddress, ...] = ()
) -> Iterator[UngradedVerdict]:
    found = case.addresses(check) if check.unit is Granularity.ADDRESS else ()
    families = _OF_ADDRESSES[check.claims] or frozenset({4, 6})
    concerned = [address for address in found if address.version in families]
    yield from (inconclusive(why(address), address) for address in concerned if address not in but)
    if not concerned:
        yield inconclusive(why(None))


def _run(check: Check, subject: Subject, evidence: EvidenceSet, ctx: Context, on_bug: OnBug) -> list[UngradedVerdict]:
    """Run a check and contain its exceptions; undeclared codes and two verdicts on one thing are bugs of ours."""
    try:
        said = [_with_outcome(check, verdict) for verdict in check.run(subject, evidence, ctx)]
        keys = [(statement.verdict.address, statement.verdict.detail or "") for statement in said]
        if len(set(keys)) != len(keys):
            raise ValueError(f"{check.id}: two verdicts on one address and detail")
    except Exception as error:
        on_bug(check, subject, error)
        trace = "".join(traceback.format_exception(error))[-4_000:]
        return [UngradedVerdict(verdict=Verdict(code="BUG"), outcome=Outcome.ERROR, trace=trace)]
    return said


def _with_outcome(check: Check, verdict: Verdict) -> UngradedVerdict:
    message = check.messages.get(verdict.code)
    if message is None:
        raise ValueError(f"{check.id}: undeclared code {verdict.code!r}")
    reason = verdict.reason or message.reason
    if (reason is not None) != (message.outcome is Outcome.INCONCLUSIVE):
        raise ValueError(f"{check.id}: {verdict.code} and its reason do not fit together")
    return UngradedVerdict(verdict=verdict, outcome=message.outcome, reason=reason)


def _backstop(said: UngradedVerdict, check: Check, case: _Case) -> UngradedVerdict:
    """Return the verdict, or INCONCLUSIVE for the same thing with its evidence where it does not follow."""
    evidence, ctx = case.usable, case.ctx
    if said.outcome is Outcome.NOT_APPLICABLE:
        outage = cut_off_sites.outage(check, ctx)
        return unanswered.excuse(said.verdict, case.subject, evidence, case.aside, ctx, outage=outage) or said
    if said.outcome in DEFECTS and check.question is SilenceMeaning.SERVICE:
        excused = announced_work.excuse(said.verdict, case.subject, evidence, ctx)
        if excused is not None:
            return excused
    if said.outcome in DECIDED:
        excused = inspected.excuse(check, said.verdict, case.subject, evidence, ctx)
        excused = excused or within.excuse(check, said.verdict, case.subject, evidence, ctx)
        excused = excused or excuses.unheard(check, said, evidence, case.aside)
        if excused is not None:
            return excused
    reason = doubt(check, said.verdict, said.outcome, evidence, ctx)
    if reason is None and said.outcome in DEFECTS:
        excused = cut_off_sites.excuse(check, said.verdict, case.subject, evidence, ctx)
        if excused is not None:
            return excused
        reason = second_look.missing(check.needs, said.verdict, evidence, case.aside, ctx)
    if reason is None:
        return said
    return UngradedVerdict(
        verdict=replace(said.verdict, code=code_of(reason), args={}), outcome=Outcome.INCONCLUSIVE, reason=reason
    )


def _of_tested_addresses(found: list[UngradedVerdict]) -> list[UngradedVerdict]:
    """Return the verdicts; for a name with more addresses than are probed, one stands for the undecided others."""
    tested = {None, *cut_short.tested({said.verdict.address for said in found if said.verdict.address is not None})}
    kept = [said for said in found if said.outcome is not Outcome.INCONCLUSIVE or said.verdict.address in tested]
    left = len(found) - len(kept)
    if not left:
        return kept
    rest = UngradedVerdict(verdict=cut_short.more_addresses(left), outcome=Outcome.INCONCLUSIVE, reason=Reason.CUT)
    return [*kept, rest]


def _args(check: Check, said: UngradedVerdict, ctx: Context) -> Mapping[str, Arg]:
    """Return the verdict's values; a defect that was measured in only one round states so (INTERFACE, profiles)."""
    measured = check.window is None and VantageKind.INV not in check.vantage
    once = ctx.one_round and measured and said.outcome in (Outcome.WARN, Outcome.FAIL)
    args = {name: _storable(value) for name, value in said.verdict.args.items()}
    return {**args, ROUNDS: 1} if once else args


def _storable(value: Arg) -> Arg:
    if isinstance(value, tuple):
        return tuple(map(without_nul, value))
    return without_nul(value) if isinstance(value, str) else value


def _finding(check: Check, subject: Subject, said: UngradedVerdict, ctx: Context) -> Finding:
    level, basis = ctx.policy.level(check.id)
    verdict = said.verdict
    network = subject.network if said.at_gate else judged_network(check, subject, ctx.vantage)
    detail = None if verdict.detail is None else without_nul(verdict.detail)
    return Finding(
        id=finding_id(subject.id, check.id, verdict.address, detail, network.value),
        check=check.id,
        check_version=check.version,
        code=verdict.code,
        outcome=said.outcome,
        severity=ctx.policy.severity(check.id, subject.kind, verdict.code),
        level=level,
        level_basis=basis,
        subject=subject.id,
        address=verdict.address,
        detail=detail,
        vantage=ctx.vantage.name,
        reason=said.reason,
        args=_args(check, said, ctx),
        evidence=verdict.evidence,
        waived=_waived(check, subject, said, ctx),
        trace=None if said.trace is None else without_nul(said.trace),
    )


def _waived(check: Check, subject: Subject, said: UngradedVerdict, ctx: Context) -> Waiver | None:
    """Return the waiver of a defect, or None; the verdict stays the same."""
    if not ctx.policy.waivers or said.outcome not in (Outcome.FAIL, Outcome.WARN):
        return None
    return waiver(ctx.policy.waivers, subject, check.id, civil_day(ctx.now))
