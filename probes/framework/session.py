"""Measures a run from its vantage, with self-tests before, during and after it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from inventory.model import Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.runner import Known, Listener, Measurement, Runner
from probes.framework.vantage import SelfTest, self_test
from probes.net.api import Net
from probes.observations.vantage import ClockStep

SELFTEST_VERSION = 2
SELFTEST_DEADLINE = 90.0
_STEP = 2.0
"""The seconds by which a clock must have been set to be recorded."""


class Session:
    """Runs one uninterrupted part of a run. ``number`` is 1, or more after an interruption."""

    def __init__(
        self,
        measurement: Measurement,
        net: Net,
        test: SelfTest,
        emit: Callable[[Evidence], Awaitable[None]],
        *,
        number: int,
    ) -> None:
        self._m = measurement
        self._net = net
        self._test = test
        self._emit = emit
        self._number = number
        self._ahead = self._clocks_apart()

    async def run(self, subjects: Iterable[Subject], total: int, listener: Listener, known: Known) -> None:
        """Measure everything. The first self-test runs beside the first subjects, as they are judged later.

        The subjects wait only until connections fit the vantage's own path.
        """
        done = 0

        async def finished(subject: Subject) -> None:
            nonlocal done
            await listener.finished(subject)
            done += 1
            if total > 1 and done == (total + 1) // 2:
                await self.test("during")

        tested = False

        async def waiting(attempts: int, seconds: float) -> None:
            nonlocal tested
            await listener.waiting(attempts, seconds)
            if not tested:  # an outage while we wait must not affect earlier measurements
                tested = True
                await self.test("between")

        counting = replace(listener, finished=finished, waiting=waiting)
        runner = Runner(self._m, self._net, counting, known)
        fitted = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.test("before", fitted))
            await fitted.wait()
            group.create_task(runner.measure(subjects))
        await self.test("after")

    async def test(self, label: str, fitted: asyncio.Event | None = None) -> None:
        """Make one self-test, recorded as evidence of the vantage itself."""
        subject = SubjectId(f"vantage:{self._m.vantage}")
        # The ports of a sweep are tested once: it costs far more than a control may be sent at a time.
        repeated = replace(self._test, swept=(), is_brief=self._m.profile.is_hurried)
        what = self._test if label == "before" else repeated
        rec, started, failure = Recorder(self._m.monotonic), self._m.now(), None
        self._note_clock(rec)
        for hit in self._net.own_limits.untold():
            rec.record(hit, t0=rec.now())
        try:
            async with asyncio.timeout(SELFTEST_DEADLINE):
                await self_test(what, self._net, rec, fitted)
        except TimeoutError:
            failure = Failure(kind=FailureKind.CUT_SHORT, detail=f"no end within {SELFTEST_DEADLINE:g} s")
        finally:
            if fitted is not None:
                fitted.set()
        await self._emit(
            Evidence(
                id=evidence_id(self._m.run, subject, "selftest", label, self._number),
                run=self._m.run,
                subject=subject,
                endpoint=None,
                task=label,
                probe="selftest",
                probe_version=SELFTEST_VERSION,
                attempt=self._number,
                vantage=self._m.vantage,
                started=started,
                queued=0.0,
                steps=rec.steps,
                failure=failure,
            )
        )

    def _note_clock(self, rec: Recorder) -> None:
        """Record a ClockStep if our clock was set since the last self-test: earlier times are not comparable."""
        ahead = self._clocks_apart()
        if abs(ahead - self._ahead) >= _STEP:
            rec.record(ClockStep(seconds=round(ahead - self._ahead, 1)), t0=rec.now())
        self._ahead = ahead

    def _clocks_apart(self) -> float:
        return self._m.now().timestamp() - self._m.monotonic()
