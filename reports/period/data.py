"""Makes the report of a period as data for programs, free of language (period_report.schema.json)."""

from collections.abc import Mapping

from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult
from auditor.figures.movement import FigureMove, SubjectMove
from auditor.figures.period import JudgedAgain, PassedRun, PeriodPoint, TargetProgress, target_counts
from auditor.figures.period_report import PeriodBefore, PeriodReport
from auditor.figures.sampled_period import AgencyPeriod, ChannelPeriod, PointPeriod, SitePeriod, Stretch
from auditor.texts.translate import Texts
from reports.figures import figures, plain_figure, plain_framework
from reports.json_data import Plain, encode, iso
from reports.period.tables import source_of

SCHEMA = 1


def document(report: PeriodReport) -> dict[str, Plain]:
    """Return the whole report as plain data."""
    progress = report.progress
    period = progress.period
    languages = [Texts(lang) for lang in ("vi", "en")]
    return {
        "schema": SCHEMA,
        "period": {"name": period.name, "first": iso(period.first), "last": iso(period.last)},
        "made": iso(report.made),
        "issuer": report.issuer,
        "counts": progress.counts,
        "start": None if progress.start is None else _point(progress.start),
        "end": _point(progress.end),
        "passed_over": [_passed(each) for each in progress.passed_over],
        "fuller": None if progress.fuller is None else {"run": progress.fuller.run, "day": iso(progress.fuller.day)},
        "slight_start": progress.slight_start,
        "doubtful": progress.doubtful,
        "judged_again": [_judged_again(each) for each in progress.judged_again],
        "same_rules": report.same_rules,
        "before": None if report.before is None else _before(report.before),
        "figures": [
            _figure(move, {texts.lang: texts.kpi(move.figure) for texts in languages}) for move in report.moves
        ],
        "frameworks": [_framework(held, report) for held in progress.end.frameworks],
        "sampled": {
            "since": iso(report.since),
            "until": iso(report.until),
            "whole": None if report.sampled.whole is None else _agency(report.sampled.whole),
            "agencies": [_agency(unit) for unit in report.sampled.agencies],
            "points": [_sampled_point(point) for point in report.sampled.points],
            "channels": [_channel(channel) for channel in report.sampled.channels],
            "sites": [_site(site) for site in report.sampled.sites],
        },
    }


def plain(report: PeriodReport) -> bytes:
    """Return the JSON document."""
    return encode(document(report)) + b"\n"


def _before(before: PeriodBefore) -> Plain:
    progress, targets = before.progress, target_counts(before.progress)
    return {
        "period": progress.period.name,
        "counts": progress.counts,
        "end": _point(progress.end),
        "same_rules": before.same_rules,
        "slight": before.slight,
        "targets": {standing.value: targets[standing] for standing in Compliance if targets[standing]},
        "figures": {name: plain_figure(figure) for name, figure in figures(progress.end.rollup.total)},
        "sampled": None if before.whole is None else _agency(before.whole),
    }


def _passed(passed: PassedRun) -> Plain:
    return {"run": passed.run, "day": iso(passed.day), "why": passed.why.value, "vantages": list(passed.vantages)}


def _judged_again(judged: JudgedAgain) -> Plain:
    return {"run": judged.run, "day": iso(judged.day), "judged": iso(judged.judged), "figures": list(judged.figures)}


def _point(point: PeriodPoint) -> Plain:
    return {"run": point.run, "day": iso(point.day)}


def _figure(move: FigureMove, title: Mapping[str, Plain]) -> Plain:
    return {
        "id": move.figure,
        "title": title,
        "start": None if move.start is None else plain_figure(move.start),
        "end": None if move.end is None else plain_figure(move.end),
        "agencies": [
            {
                "agency": agency.agency,
                "start": {"met": agency.met_before, "of": agency.of_before},
                "end": {"met": agency.met_after, "of": agency.of_after},
                "subjects": [_subject(subject) for subject in agency.subjects],
            }
            for agency in move.agencies
        ],
    }


def _subject(move: SubjectMove) -> Plain:
    return {
        "subject": move.subject,
        "start": None if move.before is None else move.before.value,
        "end": None if move.after is None else move.after.value,
    }


def _framework(held: FrameworkResult, report: PeriodReport) -> Plain:
    """Return a framework as in the result of a run, with the source and the history of each figure in the period."""
    made = plain_framework(held)
    progress = {
        target.end.requirement.id: target
        for target in report.progress.targets
        if target.framework.id == held.framework.id
    }
    rows = made["requirements"]
    assert isinstance(rows, list)
    made["requirements"] = [
        {**row, **_way(result, progress.get(result.requirement.id))}
        for row, result in zip(rows, held.results, strict=True)
    ]
    return made


def _way(result: RequirementResult, progress: TargetProgress | None) -> dict[str, Plain]:
    in_force = result.compliance is not Compliance.NOT_IN_FORCE
    start = None if progress is None else progress.start
    return {
        "source": source_of(result) if in_force else None,
        "start": None if start is None else start.compliance.value,
        "met_since": None if progress is None else iso(progress.met_since),
    }


def _stretch(stretch: Stretch) -> dict[str, Plain]:
    return {
        "slots": stretch.slots,
        "counted": stretch.counted,
        "not_measured": stretch.not_measured,
        "vantage": stretch.vantage,
        "maintenance": stretch.maintenance,
        "mean": stretch.mean,
        "p95": stretch.p95,
    }


def _sampled_point(point: PointPeriod) -> Plain:
    return {
        "subject": point.subject,
        "name": point.name,
        "agency": point.agency,
        "vantage": point.vantage or None,
        "reach": _stretch(point.reach),
        "loss": {f"ipv{family}": _stretch(stretch) for family, stretch in point.loss.items()},
    }


def _channel(channel: ChannelPeriod) -> Plain:
    return {
        "subject": channel.subject,
        "name": channel.name,
        "agency": channel.agency,
        "vantage": channel.vantage,
        "interface": channel.interface,
        "registered_mbps": channel.mbps,
        "received": _stretch(channel.received),
        "sent": _stretch(channel.sent),
        "peak": channel.peak,
        "use": channel.use,
    }


def _site(site: SitePeriod) -> Plain:
    return {
        "subject": site.subject,
        "name": site.name,
        "agency": site.agency,
        "vantage": site.vantage,
        "family": site.family or None,
        "answered": _stretch(site.answered),
    }


def _agency(unit: AgencyPeriod) -> Plain:
    return {
        "agency": unit.agency,
        "name": unit.name,
        "level": unit.level,
        "points": unit.points,
        "measured": unit.measured,
        "counted": unit.counted,
        "not_measured": unit.not_measured,
        "up": unit.share,
        "lowest": unit.lowest,
    }
