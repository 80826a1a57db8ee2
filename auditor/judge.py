"""Evidence to findings: the gates every check passes first, and the bulkhead around it.

Order of the gates: kind, expected state, clearance, vantage, self-test of the claimed family and transport, evidence
present, the check. A missing step is INCONCLUSIVE with its reason; an exception of a check is ERROR and handed on.
Pure and deterministic: the same evidence and context give the same findings in the same order.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from auditor.check import Check, Claim, Place, Scope, Unit
from auditor.context import Context
from auditor.findings import Finding, Outcome, Reason, Verdict, finding_id
from inventory.model import ExpectedState, IPAddress, Network, Subject
from probes.framework.evidence import EvidenceSet, Observation
from probes.framework.expand import expand
from probes.observations.dns import DnsExchange
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

OnBug = Callable[[Check, Subject, Exception], None]
"""Told of every exception of a check; in tests it raises."""

_FAMILIES = {
    Claim.V6: frozenset({6}),
    Claim.V4: frozenset({4}),
    Claim.BOTH: frozenset({4, 6}),
    Claim.EACH: frozenset[int](),
    Claim.NONE: frozenset[int](),
}
_PLACES = {Network.INTERNET: Place.INET, Network.TSLCD: Place.TSL}
_ACCUSING = frozenset({Outcome.WARN, Outcome.FAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A verdict with its outcome, before policy."""

    verdict: Verdict
    outcome: Outcome
    reason: Reason | None = None
    trace: str | None = None


def judge(
    subject: Subject, evidence: EvidenceSet, checks: Iterable[Check], ctx: Context, *, on_bug: OnBug
) -> tuple[Finding, ...]:
    """All findings of one settled subject, in the order of the checks."""
    found: list[Finding] = []
    for check in checks:
        if check.scope is Scope.SUBJECT and check.kinds & subject.kinds:
            found += [_finding(check, subject, said, ctx) for said in _judge_one(check, subject, evidence, ctx, on_bug)]
    return tuple(found)


def judge_vantage(
    subject: Subject, evidence: EvidenceSet, checks: Iterable[Check], ctx: Context, *, on_bug: OnBug
) -> tuple[Finding, ...]:
    """The ``meta.*`` findings of the vantage itself; they stand with the run and never in a score."""
    return tuple(
        _finding(check, subject, said, ctx)
        for check in checks
        if check.scope is Scope.VANTAGE
        for said in _run(check, subject, evidence, ctx, on_bug)
    )


def _judge_one(check: Check, subject: Subject, evidence: EvidenceSet, ctx: Context, on_bug: OnBug) -> Iterator[_Said]:
    gate = _expected_state(check, subject, ctx) or _permission(check, subject, ctx) or _place(check, subject, ctx)
    if gate is not None:
        yield gate
        return
    usable, sick = _without_sick_families(evidence, ctx)
    reason = _self_test(check, evidence, ctx)
    if reason is not None:
        yield from _for_each_address(check, subject, evidence, reason)
        return
    yield from _sick_addresses(check, subject, evidence, sick)
    if not usable.has(check.needs):
        if not sick:
            yield from _for_each_address(check, subject, evidence, Reason.CUT)
        return
    yield from (_backstop(said, check, usable, ctx) for said in _run(check, subject, usable, ctx, on_bug))


def _expected_state(check: Check, subject: Subject, ctx: Context) -> _Said | None:
    """What an owner was excused from: only checks that ask for presence; what is published is judged all the same."""
    day = ctx.now.date()
    if check.presence:
        state = subject.expected.in_force(day)
        if state is ExpectedState.PLANNED:
            due = "" if subject.expected.due is None else subject.expected.due.isoformat()
            return _not_applicable("PLANNED", {"due": due})
        if state is ExpectedState.EXEMPT:
            return _not_applicable(
                "EXEMPT", {"reason": subject.expected.reason, "signatory": subject.expected.signatory}
            )
        for row in ctx.exemptions:
            of_subject = row.subject == subject.id or (row.subject is None and row.agency == subject.agency)
            if of_subject and row.in_force(day) and f"{check.id}.".startswith(row.check_prefix.rstrip(".*") + "."):
                return _not_applicable("EXEMPT", {"reason": row.reason, "signatory": row.signatory})
    return None


def _not_applicable(code: str, args: Mapping[str, str]) -> _Said:
    return _Said(verdict=Verdict(code=code, args=args), outcome=Outcome.NOT_APPLICABLE)


def _permission(check: Check, subject: Subject, ctx: Context) -> _Said | None:
    if subject.clearance.covers(check.clearance) and ctx.clearance.covers(check.clearance):
        return None
    return _inconclusive(Reason.SCOPE)


def _place(check: Check, subject: Subject, ctx: Context) -> _Said | None:
    """A subject is judged from its own network; a check that needs no place is judged from anywhere."""
    if not check.vantage & set(_PLACES.values()):
        return None
    return None if subject.network in ctx.vantage.networks else _inconclusive(Reason.VP)


def _self_test(check: Check, evidence: EvidenceSet, ctx: Context) -> Reason | None:
    """The reason why the vantage could not have seen what the check claims, at any moment its evidence was taken."""
    moments = [one.started for one in evidence if any(isinstance(step, check.needs) for step in one.steps)] or [ctx.now]
    for family, reason in ((6, Reason.V6), (4, Reason.V4)):
        if family in _FAMILIES[check.claims] and not all(ctx.vantage.usable(family, at) for at in moments):
            return reason
    if "udp/53" in check.transports and not all(ctx.vantage.iterative(at) for at in moments):
        return Reason.EGR
    return None


def _without_sick_families(evidence: EvidenceSet, ctx: Context) -> tuple[EvidenceSet, frozenset[int]]:
    """Evidence without what was measured over a family that did not work here at that time; and those families."""
    kept, sick = [], set()
    for one in evidence:
        if one.endpoint is not None and not ctx.vantage.usable(one.endpoint.address.version, one.started):
            sick.add(one.endpoint.address.version)
        else:
            kept.append(one)
    return EvidenceSet(kept), frozenset(sick)


def _sick_addresses(
    check: Check, subject: Subject, evidence: EvidenceSet, sick: frozenset[int]
) -> Iterator[_Said]:  # fmt: skip
    """Checks of every address by itself: the addresses of a sick family are named, not judged."""
    if check.unit is not Unit.ADDRESS or check.claims is not Claim.EACH:
        return
    for address in _addresses(check, subject, evidence):
        if address.version in sick:
            yield _inconclusive(Reason.V6 if address.version == 6 else Reason.V4, address)


def _for_each_address(check: Check, subject: Subject, evidence: EvidenceSet, reason: Reason) -> Iterator[_Said]:
    found = _addresses(check, subject, evidence) if check.unit is Unit.ADDRESS else ()
    families = _FAMILIES[check.claims] or frozenset({4, 6})
    for address in (a for a in found if a.version in families):
        yield _inconclusive(reason, address)
    if not any(a.version in families for a in found):
        yield _inconclusive(reason)


def _addresses(check: Check, subject: Subject, evidence: EvidenceSet) -> tuple[IPAddress, ...]:
    """The addresses a per-address check speaks of: name servers for DNS checks, the subject's own for all others."""
    of_servers = "udp/53" in check.transports
    tasks = [task for task in expand(subject, evidence) if (task.zone is not None) == of_servers]
    return tuple(dict.fromkeys(task.endpoint.address for task in tasks))


def _inconclusive(reason: Reason, address: IPAddress | None = None) -> _Said:
    code = reason.value.replace("-", "_")
    return _Said(verdict=Verdict(code=code, address=address), outcome=Outcome.INCONCLUSIVE, reason=reason)


def _run(check: Check, subject: Subject, evidence: EvidenceSet, ctx: Context, on_bug: OnBug) -> list[_Said]:
    """The check itself behind its bulkhead; undeclared codes and two verdicts on one thing are bugs of ours."""
    try:
        said = [_with_outcome(check, verdict) for verdict in check.run(subject, evidence, ctx)]
        keys = [(one.verdict.address, one.verdict.detail) for one in said]
        if len(set(keys)) != len(keys):
            raise ValueError(f"{check.id}: two verdicts on one address and detail")
    except Exception as error:
        on_bug(check, subject, error)
        trace = "".join(traceback.format_exception(error))[-4_000:]
        return [_Said(verdict=Verdict(code="BUG"), outcome=Outcome.ERROR, trace=trace)]
    return said or [_inconclusive(Reason.CUT)]


def _with_outcome(check: Check, verdict: Verdict) -> _Said:
    message = check.messages.get(verdict.code)
    if message is None:
        raise ValueError(f"{check.id}: undeclared code {verdict.code!r}")
    reason = verdict.reason or message.reason
    if (reason is not None) != (message.outcome is Outcome.INCONCLUSIVE):
        raise ValueError(f"{check.id}: {verdict.code} and its reason do not fit together")
    return _Said(verdict=verdict, outcome=message.outcome, reason=reason)


def _backstop(said: _Said, check: Check, evidence: EvidenceSet, ctx: Context) -> _Said:
    """No accusation rests on silence that was not shown to be theirs, or on a failure of ours.

    The checks see to this themselves; this holds where one forgets. It looks only at the last attempt of what the
    verdict names, and only at observations of the kinds the check reads.
    """
    if said.outcome not in _ACCUSING:
        return said
    named = [one for one in evidence if one.id in said.verdict.evidence]
    reasons = [_unproven(step, ctx) for one in named for step in one.steps if isinstance(step, check.needs)]
    blamed = [reason for reason in reasons if reason is not None]
    if not blamed or len(blamed) < len(reasons):
        return said
    return _inconclusive(blamed[0], said.verdict.address)


def _unproven(step: Observation, ctx: Context) -> Reason | None:
    match step:
        case TcpConnect() | TlsHandshake() | HttpExchange():
            return ctx.unproven(step.failure, step.address, f"tcp/{step.port}")
        case DnsExchange():
            return ctx.unproven(step.failure, step.server, f"{step.transport}/{step.port}")
        case EchoSeries():
            return ctx.unproven(step.failure, step.address, "icmp")
        case _:
            return None


def _finding(check: Check, subject: Subject, said: _Said, ctx: Context) -> Finding:
    level, basis = ctx.policy.level(check.id)
    verdict = said.verdict
    return Finding(
        id=finding_id(subject.id, check.id, verdict.address, verdict.detail, subject.network.value),
        check=check.id,
        check_version=check.version,
        code=verdict.code,
        outcome=said.outcome,
        severity=ctx.policy.severity(check.id, subject.kind),
        level=level,
        level_basis=basis,
        subject=subject.id,
        address=verdict.address,
        detail=verdict.detail,
        vantage=ctx.vantage.name,
        reason=said.reason,
        args=dict(verdict.args),
        evidence=verdict.evidence,
        trace=said.trace,
    )
