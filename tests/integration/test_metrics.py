"""Tests that metrics for monitoring are valid, bounded and true, and shown only to their audience."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from prometheus_client.parser import text_string_to_metric_families

from auditor.service.accounts.model import Role, TokenScope
from auditor.service.config.model import Config, MetricsSection, ScheduleSection
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest, JobState
from auditor.service.store.records import Sample, Series
from auditor.service.store.sql.jobs import notice_rows
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.app import routes
from inventory.model import SubjectId
from probes.observations.series import REACH
from tests.support import judged
from tests.support.serving import Served, serving

pytest_plugins = ("tests.support.pages",)

SECTION = ScheduleSection(cron="0 1 1 * *", inventory="tỉnh")
Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    async with serving(store, Config(schedule={"thang": SECTION})) as made:
        yield made


def read(text: str) -> Values:
    """Return every value by name and labels; the parser refuses text that Prometheus refuses."""
    found: Values = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, key
            found[key] = sample.value
    return found


async def figures(served: Served) -> Values:
    status, text, headers = await served.program(served.admin(), TokenScope.METRICS).get("/metrics")
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    return read(text)


def of(values: Values, name: str, **labels: str) -> float:
    return values[name, tuple(sorted(labels.items()))]


async def test_figures_are_those_of_the_run(served: Served) -> None:
    values = await figures(served)
    assert of(values, "auditor_findings", area="ipv6.web", outcome="fail") == 2
    assert of(values, "auditor_findings", area="ipv6.web", outcome="pass") == 0
    assert of(values, "auditor_subjects") == 2
    assert of(values, "auditor_run_started_timestamp_seconds") == judged.NOW.timestamp()
    assert of(values, "auditor_figure_subjects", figure="K08", state="unknown") == 2
    for agency in (judged.AGENCY, judged.OTHER):
        assert of(values, "auditor_agency_figure_subjects", agency=agency, figure="K08", state="unknown") == 1
    assert of(values, "auditor_database_size_bytes") > 10_000


async def test_jobs_and_their_last_success(served: Served, store: SqlStore) -> None:
    jobs = JobQueue(store.database)
    done = jobs.start(AuditRequest(inventory="tỉnh", schedule="thang"), "ai đó", "::1")
    jobs.take(done.id)
    before = datetime.now(UTC).timestamp()
    jobs.end(done.id, JobState.FINISHED)
    jobs.start(AuditRequest(inventory="tỉnh"), "ai đó", "::1")
    values = await figures(served)
    assert of(values, "auditor_jobs", state="queued") == 1
    assert of(values, "auditor_jobs", state="running") == 0
    for label, name in (("schedule", "thang"), ("inventory", "tỉnh")):
        assert of(values, f"auditor_{label}_last_success_timestamp_seconds", **{label: name}) >= before


async def test_notices_that_did_not_arrive(served: Served, store: SqlStore) -> None:
    job = JobQueue(store.database).start(AuditRequest(inventory="tỉnh"), "ai đó", "::1")
    now = datetime.now(UTC)
    values = {"job": job.id, "channel": "mail:so", "state": "given_up", "attempts": 15, "due": now, "ended": now}
    with store.database.writing() as connection:
        notice_rows.add(connection, [{**values, "said": "refused"}])
    assert of(await figures(served), "auditor_notices", channel="mail:so", state="given_up") == 1


async def test_a_schedule_that_never_ended_well_is_told(served: Served) -> None:
    values = await figures(served)
    assert of(values, "auditor_schedule_last_success_timestamp_seconds", schedule="thang") == 0


async def test_what_is_sampled(served: Served, store: SqlStore) -> None:
    now = datetime.now(UTC)
    for subject, value in ((judged.OURS, 1.0), (judged.THEIRS, 0.0), ("khác", None)):
        series = Series(subject=SubjectId(subject), metric=REACH, vantage="local", family=6)
        store.add_samples(series, [Sample(time=now - timedelta(minutes=2), value=1.0 - (value or 0.0))])
        store.add_samples(series, [Sample(time=now - timedelta(minutes=1), value=value)])
    values = await figures(served)
    assert 60 <= of(values, "auditor_sampler_lag_seconds", vantage="local") < 120
    known = {"vantage": "local", "family": "6"}
    assert of(values, "auditor_sampler_points", **known, network="internet", state="reached") == 1
    assert of(values, "auditor_sampler_points", **known, network="internet", state="silent") == 1
    assert of(values, "auditor_sampler_points", **known, network="", state="unknown") == 1


async def test_requests_are_told_by_route_and_nothing_else(served: Served) -> None:
    browser = await served.as_("quản lý", Role.ADMIN)
    for path in ("/", f"/runs/{judged.RUN}", f"/runs/{judged.RUN}/subjects/{judged.OURS}", "/a", "/b", "/c?x=1"):
        await browser.get(path)
    values = await figures(served)
    name = "auditor_http_request_duration_seconds"
    assert of(values, f"{name}_count", method="GET", route="/runs/{run}/subjects/{subject}", status="2xx") == 1
    assert of(values, f"{name}_count", method="GET", route="none", status="4xx") == 3
    known = {"none", "/static"} | {route.path.replace(":.+", "") for route in routes()}
    assert {dict(labels).get("route") for found, labels in values if found.startswith(name)} <= known
    assert not [labels for _, labels in values if judged.OURS in str(labels)]


async def test_they_are_for_whom_they_are_meant(served: Served) -> None:
    bound = served.add("y tế", Role.VIEWER, judged.AGENCY)
    for owner, scopes, expected in (
        (None, (), 401),
        (bound, (TokenScope.METRICS,), 403),
        (served.admin(), (TokenScope.READ,), 403),
        (served.add("cả tỉnh", Role.VIEWER), (TokenScope.METRICS,), 200),
    ):
        status, text, _ = await served.program(owner, *scopes).get("/metrics")
        assert (status, judged.OTHER in str(text)) == (expected, expected == 200)


async def test_from_the_addresses_named_no_token_is_asked_for(store: SqlStore) -> None:
    judged.fill(store)
    config = Config(metrics=MetricsSection(allow=(str(ip_network("::1/128")),)))
    async with serving(store, config) as served:
        program = served.program(None)
        assert (await program.get("/metrics"))[0] == 200
        assert (await program.get("/metrics", X_Forwarded_For="2001:db8::7"))[0] == 401


async def test_an_empty_store_has_figures_too(store: SqlStore) -> None:
    async with serving(store) as served:
        assert of(await figures(served), "auditor_jobs", state="running") == 0


async def test_ready_is_who_can_read_the_store(
    served: Served, monkeypatch: pytest.MonkeyPatch, store: SqlStore
) -> None:
    program = served.program(None)
    assert [(await program.get(path))[0] for path in ("/healthz", "/readyz")] == [200, 200]

    def gone() -> None:
        raise OSError

    monkeypatch.setattr(store.database, "reading", gone)
    assert [(await program.get(path))[0] for path in ("/healthz", "/readyz")] == [200, 503]
