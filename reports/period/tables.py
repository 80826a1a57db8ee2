"""Puts the report of a period into sentences and tables in one language, for every format that people read.

Text from inventories and declarations is data: cut, without controls, escaped by the format that shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult
from auditor.figures.figure import Figure, difference
from auditor.figures.kpis import KPIS
from auditor.figures.movement import AgencyMove, FigureMove, SubjectMove
from auditor.figures.period import Period, PeriodPoint, PeriodProgress, TargetProgress, rests_on_the_past, target_counts
from auditor.figures.period_report import PeriodBefore, PeriodReport
from auditor.figures.publishable import SMALL
from auditor.figures.target_sums import MISSING, target_sums
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.regulations.model import RuleKind
from auditor.texts.translate import Texts
from probes.observations.declared import DeclaredValue
from reports.figures import declared, measured_late
from reports.period.cells import NONE, PeriodTable, share_words, unit_name
from reports.period.sampled_tables import sampled_tables
from reports.period.texts import tell
from reports.public.site import period_words

MOST_SUBJECTS = 20
"""Subjects that are named for one agency and figure; the data has all of them."""
_ENDS: Mapping[str, tuple[Compliance, ...]] = {
    "met": (Compliance.MET, Compliance.DECLARED_MET),
    "not_met": (Compliance.NOT_MET, Compliance.DECLARED_NOT_MET),
    "undecided": (Compliance.UNDECIDED,),
    "missing": MISSING,
}
"""The possible standings of a requirement with a target at the end of a period."""


def title(report: PeriodReport, texts: Texts) -> str:
    return title_of(report.progress.period, texts)


def title_of(period: Period, texts: Texts) -> str:
    return tell(texts, "title", period=period_words(texts, period))


def summary(report: PeriodReport, texts: Texts) -> list[str]:
    """Say when it was counted and how many targets are met, in sentences."""
    return [*_counted(report, texts), *_targets(report, texts)]


def _counted(report: PeriodReport, texts: Texts) -> Iterator[str]:
    progress, day = report.progress, civil_day(report.made)
    issuer = clean(report.issuer)
    yield tell(texts, "made_by", day=day, issuer=issuer) if issuer else tell(texts, "made", day=day)
    if day <= progress.period.last:
        yield tell(texts, "unfinished", day=day)
    yield tell(texts, "counted", n=progress.counts, last=progress.end.day, run=progress.end.run)
    assessed = progress.end.rollup.total.figures.get("K20")
    if assessed is not None and assessed.of:
        yield tell(texts, "covers", met=assessed.met, of=assessed.of)
    yield from caveats(progress, texts)
    if progress.start is None:
        yield tell(texts, "single")
        return
    key = "since_earlier" if progress.start.day < progress.period.first else "since_first"
    yield tell(texts, key, first=progress.start.day, run=progress.start.run)
    yield from _other_rules(report.progress.start, texts, same_rules=report.same_rules)


def caveats(progress: PeriodProgress, texts: Texts) -> Iterator[str]:
    """Yield the reasons why the last count may not stand for the end of the period."""
    for each in progress.passed_over:
        yield tell(texts, f"passed_{each.why}", day=each.day, run=each.run, vantages=each.vantages)
    if progress.doubtful:
        yield tell(texts, "doubtful")
    for judged in progress.judged_again:
        yield tell(texts, "judged_again", day=judged.day, run=judged.run, judged=judged.judged, figures=judged.figures)
    if progress.fuller is not None:
        yield tell(texts, "fuller", day=progress.fuller.day, run=progress.fuller.run)
    yield from _slight(progress.start, texts, is_slight=progress.slight_start)


def _slight(count: PeriodPoint | None, texts: Texts, *, is_slight: bool) -> Iterator[str]:
    """Say of an earlier count that it is of far fewer subjects, so that nothing in between became worse or better."""
    if count is not None and is_slight:
        yield tell(texts, "slight", day=count.day, run=count.run)


def _other_rules(count: PeriodPoint | None, texts: Texts, *, same_rules: bool) -> Iterator[str]:
    """Yield a note that figures may have moved only because the program's rules changed since an earlier count."""
    if count is not None and not same_rules:
        yield tell(texts, "other_rules", day=count.day, run=count.run)


def _targets(report: PeriodReport, texts: Texts) -> Iterator[str]:
    ends = target_counts(report.progress)
    if not ends.total():
        yield tell(texts, "targets_none")
        return
    counts = {key: sum(ends[each] for each in those) for key, those in _ENDS.items()}
    yield tell(texts, "targets_met", n=counts["met"], m=ends.total())
    parts = {"declared": ends[Compliance.DECLARED_MET], **counts}
    yield from (tell(texts, f"targets_{key}", n=number) for key, number in parts.items() if number and key != "met")
    sums = target_sums(report.progress)
    if sums.published != sums.of:
        said = {"missing": sums.missing, "few": sums.few, "table": sums.in_tables, "public": sums.published}
        yield tell(texts, "targets_elsewhere" if sums.few else "targets_without_figures", small=SMALL, **said)
    old = rests_on_the_past(report.progress)
    if old:
        yield tell(texts, "targets_old", n=old)


def tables(report: PeriodReport, texts: Texts) -> Iterator[PeriodTable]:
    """Yield every table, the most important first; the framework tables are annexes of an official report."""
    yield _figures(report, texts)
    if report.before is not None:
        yield _beside(report, report.before, texts)
    yield _movement(report, texts)
    yield from (framework_table(held, report, texts) for held in report.progress.end.frameworks)
    yield from sampled_tables(report, texts)
    yield _declarations(report, texts)
    yield _undecided(report, texts)


def _figures(report: PeriodReport, texts: Texts) -> PeriodTable:
    rows = (
        (texts.kpi(move.figure), figure_words(move.start, texts), figure_words(move.end, texts), _change(move, texts))
        for move in report.moves
    )
    head = tuple(tell(texts, key) for key in ("figure", "start", "end", "change"))
    return PeriodTable(key="figures", title=tell(texts, "figures"), note="", head=head, rows=tuple(rows))


def _beside(report: PeriodReport, before: PeriodBefore, texts: Texts) -> PeriodTable:
    """Set the end of the period before beside that of this one."""
    held, holds = target_counts(before.progress), target_counts(report.progress)
    old, new = before.progress.end.rollup.total.figures, report.progress.end.rollup.total.figures
    was, now = before.whole, report.sampled.whole
    counted = [("audits_counted", before.progress.counts, report.progress.counts)]
    for key, those in _ENDS.items():
        counted.append((f"count_{key}", sum(held[each] for each in those), sum(holds[each] for each in those)))
    times = [
        ("up", None if was is None else was.share, None if now is None else now.share),
        ("lowest", None if was is None else was.lowest, None if now is None else now.lowest),
    ]
    moves = (FigureMove(figure=name, start=old.get(name), end=new.get(name)) for name in KPIS)
    rows = (
        *((tell(texts, key), *map(texts.number, (a, b)), texts.number(b - a)) for key, a, b in counted),
        *(
            (tell(texts, key), share_words(a, texts), share_words(b, texts), _points_up(a, b, texts))
            for key, a, b in times
        ),
        *(
            (
                texts.kpi(move.figure),
                *(figure_words(each, texts) for each in (move.start, move.end)),
                _change(move, texts),
            )
            for move in moves
            if any(figure is not None and figure.of for figure in (move.start, move.end))
        ),
    )
    names = (period_words(texts, each.period) for each in (before.progress, report.progress))
    head = (tell(texts, "item"), *names, tell(texts, "change"))
    count = before.progress.end
    doubts = (
        *_slight(count, texts, is_slight=before.slight),
        *_other_rules(count, texts, same_rules=before.same_rules),
    )
    note = " ".join((tell(texts, "before_note"), *doubts))
    return PeriodTable(key="before", title=tell(texts, "before"), note=note, head=head, rows=rows)


def _points_up(before: float | None, after: float | None, texts: Texts) -> str:
    return NONE if before is None or after is None else texts.number(round(100 * (after - before), 2))


def figure_words(figure: Figure | None, texts: Texts) -> str:
    """Return a figure with its denominator; a dash where it does not apply.

    The reasons of undecided subjects are left out: they have a table of their own.
    """
    return NONE if figure is None or not (figure.of or figure.exempt) else clean(texts.figure_in_short(figure), 500)


def _change(move: FigureMove, texts: Texts) -> str:
    moved = difference(move.start, move.end)
    return NONE if moved is None else texts.number(moved)


def _movement(report: PeriodReport, texts: Texts) -> PeriodTable:
    rows = [
        (
            texts.kpi(move.figure),
            unit_name(report, agency.agency, texts),
            *_counts(agency, texts),
            _named(report, agency, texts),
        )
        for move in report.moves
        for agency in move.agencies
    ]
    head = tuple(tell(texts, key) for key in ("figure", "agency", "start", "end", "systems"))
    start = report.progress.start
    alone = "".join(_other_rules(start, texts, same_rules=report.same_rules))
    note = alone if rows else tell(texts, "single" if start is None else "movement_none")
    return PeriodTable(key="movement", title=tell(texts, "movement"), note=note, head=head, rows=tuple(rows))


def _counts(move: AgencyMove, texts: Texts) -> tuple[str, str]:
    pairs = ((move.met_before, move.of_before), (move.met_after, move.of_after))
    before, after = (tell(texts, "met_of", met=met, of=of) for met, of in pairs)
    return before, after


def _named(report: PeriodReport, agency: AgencyMove, texts: Texts) -> str:
    shown = "; ".join(_became(report, move, texts) for move in agency.subjects[:MOST_SUBJECTS])
    return shown + ("; …" if len(agency.subjects) > MOST_SUBJECTS else "")


def _became(report: PeriodReport, move: SubjectMove, texts: Texts) -> str:
    name = clean(report.subjects.get(move.subject) or move.subject)
    before, after = ("absent" if one is None else one.value for one in (move.before, move.after))
    return tell(texts, "became", name=name, before=tell(texts, before), after=tell(texts, after))


def framework_table(held: FrameworkResult, report: PeriodReport, texts: Texts) -> PeriodTable:
    """Return the requirements of a framework that are in force: measured, declared, or without a figure."""
    progress = {
        target.end.requirement.id: target
        for target in report.progress.targets
        if target.framework.id == held.framework.id
    }
    rows = (
        _requirement(result, held, progress.get(result.requirement.id), texts)
        for result in held.results
        if result.compliance is not Compliance.NOT_IN_FORCE
    )
    keys = ("article", "requirement", "kind", "target", "due", "start", "end", "standing", "met_since")
    framework, lang = held.framework, texts.lang
    note = "" if framework.note is None else framework.note[lang]
    return PeriodTable(
        key=f"framework-{framework.id}",
        title=clean(framework.title[lang], 500),
        note=clean(". ".join(part for part in (framework.source[lang], note) if part), 2_000),
        head=tuple(tell(texts, key) for key in keys),
        rows=tuple(rows),
    )


def _requirement(
    result: RequirementResult, held: FrameworkResult, progress: TargetProgress | None, texts: Texts
) -> tuple[str, ...]:
    requirement = result.requirement
    return (
        clean(requirement.heading),
        clean(requirement.text[texts.lang], 2_000),
        tell(texts, source_of(result)),
        _target(result, texts),
        _day(requirement.due, texts),
        NONE if progress is None or progress.start is None else _standing_figure(progress.start, texts),
        _value(result, held, texts),
        texts.compliance(result.compliance.value),
        NONE if progress is None else _day(progress.met_since, texts),
    )


def source_of(result: RequirementResult) -> str:
    """Return whether a requirement is ``measured``, ``declared`` or ``missing`` a figure."""
    if result.figure is not None and (result.figure.of or result.figure.exempt):
        return "measured"
    return "declared" if result.declared else "missing"


def _target(result: RequirementResult, texts: Texts) -> str:
    rule = result.requirement.rule
    if rule.target is None:
        return "100%" if rule.kind is RuleKind.ALL else NONE
    unit = result.requirement.unit
    words = "%" if unit is None and rule.kind is RuleKind.KPI else "" if unit is None else unit[texts.lang]
    if (rule.sign, rule.target, words) == (">=", 100, "%"):
        return "100%"
    space = "" if words == "%" else " "
    return f"{'≥' if rule.sign == '>=' else '≤'} {texts.number(rule.target)}{space}{clean(words)}".strip()


def _standing_figure(result: RequirementResult, texts: Texts) -> str:
    if result.figure is not None and result.figure.of:
        return figure_words(result.figure, texts)
    return texts.number(result.declared[0].value) if result.declared else NONE


def _value(result: RequirementResult, held: FrameworkResult, texts: Texts) -> str:
    figure = []
    if result.figure is not None:
        figure = [texts.figure_in_short(result.figure), *measured_late(texts, result, held.day)]
    values = [declared(texts, result.requirement, value) for value in result.declared[:1]]
    return clean("; ".join((*figure, *values)), 2_000) or NONE


def _declarations(report: PeriodReport, texts: Texts) -> PeriodTable:
    keys = ("article", "requirement", "value", "as_of", "source", "signatory")
    rows = tuple(
        _declaration(result, value, texts)
        for held in report.progress.end.frameworks
        for result in held.results
        for value in result.declared
    )
    return PeriodTable(
        key="declarations",
        title=tell(texts, "declarations"),
        note="" if rows else tell(texts, "missing"),
        head=tuple(tell(texts, key) for key in keys),
        rows=rows,
    )


def _declaration(result: RequirementResult, value: DeclaredValue, texts: Texts) -> tuple[str, ...]:
    unit = result.requirement.unit
    number = f"{texts.number(value.value)} {'' if unit is None else unit[texts.lang]}".strip()
    text = clean(result.requirement.text[texts.lang], 500)
    return (
        clean(result.requirement.heading),
        text,
        clean(number),
        _day(value.as_of, texts),
        clean(value.source),
        clean(value.signatory),
    )


def _day(day: date | None, texts: Texts) -> str:
    return NONE if day is None else texts.day(day)


def _undecided(report: PeriodReport, texts: Texts) -> PeriodTable:
    """Return the table of undecided subjects at the end, by figure, with the reasons."""
    rows = tuple(
        (texts.kpi(move.figure), texts.number(move.end.unknown), clean("; ".join(texts.reasons(move.end)), 500) or NONE)
        for move in report.moves
        if move.end is not None and move.end.unknown
    )
    head = tuple(tell(texts, key) for key in ("figure", "number", "reason"))
    return PeriodTable(key="undecided", title=tell(texts, "undecided"), note="", head=head, rows=rows)


def shown(made: Sequence[PeriodTable]) -> list[PeriodTable]:
    """Return the tables that tell anything."""
    return [table for table in made if table.rows or table.note]
