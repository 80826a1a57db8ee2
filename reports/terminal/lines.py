"""Builds the lines that the whole text and the summary of a run have in common: its vantages and its result."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.figures.scoring import Score
from auditor.framework.context import Health
from auditor.framework.findings import CheckId, Finding, Outcome, Reason, Severity
from auditor.framework.message_format import clean
from auditor.judging.gates import code_of
from auditor.texts.translate import Texts
from reports.document import ReportHeader, not_tested
from reports.overview import GRADES
from reports.report_texts import say
from reports.shown_results import RESULTS, result_of
from reports.terminal.layout import Style

_NOT_AUTHORISED = code_of(Reason.SCOPE)
_OF_HEALTH: Mapping[Health, Outcome] = {
    Health.OK: Outcome.PASS,
    Health.IMPAIRED: Outcome.WARN,
    Health.NONE: Outcome.FAIL,
}
_OF_GRADE: Mapping[str, Outcome] = {"met": Outcome.PASS, "not_met": Outcome.FAIL, "partly": Outcome.WARN}
_TOO_LITTLE = "not_enough_evidence"
MOST_NAMED = 6


@dataclass(slots=True)
class ResultCount:
    """Counts findings and grades for the line of the result.

    ``results``: by ``RESULTS``. ``unauthorised``: checks that need the owner's consent.
    """

    results: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)
    grades: set[str] = field(default_factory=set)
    unauthorised: Counter[CheckId] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        self.results[result_of(finding)] += 1
        if finding.outcome is Outcome.FAIL:
            self.severities[finding.severity] += 1
        elif needs_authorisation(finding):
            self.unauthorised[finding.check] += 1

    def add_grades(self, scores: Mapping[str, Score]) -> None:
        self.grades |= {score.grade for score in scores.values() if score.coverage is not None}


def needs_authorisation(finding: Finding) -> bool:
    """True if nothing was measured because the owner has not authorised it."""
    return finding.code == _NOT_AUTHORISED and not_tested(finding)


def vantage_lines(header: ReportHeader, texts: Texts, style: Style) -> Iterator[str]:
    """Yield a line for each vantage with its health and addresses, then advice if none has a network."""
    for vantage in header.vantages:
        sources = {6: "", 4: ""}
        for address in vantage.sources:
            sources[address.version] = f" ({address})"
        parts = [
            f"{name} {_health(health, texts, style)}{source}"
            for name, health, source in (
                ("IPv4", vantage.ipv4, sources[4]),
                ("IPv6", vantage.ipv6, sources[6]),
                ("DNS", vantage.dns, ""),
            )
        ]
        yield "  ".join([f"{say(texts, 'vantage')} {clean(vantage.name)}", *parts])
    if header.vantages and all(vantage.ipv4 is vantage.ipv6 is Health.NONE for vantage in header.vantages):
        yield style.paint(Outcome.FAIL, say(texts, "no_connection"))


def _health(health: Health, texts: Texts, style: Style) -> str:
    outcome = _OF_HEALTH[health]
    word = "" if health is Health.OK else f" {texts.word('health', health.value)}"
    return style.paint(outcome, style.symbol(outcome) + word)


def authorisation_line(checks: Iterable[CheckId], texts: Texts) -> str:
    """Return one line that names the checks that nobody authorised; empty without any."""
    named = sorted(checks)
    if not named:
        return ""
    return say(texts, "need_authorisation", n=len(named), checks=first_names(named, texts), first=named[0])


def first_names(checks: Sequence[CheckId], texts: Texts) -> str:
    """Return the first ``MOST_NAMED`` checks, and how many more there are."""
    more = len(checks) - MOST_NAMED
    return ", ".join(checks[:MOST_NAMED]) + (f", {say(texts, 'more', n=more)}" if more > 0 else "")


def result_line(count: ResultCount, header: ReportHeader, texts: Texts, style: Style) -> str:
    """Return the grade and the counts; selected checks give no grade, unless too little was decided."""
    if not count.results:
        return say(texts, "no_findings")
    counts = [_counted(result, count, texts) for result in RESULTS if count.results[result]]
    listed = " · ".join(counts)
    grade = next((grade for grade in GRADES if grade in count.grades), _TOO_LITTLE)
    if grade != _TOO_LITTLE and any(limit.code == "SELECTED_CHECKS" for limit in header.limits):
        return f"{say(texts, 'result')}: {listed}"
    outcome = _OF_GRADE.get(grade, Outcome.INCONCLUSIVE)
    word = style.bold(style.paint(outcome, texts.grade(grade).upper()))
    return f"{say(texts, 'result')}: {word}   {listed}"


def _counted(result: str, count: ResultCount, texts: Texts) -> str:
    parts: list[str] = []
    if result == Outcome.FAIL.value:
        pairs = ((severity, count.severities[severity]) for severity in Severity)
        parts = [say(texts, "counts", n=n, what=texts.severity(severity)) for severity, n in pairs if n]
    return _with_plural(result, count.results[result], texts) + (f" ({' · '.join(parts)})" if parts else "")


def _with_plural(result: str, n: int, texts: Texts) -> str:
    """Return ``2 warnings``, ``8 pass``: the names of two results have a plural in English."""
    match result:
        case Outcome.WARN.value:
            return say(texts, "counts_warn", n=n)
        case Outcome.ERROR.value:
            return say(texts, "counts_error", n=n)
        case _:
            return say(texts, "counts", n=n, what=texts.word("outcome", result).lower())
