"""Tests that a recorder sets times once, and on a caller's own step only if the caller hands it over."""

from ipaddress import ip_address

from probes.framework.recorder import Recorder
from probes.observations.snmp import SnmpSession

SESSION = {"address": ip_address("192.0.2.1"), "port": 161, "profile": "v2", "version": "2c", "engine_id": b"\x80"}


def recorder() -> Recorder:
    times = iter((100.0, 102.0, 105.0))
    return Recorder(lambda: next(times))


def test_a_step_is_copied_with_its_times() -> None:
    rec, step = recorder(), SnmpSession(**SESSION)  # type: ignore[arg-type]
    timed = rec.record(step, t0=1.0)
    assert timed == SnmpSession(**SESSION, t0=1.0, t=2.0)  # type: ignore[arg-type]
    assert rec.steps == (timed,)
    assert step == SnmpSession(**SESSION)  # type: ignore[arg-type]


def test_a_step_that_nobody_has_seen_is_given_its_times() -> None:
    rec, step = recorder(), SnmpSession(**SESSION)  # type: ignore[arg-type]
    assert rec.record_fresh(step, t0=1.0) is step
    assert step == SnmpSession(**SESSION, t0=1.0, t=2.0)  # type: ignore[arg-type]
    assert rec.steps == (step,)


def test_steps_beyond_the_limit_are_counted_however_they_come() -> None:
    rec = Recorder(lambda: 0.0, limit=1)
    for record in (rec.record, rec.record_fresh, rec.record):
        record(SnmpSession(**SESSION), t0=0.0)  # type: ignore[arg-type]
    assert (len(rec.steps), rec.dropped) == (1, 2)
