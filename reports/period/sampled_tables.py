"""Builds tables of the samples of a period: connection points by agency and one by one, web sites, channels.

Text from inventories is data: cut, without controls, escaped by the format that shows it.
"""

from collections.abc import Iterator

from auditor.figures.period_report import PeriodReport
from auditor.figures.sampled_period import AgencyPeriod, ChannelPeriod, PointPeriod, SitePeriod, Stretch
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from reports.period.cells import NONE, PeriodTable, share_words, unit_name
from reports.period.texts import tell

_FAMILIES = (6, 4)


def sampled_tables(report: PeriodReport, texts: Texts) -> Iterator[PeriodTable]:
    """Yield the tables, the most important first."""
    yield _availability(report, texts)
    yield _points(report, texts)
    yield _sites(report, texts)
    yield _channels(report, texts)


def _availability(report: PeriodReport, texts: Texts) -> PeriodTable:
    sampled = report.sampled
    if sampled.whole is None or not sampled.whole.measured:
        note = tell(texts, "nothing_sampled")
        return PeriodTable(key="availability", title=tell(texts, "availability"), note=note)
    keys = ("agency", "level", "points", "points_measured", "up", "lowest", "not_sampled")
    units = [_availability_row(unit, unit_name(report, unit.agency, texts), texts) for unit in sampled.agencies]
    return PeriodTable(
        key="availability",
        title=tell(texts, "availability"),
        note=tell(texts, "availability_note"),
        head=tuple(tell(texts, key) for key in keys),
        rows=(_availability_row(sampled.whole, tell(texts, "whole"), texts), *units),
    )


def _availability_row(unit: AgencyPeriod, name: str, texts: Texts) -> tuple[str, ...]:
    due = unit.counted + unit.not_measured
    return (
        name,
        clean(texts.word("unit_level", unit.level)) if unit.level else "",
        texts.number(unit.points),
        texts.number(unit.measured),
        share_words(unit.share, texts),
        share_words(unit.lowest, texts),
        share_words(unit.not_measured / due if due else None, texts),
    )


def _points(report: PeriodReport, texts: Texts) -> PeriodTable:
    heads = ("point", "agency", "vantage", "up", "not_sampled")
    losses = [tell(texts, "loss", family=family) for family in _FAMILIES]
    rows = (_point(point, report, texts) for point in report.sampled.points)
    head = (*(tell(texts, key) for key in heads), *losses)
    return PeriodTable(key="points", title=tell(texts, "by_point"), note="", head=head, rows=tuple(rows))


def _point(point: PointPeriod, report: PeriodReport, texts: Texts) -> tuple[str, ...]:
    reach = point.reach
    due = reach.counted + reach.not_measured
    return (
        clean(point.name),
        unit_name(report, point.agency, texts),
        clean(point.vantage) or NONE,
        share_words(reach.mean, texts),
        share_words(reach.not_measured / due if due else None, texts),
        *(share_words(_mean(point.loss.get(family)), texts) for family in _FAMILIES),
    )


def _mean(stretch: Stretch | None) -> float | None:
    return None if stretch is None else stretch.mean


def _sites(report: PeriodReport, texts: Texts) -> PeriodTable:
    keys = ("system", "agency", "vantage", "looked_over", "answered", "not_sampled")
    rows = tuple(_site(site, report, texts) for site in report.sampled.sites)
    return PeriodTable(
        key="sites",
        title=tell(texts, "sites"),
        note=tell(texts, "sites_note") if rows else tell(texts, "no_sites"),
        head=tuple(tell(texts, key) for key in keys),
        rows=rows,
    )


def _site(site: SitePeriod, report: PeriodReport, texts: Texts) -> tuple[str, ...]:
    looks = site.answered
    due = looks.counted + looks.not_measured
    return (
        clean(site.name),
        unit_name(report, site.agency, texts),
        clean(site.vantage),
        f"IPv{site.family}" if site.family else tell(texts, "any_address"),
        share_words(looks.mean, texts),
        share_words(looks.not_measured / due if due else None, texts),
    )


def _channels(report: PeriodReport, texts: Texts) -> PeriodTable:
    keys = ("point", "agency", "vantage", "interface", "registered", "peak", "use", "not_sampled")
    rows = tuple(_channel(channel, report, texts) for channel in report.sampled.channels)
    return PeriodTable(
        key="channels",
        title=tell(texts, "channels"),
        note=tell(texts, "channels_note") if rows else tell(texts, "no_measurement"),
        head=tuple(tell(texts, key) for key in keys),
        rows=rows,
    )


def _channel(channel: ChannelPeriod, report: PeriodReport, texts: Texts) -> tuple[str, ...]:
    ways = (channel.received, channel.sent)
    due = sum(way.counted + way.not_measured for way in ways)
    return (
        clean(channel.name),
        unit_name(report, channel.agency, texts),
        clean(channel.vantage),
        clean(channel.interface) or NONE,
        NONE if not channel.mbps else texts.number(channel.mbps),
        tell(texts, "no_measurement") if channel.peak is None else texts.number(round(channel.peak / 1e6, 1)),
        share_words(channel.use, texts) if channel.mbps else NONE,
        share_words(sum(way.not_measured for way in ways) / due if due else None, texts),
    )
