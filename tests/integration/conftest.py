"""Holds the fixtures of every test with real sockets."""

import pytest


@pytest.fixture(autouse=True)
def _patient_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the tolerated lag: a test machine that pauses must not turn an expected timeout into a failure of ours."""
    monkeypatch.setattr("probes.net.core.loop_lag.TOLERATED", 3_600.0)
