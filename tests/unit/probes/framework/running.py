"""Holds a store in a dictionary, and one call that measures with it in virtual time."""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inventory.model import Clearance, IPAddress, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId
from probes.framework.profile import QUICK, Profile
from probes.framework.registry import Probe
from probes.framework.runner import Listener, Measurement, Runner
from tests.unit.probes.framework.examples import NO_NET, RUN, START
from tests.unit.probes.framework.virtual import monotonic


def now() -> datetime:
    return START + timedelta(seconds=monotonic())


@dataclass
class Store:
    """Keeps evidence by id, derived subjects and their times of completion. Every call can be cancelled."""

    evidence: dict[EvidenceId, Evidence] = field(default_factory=dict)
    written: Counter[EvidenceId] = field(default_factory=Counter)
    derived: dict[SubjectId, Subject] = field(default_factory=dict)
    finished: dict[SubjectId, float] = field(default_factory=dict)
    waited: list[tuple[int, float]] = field(default_factory=list)
    named: list[tuple[SubjectId, tuple[IPAddress, ...], float]] = field(default_factory=list)

    async def keep(self, envelope: Evidence) -> None:
        self.evidence[envelope.id] = envelope
        self.written[envelope.id] += 1
        await asyncio.sleep(0)

    async def found(self, subject: Subject) -> bool:
        new = subject.id not in self.derived
        self.derived.setdefault(subject.id, subject)
        await asyncio.sleep(0)
        return new

    async def done(self, subject: Subject) -> None:
        assert subject.id not in self.finished
        self.finished[subject.id] = monotonic()
        await asyncio.sleep(0)

    async def waits(self, attempts: int, seconds: float) -> None:
        self.waited.append((attempts, seconds))
        await asyncio.sleep(0)

    async def names(self, subject: Subject, addresses: Sequence[IPAddress]) -> None:
        self.named.append((subject.id, tuple(addresses), monotonic()))
        await asyncio.sleep(0)

    def known(self, subject: SubjectId) -> Mapping[EvidenceId, Evidence]:
        return {envelope.id: envelope for envelope in self.evidence.values() if envelope.subject == subject}

    def of(self, probe: str, subject: str | None = None) -> list[Evidence]:
        """Return the evidence of one probe in the order of its attempts."""
        envelopes = [
            envelope
            for envelope in self.evidence.values()
            if envelope.probe == probe and subject in (None, envelope.subject)
        ]
        return sorted(envelopes, key=lambda envelope: (envelope.subject, envelope.task, envelope.attempt))

    def facts(self) -> set[object]:
        """Return everything but times, which must be the same whether or not a run was interrupted."""
        return {
            (
                envelope.id,
                envelope.probe,
                envelope.task,
                envelope.attempt,
                tuple(replace(s, t0=0.0, t=0.0) for s in envelope.steps),
                envelope.failure,
            )
            for envelope in self.evidence.values()
        }


def offsets(evidence: Iterable[Evidence]) -> list[float]:
    """Return the seconds after the start of the run at which each was started."""
    return [(envelope.started - START).total_seconds() for envelope in evidence]


async def measure(
    subjects: Iterable[Subject],
    *probes: Probe,
    store: Store | None = None,
    profile: Profile = QUICK,
    concurrency: int = 4,
    clearance: Clearance = Clearance.NORMAL,
    strict: bool = False,
    subject_seconds: float = math.inf,
    can_tell: Callable[[Probe, Subject], bool] = lambda probe, subject: True,
    made: Callable[[Runner], None] = lambda runner: None,
) -> Store:
    """Run a measurement, or continue it if ``store`` holds a part of it; call ``made`` with the runner."""
    kept = store or Store()
    measurement = Measurement(
        run=RUN,
        vantage="here",
        profile=profile,
        probes=probes,
        concurrency=concurrency,
        clearance=clearance,
        monotonic=monotonic,
        now=now,
        subject_seconds=subject_seconds,
        strict=strict,
        can_tell=can_tell,
    )
    listener = Listener(
        evidence=kept.keep, derived=kept.found, finished=kept.done, waiting=kept.waits, named=kept.names
    )
    runner = Runner(measurement, NO_NET, listener, kept.known)
    made(runner)
    await runner.measure(subjects)
    return kept
