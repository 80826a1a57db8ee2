"""Renders the files of provinces at a national centre: a table of provinces, widespread defects, the worst ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from ipaddress import ip_address

from auditor.figures.federation import ProvinceDefect, ProvinceFigure, ProvinceSummary, Widespread, together, widespread
from auditor.figures.figure import is_interval
from auditor.framework.check import Check
from auditor.framework.findings import CheckId, Finding, FindingId, LevelBasis, Outcome, Severity
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from reports.figures import HEADLINES
from reports.json_data import Plain, encode, iso
from reports.page_templates import environment
from reports.report_texts import say
from reports.terminal.layout import fold

GRAVE = (Severity.CRITICAL, Severity.HIGH)
WORST_SHOWN, WIDESPREAD_SHOWN = 5, 20
WIDTH = 100
"""Columns of a terminal."""
_GAP = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceEntry:
    """The summary that counts, the key it was signed with, and the ones that it corrected, the latest first."""

    summary: ProvinceSummary
    signer: str
    corrected: tuple[ProvinceSummary, ...] = ()

    @property
    def name(self) -> str:
        return _name(self.summary)


def _name(summary: ProvinceSummary) -> str:
    return clean(summary.head.name or summary.head.province)[:60]


@dataclass(frozen=True, kw_only=True)
class FederationReport:
    """Holds all provinces of a round, by their codes. ``silent``: the latest summaries of those that told of another
    round and not of this one, which are in none of its sums."""

    round: str
    entries: tuple[ProvinceEntry, ...]
    checks: Mapping[CheckId, Check]
    silent: tuple[ProvinceSummary, ...] = ()

    @property
    def summaries(self) -> Sequence[ProvinceSummary]:
        return [entry.summary for entry in self.entries]

    @cached_property
    def total(self) -> Mapping[str, ProvinceFigure]:
        return together(self.summaries)

    @cached_property
    def widespread(self) -> Sequence[Widespread]:
        return widespread(self.summaries)[:WIDESPREAD_SHOWN]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in HEADLINES if name in self.total)


def worst(summary: ProvinceSummary, most: int = WORST_SHOWN) -> Sequence[ProvinceDefect]:
    """Return the gravest failures that nobody accepted, one of each check."""
    failures = [defect for defect in summary.worst if defect.outcome is Outcome.FAIL and not defect.waived]
    by_check = {defect.check: defect for defect in reversed(failures)}
    return sorted(by_check.values(), key=lambda defect: (defect.severity.rank, defect.check))[:most]


def message(defect: ProvinceDefect, texts: Texts) -> str:
    """Return the message as this program words it; of a check, code or value that it does not know the code alone."""
    check, bare = texts.checks.get(CheckId(defect.check)), clean(f"{defect.check} {defect.code}")
    if check is None or defect.code not in check.messages:
        return bare
    try:
        return clean(texts.message(_finding(defect)))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return bare


def _finding(defect: ProvinceDefect) -> Finding:
    return Finding(
        id=FindingId(defect.id),
        check=CheckId(defect.check),
        check_version=0,
        code=defect.code,
        outcome=defect.outcome,
        severity=defect.severity,
        level=defect.level,
        level_basis=LevelBasis.VERIFIED,
        subject=SubjectId(defect.subject),
        address=ip_address(defect.address) if defect.address else None,
        detail=defect.detail or None,
        vantage="",
        reason=None,
        args={argument.name: argument.value for argument in defect.args},
        evidence=(),
    )


def share(figure: ProvinceFigure | None, texts: Texts) -> str:
    """Return ``81.8% (9/11 ?1)``: the certain share, met of all, and undecided; a dash where it does not apply.

    The share is an interval where as much is undecided as makes every report give one.
    """
    if figure is None or not figure.of:
        return "–"
    shares = [figure.met / figure.of if figure.value is None else figure.value]
    if figure.value is None and is_interval(figure.unknown, figure.of):
        shares.append((figure.met + figure.unknown) / figure.of)
    unknown = f" ?{texts.number(figure.unknown)}" if figure.unknown else ""
    counts = f"{texts.number(figure.met)}/{texts.number(figure.of)}{unknown}"
    return f"{'–'.join(map(texts.percent, shares))} ({counts})"


def other_checks(report: FederationReport, texts: Texts) -> Iterator[str]:
    """Say where the provinces were judged by several versions of the checks."""
    known = {summary.head.catalogue for summary in report.summaries}
    if len(known) > 1:
        yield say(texts, "federation_catalogues", n=len(known))


def silent_provinces(report: FederationReport, texts: Texts) -> Iterator[str]:
    """Yield the sentence that names the provinces missing from the sums."""
    if report.silent:
        names = [_name(summary) for summary in report.silent]
        yield say(texts, "federation_silent", n=len(names), names=names)


def _notes(report: FederationReport, texts: Texts) -> Iterator[str]:
    yield from silent_provinces(report, texts)
    yield say(texts, "federation_targets_note")
    yield from other_checks(report, texts)


def changed(entry: ProvinceEntry) -> Sequence[tuple[str, ProvinceFigure | None, ProvinceFigure | None]]:
    """Return the figures that a correction changed, before and after."""
    if not entry.corrected:
        return []
    before, after = entry.corrected[0], entry.summary
    names = dict.fromkeys(figure.name for figure in (*before.figures, *after.figures))
    pairs = ((name, before.figure(name), after.figure(name)) for name in names)
    return [(name, old, new) for name, old, new in pairs if old != new]


def _heads(texts: Texts) -> list[str]:
    return [
        say(texts, "federation_province"),
        say(texts, "federation_subjects"),
        say(texts, "federation_targets"),
        say(texts, "federation_coverage"),
        say(texts, "federation_undecided"),
        say(texts, "federation_grave"),
    ]


def table(report: FederationReport, texts: Texts) -> list[list[str]]:
    """Return the headings, a row for each province, and the row of all of them."""
    rows = [[*_heads(texts), *report.columns]]
    rows += [_row(entry, report, texts) for entry in report.entries]
    subjects = sum(summary.head.subjects for summary in report.summaries)
    total = [share(report.total[name], texts) for name in report.columns]
    return [*rows, [say(texts, "federation_total"), texts.number(subjects), "", "", "", "", *total]]


def _row(entry: ProvinceEntry, report: FederationReport, texts: Texts) -> list[str]:
    summary = entry.summary
    met, targets = summary.met_targets
    return [
        entry.name + (" *" if entry.corrected else ""),
        texts.number(summary.head.subjects),
        f"{texts.number(met)}/{texts.number(targets)}",
        "–" if summary.coverage is None else texts.percent(summary.coverage),
        texts.number(summary.of_outcome(Outcome.INCONCLUSIVE)),
        " / ".join(texts.number(summary.failing(severity)) for severity in GRAVE),
        *(share(summary.figure(name), texts) for name in report.columns),
    ]


def lines(report: FederationReport, texts: Texts) -> Iterator[str]:
    """Yield the lines for a terminal: the table, corrections, widespread defects, and the worst of each province."""
    for line in _lines(report, texts):
        indent = len(line) - len(line.lstrip(" "))
        yield from fold(line, WIDTH, indent + 2)


def _lines(report: FederationReport, texts: Texts) -> Iterator[str]:
    yield say(texts, "federation_head", round=clean(report.round), n=len(report.entries))
    yield ""
    for number, part in enumerate(_parts(table(report, texts))):
        if number:
            yield ""
        yield from part
    yield from _notes(report, texts)
    for entry in (entry for entry in report.entries if entry.corrected):
        yield ""
        yield f"* {correction(entry, texts)}"
        for name, old, new in changed(entry):
            yield f"    {clean(name)}: {share(old, texts)} → {share(new, texts)}"
    if report.widespread:
        yield ""
        yield say(texts, "federation_widespread")
        yield from (f"  {spread(check, texts)}" for check in report.widespread)
    for entry in report.entries:
        defects = worst(entry.summary)
        if defects:
            yield ""
            yield entry.name
        for defect in defects:
            where = clean(f"{defect.subject} {defect.address}".strip())
            yield f"  {texts.severity(defect.severity)}  {where}: {message(defect, texts)}"


def _parts(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Yield the lines of a table as wide as it is in parts of the terminal's width, each with the first column."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    first, *others = range(len(widths))
    while others:
        shown, taken = [first], widths[first]
        while others and (len(shown) == 1 or taken + len(_GAP) + widths[others[0]] <= WIDTH):
            taken += len(_GAP) + widths[others[0]]
            shown.append(others.pop(0))
        yield [_GAP.join(f"{row[column]:{widths[column]}}" for column in shown).rstrip() for row in rows]


def correction(entry: ProvinceEntry, texts: Texts) -> str:
    """Say that a province corrected its figures, and when."""
    when, before = entry.summary.head.issued, entry.corrected[0].head.issued
    return say(texts, "federation_correction", name=entry.name, when=texts.moment(when), before=texts.moment(before))


def spread(check: Widespread, texts: Texts) -> str:
    """Say in how many provinces a problem was found."""
    known = texts.checks.get(CheckId(check.check))
    codes = [] if known is None else [code for code in check.codes if code in known.messages]
    title = texts.problems(CheckId(check.check), codes) or check.check
    severity = texts.severity(check.severity)
    return say(texts, "federation_spread", check=clean(title), severity=severity, n=check.provinces, m=check.subjects)


def plain(report: FederationReport, made: datetime) -> bytes:
    """Return the JSON document, free of language."""
    document: Plain = {
        "schema": 1,
        "round": report.round,
        "made": iso(made),
        "provinces": [_plain_entry(entry) for entry in report.entries],
        "silent": [
            {"province": one.head.province, "name": one.head.name, "round": one.head.round} for one in report.silent
        ],
        "total": {name: _plain_figure(figure) for name, figure in report.total.items()},
        "widespread": [
            {
                "check": check.check,
                "severity": check.severity.value,
                "provinces": check.provinces,
                "subjects": check.subjects,
            }
            for check in report.widespread
        ],
    }
    return encode(document) + b"\n"


def _plain_entry(entry: ProvinceEntry) -> Plain:
    summary, head = entry.summary, entry.summary.head
    met, targets = summary.met_targets
    return {
        "province": head.province,
        "name": head.name,
        "run": head.run,
        "judgement": head.judgement,
        "catalogue": head.catalogue,
        "started": iso(head.started),
        "issued": iso(head.issued),
        "signer": entry.signer or None,
        "corrects": [iso(earlier.head.issued) for earlier in entry.corrected],
        "subjects": head.subjects,
        "vantages": list(head.vantages),
        "targets": {"met": met, "of": targets},
        "coverage": summary.coverage,
        "outcomes": {outcome.value: summary.of_outcome(outcome) for outcome in Outcome},
        "failing": {severity.value: summary.failing(severity) for severity in Severity},
        "figures": {figure.name: _plain_figure(figure) for figure in summary.figures},
        "defects": summary.defects,
        "worst": [_plain_defect(defect) for defect in worst(summary)],
    }


def _plain_defect(defect: ProvinceDefect) -> Plain:
    return {
        "check": defect.check,
        "code": defect.code,
        "severity": defect.severity.value,
        "subject": defect.subject,
        "agency": defect.agency,
        "address": defect.address or None,
    }


def _plain_figure(figure: ProvinceFigure) -> Plain:
    return {
        "of": figure.of,
        "met": figure.met,
        "unknown": figure.unknown,
        "exempt": figure.exempt,
        "value": figure.value,
    }


def html(report: FederationReport, texts: Texts) -> bytes:
    """Return one page that needs nothing else."""
    head, *rows, total = table(report, texts)
    page = (
        environment()
        .get_template("federation.html.j2")
        .render(
            report=report,
            texts=texts,
            lang=texts.lang,
            head=head,
            rows=rows,
            total=total,
            title=say(texts, "federation_title"),
            about=say(texts, "federation_head", round=clean(report.round), n=len(report.entries)),
            note=" ".join((say(texts, "federation_note"), *_notes(report, texts))),
            corrections=say(texts, "federation_corrections"),
            corrected=[(correction(entry, texts), changed(entry)) for entry in report.entries if entry.corrected],
            most=say(texts, "federation_widespread"),
            spreads=[spread(check, texts) for check in report.widespread],
            worst=[(entry.name, worst(entry.summary)) for entry in report.entries if worst(entry.summary)],
            message=message,
            share=share,
            fixed=len(_heads(texts)),
        )
    )
    return page.encode("utf-8", "backslashreplace")
