"""Records CBĐTW's monthly tables, which an operator supplies, beside the samples of the same month.

Columns (also in Vietnamese): ``month`` (2026-10), ``received`` (a day), ``site`` (the id of the connection point), and
any of ``availability`` and ``load`` (percent) and ``status`` (up or down). The store's samples of the month are
summarised in the run, so that judging again sees the same figures.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from auditor.facts.tslcd.channels import leading
from auditor.framework.check import Check
from auditor.framework.csv_reader import MOST_BYTES, CsvColumn, CsvRow, read_rows
from auditor.framework.operator_problems import OperatorProblem, problem, unreadable
from auditor.service.store.api import Store
from auditor.service.store.records import DAY, Series
from inventory.model import Kind, Subject, SubjectId
from inventory.safe_open import read_whole
from inventory.word_matching import fold
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, RunId
from probes.observations import series as names
from probes.observations.feed import FeedSite, MonthlyFeed, SiteMonth
from probes.observations.series import CADENCE, SampleSummary

PROBE = "feed"
HERE = timedelta(hours=7)
_WAYS = (names.IN_RATE, names.OUT_RATE)
ENOUGH = 0.9
"""The share of a month's slots that must have samples for a figure of it (CHECKS tslcd.site.availability)."""
COLUMNS = (
    CsvColumn(name="month", also=("tháng", "kỳ báo cáo"), needed=True),
    CsvColumn(name="received", also=("ngày nhận",), needed=True),
    CsvColumn(name="site", also=("điểm kết nối", "mã điểm kết nối", "point"), needed=True),
    CsvColumn(name="availability", also=("mức sẵn sàng", "độ sẵn sàng")),
    CsvColumn(name="load", also=("tải", "mức sử dụng", "hiệu suất sử dụng")),
    CsvColumn(name="status", also=("trạng thái", "tình trạng")),
)
_MONTH = re.compile(r"(\d{4})-(\d\d)|(\d\d?)/(\d{4})")
_UP = frozenset(map(fold, ("up", "hoạt động", "đang hoạt động", "có kết nối", "1")))
_DOWN = frozenset(map(fold, ("down", "ngừng", "ngừng hoạt động", "mất kết nối", "0")))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """Holds one row of a table."""

    month: date
    received: date
    site: SubjectId
    said: SiteMonth
    file: str


def read_feeds(paths: Iterable[Path], problems: list[OperatorProblem]) -> tuple[FeedRow, ...]:
    """Return all rows of all tables; problems are added to ``problems``, each with file, row and field."""
    feed_rows: list[FeedRow] = []
    for path in paths:
        try:
            data = read_whole(path, MOST_BYTES)
        except OSError as error:
            problems.append(unreadable(error, at=f"{path}: reference.cbdtw"))
            continue
        rows = (_row(row, path.name) for row in read_rows(data, path.name, COLUMNS, problems))
        feed_rows += [row for row in rows if row is not None]
    return tuple(feed_rows)


def _row(row: CsvRow, file: str) -> FeedRow | None:
    month, received, site = _month(row), row.day("received"), row.text("site")
    site_month = SiteMonth(availability=_share(row, "availability"), load=_share(row, "load"), up=_status(row))
    if month is None or received is None or not site:
        return None
    return FeedRow(month=month, received=received, site=SubjectId(site), said=site_month, file=file)


def _month(row: CsvRow) -> date | None:
    text = row.text("month")
    match = _MONTH.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1] or match[4]), int(match[2] or match[3]), 1)
    except ValueError:
        pass
    if text:
        row.problems.append(problem("is not a month (2026-10 or 10/2026): '{text}'", at=row.at("month"), text=text))
    return None


def _share(row: CsvRow, column: str) -> float | None:
    value = row.number(column)
    if value is not None and not 0 <= value <= 100:
        row.problems.append(problem("is not a percentage: '{text}'", at=row.at(column), text=row.text(column)))
        return None
    return None if value is None else value / 100


def _status(row: CsvRow) -> bool | None:
    word = fold(row.text("status"))
    if word and word not in _UP | _DOWN:
        row.problems.append(problem("is neither up nor down: '{text}'", at=row.at("status"), text=row.text("status")))
    return True if word in _UP else False if word in _DOWN else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """Holds the tables of one run, and the connection points that their rows may name."""

    run: RunId
    vantage: str
    rows: Sequence[FeedRow]
    points: Iterable[Subject]

    def evidence(self, store: Store, subject: Subject, checks: Iterable[Check], now: datetime) -> Iterator[Evidence]:
        """Yield one envelope for each month, for a data centre that a check reads the tables of; otherwise none."""
        if not self.rows or Kind.DATACENTRE not in subject.kinds:
            return
        if not any(MonthlyFeed in check.needs for check in checks if check.concerns(subject)):
            return
        for month in sorted({row.month for row in self.rows}):
            task = f"{month:%Y-%m}"
            yield Evidence(
                id=evidence_id(self.run, subject.id, PROBE, task, 1),
                run=self.run,
                subject=subject.id,
                endpoint=None,
                task=task,
                probe=PROBE,
                probe_version=1,
                attempt=1,
                vantage=self.vantage,
                started=now,
                queued=0.0,
                steps=(self._feed(store, month),),
            )

    def _feed(self, store: Store, month: date) -> MonthlyFeed:
        rows = {row.site: row for row in self.rows if row.month == month}  # of two rows of one site the last one
        known = {point.id: point for point in self.points}
        sites = (
            FeedSite(
                site=site,
                theirs=row.said,
                ours=_measured(store, known[site], self.vantage, month) if site in known else SiteMonth(),
            )
            for site, row in sorted(rows.items())
        )
        last = max(rows.values(), key=lambda row: row.received)
        return MonthlyFeed(month=month, received=last.received, file=last.file, sites=tuple(sites))


def _measured(store: Store, point: Subject, vantage: str, month: date) -> SiteMonth:
    """Summarise the samples of a month, by days from midnight to midnight in Vietnam."""
    begin, end = _midnight(month), _midnight(_next(month))
    days = list(store.rolled(Series(subject=point.id, metric=names.REACH, vantage=vantage), DAY, begin, end))
    return SiteMonth(
        availability=_mean(days, begin, end),
        load=_load(store, point, vantage, begin, end),
        up=_held(days[-1]) if days and days[-1].start == end - timedelta(days=1) else None,
    )


def _load(store: Store, point: Subject, vantage: str, begin: datetime, end: datetime) -> float | None:
    """Return the load of the busier direction: the sum of the lines to TSLCD as a share of the registered bandwidth."""
    bandwidth = 1e6 * (point.declared.bandwidth_mbps or 0)
    known = {each for each in store.series(point.id, vantage) if each.metric in _WAYS and each.family == 0}
    lines = leading(point, sorted({series.interface for series in known}))
    rates = []
    for metric in _WAYS:
        way = (Series(subject=point.id, metric=metric, vantage=vantage, interface=line) for line in lines)
        means = [_mean(list(store.rolled(series, DAY, begin, end)), begin, end) for series in way]
        rates += [sum(mean for mean in means if mean is not None)] if means and None not in means else []
    return max(rates) / bandwidth if rates and bandwidth else None


def _mean(days: Sequence[SampleSummary], begin: datetime, end: datetime) -> float | None:
    """Return the mean of the samples that count; None if too few of the due slots have one."""
    slots = (end - begin).total_seconds() / CADENCE
    aside = sum(day.vantage + day.maintenance for day in days)
    counted = sum(day.counted for day in days)
    if not counted or counted < ENOUGH * (slots - aside):
        return None
    return math.fsum(day.total or 0.0 for day in days) / counted


def _held(day: SampleSummary) -> bool | None:
    return None if day.mean is None else day.mean >= 0.5


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - HERE
