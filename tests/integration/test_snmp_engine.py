"""Tests one contract for both SNMP adapters, against our agent that can misbehave and Net-SNMP's daemon."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from probes.framework.codec import encode_step
from probes.framework.evidence import FailureKind, Observation
from probes.framework.tasks import EndpointTask
from probes.net.snmp import device as device_module
from probes.net.snmp.devices import devices
from probes.net.snmp.profiles import Secret, SnmpProfile
from probes.observations.snmp import SnmpSession, SnmpWalk
from probes.snmp import snmp
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from tests.support.private_net import run as in_namespace
from tests.support.snmp_agent import Quirks, Recording, Serving
from tests.support.snmp_daemon import snmpd
from tests.support.snmp_world import ENGINES, at, community, names, net_with, recorder, settings

SYSTEM = "1.3.6.1.2.1.1"
RECORDING = Recording.of(
    "1.3.6.1.2.1.1.1.0|4|Thiết bị thử\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10\n1.3.6.1.2.1.1.3.0|67|4711\n"
    "1.3.6.1.2.1.1.5.0|4x|ff00fe\n1.3.6.1.2.1.4.20.1.3.192.0.2.1|64|255.255.255.0\n"
    "1.3.6.1.2.1.4.34.1.5.1.4.192.0.2.1|6|0.0\n1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615\n"
    "1.3.6.1.2.1.31.1.1.1.15.1|66|4294967295\n1.3.6.1.2.1.47.1.1.1.1.4.1|2|-1\n"
    + "".join(f"1.3.6.1.2.1.2.2.1.2.{n}|4|eth{n}\n" for n in range(1, 121))
)
WITHOUT_64 = Recording({oid: one for oid, one in RECORDING.objects.items() if one[0] != 0x46})
"""The recording without Counter64, which version 1 does not have."""
GOOD = Quirks()
Sessions = list[tuple[SnmpSession, int]]
T = TypeVar("T")
INTERFACES = "1.3.6.1.2.1.2.2.1.2"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def _walked(
    engine: str, root: str, quirks: Quirks = GOOD, *, version: str = "2c", rows: int = 5_000
) -> tuple[SnmpWalk, Serving]:
    setting = settings(engine, community("public", version=version))
    rec = recorder()
    async with (
        Serving({"public": RECORDING}, quirks=quirks) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port), names(setting), device="d") as device,
    ):
        assert device is not None
        return await device.walk(rec, root, rows=rows), serving


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_both_record_the_same_facts(version: str) -> None:
    found: list[list[dict[str, object]]] = []
    for engine in ENGINES:
        setting = settings(engine, community("public", version=version))
        rec = recorder()
        recording = RECORDING if version == "2c" else WITHOUT_64
        async with (
            Serving({"public": recording}) as serving,
            net_with(setting) as net,
            net.snmp(rec, at(serving.port), names(setting), device="d") as device,
        ):
            assert device is not None
            await device.get(rec, ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.99.0", "1.3.6.1.2.1.47.1.1.1.1.4.1"])
            await device.walk(rec, "1.3.6.1.2.1")
            await device.walk(rec, "1.3.6.1.2.1.191")
        found.append([_comparable(step) for step in rec.steps])
    assert found[0] == found[1]
    rows = found[0][2]["rows"]
    assert isinstance(rows, list)
    assert len(rows) == len(RECORDING.oids) - (version == "1")
    assert {row["type"] for row in rows} == {"int", "octets", "oid", "ip"}


def _comparable(step: Observation) -> dict[str, object]:
    return {k: v for k, v in encode_step(step).items() if k not in ("t0", "t", "port", "engine")}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("version", ["1", "2c"])
async def test_an_answer_from_another_source_is_refused(engine: str, version: str, host: str) -> None:
    setting = settings(engine, community("public", version=version))
    rec = recorder()
    async with (
        Serving({"public": RECORDING}, host, quirks=Quirks(stranger=True)) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port, host), names(setting), device="d") as device,
    ):
        assert device is None
    assert serving.agent.asked == 2
    assert [step.failure and step.failure.kind for step in rec.steps] == [FailureKind.TIMEOUT]


async def test_a_single_object_comes_with_the_number_of_its_question(engine: str) -> None:
    setting, rec = settings(engine, community("public")), recorder()
    async with (
        Serving({"public": RECORDING}, quirks=Quirks(chatter=True)) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port), names(setting), device="d") as device,
    ):
        assert device is not None
        found = await device.get(rec, ["1.3.6.1.2.1.1.1.0"])
    assert (found.rows, found.failure and found.failure.kind) == ((), FailureKind.TIMEOUT)
    assert serving.agent.asked == 3


async def test_many_devices_are_told_apart(engine: str) -> None:
    """Concurrent questions, some to one address at different ports, each get their own answer."""
    named = {f"d{n}": Recording.of(f"1.3.6.1.2.1.1.3.0|67|{n}\n1.3.6.1.2.1.1.5.0|4|d{n}\n") for n in range(12)}
    setting = settings(engine, *(community(name) for name in named))
    found: dict[str, str] = {}
    async with Serving(named, quirks=Quirks(delay=0.02)) as one, Serving(named) as other, net_with(setting) as net:

        async def ask(name: str, port: int) -> None:
            rec = recorder()
            async with net.snmp(rec, at(port), (name,), device=f"{name} {port}") as device:
                assert device is not None
                [row] = (await device.get(rec, ["1.3.6.1.2.1.1.5.0"])).rows
                found[f"{name} {port}"] = bytes.fromhex(row.value).decode()

        async with asyncio.TaskGroup() as group:
            for name in named:
                for port in (one.port, other.port):
                    group.create_task(ask(name, port))
    assert found == {f"{name} {port}": name for name in named for port in (one.port, other.port)}


INSIDE = Recording.of("1.3.6.1.2.1.1.3.0|67|1\n1.3.6.1.2.1.4.34.1.3.1.4.198.51.100.7|2|3\n")


async def test_a_virtual_network_is_read_by_its_own_community(engine: str) -> None:
    profile = replace(community("public"), contexts=("khach", "khong-co"))
    rec = recorder()
    async with (
        Serving({"public": RECORDING, "public@khach": INSIDE}) as serving,
        net_with(settings(engine, profile)) as net,
    ):
        await snmp(EndpointTask(endpoint=at(serving.port), credentials=("public",)), net, rec)
    walks = [step for step in rec.steps if isinstance(step, SnmpWalk) and step.context]
    assert [walk.root for walk in walks if walk.context == "khach"] == [dotted(root) for root in oids.IN_CONTEXTS]
    assert [row.oid for walk in walks for row in walk.rows] == ["1.3.6.1.2.1.4.34.1.3.1.4.198.51.100.7"]
    (lost,) = (walk for walk in walks if walk.context == "khong-co")  # silent, so no more questions are sent
    assert lost.failure is not None
    assert (lost.failure.kind, lost.profile) == (FailureKind.TIMEOUT, "public")


async def test_what_is_lost_is_asked_again(engine: str) -> None:
    walk, _ = await _walked(engine, SYSTEM, Quirks(lose=1))
    assert [row.oid.removeprefix(SYSTEM) for row in walk.rows] == [".1.0", ".2.0", ".3.0", ".5.0"]
    assert walk.stopped is None


async def test_an_agent_that_goes_round_is_left(engine: str) -> None:
    walk, _ = await _walked(engine, "1.3.6.1", Quirks(loops=True))
    assert (walk.stopped, walk.failure and walk.failure.detail) == ("failure", "objects out of order")
    assert len(walk.rows) <= len(RECORDING.oids)


async def test_an_agent_without_an_end_is_left_at_the_bound(engine: str) -> None:
    walk, serving = await _walked(engine, INTERFACES, Quirks(endless=True), rows=500)
    assert (len(walk.rows), walk.stopped) == (500, "rows")
    assert serving.agent.asked <= 1 + 500 // 25 + 1


@pytest.mark.parametrize("root", ["1.3.6.1.2.1", "1.3.6.1.2.1.47.1", "1.3.6.1.2.1.99"])
@pytest.mark.parametrize("version", ["1", "2c"])
async def test_objects_that_do_not_rise_are_told(engine: str, root: str, version: str) -> None:
    """An agent that goes back, below the root or beside it, has not shown that there are no more objects."""
    walk, serving = await _walked(engine, root, Quirks(backwards=True, most=10), version=version)
    assert (walk.stopped, walk.failure and walk.failure.detail) == ("failure", "objects out of order")
    assert len(walk.rows) <= len(RECORDING.oids)
    assert serving.agent.asked < 30


@pytest.mark.parametrize("quirks", [Quirks(too_big=True, bulk_limit=10), Quirks(bare=True)], ids=["too-big", "bare"])
async def test_an_error_for_many_rows_is_no_end_of_the_table(engine: str, quirks: Quirks) -> None:
    walk, _ = await _walked(engine, INTERFACES, quirks)
    assert (len(walk.rows), walk.stopped) == (120, None)


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_row_that_the_agent_cannot_give_is_no_end_of_the_table(engine: str, version: str) -> None:
    row = tuple(map(int, f"{INTERFACES}.61".split(".")))
    walk, serving = await _walked(engine, INTERFACES, Quirks(broken=row), version=version)
    assert (len(walk.rows), walk.stopped) == (60, "failure")
    assert walk.failure is not None
    assert walk.failure.kind is FailureKind.PROTOCOL
    assert serving.agent.asked < 200


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_what_the_view_ends_before_is_read_to_its_end_at_little_cost(engine: str, version: str) -> None:
    setting, rec = settings(engine, community("public", version=version)), recorder()
    kept = RECORDING if version == "2c" else WITHOUT_64
    roots = ("1.3.6.1.2.1.47.1.1.1.1.4", "1.3.6.1.2.1.99.1", "1.3.6.1.2.1.191.1", "1.3.6.1.4.1.9.9.1")
    async with (
        Serving({"public": kept}) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port), names(setting), device="d") as device,
    ):
        assert device is not None
        before = serving.agent.asked
        walks = [await device.walk(rec, root) for root in roots]
    assert [(len(walk.rows), walk.stopped, walk.failure) for walk in walks] == [(n, None, None) for n in (1, 0, 0, 0)]
    assert serving.agent.asked - before <= len(roots) + 4


async def test_an_agent_that_falls_silent_leaves_what_it_gave(engine: str) -> None:
    walk, serving = await _walked(engine, INTERFACES, Quirks(falls_silent=3))
    assert (len(walk.rows), walk.stopped) == (50, "failure")
    assert walk.failure is not None
    assert walk.failure.kind is FailureKind.TIMEOUT
    assert serving.agent.asked <= 10


async def test_a_slow_agent_is_left_when_the_time_is_over(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "SECONDS", 1.0)
    walk, _ = await _walked(engine, "1.3.6.1.2.1", Quirks(delay=0.12, most=2))
    assert walk.stopped == "seconds"
    assert 0 < len(walk.rows) < 20


async def test_answers_to_other_questions_do_not_lengthen_the_wait(engine: str) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    walk, _ = await _walked(engine, SYSTEM, Quirks(chatter=True))
    assert (walk.rows, walk.stopped) == ((), "failure")
    assert loop.time() - began < 30.0  # two tries of 0.3 s each should take far less


async def test_noise_is_no_answer(engine: str) -> None:
    walk, _ = await _walked(engine, SYSTEM, Quirks(garbage=True))
    assert (walk.rows, walk.stopped) == ((), "failure")
    assert walk.failure is not None
    assert walk.failure.kind in (FailureKind.PROTOCOL, FailureKind.TIMEOUT)
    good, _ = await _walked(engine, SYSTEM)  # the engine still works
    assert (len(good.rows), good.stopped) == (4, None)


async def test_a_name_with_a_number_beyond_all_bounds_does_no_harm(engine: str) -> None:
    """A library truncates the number or refuses the answer; neither raises an error, which this Net would pass on."""
    absurd = Recording({**RECORDING.objects, (1, 3, 6, 1, 2, 1, 99, 1 << 20_000): (2, b"\1")})
    setting, rec = settings(engine, community("public")), recorder()
    async with (
        Serving({"public": absurd}) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port), names(setting), device="d") as device,
    ):
        assert device is not None
        walk = await device.walk(rec, "1.3.6.1.2.1.99")
    assert all(len(row.oid) < 1_000 for row in walk.rows)
    assert walk.failure is None or walk.failure.kind in (FailureKind.PROTOCOL, FailureKind.TIMEOUT)


async def test_a_port_that_is_shut_says_so(engine: str) -> None:
    setting = settings(engine, community("public"))
    for address in ("127.0.0.1", "::1"):
        rec = recorder()
        async with net_with(setting) as net, net.snmp(rec, at(9, address), names(setting), device="d") as device:
            assert device is None
        assert [step.failure and step.failure.kind for step in rec.steps] == [FailureKind.REFUSED]


async def test_rows_are_bounded(engine: str) -> None:
    walk, serving = await _walked(engine, INTERFACES, rows=30)
    assert (len(walk.rows), walk.stopped) == (30, "rows")
    assert serving.agent.asked <= 3


async def test_questions_are_made_small_enough_for_the_device(engine: str) -> None:
    walk, serving = await _walked(engine, INTERFACES, Quirks(bulk_limit=10))
    assert (len(walk.rows), walk.stopped) == (120, None)
    assert set(serving.agent.sizes) == {25, 5}


async def test_a_device_that_answers_no_bulk_is_asked_one_by_one(engine: str) -> None:
    walk, _ = await _walked(engine, SYSTEM, Quirks(bulk_limit=0))
    assert (len(walk.rows), walk.stopped) == (4, None)


async def test_profiles_are_tried_in_order(engine: str) -> None:
    setting = settings(engine, community("wrong"), community("right", "public"), community("never", "public"))
    rec = recorder()
    async with (
        Serving({"public": RECORDING}) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port), names(setting), device="d") as device,
    ):
        assert device is not None
        assert device.session.profile == "right"
    [session] = [step for step in rec.steps if isinstance(step, SnmpSession)]
    assert [(one.profile, one.failure is None) for one in session.attempts] == [("wrong", False), ("right", True)]


async def test_nothing_is_sent_out_of_scope_nor_without_a_profile(engine: str) -> None:
    setting = settings(engine, community("public"))
    async with Serving({"public": RECORDING}) as serving:
        rec = recorder()
        async with net_with(setting, allow=False) as net, net.snmp(rec, at(serving.port), names(setting), device="d"):
            pass
        async with net_with(settings(engine)) as net, net.snmp(rec, at(serving.port), (), device="d") as device:
            assert device is None
        kinds = [step.failure and step.failure.kind for step in rec.steps]
        assert kinds == [FailureKind.OUT_OF_SCOPE, FailureKind.NO_PERMISSION]
        assert serving.agent.asked == 0


async def test_one_question_at_a_time_for_one_device(engine: str) -> None:
    setting = settings(engine, community("public"))
    async with Serving({"public": RECORDING}, quirks=Quirks(delay=0.01)) as serving, net_with(setting) as net:

        async def one(address: str, device: str) -> None:
            rec = recorder()
            async with net.snmp(rec, at(serving.port, address), names(setting), device=device) as found:
                assert found is not None
                await found.walk(rec, INTERFACES)

        async with asyncio.TaskGroup() as group:
            group.create_task(one("127.0.0.1", "d"))
            group.create_task(one("127.0.0.1", "d"))
        assert serving.agent.most_at_once == 1
        async with asyncio.TaskGroup() as group:
            group.create_task(one("127.0.0.1", "d"))
            group.create_task(one("127.0.0.1", "e"))
        assert serving.agent.most_at_once == 2


async def test_who_has_not_proved_itself_is_told_no_community_of_ours(engine: str) -> None:
    """Any host may answer at an address; a version 2c agent has only heard a community (CHECKS, trap S4)."""
    setting = settings(engine, community("public"), community("second", "khac"))
    rec = recorder()
    async with (
        Serving({"public": RECORDING}) as serving,
        net_with(setting) as net,
        net.snmp(rec, at(serving.port), ("public",), device="d") as device,
    ):
        assert device is not None
        asked = serving.agent.asked
        await device.communities(rec)
        assert serving.agent.asked == asked
    assert [type(step) for step in rec.steps] == [SnmpSession]


async def test_the_usual_communities_wait_until_a_device_is_read(engine: str) -> None:
    """A wrong community may lock us out of the device that we read (CHECKS, trap S3)."""
    setting, done = settings(engine, community("public")), list[str]()
    async with Serving({"public": RECORDING}, quirks=Quirks(delay=0.02)) as serving, net_with(setting) as net:
        rec, there = recorder(), at(serving.port)

        async def tried() -> None:
            await devices(net).default(rec, there, version="2c", community="public", device="d")
            done.append("tried")

        async with asyncio.TaskGroup() as group, net.snmp(rec, there, ("public",), device="d") as device:
            assert device is not None
            group.create_task(tried())
            await device.walk(rec, INTERFACES)
            done.append("read")
    assert done == ["read", "tried"]


# Version 3, against Net-SNMP's own daemon in a namespace of its own.

AUTH_KEY, PRIV_KEY = "khoa-xac-thuc-4711", "khoa-ma-hoa-0815"
USERS = {
    "cu": ("SHA", "sha1", "AES", "aes128"),
    "moi": ("SHA-256", "sha256", "AES", "aes128"),
    "manh": ("SHA-512", "sha512", "AES-256", "aes256"),
    "lai": ("SHA-384", "sha384", "AES-256", "aes256"),
    "ngan": ("SHA-224", "sha224", "AES", "aes128"),
    "keo": ("SHA", "sha1", "AES-256", "aes256"),
}


def _user(name: str, *, auth: str = "sha256", priv: str = "aes128", key: str = AUTH_KEY) -> SnmpProfile:
    return SnmpProfile(
        name=name, version="3", user=name, auth=auth, auth_key=Secret(key), priv=priv, priv_key=Secret(PRIV_KEY)
    )


CONF = "rocommunity6 public\n" + "".join(
    f"createUser {u} {a} {AUTH_KEY} {p} {PRIV_KEY}\nrouser {u} priv\n" for u, (a, _, p, _) in USERS.items()
)


async def _session(engine: str, address: str, *profiles: SnmpProfile) -> tuple[SnmpSession, int]:
    setting = settings(engine, *profiles)
    rec = recorder()
    async with (
        net_with(setting, wait=1.0) as net,
        net.snmp(rec, at(161, address), names(setting), device="d") as device,
    ):
        rows = len((await device.walk(rec, SYSTEM)).rows) if device is not None else 0
    [session] = [step for step in rec.steps if isinstance(step, SnmpSession)]
    return session, rows


@pytest.mark.needs_root
def test_version_3_with_todays_algorithms(engine: str, tmp_path: Path) -> None:
    async def main() -> Sessions:
        return [
            await _session(engine, address, _user(name, auth=auth, priv=priv))
            for name, (_, auth, _, priv) in USERS.items()
            for address in ("127.0.0.1", "::1")
        ]

    found = in_namespace("true", lambda: _with_snmpd(tmp_path, main))
    assert [(session.profile is not None, rows > 5) for session, rows in found] == [(True, True)] * 2 * len(USERS)
    assert len({session.engine_id for session, _ in found}) == 1
    assert all(session.engine_id for session, _ in found)


@pytest.mark.needs_root
def test_version_3_tells_what_is_not_there(engine: str, tmp_path: Path) -> None:
    async def main() -> list[tuple[int, object, object]]:
        setting, rec = settings(engine, _user("moi")), recorder()
        async with net_with(setting, wait=1.0) as net, net.snmp(rec, at(161), names(setting), device="d") as device:
            assert device is not None
            got = await device.get(rec, ["1.3.6.1.2.1.999.1.0", "1.3.6.1.2.1.1.99.0"])
            walk = await device.walk(rec, "1.3.6.1.6.9")
        return [(len(got.rows), got.failure, None), (len(walk.rows), walk.failure, walk.stopped)]

    assert in_namespace("true", lambda: _with_snmpd(tmp_path, main)) == [(0, None, None)] * 2


@pytest.mark.needs_root
def test_a_virtual_network_is_read_in_its_own_context(engine: str, tmp_path: Path) -> None:
    """Net-SNMP asks another agent for the objects of a context; for a missing context it returns an error."""
    proxy = "view all included .1\nrouser moi priv -V all *\nproxy -Cn khach -v 2c -c inside 127.0.0.1:{port} .1.3\n"

    async def main() -> list[SnmpWalk]:
        profile, rec = replace(_user("moi"), contexts=("khach", "khong-co")), recorder()
        setting = settings(engine, profile)
        async with (
            Serving({"inside": INSIDE}) as serving,
            snmpd(tmp_path, CONF.replace("rouser moi priv\n", "") + proxy.format(port=serving.port)),
            net_with(setting, wait=1.0) as net,
            net.snmp(rec, at(161, "::1"), names(setting), device="d") as device,
        ):
            assert device is not None
            return [await device.walk(rec, SYSTEM, context=context) for context in ("", *device.contexts)]

    whole, inside, nowhere = in_namespace("true", main)
    assert len(whole.rows) > 5
    assert [(row.oid, row.value) for row in inside.rows] == [("1.3.6.1.2.1.1.3.0", "1")]
    assert (nowhere.rows, nowhere.context) == ((), "khong-co")
    assert nowhere.failure is not None


@pytest.mark.needs_root
@pytest.mark.parametrize(("engine", "version"), [("gufo", "2c"), ("gufo", "3"), ("pysnmp", "2c")])
def test_what_our_own_packet_filter_keeps_in_is_told_as_that(engine: str, version: str) -> None:
    """The library of the other engine hides the error in version 3: it is recorded as silence."""
    setting = settings(engine, _user("moi") if version == "3" else community("public"))

    async def main() -> list[FailureKind | None]:
        rec = recorder()
        async with net_with(setting) as net:
            for address in ("127.0.0.1", "::1"):
                async with net.snmp(rec, at(161, address), names(setting), device="d") as device:
                    assert device is None
        return [None if step.failure is None else step.failure.kind for step in rec.steps]

    rule = "nft add table inet t; nft 'add chain inet t out { type filter hook output priority 0; }'\n"
    found = in_namespace(f"{rule}nft add rule inet t out udp dport 161 drop", main)
    assert found == [FailureKind.FILTERED_HERE] * 2


@pytest.mark.needs_root
@pytest.mark.parametrize("version", ["2c", "3"])
def test_an_address_on_a_link_keeps_its_link(engine: str, version: str, tmp_path: Path) -> None:
    """A link-local address without its zone leads nowhere or to another link (CHECKS, trap D4)."""
    profile = _user("moi") if version == "3" else community("public")

    async def main() -> Sessions:
        return [await _session(engine, f"fe80::161%{link}", profile) for link in ("here", "there")]

    async def everywhere() -> Sessions:
        async with snmpd(tmp_path, CONF, "udp6:161"):
            return await main()

    links = "".join(f"ip link add {n} type veth peer name {n}2\nip link set {n} up\n" for n in ("here", "there"))
    found = in_namespace(links + "ip addr add fe80::161/64 dev here nodad", everywhere)
    assert [(session.profile is not None, rows > 5) for session, rows in found] == [(True, True), (False, False)]
    assert str(found[0][0].address) == "fe80::161%here"


@pytest.mark.needs_root
def test_rejected_is_told_from_silent_and_nothing_secret_is_recorded(
    engine: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "khong-phai-khoa-nay"

    async def main() -> Sessions:
        return [
            await _session(engine, "::1", _user("moi", key=wrong)),
            await _session(engine, "::1", _user("la", key=wrong)),
            await _session(engine, "::1", _user("la", key=wrong), _user("moi")),
        ]

    with caplog.at_level(logging.DEBUG):
        found = in_namespace("true", lambda: _with_snmpd(tmp_path, main))
    assert [[one.rejected for one in session.attempts] for session, _ in found] == [[True], [True], [True, False]]
    assert [session.profile for session, _ in found] == [None, None, "moi"]
    told = repr(found) + repr([encode_step(session) for session, _ in found]) + caplog.text
    for secret in (wrong, AUTH_KEY, PRIV_KEY):
        assert secret not in told


async def _with_snmpd(folder: Path, main: Callable[[], Awaitable[T]]) -> T:
    async with snmpd(folder, CONF):
        return await main()
