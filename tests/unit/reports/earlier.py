"""Makes the small province with figures, communes and earlier runs, hostile texts in all of them."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import permutations

from auditor.figures.comparison import Change, ChangeKind, Incomparable
from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult
from auditor.figures.figure import Figure
from auditor.figures.held_states import DefectAge, HeldState
from auditor.figures.mesh import grid
from auditor.figures.rollup import Rollup, UnitRollup
from auditor.framework.findings import Finding, Outcome, Severity, outline
from auditor.regulations.model import Framework, JudgingRule, LegalStatus, Requirement, RuleKind
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import EvidenceSet, RunId
from reports.document import SealInfo
from reports.earlier_runs import BETWEEN, SILENT, EarlierRuns, HistoryPoint, LatestChanges, ListedChange, Timelines
from tests.unit.auditor.figures.test_mesh import DOWN, UP, envelope, way
from tests.unit.reports.sample import ANSI, BIDI, FORMULA, LONG, NOW, SCRIPT, SampleReport, Says, province

_MET, _NOT, _UNKNOWN = Figure(of=1, met=1), Figure(of=1), Figure(of=1, unknown=1, reasons={"U-VP": 1})
COMMUNES = {
    "Xã Ea Kao": (_MET, _MET, _MET, _MET, Figure(of=3, met=2)),
    "Phường Tân Lập": (_MET, _NOT, _UNKNOWN, _NOT, Figure()),
    "Xã Lắk": (_MET, _MET, _NOT, _NOT, _MET),
    "Xã Krông Búk": (_MET, _UNKNOWN, _UNKNOWN, _UNKNOWN, Figure(exempt=1)),
    SCRIPT: (_NOT, _NOT, _NOT, _NOT, _NOT),
}
TOTAL = {
    "K01": Figure(of=5, met=4),
    "K02": Figure(of=5, met=2, unknown=1, reasons={"U-VP": 1}),
    "K08": Figure(of=4, met=3),
    "K16": Figure(of=3, met=3),
}


def _unit(number: int, name: str, figures: tuple[Figure, ...]) -> UnitRollup:
    code = AgencyId("xa-01" if number == 0 else f"xa-{number + 1:02}")
    named = {f"K0{index}": figure for index, figure in enumerate(figures, 1)}
    return UnitRollup(agency=code, name=name, level="xã", depth=1, subjects=1, figures=named)


ROLLUP = Rollup(
    day=date(2026, 3, 2),
    total=UnitRollup(agency=None, name="UBND tỉnh", figures=TOTAL),
    units=(
        UnitRollup(agency=AgencyId("so-xd"), name="Sở Xây dựng", level="department", figures={"K08": Figure(of=2)}),
        *(_unit(number, name, figures) for number, (name, figures) in enumerate(COMMUNES.items())),
    ),
)


def _listed(kind: ChangeKind, before: Says | None, after: Says | None, why: Incomparable | None = None) -> ListedChange:
    sides: list[Finding | None] = [None if says is None else says.of("www.so-xd.example") for says in (before, after)]
    known = next(side for side in reversed(sides) if side is not None)
    outlines = [None if side is None else outline(side) for side in sides]
    change = Change(
        kind=kind,
        id=known.id,
        subject=known.subject,
        before=outlines[0],
        after=outlines[1],
        why=why,
        regression=kind is ChangeKind.NEW,
    )
    return ListedChange(change=change, before=sides[0], after=sides[1])


def _odd(outcome: Outcome, text: str, severity: Severity = Severity.HIGH) -> Says:
    code = "ODD" if outcome is Outcome.FAIL else "FINE"
    return Says("security.http.headers", code, outcome, {"name": text, "value": text}, severity, detail=text[:80])


CHANGES = (
    _listed(
        ChangeKind.NEW,
        Says("ipv6.web.aaaa", "PUBLISHED", Outcome.PASS, {"n": 1, "addresses": (SCRIPT,)}),
        Says("ipv6.web.aaaa", "NONE", Outcome.FAIL, severity=Severity.CRITICAL),
    ),
    _listed(ChangeKind.ADDED, None, _odd(Outcome.FAIL, SCRIPT[::-1]), Incomparable.SUBJECT),
    _listed(ChangeKind.CHANGED, _odd(Outcome.FAIL, SCRIPT), _odd(Outcome.FAIL, FORMULA)),
    _listed(ChangeKind.FIXED, _odd(Outcome.FAIL, ANSI), Says("security.http.headers", "ODD", Outcome.PASS)),
    _listed(ChangeKind.EASED, _odd(Outcome.FAIL, LONG), Says("security.http.headers", "ODD", Outcome.WARN)),
    _listed(ChangeKind.GONE, _odd(Outcome.FAIL, BIDI), None, Incomparable.SUBJECT),
)
COUNTS = {
    ChangeKind.NEW: 1,
    ChangeKind.ADDED: 1,
    ChangeKind.CHANGED: 1,
    ChangeKind.FIXED: 1,
    ChangeKind.EASED: 1,
    ChangeKind.GONE: 1,
    ChangeKind.STILL_FAILING: 7,
    ChangeKind.NOT_COMPARABLE: 4,
}
SINCE = LatestChanges(
    run=RunId("2025Q4-01"),
    name=SCRIPT,
    started=NOW - timedelta(days=90),
    judgement="2025Q4-01-aa",
    notes=("other_catalogue", "other_policy"),
    counts=COUNTS,
    why={Incomparable.COVERAGE: 3, Incomparable.CHECK_VERSION: 1},
    agencies={AgencyId("so-xd"): COUNTS},
    listed={AgencyId("so-xd"): CHANGES},
    suspect=("ipv6.web",),
)


def _point(number: int) -> HistoryPoint:
    figures = {
        "K02": Figure(of=5, met=number, unknown=1),
        "K08": Figure(of=4, met=number),
        "K16": Figure(of=3, met=3),
        "K20": Figure(of=8, met=5 + number),
    }
    return HistoryPoint(
        run=RunId(f"r{number}"),
        name=SCRIPT,
        started=NOW - timedelta(days=90 * (3 - number)),
        judgement=f"j{number}",
        figures=figures,
        same_rules=number != 1,
    )


NODES = ("hub", SCRIPT, "xa-01")
_SEEN = {("xa-01", "hub", 4): DOWN, (SCRIPT, "hub", 6): UP[:6] + DOWN[:6]}
MESH = grid(
    EvidenceSet(
        envelope(way(one, other, family, _SEEN.get((one, other, family), UP)))
        for one, other in permutations(NODES, 2)
        for family in (4, 6)
        if (one, other) != ("hub", "xa-01")
    )
)

HISTORY = EarlierRuns(since=SINCE, points=tuple(_point(number) for number in range(4)))
TIMELINES = Timelines(
    when=tuple(NOW - timedelta(days=90 * back) for back in (3, 2, 1, 0)),
    strips={SubjectId("www.so-xd.example"): BETWEEN.join(("fffp", "  pf", SILENT * 4, "wine", "nnnn", "pppp", "ffff"))},
)
LIVED = DefectAge(
    first=NOW - timedelta(days=90),
    since=NOW - timedelta(days=90),
    rounds=2,
    state=HeldState(outcome=Outcome.FAIL, since=NOW - timedelta(days=90), seen=NOW),
)


def _requirement(number: int, standing: Compliance, *checks: str) -> RequirementResult:
    asked = Requirement(
        id=f"{number}",
        article=f"Điều {number}",
        text={"vi": f"Yêu cầu {number} {SCRIPT}", "en": f"Demand {number}"},
        rule=JudgingRule(kind=RuleKind.ALL if checks else RuleKind.MANUAL),
        legal_status=LegalStatus.VERIFIED,
        checks=checks,
    )
    return RequirementResult(requirement=asked, compliance=standing)


FRAMEWORK = FrameworkResult(
    framework=Framework(
        id="tt-mau",
        title={"vi": "Thông tư mẫu", "en": "Sample circular"},
        source={"vi": "Mẫu", "en": "Sample"},
        legal_status=LegalStatus.VERIFIED,
        requirements=(),
    ),
    day=NOW.date(),
    results=(
        _requirement(1, Compliance.NOT_MET, "ipv6.web.*"),
        _requirement(2, Compliance.MET, "ipv6.path.echo"),
        _requirement(3, Compliance.MANUAL),
        _requirement(4, Compliance.MANUAL),
    ),
)
SEAL = SealInfo(root="sha256:" + "ef" * 32, sealed_at=NOW + timedelta(days=1), covers=True, key="sha256:" + "12" * 32)


@cache
def whole_province(extra: tuple[str, ...] | None = None) -> SampleReport:
    """Return the ``province`` report with everything that only a store knows."""
    report = province() if extra is None else province(extra)
    header = replace(report.header, judgement="2026Q1-01-bb", seal=SEAL)
    return replace(
        report,
        header=header,
        rollup=ROLLUP,
        history=HISTORY,
        mesh=MESH,
        timelines=TIMELINES,
        frameworks=(FRAMEWORK,),
        lives={finding.id: LIVED for finding in report.findings if finding.outcome is Outcome.FAIL},
    )
