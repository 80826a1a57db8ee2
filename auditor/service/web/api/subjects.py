"""Serves one subject over time: its runs and its samples. The latest judged run says which agency owns it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Account
from auditor.service.runs.visible_history import VisibleHistory
from auditor.service.store.records import DAY, HOUR, JudgementRecord, RunRecord, Sample, Series
from auditor.service.web.api import models, rows
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations, Q
from auditor.service.web.api.paging import cursor, place
from auditor.service.web.api.problems import Refused
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.site import Site, run_in_thread, site_of
from inventory.model import SubjectId
from probes.observations.series import SampleSummary

operations = Operations("subjects")
RUNS_AT_ONCE = 100
"""Runs that one request for a history searches."""
_STEPS = {"hour": HOUR, "day": DAY}
_USUAL = {"raw": timedelta(days=1), "hour": timedelta(days=31), "day": timedelta(days=366)}
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@operations.get("/subjects/{subject}/history", answer=models.History, query=models.PageQuery)
async def subject_history(call: Call[models.PageQuery, EmptyModel]) -> Answer:
    return await run_in_thread(_history, site_of(call.request), call.account, _named(call), call.query)


def _history(site: Site, account: Account, subject: SubjectId, query: models.PageQuery) -> models.History:
    _must_be_seen(site, account, subject)
    after, every = place(query.cursor, str), list(reversed(site.store.runs()))
    ids = [run.id for run in every]
    start = 0
    if after is not None:
        if after[0] not in ids:
            raise Refused(404, "no_page")
        start = [*map(str, ids)].index(str(after[0])) + 1
    past, found, looked = VisibleHistory(account.agency, site.store, site.stock), list[models.Judged](), start
    latest = site.store.latest_judgements()
    for run in every[start : start + RUNS_AT_ONCE]:
        if len(found) == query.limit:
            break
        looked += 1
        found += _in_run(past, run, latest.get(run.id), subject)
    return models.History(items=found, next=cursor(every[looked - 1].id) if looked < len(every) else None)


def _in_run(
    past: VisibleHistory, run: RunRecord, judgement: JudgementRecord | None, subject: SubjectId
) -> Iterator[models.Judged]:
    outlines = None if judgement is None else past.outlines(judgement, subject)
    if outlines is not None:
        failing = sorted({outline.check for outline in outlines if outline.outcome is Outcome.FAIL})
        counts = dict(Counter(outline.outcome for outline in outlines))
        yield models.Judged(run=run.id, started=run.started, outcomes=counts, failing=list(failing))


@operations.get("/subjects/{subject}/series", answer=models.SeriesList, query=models.SeriesQuery)
async def subject_series(call: Call[models.SeriesQuery, EmptyModel]) -> Answer:
    return await run_in_thread(_series, site_of(call.request), call.account, _named(call), call.query.vantage)


def _series(site: Site, account: Account, subject: SubjectId, vantage: str) -> models.SeriesList:
    _must_be_seen(site, account, subject)
    first = VisibleHistory(account.agency, site.store, site.stock).owned_since(subject)
    items = [
        rows.made(
            models.SeriesRow,
            {
                "metric": record.metric,
                "vantage": record.vantage,
                "family": record.family,
                "interface": record.interface,
            },
        )
        for record in site.store.series(subject, vantage)
        if first is None or _sampled_since(site, record, first)
    ]
    return models.SeriesList(items=items)


@operations.get("/subjects/{subject}/samples", answer=models.Samples, query=models.SamplesQuery)
async def subject_samples(call: Call[models.SamplesQuery, EmptyModel]) -> Answer:
    """Return samples from ``since`` to ``until``, oldest first; by default the latest day, month or year (``step``)."""
    return await run_in_thread(_samples, site_of(call.request), call.account, _named(call), call.query)


def _samples(site: Site, account: Account, subject: SubjectId, query: models.SamplesQuery) -> models.Samples:
    _must_be_seen(site, account, subject)
    series = Series(
        subject=subject, metric=query.metric, vantage=query.vantage, family=int(query.family), interface=query.interface
    )
    until = _utc(query.until) or datetime.now(UTC)
    since = _utc(query.since) or max(until - _USUAL[query.step], _EARLIEST)
    after = place(query.cursor, str)
    if after is not None:
        since = _after(str(after[0]))
    first = VisibleHistory(account.agency, site.store, site.stock).owned_since(subject)
    if first is not None:  # earlier samples belong to the agency that owned it then
        since = max(since, first)
    sample_rows = list(islice(_stored(site, series, query.step, since, until), query.limit + 1))
    shown = sample_rows[: query.limit]
    following = cursor(shown[-1].time.isoformat()) if len(sample_rows) > len(shown) else None
    return models.Samples(items=shown, next=following)


def _sampled_since(site: Site, series: Series, first: datetime) -> bool:
    """True if the series has any sample from a moment on, raw or rolled up."""
    raw = site.store.samples(series, first, _LATEST)
    return any(True for _ in chain(raw, site.store.rolled(series, DAY, first, _LATEST)))


def _stored(site: Site, series: Series, step: str, since: datetime, until: datetime) -> Iterator[models.SampleRow]:
    if step == "raw":
        yield from map(_raw, site.store.samples(series, since, until))
    else:
        yield from map(_rolled, site.store.rolled(series, _STEPS[step], since, until))


def _raw(sample: Sample) -> models.SampleRow:
    return models.SampleRow(time=sample.time, value=sample.value, quality=sample.quality.value)


def _rolled(period: SampleSummary) -> models.SampleRow:
    return models.SampleRow(
        time=period.start,
        counted=period.counted,
        gaps=period.gaps,
        mean=period.mean,
        minimum=period.minimum,
        maximum=period.maximum,
        median=period.median,
        p95=period.p95,
    )


def _utc(when: datetime | None) -> datetime | None:
    """Convert a time to UTC; one without a zone is UTC already, one beyond the calendar becomes its end."""
    if when is None:
        return None
    aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return min(max(aware, _EARLIEST), _LATEST).astimezone(UTC)


def _after(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(404, "no_page") from error
    moment = _utc(when)
    assert moment is not None
    return moment + timedelta(microseconds=1)


def _named(call: Call[Q, EmptyModel]) -> SubjectId:
    return SubjectId(call.part("subject"))


def _must_be_seen(site: Site, account: Account, subject: SubjectId) -> None:
    digest = latest(site)
    if digest is None or AccountView(account, digest, site.store).subject(subject) is None:
        raise Refused(404)
