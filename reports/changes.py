"""Renders a comparison of two runs as lines for a terminal and as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.figures.comparison import Change, ChangeKind, Comparison
from auditor.figures.figure import Figure
from auditor.figures.path_changes import PathChange
from auditor.framework.findings import Finding, Outcome, Outline
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from reports import path_lines
from reports.earlier_runs import LatestChanges
from reports.figures import plain_figure
from reports.json_data import BilingualTexts, Plain, iso
from reports.report_texts import say
from reports.terminal.layout import Style

SIGNS = {
    ChangeKind.NEW: Outcome.FAIL,
    ChangeKind.ADDED: Outcome.FAIL,
    ChangeKind.CHANGED: Outcome.WARN,
    ChangeKind.STILL_FAILING: Outcome.FAIL,
    ChangeKind.FIXED: Outcome.PASS,
    ChangeKind.EASED: Outcome.WARN,
    ChangeKind.GONE: Outcome.NOT_APPLICABLE,
    ChangeKind.NOT_COMPARABLE: Outcome.INCONCLUSIVE,
}
_QUIET = frozenset({ChangeKind.STILL_FAILING, ChangeKind.NOT_COMPARABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """Identifies one side of a comparison to a reader. ``rules``: the policy without its accepted exceptions."""

    id: str
    name: str
    started: str
    judgement: str
    catalogue: str
    policy: str
    rules: str
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReport:
    """Holds a comparison to render.

    ``findings`` are those of the changes, before and after, by id; ``paths`` are the paths that changed.
    """

    before: ComparedRun
    after: ComparedRun
    comparison: Comparison
    findings: tuple[Mapping[str, Finding], Mapping[str, Finding]]
    paths: Sequence[PathChange] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Differences in how the two sides were made; keys of ``reports.report_texts``."""
        compared_run, other = self.before, self.after
        pairs = (
            ("other_catalogue", compared_run.catalogue != other.catalogue),
            ("other_policy", compared_run.rules != other.rules),
            ("other_networks", set(compared_run.networks) != set(other.networks)),
        )
        return tuple(key for key, differs in pairs if differs)


def lines(report: ChangeReport, texts: Texts, style: Style, *, everything: bool) -> Iterator[str]:
    """Yield the lines for a terminal; persisting failures and incomparable findings are listed with ``everything``."""
    compared_run, other, comparison = report.before, report.after, report.comparison
    yield say(texts, "compared", before=compared_run.id, start=compared_run.started, after=other.id, end=other.started)
    counts = comparison.counts
    said = [f"{texts.word('change', kind.value)} {texts.number(counts.get(kind, 0))}" for kind in ChangeKind]
    yield style.bold(" · ".join(said))
    for key in report.notes:
        yield f"{style.symbol(Outcome.INCONCLUSIVE)} {say(texts, key)}"
    for area in comparison.suspect:
        yield style.paint(Outcome.WARN, f"{style.symbol(Outcome.WARN)} {say(texts, 'suspect', area=texts.area(area))}")
    for change in comparison.changes:
        if everything or change.kind not in _QUIET:
            yield ""
            yield from _change(report, change, texts, style)
    yield from _figures(comparison, texts, style)
    yield from path_lines.changes(report.paths, texts)


def _change(report: ChangeReport, change: Change, texts: Texts, style: Style) -> Iterator[str]:
    outline = change.outline
    where = " ".join(part for part in (outline.address, clean(texts.detail(outline.check, outline.detail))) if part)
    sign = SIGNS[change.kind]
    word = style.paint(sign, f"{style.symbol(sign)} {texts.word('change', change.kind.value)}")
    severity = texts.severity(outline.severity)
    yield f"{word}  {outline.check}  {clean(change.subject)}{' ' + where if where else ''}  ({severity})"
    for mark, side, findings in (("-", change.before, report.findings[0]), ("+", change.after, report.findings[1])):
        if side is not None:
            yield f"    {mark} {_side(side, findings, texts, style)}"
    if change.why is not None:
        yield f"      {texts.word('incomparable', change.why.value)}"


def _side(side: Outline, findings: Mapping[str, Finding], texts: Texts, style: Style) -> str:
    finding = findings.get(side.id)
    message = texts.outlined(side) if finding is None else texts.message(finding)
    waived = f" {style.waived} {say(texts, 'accepted')}" if side.waived else ""
    return f"{style.symbol(side.outcome)} {texts.outcome(side.outcome)}: {message}{waived}"


def _figures(comparison: Comparison, texts: Texts, style: Style) -> Iterator[str]:
    changed = [(name, pair) for name, pair in comparison.figures.items() if told(pair.before) != told(pair.after)]
    if changed:
        yield ""
        yield style.bold(say(texts, "figures_changed"))
    for name, pair in changed:
        yield f"  {name:12} {texts.kpi(name)}"
        for mark, figure in (("-", pair.before), ("+", pair.after)):
            yield f"    {mark} {texts.figure(figure or Figure())}"


def told(figure: Figure | None) -> tuple[int, ...]:
    """Return the part of a figure whose difference counts as a change."""
    return (0, 0, 0, 0) if figure is None else (figure.of, figure.met, figure.unknown, figure.exempt)


def plain(report: ChangeReport, texts: BilingualTexts) -> dict[str, Plain]:
    """Return the document of ``auditor diff --format json``."""
    comparison = report.comparison
    return {
        "schema": 1,
        "before": _run(report.before),
        "after": _run(report.after),
        "summary": _counts(comparison.counts),
        "regressions": len(comparison.regressions),
        "notes": list(report.notes),
        "suspect": list(comparison.suspect),
        "changes": [_plain_change(change, report, texts) for change in comparison.changes],
        "path_changes": path_lines.plain_changes(report.paths),
        "figures": {
            name: {
                "before": None if pair.before is None else plain_figure(pair.before),
                "after": None if pair.after is None else plain_figure(pair.after),
            }
            for name, pair in comparison.figures.items()
        },
    }


def plain_since(since: LatestChanges | None) -> Plain:
    """Return the counts of a report against the last comparable run."""
    if since is None:
        return None
    return {
        "run": since.run,
        "judgement": since.judgement,
        "started": iso(since.started),
        "summary": _counts(since.counts),
        "why": {why.value: n for why, n in since.why.items()},
        "agencies": [
            {"agency": agency, "summary": _counts(other_agency)} for agency, other_agency in since.agencies.items()
        ],
        "notes": list(since.notes),
        "suspect": list(since.suspect),
    }


def _counts(counts: Mapping[ChangeKind, int]) -> Plain:
    return {kind.value: counts.get(kind, 0) for kind in ChangeKind}


def _run(run: ComparedRun) -> Plain:
    return {
        "id": run.id,
        "name": run.name,
        "started": run.started,
        "judgement": run.judgement,
        "catalogue": run.catalogue,
        "policy": run.policy,
        "networks": list(run.networks),
    }


def _plain_change(change: Change, report: ChangeReport, texts: BilingualTexts) -> Plain:
    outline = change.outline
    return {
        "id": change.id,
        "change": change.kind.value,
        "regression": change.regression,
        "why": None if change.why is None else change.why.value,
        "subject": change.subject,
        "check": outline.check,
        "address": outline.address,
        "detail": outline.detail,
        "severity": outline.severity.value,
        "level": outline.level.value,
        "before": _plain_side(change.before, report.findings[0], texts),
        "after": _plain_side(change.after, report.findings[1], texts),
    }


def _plain_side(side: Outline | None, findings: Mapping[str, Finding], texts: BilingualTexts) -> Plain:
    if side is None:
        return None
    finding = findings.get(side.id)
    return {
        "outcome": side.outcome.value,
        "code": side.code,
        "reason": None if side.reason is None else side.reason.value,
        "check_version": side.check_version,
        "waived": side.waived,
        "message": None if finding is None else texts.message(finding),
    }
