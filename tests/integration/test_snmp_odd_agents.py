"""Tests that odd but working agents are read completely by both adapters."""

import pytest

from probes.framework.evidence import FailureKind
from probes.framework.tasks import EndpointTask
from probes.net.snmp.profiles import Secret, SnmpProfile
from probes.observations.snmp import FROM_ELSEWHERE, SnmpGet, SnmpWalk
from probes.snmp import SCALARS, snmp
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid
from tests.support.snmp_agent import Quirks, Recording, Serving
from tests.support.snmp_user_agent import KEY, USER, ServingUser, UserAgent
from tests.support.snmp_world import ENGINES, at, community, names, net_with, recorder, settings

INTERFACES = "1.3.6.1.2.1.2.2.1.2"
RECORDING = Recording.of(
    f"1.3.6.1.2.1.1.1.0|4|{'Thiết bị thử ' * 14}\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10\n"
    f"1.3.6.1.2.1.1.3.0|67|4711\n1.3.6.1.2.1.1.5.0|4|{'ten-may.' * 20}\n1.3.6.1.2.1.4.1.0|2|1\n"
    "1.3.6.1.2.1.4.25.0|2|1\n" + "".join(f"{INTERFACES}.{n}|4|eth{n}\n" for n in range(1, 121))
)
ASKED = tuple(dotted(oid) for oid in SCALARS)
GIVEN = sum(tuple(map(int, oid.split("."))) in RECORDING.objects for oid in ASKED)
MASTER = SnmpProfile(name="v3", version="3", user=USER, auth="sha256", auth_key=Secret(KEY))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def _read(
    engine: str, quirks: Quirks, *, version: str = "2c", recording: Recording = RECORDING, wait: float = 0.3
) -> tuple[SnmpGet, SnmpWalk, Serving]:
    setting, rec = settings(engine, community("public", version=version)), recorder()
    async with (
        Serving({"public": recording}, quirks=quirks) as serving,
        net_with(setting, wait=wait) as net,
        net.snmp(rec, at(serving.port), names(setting), device="d") as device,
    ):
        assert device is not None
        return await device.get(rec, ASKED), await device.walk(rec, INTERFACES), serving


async def _read_user(engine: str, agent: UserAgent) -> tuple[SnmpGet, SnmpWalk]:
    setting, rec = settings(engine, MASTER), recorder()
    async with (
        ServingUser(agent) as port,
        net_with(setting, wait=1.0) as net,
        net.snmp(rec, at(port), names(setting), device="d") as device,
    ):
        assert device is not None
        return await device.get(rec, ASKED), await device.walk(rec, INTERFACES)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize(
    "quirks",
    [Quirks(room=484), Quirks(no_bulk=True), Quirks(again=True), Quirks(most=3)],
    ids=["room-of-484", "no-bulk", "last-row-again", "few-rows"],
)
async def test_all_is_read(engine: str, quirks: Quirks, version: str) -> None:
    """An agent that answers in at most 484 octets (RFC 3417 §3) says tooBig to a question for all scalars."""
    got, walk, _ = await _read(engine, quirks, version=version)
    assert (len(got.rows), got.failure) == (GIVEN, None)
    assert (len(walk.rows), walk.stopped, walk.failure) == (120, None, None)


async def test_one_object_that_cannot_be_given_does_not_take_the_others_with_it(engine: str) -> None:
    got, _, _ = await _read(engine, Quirks(broken=(1, 3, 6, 1, 2, 1, 4, 1)))
    assert [row.oid for row in got.rows] == [
        f"1.3.6.1.2.1.{rest}" for rest in ("1.1.0", "1.2.0", "1.3.0", "1.5.0", "4.25.0")
    ]
    assert got.failure is not None  # some objects have no answer
    assert got.failure.kind is FailureKind.PROTOCOL


async def test_answers_that_come_after_the_question_was_repeated_count(engine: str) -> None:
    got, walk, _ = await _read(engine, Quirks(delay=0.7), wait=0.5)
    assert (len(got.rows), got.failure) == (GIVEN, None)
    assert (len(walk.rows), walk.stopped, walk.failure) == (120, None, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_answer_from_another_source_is_told_from_silence(host: str) -> None:
    """The socket that all devices share receives the answer; a connected one does not."""
    setting, rec = settings("gufo", community("public")), recorder()
    async with (
        Serving({"public": RECORDING}, host, quirks=Quirks(stranger=True)) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port, host), names(setting), device="d") as device,
    ):
        assert device is None
    [session] = rec.steps
    assert session.failure is not None
    assert (session.failure.kind, session.failure.detail) == (FailureKind.TIMEOUT, FROM_ELSEWHERE)


@pytest.mark.parametrize("restarts_at", [3, 4, 6])
@pytest.mark.parametrize("jumps", [0, 1, 100])
async def test_a_device_that_starts_anew_is_read_to_its_end(engine: str, restarts_at: int, jumps: int) -> None:
    """The agent's engine boots and clock change, as a Report tells the client (RFC 3414 §3.2)."""
    agent = UserAgent(RECORDING, restarts_at=restarts_at, jumps=jumps)
    got, walk = await _read_user(engine, agent)
    assert (len(got.rows), got.failure) == (GIVEN, None)
    assert (len(walk.rows), walk.stopped, walk.failure) == (120, None, None)
    assert agent.reports == [4, 2]


@pytest.mark.parametrize("restarts_at", [3, 4, 6])
async def test_a_spare_part_that_takes_over_is_read_to_its_end(engine: str, restarts_at: int) -> None:
    """The spare has its own engine id, needs other keys, and drops requests to the earlier engine."""
    agent = UserAgent(RECORDING, restarts_at=restarts_at, as_other=bytes.fromhex("80001f8804") + b"may-2")
    got, walk = await _read_user(engine, agent)
    assert (len(got.rows), got.failure) == (GIVEN, None)
    assert (len(walk.rows), walk.stopped, walk.failure) == (120, None, None)
    assert len(agent.reports) < 16


@pytest.mark.parametrize("on", [True, False])
async def test_neighbours_whose_states_the_view_hides_are_looked_for_where_ospfv3_is_on(on: bool) -> None:
    at_work: dict[Oid, str] = {oids.SYS_OBJECT_ID: "6|1.3.6.1.4.1.8072.3.2.10", oids.SYS_UP_TIME: "67|4711"}
    seen = {**at_work, oids.OSPFV3_ADMIN: f"2|{1 if on else 2}", (*oids.OSPFV3_NBR_ENTRY, 4, 3, 0, 1): "2|2"}
    lines = "".join(f"{dotted(oid)}|{value}\n" for oid, value in sorted(seen.items()))
    setting, rec = settings("gufo", community("public")), recorder()
    async with Serving({"public": Recording.of(lines)}) as serving, net_with(setting) as net:
        await snmp(EndpointTask(endpoint=at(serving.port), credentials=names(setting)), net, rec)
    walks = [step for step in rec.steps if isinstance(step, SnmpWalk) and step.root == dotted(oids.OSPFV3_NBR_ENTRY)]
    assert [len(walk.rows) for walk in walks] == ([1] if on else [])
