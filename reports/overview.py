"""Gathers the numbers of a whole report in one pass; memory grows with agencies and checks, never with subjects."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.facts.device.description import DeviceFacts, device_facts
from auditor.figures.figure import is_interval
from auditor.figures.scoring import AREAS, Ladder, area_of
from auditor.framework.findings import DEFECTS, CheckId, Finding, Outcome, Severity, Waiver
from auditor.framework.localdate import civil_day
from auditor.texts.translate import Texts
from inventory.model import DEVICE_KINDS, ExpectedState, Kind, Subject, SubjectId
from probes.framework.evidence import EvidenceSet, holding
from probes.observations.snmp import SnmpSession
from reports import stage_counts
from reports.agency_problems import AgencyProblems
from reports.cause_texts import SHOWN
from reports.document import AgencyReport, Report, SubjectReport, not_tested
from reports.figure_rows import FigureRows, figure_rows
from reports.report_texts import say
from reports.shown_results import RESULTS, tally
from reports.stage_counts import CHECKS, OPERATIONAL, StageCounts

GRADES = ("not_met", "partly", "not_enough_evidence", "met")
"""The worst first, as a whole report is graded."""

MOST_NAMES = 12
MOST_PLACES = 8
"""Places kept of one problem of one agency; each stands at its subject too."""
MOST_WAIVERS = 200
MOST_DEVICES = 100
"""Devices of one agency that its table names."""
TOP_CHECKS = 10
_DECIDED = frozenset({Outcome.PASS.value, Outcome.WARN.value, Outcome.FAIL.value})


@dataclass(slots=True)
class Ratio:
    """``met`` of ``of``; ``unknown`` are among those not met, for want of evidence."""

    met: int = 0
    unknown: int = 0
    of: int = 0

    def add(self, *, met: bool, unknown: bool) -> None:
        self.of += 1
        self.met += met
        self.unknown += unknown and not met

    def add_ladder(self, ladder: Ladder | None) -> None:
        """Count one subject by the level it reached; None: it has not begun."""
        self.add(met=ladder is not None and ladder.level >= OPERATIONAL, unknown=ladder is not None and ladder.at_least)

    @property
    def interval(self) -> bool:
        return is_interval(self.unknown, self.of)


@dataclass(slots=True, kw_only=True)
class AgencyNumbers:
    """Holds one agency's line of the overview and the numbers at the top of its part of the report.

    ``subjects``: all, ``units`` of them the agency itself. ``results``: by ``RESULTS``. ``steps``: by column of
    ``stage_counts``. ``security``: basic security fails. ``expected``: owners' promises about IPv6, of so many
    subjects. ``contacts``: that of the agency, then the first of its subjects. ``devices``: the first ones, by the
    places of their subjects in the report; None of one that did not answer.
    """

    agency: AgencyReport
    subjects: int = 0
    units: int = 0
    ipv6: Ratio = field(default_factory=Ratio)
    results: Counter[str] = field(default_factory=Counter)
    steps: dict[str, StageCounts] = field(default_factory=dict)
    security: Counter[Severity] = field(default_factory=Counter)
    problems: AgencyProblems = field(default_factory=lambda: AgencyProblems(most=MOST_PLACES))
    expected: Counter[ExpectedState] = field(default_factory=Counter)
    contacts: dict[str, None] = field(default_factory=dict)
    devices: list[tuple[int, Subject, DeviceFacts | None]] = field(default_factory=list)
    unlisted_devices: int = 0

    @property
    def systems(self) -> int:
        """The number of subjects other than the agency itself, of which a commune's declarations are judged."""
        return self.subjects - self.units


@dataclass(slots=True, kw_only=True)
class CheckNumbers:
    """Counts one check over the whole report. ``names`` are the first subjects concerned."""

    check: CheckId
    severity: Severity = Severity.INFO
    findings: int = 0
    subjects: int = 0
    agencies: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    names: list[SubjectId] = field(default_factory=list)
    _agency: int = -1

    def add(self, finding: Finding, agency: int, *, new_subject: bool) -> None:
        self.findings += 1
        self.codes[finding.code] += 1
        if finding.severity is not self.severity:
            self.severity = min(self.severity, finding.severity, key=lambda severity: severity.rank)
        if new_subject:
            self.subjects += 1
            if len(self.names) < MOST_NAMES:
                self.names.append(finding.subject)
        if agency != self._agency:
            self.agencies += 1
            self._agency = agency


@dataclass(slots=True, kw_only=True)
class Overview:
    """The numbers. ``results`` are by ``RESULTS``, ``untested`` by check and code: one reason of one check is one line.

    ``tested``: subjects with anything decided; ``silent`` are the first with nothing decided. ``places``: where the
    subjects of the first shared causes and of ``figure_rows`` stand, by the number of their agency from 0 and their
    own.
    """

    subjects: int = 0
    services: Ratio = field(default_factory=Ratio)
    devices: Ratio = field(default_factory=Ratio)
    points: Ratio = field(default_factory=Ratio)
    security: Ratio = field(default_factory=Ratio)
    results: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)
    waived: int = 0
    waivers: dict[tuple[CheckId, Waiver], CheckNumbers] = field(default_factory=dict)
    tested: Ratio = field(default_factory=Ratio)
    silent: list[str] = field(default_factory=list)
    agencies: list[AgencyNumbers] = field(default_factory=list)
    failing: dict[CheckId, CheckNumbers] = field(default_factory=dict)
    untested: dict[tuple[CheckId, str], CheckNumbers] = field(default_factory=dict)
    checks: set[CheckId] = field(default_factory=set)
    places: dict[SubjectId, tuple[int, int]] = field(default_factory=dict)
    figure_rows: Mapping[str, tuple[FigureRows, ...]] = field(default_factory=dict)

    @property
    def ipv6(self) -> Ratio:
        """Services and devices together."""
        ratio, other = self.services, self.devices
        return Ratio(met=ratio.met + other.met, unknown=ratio.unknown + other.unknown, of=ratio.of + other.of)

    def top(self) -> list[CheckNumbers]:
        """Return the checks that most subjects fail, the more severe first among equals."""
        ranked = sorted(
            self.failing.values(),
            key=lambda check_numbers: (-check_numbers.subjects, check_numbers.severity.rank, check_numbers.check),
        )
        return ranked[:TOP_CHECKS]


def gather(report: Report) -> Overview:
    overview = Overview()
    overview.figure_rows = figure_rows(report.standings)
    wanted = {subject for cause in report.causes[:SHOWN] for subject in cause.subjects}
    wanted |= {subject for rows in overview.figure_rows.values() for each in rows for subject in each.first}
    for number, agency in enumerate(report.agencies()):
        numbers = AgencyNumbers(agency=agency, contacts={agency.contact: None} if agency.contact else {})
        day = civil_day(report.header.started)
        for subject in agency.subjects:
            overview.subjects += 1
            numbers.subjects += 1
            numbers.units += subject.subject.kind is Kind.UNIT
            if subject.subject.id in wanted:
                overview.places[subject.subject.id] = number, overview.subjects
            numbers.expected[subject.subject.expected.in_force(day)] += 1
            _add_contact(numbers, subject.subject)
            if subject.subject.kind in DEVICE_KINDS:
                _add_device(overview, numbers, subject)
            planned = subject.subject.expected.in_force(day) is ExpectedState.PLANNED
            _add_ratios(overview, numbers, subject, planned=planned)
            _add_outcomes(overview, numbers, subject)
            seen = _add_findings(overview, numbers, subject, number)
            stage_counts.add(numbers.steps, seen, subject.ladders, planned=subject.subject.kind if planned else None)
        overview.agencies.append(numbers)
    return overview


def _add_contact(numbers: AgencyNumbers, subject: Subject) -> None:
    contact = subject.declared.contact
    if contact and len(numbers.contacts) < MOST_NAMES:
        numbers.contacts[contact] = None


def _add_device(overview: Overview, numbers: AgencyNumbers, subject: SubjectReport) -> None:
    if len(numbers.devices) == MOST_DEVICES:
        numbers.unlisted_devices += 1
        return
    facts = device_facts(subject.subject.id, EvidenceSet(holding(subject.evidence, (SnmpSession,))))
    numbers.devices.append((overview.subjects, subject.subject, facts))


def _add_ratios(overview: Overview, numbers: AgencyNumbers, subject: SubjectReport, *, planned: bool) -> None:
    """``planned``: IPv6 comes later, so that the subject has no ladder and is not there yet."""
    ratios = {"service": overview.services, "device": overview.devices, "point": overview.points}
    for name, ladder in stage_counts.counted(subject.subject.kind, subject.ladders, planned=planned):
        for ratio in (ratios[name],) if name == "point" else (ratios[name], numbers.ipv6):
            ratio.add_ladder(ladder)
    score = subject.scores.get("security")
    if score is not None and score.coverage is not None:
        overview.security.add(met=score.grade == "met", unknown=score.score is None)


def _add_outcomes(overview: Overview, numbers: AgencyNumbers, subject: SubjectReport) -> None:
    decided = False
    for result, n in zip(RESULTS, tally(subject.findings), strict=True):
        if n:
            overview.results[result] += n
            numbers.results[result] += n
            decided = decided or result in _DECIDED
    if subject.subject.kind is Kind.UNIT:
        return
    overview.tested.add(met=decided, unknown=False)
    if not decided and len(overview.silent) < MOST_NAMES:
        overview.silent.append(subject.subject.id)


def _add_findings(
    overview: Overview, numbers: AgencyNumbers, subject: SubjectReport, agency: int
) -> dict[str, list[Outcome]]:
    """Count a subject's findings; return the outcomes that the steps of ``stage_counts`` need, by check."""
    new: set[object] = set()
    seen: dict[str, list[Outcome]] = {}
    failed = False
    for finding in subject.findings:
        overview.checks.add(finding.check)
        if finding.check in CHECKS:
            seen.setdefault(finding.check, []).append(finding.outcome)
        if finding.waived is not None:
            _add_waived(overview, finding, agency, new)
        if finding.outcome in DEFECTS:
            failed |= numbers.problems.take(finding, subject.subject, overview.subjects)
        if finding.outcome is Outcome.FAIL:
            _add_failing(overview, numbers, finding, agency, new)
        elif not_tested(finding):
            key = (finding.check, finding.code)
            untested = overview.untested.get(key) or overview.untested.setdefault(
                key, CheckNumbers(check=finding.check)
            )
            untested.add(finding, agency, new_subject=key not in new)
            new.add(key)
    numbers.problems.failing_subjects += failed and subject.subject.kind is not Kind.UNIT
    return seen


def _add_failing(overview: Overview, numbers: AgencyNumbers, finding: Finding, agency: int, new: set[object]) -> None:
    overview.severities[finding.severity] += 1
    if finding.check.startswith("security."):
        numbers.security[finding.severity] += 1
    failing = overview.failing.get(finding.check) or overview.failing.setdefault(
        finding.check, CheckNumbers(check=finding.check)
    )
    failing.add(finding, agency, new_subject=finding.check not in new)
    new.add(finding.check)


def _add_waived(overview: Overview, finding: Finding, agency: int, new: set[object]) -> None:
    assert finding.waived is not None
    overview.waived += 1
    key = (finding.check, finding.waived)
    known = overview.waivers.get(key)
    if known is None and len(overview.waivers) < MOST_WAIVERS:
        known = overview.waivers[key] = CheckNumbers(check=finding.check)
    if known is not None:
        known.add(finding, agency, new_subject=key not in new)
        new.add(key)


def by_area(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Return findings by area in the fixed order, and those of no area under ``""`` at the end."""
    groups: dict[str, list[Finding]] = {area: [] for area in (*AREAS, "")}
    for finding in findings:
        groups[area_of(finding.check)].append(finding)
    yield from ((area, group) for area, group in groups.items() if group)


def state(overview: Overview, texts: Texts) -> str:
    """Return one or two sentences on the overall state: systems that work over IPv6, and agencies with failures."""
    named = [numbers for numbers in overview.agencies if numbers.agency.agency is not None]
    failing = sum(1 for numbers in named if numbers.problems.failing)
    ratio = overview.ipv6
    works = ""
    if ratio.unknown:
        works = say(texts, "state_ipv6", met=ratio.met, of=ratio.of, unknown=ratio.unknown)
    elif ratio.of:
        works = say(texts, "state_ipv6_decided", met=ratio.met, of=ratio.of)
    fails = overview.results[Outcome.FAIL.value]
    if not fails:
        rest = say(texts, "nothing_fails")
    else:
        grave = overview.severities[Severity.CRITICAL] + overview.severities[Severity.HIGH]
        rest = (
            say(texts, "state_fails", failing=failing, agencies=len(named), fails=fails, grave=grave)
            if named and len(overview.agencies) > 1
            else say(texts, "state_fails_only", fails=fails, grave=grave)
        )
    return " ".join(filter(None, (works, rest)))
