"""Exports figures for monitoring (Prometheus): of the service itself and of the latest judged run.

The number of series is bounded whatever is audited: routes are those of the table, agencies are at most AGENCIES and
have the headline figures only, targets are never a label. Costly figures are computed once for each judgement, or at
most every FRESH seconds, however often they are asked for.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from auditor.figures.figure import Figure
from auditor.figures.scoring import AREAS, area_of
from auditor.framework.findings import Outcome
from auditor.service.config.model import Config
from auditor.service.pipeline.version import program_version
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import Job, JobState
from auditor.service.scheduler.schedules import Schedule
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, Quality
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.jobs import metric_rows, notice_rows
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from auditor.service.web.monitoring import deadline_metrics
from inventory.model import Network, SubjectId
from probes.observations.series import REACH
from reports.figures import HEADLINES, figures

AGENCIES = 300
"""The most agencies to export figures for: those with the most subjects."""
FRESH = 15.0
"""Seconds for which computed counts stay valid."""
_JOBS = 500
_RECENT, _LATELY = timedelta(minutes=30), timedelta(days=30)
_METHODS = frozenset({"GET", "HEAD", "POST"})


class RequestDurations:
    """Measures durations of requests, by route of the table, and the resources of the process (``process_*``)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._seconds = Histogram(
            "auditor_http_request_duration_seconds",
            "Seconds until a request was answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )

    def took(self, method: str, route: str, status: int, seconds: float) -> None:
        word = method if method in _METHODS else "other"
        self._seconds.labels(word, route, f"{status // 100}xx").observe(seconds)


class ServiceMetrics(Collector):
    """Collects the figures of the service and of the latest judged run."""

    def __init__(self, config: Config, database: Database, jobs: JobQueue, known: Sequence[Schedule] = ()) -> None:
        self._schedules, self._ends = known, list[datetime]()
        self._config, self._database, self._jobs = config, database, jobs
        self._turn, self._made, self._at = Lock(), list[Metric](), float("-inf")
        self._counted: tuple[JudgementId, Counter[tuple[str, Outcome]]] | None = None
        self._digest: JudgementSummary | None = None
        self._networks: Mapping[SubjectId, Network] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def look(self, digest: JudgementSummary | None, store: Store) -> None:
        """Use ``digest``, that of the latest judged run, from now on."""
        with self._turn:
            if digest is not self._digest:
                subjects = () if digest is None else store.subjects(digest.run.id)
                self._networks = {subject.id: subject.network for subject in subjects}
                self._ends = [] if digest is None else _ends(digest, store)
                self._digest, self._at = digest, float("-inf")

    def collect(self) -> Iterable[Metric]:
        with self._turn:
            if time.monotonic() - self._at >= FRESH:
                self._made = list(self._all())
                self._at = time.monotonic()
            return self._made

    def describe(self) -> Iterable[Metric]:
        """Return no metrics: nothing is computed when the service starts."""
        return ()

    def _all(self) -> Iterator[Metric]:
        yield InfoMetricFamily("auditor_build", "The program.", value={"version": program_version()})
        yield from self._of_jobs()
        yield from self._of_store()
        yield self._of_notices()
        yield from self._of_samples()
        if self._digest is not None:
            yield from self._of_run(self._digest)
            yield deadline_metrics.certificates(self._ends, datetime.now(UTC))
            yield from _figures(self._digest)

    def _of_jobs(self) -> Iterator[Metric]:
        active = Counter(job.state for job in self._jobs.open_jobs())
        jobs = GaugeMetricFamily("auditor_jobs", "Audits that were asked for and are not over.", labels=("state",))
        for state in (JobState.QUEUED, JobState.RUNNING):
            jobs.add_metric([state.value], active[state])
        yield jobs
        finished = [job for job in self._jobs.latest(_JOBS) if job.state is JobState.FINISHED and job.ended is not None]
        yield deadline_metrics.due(self._schedules, self._jobs.standings(), datetime.now(UTC))
        yield _last("schedule", list(self._config.schedule), finished)
        yield _last("inventory", list(dict.fromkeys(job.wanted.inventory for job in finished)), finished)

    def _of_store(self) -> Iterator[Metric]:
        with self._database.reading() as connection:
            bytes_ = metric_rows.size(connection)
        size = GaugeMetricFamily("auditor_database_size_bytes", "Bytes of the database.")
        size.add_metric([], bytes_)
        yield size

    def _of_notices(self) -> Metric:
        with self._database.reading() as connection:
            unsent = notice_rows.unsent(connection, datetime.now(UTC) - _LATELY)
        notices = GaugeMetricFamily(
            "auditor_notices",
            "Notices that did not arrive: waiting to be sent again, or given up within 30 days.",
            labels=("channel", "state"),
        )
        for channel, state, number in unsent:
            notices.add_metric([channel, state], number)
        return notices

    def _of_samples(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        with self._database.reading() as connection:
            last = metric_rows.last_sampled(connection)
            latest = list(metric_rows.latest(connection, REACH, now - _RECENT))
        lag = GaugeMetricFamily("auditor_sampler_lag_seconds", "Seconds since the last sample.", labels=("vantage",))
        for vantage, when in sorted(last.items()):
            lag.add_metric([vantage], max(0.0, (now - when).total_seconds()))
        yield lag
        yield self._reach(latest)

    def _reach(self, latest: Iterable[metric_rows.Latest]) -> Metric:
        reached: Counter[tuple[str, str, str, str]] = Counter()
        for job in latest:
            network = self._networks.get(job.subject)
            place = (job.vantage, "" if network is None else network.value, str(job.family))
            if job.sample.quality is Quality.OK and job.sample.value is not None:
                reached[*place, "reached" if job.sample.value else "silent"] += 1
            else:
                reached[*place, "unknown"] += 1
        made = GaugeMetricFamily(
            "auditor_sampler_points",
            "Points by what their last sample says.",
            labels=("vantage", "network", "family", "state"),
        )
        for labels, number in sorted(reached.items()):
            made.add_metric(labels, number)
        return made

    def _of_run(self, digest: JudgementSummary) -> Iterator[Metric]:
        judgement = digest.judgement
        if self._counted is None or self._counted[0] != judgement.id:
            counts: Counter[tuple[str, Outcome]] = Counter()
            with self._database.reading() as connection:
                for check, outcome, number in metric_rows.by_check(connection, judgement.id):
                    counts[area_of(check), outcome] += number
            self._counted = (judgement.id, counts)
        gauge = GaugeMetricFamily("auditor_findings", "Findings of the latest judged run.", labels=("area", "outcome"))
        for area in (*AREAS, ""):
            for outcome in Outcome:
                gauge.add_metric([area, outcome.value], self._counted[1][area, outcome])
        yield gauge
        subjects = GaugeMetricFamily("auditor_subjects", "Subjects of the latest judged run.")
        subjects.add_metric([], len(digest.lines))
        yield subjects
        began = GaugeMetricFamily("auditor_run_started_timestamp_seconds", "When the latest judged run began.")
        began.add_metric([], digest.run.started.timestamp())
        yield began


def _ends(digest: JudgementSummary, store: Store) -> list[datetime]:
    return deadline_metrics.certificate_ends(store, digest.judgement.id, sorted(digest.ids))


def _last(label: str, names: Iterable[str], finished: Iterable[Job]) -> Metric:
    last: dict[str, float] = {}
    for job in finished:
        name = job.wanted.schedule if label == "schedule" else job.wanted.inventory
        if job.ended is not None:
            last[name] = max(last.get(name, 0.0), job.ended.timestamp())
    made = GaugeMetricFamily(
        f"auditor_{label}_last_success_timestamp_seconds",
        f"When an audit of the {label} ended well last; 0: never.",
        labels=(label,),
    )
    for name in names:
        made.add_metric([name], last.get(name, 0.0))
    return made


def _figures(digest: JudgementSummary) -> Iterator[Metric]:
    if digest.rollup is None:
        return
    whole = GaugeMetricFamily(
        "auditor_figure_subjects", "Subjects of a figure, of everything, by state.", labels=("figure", "state")
    )
    for name, figure in figures(digest.rollup.total):
        for state, number in _states(figure):
            whole.add_metric([name, state], number)
    yield whole
    of_agency = GaugeMetricFamily(
        "auditor_agency_figure_subjects",
        "Subjects of a headline figure, of one agency and all under it, by state.",
        labels=("agency", "figure", "state"),
    )
    units = sorted(
        (unit for unit in digest.rollup.units if unit.agency and unit.subjects),
        key=lambda unit_rollup: -unit_rollup.subjects,
    )
    for unit in units[:AGENCIES]:
        for name, figure in figures(unit):
            for state, number in _states(figure) if name in HEADLINES else ():
                of_agency.add_metric([unit.agency or "", name, state], number)
    yield of_agency


def _states(figure: Figure) -> Iterator[tuple[str, int]]:
    yield from (
        ("met", figure.met),
        ("not_met", figure.not_met),
        ("unknown", figure.unknown),
        ("exempt", figure.exempt),
    )
