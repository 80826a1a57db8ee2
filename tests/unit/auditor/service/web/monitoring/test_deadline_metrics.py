"""Tests deadlines for monitoring: certificates are counted by their end; new or paused schedules are left out."""

from datetime import UTC, datetime, timedelta

from prometheus_client.core import Metric

from auditor.framework.findings import Outcome
from auditor.service.config.model import Config
from auditor.service.scheduler.model import ScheduleState
from auditor.service.scheduler.schedules import schedules
from auditor.service.store.memory.store import MemoryStore
from auditor.service.web.monitoring.deadline_metrics import certificate_ends, certificates, due
from inventory.model import SubjectId
from tests.unit.auditor.stored import Brief, Held, put

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
KNOWN = schedules(Config.model_validate({"schedule": {"thang": {"cron": "0 1 1 * *", "inventory": "a"}}}))


def _values(metric: Metric) -> dict[str, float]:
    return {next(iter(sample.labels.values())): sample.value for sample in metric.samples}


def test_certificates_are_counted_cumulatively_by_days_left() -> None:
    ends = [NOW - timedelta(days=1), NOW + timedelta(days=3), NOW + timedelta(days=20), NOW + timedelta(days=200)]
    assert _values(certificates(ends, NOW)) == {"0": 1, "7": 2, "30": 3}


def test_ends_are_those_of_the_judgement() -> None:
    said = Brief(check="security.tls.cert-expiry", outcome=Outcome.PASS, code="VALID", args={"until": NOW.isoformat()})
    other = Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")
    with MemoryStore() as store:
        run = put(store, Held(name="a", findings={"www.tinh.vn": [said, other]}))
        judgement = store.latest_judgement(run.id)
        assert judgement is not None
        assert certificate_ends(store, judgement.id, [SubjectId("www.tinh.vn")]) == [NOW]


def test_schedule_is_due_when_it_was_last() -> None:
    mark = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)  # 1 November, 01:00 in Vietnam: dealt with
    assert _values(due(KNOWN, {"thang": ScheduleState(mark=mark, paused_by="", paused_at=None)}, NOW)) == {
        "thang": mark.timestamp()
    }


def test_new_or_paused_schedule_is_not_due() -> None:
    new = ScheduleState(mark=NOW - timedelta(days=1), paused_by="", paused_at=None)
    paused = ScheduleState(mark=NOW - timedelta(days=90), paused_by="an", paused_at=NOW)
    for states in ({}, {"thang": new}, {"thang": paused}):
        assert _values(due(KNOWN, states, NOW)) == {}
