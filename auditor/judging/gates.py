"""Decides whether a check is run for a subject: calendar, expected state, operation, clearance, vantage.

A closed gate yields a finding instead: a fact of the inventory, or the reason why this vantage cannot decide.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.framework.check import Check, SilenceMeaning, VantageKind
from auditor.framework.context import Context, VantageHealth
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.framework.localdate import civil_day
from inventory.model import Exemption, ExpectedState, IPAddress, Network, Subject

_PLACES = {Network.INTERNET: VantageKind.INET, Network.TSLCD: VantageKind.TSL}
_PLACE_KINDS = frozenset(_PLACES.values())
_ONLY_LAN = frozenset({VantageKind.LAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class UngradedVerdict:
    """Holds a verdict with its outcome, before policy. ``at_gate``: a gate stopped it and the check was not run."""

    verdict: Verdict
    outcome: Outcome
    reason: Reason | None = None
    trace: str | None = None
    at_gate: bool = False

    def about(self, verdict: Verdict) -> "UngradedVerdict":
        """Return this with another verdict; nearly always it is the same one."""
        return self if verdict is self.verdict else replace(self, verdict=verdict)


def calendar(check: Check, subject: Subject, ctx: Context) -> UngradedVerdict | None:
    """Close the gate where a date decides and the vantage's clock is wrong.

    The date is the first or last day of an expected state or exemption, or the day on which a site goes into operation.
    """
    if ctx.vantage.clock(ctx.now):
        return None
    dated = check.presence and any(_promised(check, subject, ctx))
    activated = _is_measured_service(check, subject) and subject.declared.activated is not None
    return inconclusive(Reason.REF) if dated or activated else None


def _promised(check: Check, subject: Subject, ctx: Context) -> Iterator[bool]:
    """Yield, for each expected state or exemption that applies to a check, whether it begins or ends on some day."""
    yield subject.expected.due is not None or subject.expected.until is not None
    yield from (
        row.valid_from is not None or row.until is not None for row in ctx.exemptions if _exempts(row, check, subject)
    )


def _exempts(row: Exemption, check: Check, subject: Subject) -> bool:
    of_agency = row.subject is None and row.agency is not None and row.agency == subject.agency
    matches = f"{check.id}.".startswith(row.check_prefix.rstrip(".*") + ".")
    return matches and (row.subject == subject.id or of_agency)


def expected_state(check: Check, subject: Subject, ctx: Context) -> UngradedVerdict | None:
    """Close the gate for checks of presence if exempt or planned; all other checks are run all the same."""
    if check.presence:
        day = civil_day(ctx.now)
        state = subject.expected.in_force(day)
        if state is ExpectedState.PLANNED:
            due = "" if subject.expected.due is None else subject.expected.due.isoformat()
            return not_applicable("PLANNED", {"due": due})
        if state is ExpectedState.EXEMPT:
            return not_applicable(
                "EXEMPT", {"reason": subject.expected.reason, "signatory": subject.expected.signatory}
            )
        for row in ctx.exemptions:
            if row.in_force(day) and _exempts(row, check, subject):
                return not_applicable("EXEMPT", {"reason": row.reason, "signatory": row.signatory})
    return None


def operation(check: Check, subject: Subject, ctx: Context) -> UngradedVerdict | None:
    """Close the gate for checks of a TSLCD site's service until the day after it goes into operation.

    On the morning of that day nothing answers yet.
    """
    activated = subject.declared.activated
    if not _is_measured_service(check, subject) or activated is None or activated < civil_day(ctx.now):
        return None
    return not_applicable("NOT_ACTIVATED", {"activated": activated.isoformat()})


def _is_measured_service(check: Check, subject: Subject) -> bool:
    measured = check.question is SilenceMeaning.SERVICE and VantageKind.INV not in check.vantage
    return measured and subject.network is Network.TSLCD


def not_applicable(code: str, args: Mapping[str, str]) -> UngradedVerdict:
    return UngradedVerdict(verdict=Verdict(code=code, args=args), outcome=Outcome.NOT_APPLICABLE)


def permission(check: Check, subject: Subject, ctx: Context) -> UngradedVerdict | None:
    if subject.clearance.covers(check.clearance) and ctx.clearance.covers(check.clearance):
        return None
    return inconclusive(Reason.SCOPE)


def place(check: Check, subject: Subject, ctx: Context) -> UngradedVerdict | None:
    """Close the gate unless the vantage stands in a place where this can be decided; some checks need no place.

    A service that must answer is judged only from the subject's own network, since from another one silence is right; a
    service that must not answer is judged from the places that the check names.
    """
    if check.vantage == _ONLY_LAN:
        site = subject.declared.site
        return None if site and site in ctx.vantage.lans else inconclusive(Reason.VP)
    return None if stands_in_place(check, subject.network, ctx.vantage.networks) else inconclusive(Reason.VP)


def stands_in_place(check: Check, network: Network, here: Collection[Network]) -> bool:
    """True if a vantage that stands in the networks ``here`` can decide a check of a subject of ``network``."""
    places = check.vantage & _PLACE_KINDS
    if not places:
        return True
    elsewhere = network not in here and check.question is SilenceMeaning.SERVICE
    return not elsewhere and not places.isdisjoint(_PLACES[network] for network in here)


def judged_network(check: Check, subject: Subject, vantage: VantageHealth) -> Network:
    """Return the network that a verdict is about.

    It is the subject's own one if the vantage stands there or the check needs no place, else the vantage's.
    """
    if not check.vantage & _PLACE_KINDS or subject.network in vantage.networks:
        return subject.network
    return next((network for network in Network if network in vantage.networks), subject.network)


def inconclusive(reason: Reason, address: IPAddress | None = None) -> UngradedVerdict:
    return UngradedVerdict(
        verdict=Verdict(code=code_of(reason), address=address), outcome=Outcome.INCONCLUSIVE, reason=reason
    )


def code_of(reason: Reason) -> str:
    return reason.value.replace("-", "_")


GATES: tuple[Callable[[Check, Subject, Context], UngradedVerdict | None], ...] = (
    calendar,
    expected_state,
    operation,
    permission,
    place,
)
"""The gates in the order in which they are passed."""
