"""Writes the result for a terminal or a pipe: subjects, failures with evidence and remedy, and untested checks.

It passes over the report once and holds only counts. The caller decides about colour and width.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import BinaryIO

from auditor.figures.compliance import Compliance
from auditor.figures.rollup import UnitRollup
from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import DEFECTS, WORST_FIRST, CheckId, Finding, Outcome
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import Kind, written
from probes.framework.answered_addresses import alive
from probes.framework.evidence import FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.exposure import PortSweep
from probes.observations.transport import EchoSeries, TcpConnect
from reports import cause_texts, evidence_text, json_data, seen_from
from reports.area_names import area_name
from reports.deciding_lines import DecidingLines
from reports.defect_age import lived
from reports.document import AgencyReport, Options, RenderFn, Report, Sink, SubjectReport, not_tested
from reports.figures import agency_names, brief, figures, headlines, named_units
from reports.joined import JoinedFinding, join
from reports.overview import by_area
from reports.report_texts import say
from reports.shown_results import INCONCLUSIVE, NOT_TESTED, result_of, with_untested
from reports.terminal.layout import Style, fold, style
from reports.terminal.lines import (
    ResultCount,
    authorisation_line,
    first_names,
    needs_authorisation,
    result_line,
    vantage_lines,
)
from reports.worst_problems import WorstProblems

_OPEN = (Outcome.FAIL, Outcome.ERROR, Outcome.WARN)
_COUNTED = with_untested(
    (Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.ERROR, Outcome.NOT_APPLICABLE)
)
_MOST_EVIDENCE = 2
_AREA_WIDTH = 24
_DEEPEST = 6
_MOST_WORST = 3


def renderer(options: Options) -> RenderFn:
    """Text in ``options.lang``, coloured and folded as asked."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    with sink.open("report.txt") as out:
        _Writer(options, report, out).write_all()


class _Writer:
    """Writes one report; holds texts, style and the counts of the last line."""

    def __init__(self, options: Options, report: Report, out: BinaryIO) -> None:
        self._options = options
        self._report = report
        self._out = out
        self._texts = Texts(options.lang, report.checks)
        self._style: Style = style(color=options.color, ascii_only=options.ascii)
        self._counted = ResultCount()
        self._problems = WorstProblems(self._texts)

    def write_all(self) -> None:
        header = self._report.header
        for line in (*self._seal(), *vantage_lines(header, self._texts, self._style)):
            self._line(line)
        for line in self._first_page():
            self._line(line, 4)
        for agency in self._report.agencies():
            self._agency(agency)
        self._line("")
        for line in self._worst():
            self._line(line, 4)
        if unauthorised := authorisation_line(self._counted.unauthorised, self._texts):
            self._line(f"{self._style.untested} {unauthorised}", 2)
        self._line(result_line(self._counted, header, self._texts, self._style), 2)

    def _line(self, text: str, indent: int = 0) -> None:
        for line in fold(text, self._options.width, indent):
            self._out.write((line.rstrip() + "\n").encode("utf-8", "backslashreplace"))

    def _worst(self) -> Iterator[str]:
        """Yield the worst problems again at the end of the output, where a terminal shows them, if many checks fail."""
        if len(self._problems) > _MOST_WORST:
            yield from self._problems.lines(self._style, _MOST_WORST)

    def _seal(self) -> Iterator[str]:
        seal = self._report.header.seal
        if seal is None:
            return
        if not seal.covers:
            yield self._style.bold(self._say("seal_outside_line", root=clean(seal.root)))
            return
        yield f"{self._say('seal')} {clean(seal.root)}, {self._say('sealed_at', when=seal.sealed_at)}"

    def _first_page(self) -> Iterator[str]:
        """Yield the whole and its agencies in figures, before anything single."""
        rollup, texts = self._report.rollup, self._texts
        if rollup is None:
            return
        yield ""
        yield self._style.bold(self._say("figures_of", name=rollup.total.name or self._say("whole"), when=rollup.day))
        for name, figure in figures(rollup.total):
            yield f"  {name:12} {texts.kpi(name)}: {texts.figure(figure)}"
        if rollup.held:
            yield self._say("held_outcomes", n=len(rollup.held))
        causes = self._report.causes
        if causes:
            yield ""
            yield self._style.bold(self._say("causes"))
            yield from cause_texts.summary(causes, texts, agency_names(rollup))
        yield ""
        yield self._style.bold(self._say("agencies"))
        for unit in named_units(rollup):
            yield f"  {'  ' * min(unit.depth, _DEEPEST)}{clean(unit.name)}: {self._of_unit(unit)}"
        for result in self._report.frameworks:
            counts = [(compliance, result.counts.get(compliance, 0)) for compliance in Compliance]
            said = [
                self._say("counts", n=n, what=texts.compliance(compliance.value).lower())
                for compliance, n in counts
                if n
            ]
            yield ""
            yield f"{self._style.bold(result.framework.title[texts.lang])}: {' · '.join(said)}"

    def _of_unit(self, unit: UnitRollup) -> str:
        parts = [self._say("subject_count", n=unit.subjects)]
        if unit.required_fails:
            parts.append(self._say("required_fails", n=unit.required_fails))
        shown = list(headlines(unit).items())
        parts += [f"{name} {brief(figure, self._texts)}" for name, figure in shown]
        return " · ".join(parts)

    def _agency(self, agency: AgencyReport) -> None:
        if agency.name:
            self._line("")
            self._line(self._style.bold(" › ".join(clean(name) for name in (*agency.path, agency.name))))
        for subject in agency.subjects:
            self._subject(subject)

    def _subject(self, subject: SubjectReport) -> None:
        if not subject.findings:  # a zone or exchanger of which no chosen check speaks
            return
        self._line("")
        self._line(self._identity(subject), 2)
        if closed := self._outside_scope(subject):
            self._line(f"  {self._say('outside_scope', addresses=closed)}", 2)
        one_sided = seen_from.one_sided(self._texts, subject.seen_from)
        if one_sided:
            self._line(f"  {one_sided}", 2)
        deciding = DecidingLines(subject.subject, subject.evidence, evidence_text.reader_word(self._texts.lang))
        for area, findings in by_area(subject.findings):
            self._line(self._area(area, findings, subject), _AREA_WIDTH + 2)
            shown = join(sorted(filter(self._shown, findings), key=_urgency))
            for joined, following in zip_longest(shown, shown[1:]):
                self._finding(joined, subject, deciding)
                self._advice(joined.finding, None if following is None else following.finding)
        self._unanswered(subject.findings)
        self._count(subject)

    def _identity(self, subject: SubjectReport) -> str:
        v4 = ", ".join(written(a) for a in subject.addresses if a.version == 4)
        v6 = ", ".join(written(a) for a in subject.addresses if a.version == 6)
        families = [f"{family} {found}" for family, found in (("A", v4), ("AAAA", v6)) if found]
        kind = self._texts.word("kind", subject.subject.kind.value)
        name = self._style.bold(clean(subject.subject.id))
        return "   ".join([name, kind, *(families or self._without_address(subject)), *self._silent(subject)])

    def _without_address(self, subject: SubjectReport) -> Iterator[str]:
        """Say that a host has no address only where DNS answered so; a domain is no host and needs none."""
        host = subject.subject.host
        if subject.subject.kind in (Kind.ZONE, Kind.MAIL):
            return
        lookups = [
            step
            for envelope in subject.evidence.values()
            for step in envelope.steps
            if isinstance(step, NameLookup) and step.name == host and step.rtype in ("A", "AAAA")
        ]
        unanswered = any(step.status is LookupStatus.NO_ANSWER for step in lookups)
        yield self._say("addresses_unknown" if unanswered else "no_addresses")

    def _silent(self, subject: SubjectReport) -> Iterator[str]:
        """Say that nobody answered at all, where few subjects are told of: that no port is open is no finding then."""
        if self._report.rollup is not None or not subject.addresses:
            return
        steps = [step for envelope in subject.evidence.values() for step in envelope.steps]
        asked = {
            step.address for step in steps if isinstance(step, TcpConnect | EchoSeries | PortSweep) and _left(step)
        }
        if asked.issuperset(subject.addresses) and alive(subject.evidence.values()).isdisjoint(subject.addresses):
            yield self._say("silent")

    def _outside_scope(self, subject: SubjectReport) -> tuple[str, ...]:
        """Return the addresses to which our own configuration lets nothing be sent, where few subjects are told of."""
        if self._report.rollup is not None:
            return ()
        closed = {
            step.address
            for envelope in subject.evidence.values()
            for step in envelope.steps
            if isinstance(step, TcpConnect | EchoSeries | PortSweep)
            and step.failure is not None
            and step.failure.kind is FailureKind.OUT_OF_SCOPE
        }
        return tuple(written(address) for address in subject.addresses if address in closed)

    def _area(self, area: str, findings: Sequence[Finding], subject: SubjectReport) -> str:
        title = area_name(self._texts, area)
        counted = Counter(map(result_of, findings))
        counts = [
            self._style.counted(result, self._texts.number(counted[result])) for result in _COUNTED if counted[result]
        ]
        parts = [*counts, *self._score(subject.scores.get(area)), *self._rung(area, subject)]
        return f"{title:{_AREA_WIDTH}}  {'   '.join(parts)}"

    def _score(self, score: Score | None) -> list[str]:
        if score is None or score.coverage is None:
            return []
        if score.score is None:
            return [self._say("no_score")]
        return [self._say("points", score=score.score)]

    def _rung(self, area: str, subject: SubjectReport) -> list[str]:
        ladder: Ladder | None = subject.ladders.get(json_data.LADDER_OF_AREA.get(area, ""))
        if ladder is None:
            return []
        if ladder.at_least and not ladder.level:
            return [self._say("rung_undecided")]
        return [self._say("rung_at_least" if ladder.at_least else "rung", level=ladder.level)]

    def _shown(self, finding: Finding) -> bool:
        return finding.outcome in _OPEN or (
            self._options.everything and finding.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
        )

    def _finding(self, joined: JoinedFinding, subject: SubjectReport, deciding: DecidingLines) -> None:
        finding = joined.finding
        mark = self._style.symbol(finding.outcome)
        if finding.outcome in (Outcome.FAIL, Outcome.ERROR):
            mark += " " + self._texts.outcome(finding.outcome).upper()
        elif finding.outcome is Outcome.WARN:
            mark += " " + self._texts.outcome(finding.outcome)
        weight = f" ({self._texts.severity(finding.severity)})" if finding.outcome in _OPEN else ""
        head = self._style.paint(finding.outcome, mark + weight)
        self._line("  ".join([f"  {head}", self._texts.heading(finding), *self._place(joined)]), 6)
        self._line(f"      {self._texts.message(finding)}", 6)
        for line in self._evidence(joined, subject, deciding):
            self._line(f"      {self._style.dim(line)}", 10)
        by_vantage = seen_from.by_vantage(self._texts, finding)
        if by_vantage:
            self._line(f"      {by_vantage}", 10)
        if finding.waived is not None:
            key = "waived_open" if finding.waived.until is None else "waived"
            text = self._say(
                key, reason=finding.waived.reason, owner=finding.waived.owner, until=finding.waived.until or ""
            )
            self._line(f"      {self._style.waived} {text}", 10)
        life = self._report.lives.get(finding.id)
        if life is not None and life.rounds > 1:
            self._line(f"      {lived(self._texts, life)}", 10)

    def _place(self, joined: JoinedFinding) -> Iterator[str]:
        """Yield the addresses and the part of the subject; the check's id where no line below has it."""
        finding = joined.finding
        if joined.addresses:
            yield ", ".join(map(written, joined.addresses))
        if finding.detail:
            yield clean(self._texts.detail(finding.check, finding.detail))
        if finding.outcome not in DEFECTS:
            yield finding.check
        if finding.outcome is Outcome.ERROR:
            yield f"#{finding.id}"

    def _advice(self, finding: Finding, following: Finding | None) -> None:
        """The requirement and the remedy, once below all findings of a check that share the remedy."""
        if finding.outcome not in _OPEN:
            return
        remedy = self._texts.remedy(finding)
        if following is not None and following.check == finding.check and self._texts.remedy(following) == remedy:
            return
        if finding.outcome in DEFECTS:
            self._line(f"      {self._say('requirement')}: {self._texts.title(finding.check)}", 10)
        hint = "" if finding.outcome is Outcome.ERROR else self._say("explain", check=finding.check)
        self._line(f"      {self._say('remedy')}: {remedy}  {self._style.dim(hint)}", 10)

    def _evidence(self, joined: JoinedFinding, subject: SubjectReport, deciding: DecidingLines) -> Iterator[str]:
        """The lines that decided; where none is told apart the steps that say most, failures first, each line once."""
        finding = joined.finding
        if finding.outcome not in _OPEN:
            return
        if decided := deciding.excerpt(deciding.of_all(joined.members, self._report.checks)):
            yield from decided[:_MOST_EVIDENCE]
            return
        word = evidence_text.reader_word(self._texts.lang)
        envelopes = [subject.evidence[item] for item in joined.evidence if item in subject.evidence]
        own = [
            envelope
            for envelope in envelopes
            if envelope.endpoint is not None and envelope.endpoint.address in joined.addresses
        ]
        about = written(finding.address) if finding.address is not None else finding.detail or ""
        said = Counter(
            line for envelope in own or envelopes for line in evidence_text.headlines(envelope, word, about)[:1]
        )
        for line, times in list(said.items())[:_MOST_EVIDENCE]:
            yield line if times == 1 else self._say("times", text=line, n=times)
        if len(said) > _MOST_EVIDENCE:
            yield self._say("more", n=len(said) - _MOST_EVIDENCE)

    def _unanswered(self, findings: Sequence[Finding]) -> None:
        """Write a line for each reason of undecided checks, with these checks; untested ones first.

        Checks without authorisation stand in one line at the end of the report.
        """
        checks: dict[tuple[bool, str], Counter[CheckId]] = {}
        for finding in findings:
            if finding.outcome is Outcome.INCONCLUSIVE and not needs_authorisation(finding):
                reason = (not not_tested(finding), self._texts.message(finding))
                checks.setdefault(reason, Counter())[finding.check] += 1
        for (measured, message), counted in sorted(checks.items(), key=lambda reason: reason[0][0]):
            symbol = self._style.symbol(Outcome.INCONCLUSIVE) if measured else self._style.untested
            state = self._texts.word("outcome", INCONCLUSIVE if measured else NOT_TESTED)
            told = f"{message.rstrip('.')} ({self._texts.number(counted.total())})"
            self._line(f"{symbol} {state}: {told}: {self._names(tuple(counted))}", 2)

    def _names(self, checks: Sequence[CheckId]) -> str:
        """Return one check with its title; of many, the first ones on a terminal and all in a file or a pipe."""
        if len(checks) == 1:
            return f"{self._texts.title(checks[0])} ({checks[0]})"
        if self._options.width is None or self._options.everything:
            return ", ".join(checks)
        return first_names(checks, self._texts)

    def _count(self, subject: SubjectReport) -> None:
        for finding in subject.findings:
            self._counted.add(finding)
            self._problems.add(finding)
        self._counted.add_grades(subject.scores)

    def _say(self, key: str, **args: object) -> str:
        return say(self._texts, key, **args)


def _left(step: TcpConnect | EchoSeries | PortSweep) -> bool:
    """True if the packets of a step left this machine, as far as is known."""
    return step.failure is None or step.failure.kind is FailureKind.TIMEOUT


def _urgency(finding: Finding) -> tuple[int, int]:
    return WORST_FIRST.index(finding.outcome), finding.severity.rank
