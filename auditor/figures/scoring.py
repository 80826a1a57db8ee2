"""Computes scores and ladders of one subject from its findings (CHECKS §4.2), always with coverage.

``score`` is None below 70 % evidence coverage. Each check counts once for a subject, with its worst outcome.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from auditor.framework.findings import CheckId, Finding, Level, Outcome, Severity, worst
from inventory.model import DEVICE_KINDS, WEB_KINDS, Kind

AREAS = ("ipv6.dns", "ipv6.web", "ipv6.mail", "ipv6.path", "ipv6.device", "tslcd", "security")
COVERAGE_FLOOR = 0.70

_SEVERITY_WEIGHT = {Severity.CRITICAL: 8, Severity.HIGH: 5, Severity.MEDIUM: 3, Severity.LOW: 1, Severity.INFO: 0}
_LEVEL_WEIGHT = {Level.REQUIRED: 1.0, Level.RECOMMENDED: 0.5, Level.OPTIONAL: 0.0}
_VALUE = {Outcome.PASS: 1.0, Outcome.WARN: 0.5, Outcome.FAIL: 0.0}
_UNKNOWN = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
_AWAY = Outcome.NOT_APPLICABLE
_CAPS = ((Severity.CRITICAL, 49), (Severity.HIGH, 79))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Holds one area's score of a subject, 0..100, truncated; ``coverage`` 0..1, None if no weighted check applies."""

    score: int | None
    coverage: float | None
    required_fail: bool = False

    @property
    def grade(self) -> str:
        """The grade: ``met``, ``partly``, ``not_met`` or ``not_enough_evidence`` (CHECKS §4.2 rule 5)."""
        if self.score is None:
            return "not_enough_evidence"
        if self.score >= 90 and not self.required_fail:
            return "met"
        return "partly" if self.score >= 60 else "not_met"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Holds the level that a subject reached.

    ``at_least``: an unknown ended the count. ``blocked_by``: checks in the way.
    """

    level: int
    at_least: bool
    blocked_by: tuple[CheckId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """Holds the one outcome of one check on one subject, folded over addresses and details."""

    outcome: Outcome
    severity: Severity
    level: Level


def by_check(findings: Iterable[Finding]) -> dict[CheckId, CheckOutcome]:
    """Fold findings to one outcome per check, the worst (INTERFACE: the worst of them is the verdict)."""
    groups: dict[CheckId, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.check, []).append(finding)
    return {
        check: CheckOutcome(
            outcome=worst([finding.outcome for finding in group]), severity=group[0].severity, level=group[0].level
        )
        for check, group in sorted(groups.items())
    }


def scores(outcomes: Mapping[CheckId, CheckOutcome]) -> dict[str, Score]:
    """Return the scores of all seven areas; an area without any finding has neither score nor coverage."""
    return {area: _area([o for check, o in outcomes.items() if _in_area(check, area)]) for area in AREAS}


def _in_area(check: CheckId, area: str) -> bool:
    return check == area or check.startswith(area + ".")


def area_of(check: CheckId) -> str:
    """Return the area of a check, or ``""``: checks of the auditor's own state and of an operator are in none."""
    return next((area for area in AREAS if _in_area(check, area)), "")


def _area(outcomes: Sequence[CheckOutcome]) -> Score:
    assessed = [o for o in outcomes if o.outcome in _VALUE]
    total = sum(_weight(o) for o in assessed)
    unknown = sum(_weight(o) for o in outcomes if o.outcome in _UNKNOWN)
    if total + unknown == 0:
        return Score(score=None, coverage=None)
    coverage = total / (total + unknown)
    required_fail = any(o.outcome is Outcome.FAIL and o.level is Level.REQUIRED for o in assessed)
    if total == 0 or coverage < COVERAGE_FLOOR:
        return Score(score=None, coverage=_truncated(coverage), required_fail=required_fail)
    value = 100 * sum(_weight(o) * _VALUE[o.outcome] for o in assessed) / total
    return Score(
        score=min(int(value + 1e-9), *_caps(assessed)), coverage=_truncated(coverage), required_fail=required_fail
    )


def _weight(outcome: CheckOutcome) -> float:
    return _SEVERITY_WEIGHT[outcome.severity] * _LEVEL_WEIGHT[outcome.level]


def _caps(outcomes: Sequence[CheckOutcome]) -> list[int]:
    """Return the caps in force: 49 with a critical required fail, 79 with a high one."""
    caps = [
        cap
        for severity, cap in _CAPS
        if any(o.outcome is Outcome.FAIL and o.level is Level.REQUIRED and o.severity is severity for o in outcomes)
    ]
    return [100, *caps]


def _truncated(ratio: float) -> float:
    """Return a ratio truncated to four digits, never rounded up, so that 1.0 means everything (CHECKS §4.2 rule 6)."""
    return int(ratio * 10_000 + 1e-9) / 10_000


SERVICE_RUNGS: tuple[tuple[str, ...], ...] = (
    ("ipv6.web.aaaa",),
    ("ipv6.web.aaaa", "ipv6.web.addr-sane", "ipv6.web.reach", "ipv6.web.http-ok"),
    (
        "ipv6.web.port-parity",
        "ipv6.web.same-content",
        "ipv6.web.tls-parity",
        "ipv6.web.redirect-chain",
        "ipv6.path.large-transfer",
        "ipv6.dns.ns-aaaa",
        "ipv6.dns.ns-reach",
    ),
    ("ipv6.web.resources", "ipv6.dns.v6-only-resolve", "ipv6.dns.ns-all-dual"),
)
"""Checks of rungs 1 to 4 of the service ladder (CHECKS §4.2). DNS rungs are those of the zone the service stands in."""


DEVICE_RUNGS: tuple[tuple[str, ...], ...] = (
    ("ipv6.device.capability",),
    ("ipv6.device.if-enabled", "ipv6.device.global-address"),
    ("ipv6.device.forwarding", "ipv6.device.default-route", "ipv6.device.igp-v6", "ipv6.device.bgp-v6"),
    ("ipv6.device.traffic",),
)
"""Checks of the rungs for devices: capable, enabled with an address, routed, carrying traffic."""

POINT_RUNGS: tuple[tuple[str, ...], ...] = (
    ("tslcd.site.registered",),
    ("tslcd.site.reach",),
    ("tslcd.site.in-use", "tslcd.site.loss", "tslcd.site.rtt-jitter", "tslcd.channel.utilisation"),
    ("tslcd.ip.dual-stack",),
)
"""Checks of the rungs for connection points; whether one is registered is judged of its unit."""

RUNGS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "service": SERVICE_RUNGS,
    "device": DEVICE_RUNGS,
    "point": POINT_RUNGS,
}
"""The checks of each rung, by the name of the ladder."""

NOTHING: Mapping[CheckId, "CheckOutcome"] = {}
"""The outcomes of a subject without a zone."""
_SHOWN_BY_USE = (("ipv6.device.capability", DEVICE_RUNGS[1]), ("tslcd.site.registered", POINT_RUNGS[1]))


def shown_by_use(outcomes: Mapping[CheckId, CheckOutcome]) -> dict[CheckId, CheckOutcome]:
    """Add the lowest rung of a device or a point if its next rung is met.

    A device in use is capable, and a point that is reached as the inventory's connection point is registered there.
    """
    outcomes_by_check_id = dict(outcomes)
    for check, rung in _SHOWN_BY_USE:
        proof = [outcomes[CheckId(text)] for text in rung if CheckId(text) in outcomes]
        good = [outcome for outcome in proof if outcome.outcome in (Outcome.PASS, Outcome.WARN)]
        if good and len(good) == len(rung) and CheckId(check) not in outcomes:
            outcomes_by_check_id[CheckId(check)] = good[0]
    return outcomes_by_check_id


def ladders(
    kind: Kind,
    kinds: Set[Kind],
    outcomes: Mapping[CheckId, CheckOutcome],
    *,
    zone: Mapping[CheckId, CheckOutcome] = NOTHING,
    excused: Set[CheckId] = frozenset(),
) -> dict[str, Ladder]:
    """Return the ladder of a subject by its kind; none for one that was excused from IPv6, which reached no rung.

    ``zone``: outcomes of the zone that a service stands in. ``excused``: checks that an exemption or a plan made not
    applicable.
    """
    if kind in DEVICE_KINDS - {Kind.ACCESS_SWITCH}:
        if excused & set(DEVICE_RUNGS[1]):
            return {}
        return {"device": ladder(DEVICE_RUNGS, shown_by_use(outcomes), excused)}
    if kind is Kind.CONNECTION_POINT:
        return {"point": ladder(POINT_RUNGS, shown_by_use(outcomes), excused)}
    published = outcomes.get(CheckId("ipv6.web.aaaa"))
    if not kinds & WEB_KINDS or (published is not None and published.outcome is Outcome.NOT_APPLICABLE):
        return {}
    return {"service": ladder(SERVICE_RUNGS, {**zone, **outcomes}, excused)}


def ladder(
    rungs: Sequence[Sequence[str]], outcomes: Mapping[CheckId, CheckOutcome], excused: Set[CheckId] = frozenset()
) -> Ladder:
    """Return the level reached by climbing while every check of a rung is pass, warn or not applicable.

    An unknown (inconclusive, error, or no finding at all: the check was not run) stops the climb and marks the level as
    "at least". A rung with a check that an exemption or a plan made not applicable is not reached.
    """
    for level, rung in enumerate(rungs):
        state = {CheckId(check): _state(CheckId(check), outcomes) for check in rung}
        failed = tuple(check for check, outcome in state.items() if outcome is Outcome.FAIL)
        if failed:
            return Ladder(level=level, at_least=False, blocked_by=failed)
        unknown = tuple(check for check, outcome in state.items() if outcome in _UNKNOWN)
        if unknown:
            return Ladder(level=level, at_least=True, blocked_by=unknown)
        aside = tuple(check for check, outcome in state.items() if outcome is _AWAY and check in excused)
        if aside:
            return Ladder(level=level, at_least=False, blocked_by=aside)
    return Ladder(level=len(rungs), at_least=False)


def _state(check: CheckId, outcomes: Mapping[CheckId, CheckOutcome]) -> Outcome:
    return outcomes[check].outcome if check in outcomes else Outcome.INCONCLUSIVE
