"""Tests the probes of SNMP access by both adapters against Net-SNMP: closed, open and partly open."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from probes.framework.codec import encode_step
from probes.framework.evidence import FailureKind, Observation
from probes.framework.tasks import EndpointTask
from probes.net.kernel import KernelNet
from probes.net.snmp import session, unauthenticated
from probes.net.snmp.profiles import Secret, SnmpProfile
from probes.observations.snmp import SnmpAccess, SnmpCommunity, SnmpDiscovery, SnmpLevel, SnmpSession
from probes.snmp_defaults import snmp_defaults
from probes.snmp_exposure import snmp_exposure
from probes.snmp_security import snmp_security
from tests.support.private_net import run as in_namespace
from tests.support.snmp_daemon import snmpd
from tests.support.snmp_world import ENGINES, at, community, net_with, recorder, settings

pytestmark = pytest.mark.needs_root
AUTH_KEY, PRIV_KEY, SITE = "khoa-xac-thuc-4711", "khoa-ma-hoa-0815", "cong-dong-cua-xa"
OURS = SnmpProfile(
    name="core",
    version="3",
    user="manh",
    auth="sha256",
    auth_key=Secret(AUTH_KEY),
    priv="aes128",
    priv_key=Secret(PRIV_KEY),
)
LEGACY = community("legacy", SITE)
CLOSED = f"createUser manh SHA-256 {AUTH_KEY} AES {PRIV_KEY}\nrouser manh priv\n"
OPEN = (
    f"createUser manh SHA-256 {AUTH_KEY} AES {PRIV_KEY}\nrouser manh noauth\n"
    f"createUser nguoicu MD5 {AUTH_KEY} DES {PRIV_KEY}\nrwuser nguoicu priv .1.3.6.1.2.1.1\n"
    f"rwcommunity {SITE}\nrwcommunity6 {SITE}\nrocommunity private\nrocommunity6 private\n"
)
HALF = CLOSED + "view part included .1.3.6.1.2.1.2\nrocommunity public default -V part\n"
UNKNOWN_ENGINES = "1.3.6.1.6.3.15.1.1.4.0"
PROTOCOLS = {
    "md5": "1.3.6.1.6.3.10.1.1.2",
    "sha256": "1.3.6.1.6.3.10.1.1.5",
    "des": "1.3.6.1.6.3.10.1.2.2",
    "aes128": "1.3.6.1.6.3.10.1.2.4",
}
EVERYTHING = ("0", "1", "2")
"""Net-SNMP's default view for users without one."""
Probe = Callable[..., Awaitable[None]]
BOTH = ("127.0.0.1", "::1")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pause between two communities: no lockout happens here."""
    monkeypatch.setattr(unauthenticated, "PAUSE", 0.01)
    monkeypatch.setattr(session, "PAUSE", 0.01)


def _asked(
    folder: Path, conf: str, engine: str, probe: Probe, hosts: Sequence[str] = BOTH, port: int = 161
) -> list[list[Observation]]:
    """Return the probe's records at each address of an agent with this configuration."""

    async def main() -> list[list[Observation]]:
        async with snmpd(folder, conf), net_with(settings(engine, OURS, LEGACY), wait=0.5) as net:
            return [await _steps(net, probe, host, port) for host in hosts]

    return in_namespace("true", main)


async def _steps(net: KernelNet, probe: Probe, host: str, port: int) -> list[Observation]:
    rec = recorder()
    await probe(EndpointTask(endpoint=at(port, host), credentials=("core",)), net, rec)
    return list(rec.steps)


def _only(steps: Sequence[Observation], kind: type[Observation]) -> list[Observation]:
    return [step for step in steps if isinstance(step, kind)]


def _access(steps: Sequence[Observation]) -> SnmpAccess:
    [observation] = _only(steps, SnmpAccess)
    assert isinstance(observation, SnmpAccess)
    assert observation.failure is None
    return observation


def test_a_closed_agent_lets_in_nobody_but_its_user(engine: str, tmp_path: Path) -> None:
    for steps in _asked(tmp_path, CLOSED, engine, snmp_security):
        assert [type(step) for step in steps] == [SnmpSession, SnmpAccess, SnmpLevel, SnmpLevel, SnmpCommunity]
        snmp_access = _access(steps)
        assert snmp_access.groups is not None
        [group] = [group for group in snmp_access.groups if group.members]
        assert (group.model, group.level, group.reads, group.writes) == (3, 3, EVERYTHING, ())
        assert snmp_access.users is not None
        assert [(user.name, user.auth, user.priv) for user in snmp_access.users] == [
            ("manh", PROTOCOLS["sha256"], PROTOCOLS["aes128"])
        ]
        levels = [step for step in steps if isinstance(step, SnmpLevel)]
        assert [(step.level, step.accepted, step.failure) for step in levels] == [
            ("noAuthNoPriv", False, None),
            ("authNoPriv", False, None),
        ]
        told = [(step.profile, step.answered) for step in steps if isinstance(step, SnmpCommunity)]
        assert told == [("legacy", "silent")]


def test_an_open_agent_shows_who_else_gets_in(engine: str, tmp_path: Path) -> None:
    for steps in _asked(tmp_path, OPEN, engine, snmp_security):
        snmp_access = _access(steps)
        assert snmp_access.groups is not None
        assert {(group.model, group.level, group.writes) for group in snmp_access.groups if group.writes} == {
            (1, 1, EVERYTHING),
            (2, 1, EVERYTHING),
            (3, 3, ("1.3.6.1.2.1.1",)),
        }
        assert snmp_access.users is not None
        assert {(user.name, user.auth, user.priv) for user in snmp_access.users} == {
            ("manh", PROTOCOLS["sha256"], PROTOCOLS["aes128"]),
            ("nguoicu", PROTOCOLS["md5"], PROTOCOLS["des"]),
        }
        assert [step.accepted for step in steps if isinstance(step, SnmpLevel)] == [True, True]
        assert [step.answered for step in steps if isinstance(step, SnmpCommunity)] == ["value"]


def test_both_adapters_record_the_same_of_access(tmp_path: Path) -> None:
    for number, conf in enumerate((CLOSED, OPEN, HALF)):
        found = []
        for engine in ENGINES:
            folder = tmp_path / f"{number}{engine}"
            folder.mkdir()
            recorded = _asked(folder, conf, engine, snmp_security)
            found.append(
                [[_comparable(step) for step in steps if not isinstance(step, SnmpSession)] for steps in recorded]
            )
        assert found[0] == found[1]


def _comparable(step: Observation) -> dict[str, object]:
    return {key: value for key, value in encode_step(step).items() if key not in ("t0", "t")}


def test_no_secret_is_recorded(engine: str, tmp_path: Path) -> None:
    told = repr([[encode_step(step) for step in steps] for steps in _asked(tmp_path, OPEN, engine, snmp_security)])
    for secret in (AUTH_KEY, PRIV_KEY, SITE):
        assert secret not in told


@pytest.mark.parametrize(
    ("conf", "answered"),
    [
        (CLOSED, [("2c", "public", None), ("2c", "private", None), ("1", "public", None), ("1", "private", None)]),
        (OPEN, [("2c", "public", None), ("2c", "private", "value")]),
        (HALF, [("2c", "public", "other")]),
    ],
)
def test_default_communities(
    engine: str, tmp_path: Path, conf: str, answered: list[tuple[str, str, str | None]]
) -> None:
    [steps] = _asked(tmp_path, conf, engine, snmp_defaults, hosts=("127.0.0.1",))
    snmp_communities = [step for step in steps if isinstance(step, SnmpCommunity)]
    assert [(step.version, step.community, step.answered) for step in snmp_communities] == answered
    silent = [step.failure.kind for step in snmp_communities if step.failure is not None]
    assert silent == [FailureKind.TIMEOUT] * sum(triple[2] is None for triple in answered)


def test_an_agent_answers_strangers_discovery_over_both_families(engine: str, tmp_path: Path) -> None:
    for steps in _asked(tmp_path, CLOSED, engine, snmp_exposure):
        [observation] = steps
        assert isinstance(observation, SnmpDiscovery)
        assert (observation.failure, observation.report, observation.boots) == (None, UNKNOWN_ENGINES, 1)
        assert observation.engine_id is not None
        assert observation.engine_id[:5] == bytes.fromhex("80001f8880")  # Net-SNMP's own kind (RFC 3411 §5)


def test_a_port_without_an_agent_is_no_exposure(engine: str, tmp_path: Path) -> None:
    for steps in _asked(tmp_path, CLOSED, engine, snmp_exposure, port=1_161):
        [observation] = steps
        assert isinstance(observation, SnmpDiscovery)
        assert observation.engine_id is None
        assert observation.failure is not None
        assert observation.failure.kind is FailureKind.REFUSED
