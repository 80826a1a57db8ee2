"""Tests devices that never end, stall or lie, read by the probe and by the program: bounded, with evidence."""

import asyncio
import json
from pathlib import Path

import pytest

from probes.framework.evidence import FailureKind
from probes.framework.tasks import EndpointTask
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.snmp import snmp
from tests.integration.test_probe_snmp import RECORDING, SECRET, run_probe
from tests.support.snmp_agent import Quirks, Recording, Serving
from tests.support.snmp_world import ENGINES, at, community, net_with, recorder, settings

Steps = list[SnmpGet | SnmpWalk]
TABLES = 40
"""The least number of walks for an ordinary device."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def _read(
    engine: str, quirks: Quirks, *, version: str = "2c", recording: Recording = RECORDING
) -> tuple[Steps, int]:
    """Return the probe's records of such a device, and the number of requests that they took."""
    setting, rec = settings(engine, community("public", version=version)), recorder()
    async with Serving({"public": recording}, quirks=quirks) as serving, net_with(setting) as net:
        await snmp(EndpointTask(endpoint=at(serving.port), credentials=("public",)), net, rec)
    return [step for step in rec.steps if isinstance(step, SnmpGet | SnmpWalk)], serving.agent.asked


async def test_an_ordinary_device_is_read_whole(engine: str) -> None:
    steps, _ = await _read(engine, Quirks())
    walks = [step for step in steps if isinstance(step, SnmpWalk)]
    assert len(walks) >= TABLES
    assert [walk for walk in walks if walk.stopped is not None or walk.failure is not None] == []


async def test_a_device_that_falls_silent_is_left(engine: str) -> None:
    steps, asked = await _read(engine, Quirks(falls_silent=6))
    *_, last = steps
    assert last.failure is not None
    assert last.failure.kind is FailureKind.TIMEOUT
    assert sum(step.failure is not None for step in steps) == 2  # the question, and the test if it is there
    assert asked < 20


async def test_a_table_that_is_not_answered_is_passed_over(engine: str) -> None:
    steps, _ = await _read(engine, Quirks(deaf=(1, 3, 6, 1, 2, 1, 4, 34)))
    silent = [step.root for step in steps if isinstance(step, SnmpWalk) and step.failure is not None]
    assert silent
    assert all(root.startswith("1.3.6.1.2.1.4.34") for root in silent)
    assert sum(isinstance(step, SnmpWalk) for step in steps) >= TABLES


async def test_a_device_without_an_end_is_not_read_for_ever(engine: str) -> None:
    steps, _ = await _read(engine, Quirks(endless=True))
    walks = [step for step in steps if isinstance(step, SnmpWalk)]
    assert len(walks) >= TABLES
    assert sum(len(walk.rows) for walk in walks) < 3 * 5_000 + len(walks) * 100
    assert sum(walk.stopped == "rows" for walk in walks) > 3


async def test_a_device_that_falls_back_has_not_shown_its_tables(engine: str) -> None:
    steps, _ = await _read(engine, Quirks(backwards=True))
    told = {step.failure.detail for step in steps if isinstance(step, SnmpWalk) and step.failure is not None}
    assert told == {"objects out of order"}


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("value", [(2, b"\x7f" * 5_000), (6, b""), (6, b"\x2b" + b"\xff" * 5_000 + b"\x7f")])
async def test_values_that_nobody_can_read_are_told_and_end_no_probe(
    engine: str, version: str, value: tuple[int, bytes]
) -> None:
    """The values: an integer with more digits than Python prints, an object id without a number or with a huge one."""
    for oid in ((1, 3, 6, 1, 2, 1, 1, 2, 0), (1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 1)):
        recording = Recording({**RECORDING.objects, oid: value})
        steps, _ = await _read(engine, Quirks(), version=version, recording=recording)
        failed = [step.failure for step in steps if step.failure is not None]
        assert {failure.kind for failure in failed} <= {FailureKind.PROTOCOL}


@pytest.mark.parametrize(
    ("quirks", "told"),
    [(Quirks(falls_silent=6), "no answer in time"), (Quirks(backwards=True), "objects out of order")],
)
async def test_the_program_shows_it(tmp_path: Path, quirks: Quirks, told: str) -> None:
    async with Serving({SECRET: RECORDING}, quirks=quirks) as serving:
        words = ("--snmp-profile", "thu", "--timeout", "1.0")
        done = await asyncio.to_thread(run_probe, tmp_path, serving.port, *words, CONG_DONG=SECRET)
    assert done.returncode == 0, done.stderr
    [evidence] = json.loads(done.stdout)["evidence"]
    failed = [step for step in evidence["steps"] if step["kind"] == "snmp-walk" and step["stopped"] == "failure"]
    assert {step["failure"]["detail"] for step in failed} == {told}
