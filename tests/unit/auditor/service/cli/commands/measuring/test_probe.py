"""Tests that answers of a peer are printed as JSON without terminal control characters."""

import json
from datetime import UTC, datetime
from ipaddress import IPv6Address

import pytest

from auditor.service.cli.commands.measuring import probe
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.store.api import Store
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence
from probes.observations.exposure import FtpGreeting

GREETING = "220 \x9b2J\x1b[2J\u202e\u2066 hết"


def greeted(run_plan: Plan, store: Store) -> None:
    """Store, in place of a measurement, the greeting of a server with terminal control sequences."""
    start_run(run_plan, store, datetime.now(UTC))
    (subject,) = run_plan.subjects
    step = FtpGreeting(address=IPv6Address("2001:db8::1"), port=21, greeting=GREETING)
    one = Evidence(
        id=evidence_id(run_plan.run, subject.id, "ftp", "t", 1),
        run=run_plan.run,
        subject=subject.id,
        endpoint=None,
        task="t",
        probe="ftp",
        probe_version=1,
        attempt=1,
        vantage=run_plan.vantage.name,
        started=datetime.now(UTC),
        queued=0.0,
        steps=(step,),
    )
    store.add_evidence([one])


def test_probe_prints_nothing_that_a_terminal_obeys(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(probe, "measure", greeted)
    monkeypatch.setattr(probe, "own_addresses", lambda *_: frozenset())
    assert probe.probe("ftp", "2001:db8::1", {}) == 0
    text = capfdbinary.readouterr().out.decode()
    assert json.loads(text)["evidence"][0]["steps"][0]["greeting"] == GREETING
    assert all(line.isprintable() for line in text.splitlines())
    assert "hết" in text
