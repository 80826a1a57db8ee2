"""Tests sweeps of real sockets behind firewalls, proxies and front ends, judged as in an audit.

One namespace for each: nftables bans in mid-sweep, passes everything to a proxy (as SYN proxies and tarpits do), or
drops; nginx is the front end of a content network; RDP and SSH servers send only their first bytes.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest

from auditor.framework.check import load as checks
from containers.rehearsal.certificates import served_files
from containers.rehearsal.filters import bans
from containers.rehearsal.model import CertificateKind
from containers.rehearsal.peers.services import syn_proxy, tarpit
from containers.rehearsal.sonlam.pages import EDGE
from containers.rehearsal.web import PortalFace, WebPaths, configuration
from inventory.model import Endpoint
from probes.framework.evidence import Evidence, EvidenceId
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.front_page import front_page
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.exposure import sweep
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.exposure import DATA, MANAGEMENT, SWEPT
from probes.ports import is_a_hole, ports
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case, dump, findings, load
from tests.golden.lab import V4, V6
from tests.integration.test_net import EVERYTHING, Unlimited
from tests.support import private_net
from tests.support.scripted import Talk, stream

pytestmark = pytest.mark.needs_root

HERE = f"ip addr add {V4}/32 dev lo\nip addr add {V6}/128 dev lo nodad\n"
TABLE = "nft add table inet t\nnft add chain inet t i '{ type filter hook input priority 0; }'\n"
BAN_OF_IPV4 = f"nft -f - <<'END'\n{bans([IPv4Address(V4)])}END\n"
DROPS_RDP_OVER_IPV4 = f"{TABLE}nft add rule inet t i meta nfproto ipv4 tcp dport 3389 drop\n"
Talks = Mapping[tuple[str, int], Talk]
PROXY = 7000
"""The port to which all connects are redirected, except spared ones."""
LED_TO = (V4, V6, "127.0.0.1", "::1")
CONTROLS = (*ALL_CONTROLS, *(f"tcp/{port}" for port in SWEPT if f"tcp/{port}" not in ALL_CONTROLS))
RDP = bytes.fromhex("030000130ed000001234000201080002000000")


def led_to_the_proxy(spared: str = "") -> str:
    return (
        "nft add table inet n\nnft add chain inet n o '{ type nat hook output priority -100; }'\n"
        f"nft add rule inet n o tcp dport != {{ {PROXY}{spared} }} redirect to :{PROXY}\n"
    )


async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_10.0\r\n")
    await reader.read()


async def rdp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(19)
    writer.write(RDP)
    await reader.read()


@dataclass(frozen=True)
class Looker:
    """Holds one vantage in the namespace."""

    net: KernelNet

    async def sweeps(self, *addresses: str) -> list[Evidence]:
        """Return the sweeps of these addresses, made at the same time."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._run(ports, address)) for address in addresses]
        return [one.result() for one in running]

    async def pages(self, *addresses: str) -> list[Evidence]:
        return [await self._run(front_page, address) for address in addresses]

    async def again(self, *addresses: str) -> list[Evidence]:
        """Return sweeps as if made eleven minutes later, as the second look."""
        later = lab.evidence("x", minutes=11).started
        found = await self.sweeps(*addresses)
        return [replace(one, started=later, attempt=2, id=EvidenceId(f"{one.id} again")) for one in found]

    async def _run(
        self, probe: Callable[[EndpointTask, KernelNet, Recorder], Awaitable[None]], address: str
    ) -> Evidence:
        rec = Recorder(asyncio.get_running_loop().time)
        endpoint = Endpoint(address=ip_address(address), port=None, name=lab.WEB)
        await probe(EndpointTask(endpoint=endpoint, host=lab.WEB), self.net, rec)
        name = probe.__name__
        return lab.evidence(name, *rec.steps, task=address, endpoint=endpoint)


def seen(setup: str, talks: Talks, look: Callable[[Looker], Awaitable[list[Evidence]]]) -> list[Evidence]:
    """Return the records of ``look`` in a separate namespace with these scripted peers."""

    async def inside() -> list[Evidence]:
        setting = Setting(
            scope=EVERYTHING,
            limits=Unlimited(),
            timing=replace(QUICK, tcp_connect=2.0, tls=4.0, http=4.0),
            names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
            strict=True,
        )
        async with AsyncExitStack() as stack:
            for (address, port), talk in talks.items():
                await stack.enter_async_context(stream(address, port, talk))
            net = await stack.enter_async_context(KernelNet(setting))
            return await look(Looker(net))

    return private_net.run(HERE + setup, inside)


def judged(check: str, evidence: Sequence[Evidence], *, one_round: bool = True) -> dict[str, tuple[str, str]]:
    """Return code and outcome by address, or by an empty string."""
    case = Case(
        check=check,
        code="X",
        about="x",
        subject=lab.site(),
        controls=CONTROLS,
        one_round=one_round,
        expect=(),
        evidence=(lab.names((V6,)), *evidence),
    )
    known = {str(id_): one for id_, one in checks().items()}
    found = findings(load(check, json.loads(json.dumps(dump(case, known)))), known[check])
    return {str(one.address or ""): (one.code, one.outcome.value) for one in found}


PARITY, MANAGED, SMB = "security.ports.v4v6-parity", "security.ports.mgmt-exposed", "security.ports.smb"
EVERYWHERE = {(address, port): talk for address in (V4, V6) for port, talk in ((22, ssh), (3389, rdp))}


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "LISTEN", 1.0)
    monkeypatch.setattr(sweep, "HEAD_START", 0.05)


async def both(look: Looker) -> list[Evidence]:
    return await look.sweeps(V4, V6)


def test_sweep_ban_in_its_midst_over_one_family_is_no_hole() -> None:
    found = seen(BAN_OF_IPV4, EVERYWHERE, both)
    assert judged(PARITY, found) == {"": ("BANNED", "inconclusive")}
    assert judged(MANAGED, found)[V6] == ("EXPOSED", "fail")


def test_sweep_port_that_one_family_drops_is_a_hole_seen_twice() -> None:
    async def twice(look: Looker) -> list[Evidence]:
        return [*await look.sweeps(V4, V6), *await look.again(V4, V6)]

    found = seen(DROPS_RDP_OVER_IPV4, EVERYWHERE, twice)
    assert is_a_hole([step for one in found for step in one.steps])
    assert judged(PARITY, found, one_round=False) == {"": ("HOLE", "fail")}
    assert judged(PARITY, found[:2], one_round=False) == {"": ("NOT_SEEN_TWICE", "inconclusive")}
    assert judged(PARITY, found[:2]) == {"": ("HOLE", "fail")}


@pytest.mark.parametrize(("talk", "code"), [(tarpit, "EVERYTHING_OPEN"), (syn_proxy, "NONE_OPEN")])
def test_sweep_proxy_that_accepts_everything_opens_nothing(talk: Talk, code: str) -> None:
    found = seen(led_to_the_proxy(), {(one, PROXY): talk for one in LED_TO}, both)
    assert {said for said, _ in judged(MANAGED, found).values()} == {code}
    assert judged(PARITY, found)[""][1] != "fail"


def test_sweep_protocol_that_answers_behind_a_proxy_is_open() -> None:
    talks: Talks = {(one, PROXY): tarpit for one in LED_TO}
    found = seen(led_to_the_proxy(", 3389"), {**talks, (V6, 3389): rdp}, both)
    assert judged(MANAGED, found) == {V4: ("EVERYTHING_OPEN", "inconclusive"), V6: ("EXPOSED", "fail")}


def test_sweep_mute_ports_are_not_accused() -> None:
    few: Talks = {(V4, 3389): tarpit, (V4, 445): tarpit, (V6, 3389): syn_proxy, (V6, 445): syn_proxy}
    found = seen("", few, both)
    assert judged(MANAGED, found) == {V4: ("MUTE", "inconclusive"), V6: ("NONE_OPEN", "pass")}
    assert judged(SMB, found) == {V4: ("NOT_NEGOTIATED", "inconclusive"), V6: ("CLOSED", "pass")}


def test_sweep_front_end_of_many_ports_is_in_between() -> None:
    many: Talks = {(V6, port): tarpit for port in (*MANAGEMENT[5:9], *DATA[:3])}
    assert judged(MANAGED, seen("", many, both))[V6] == ("IN_BETWEEN", "inconclusive")


FRONT_END = PortalFace(name="edge.example", portal=EDGE, face=EDGE.face, addresses=(ip_address(V4), ip_address(V6)))


@asynccontextmanager
async def edge(work: Path) -> AsyncIterator[None]:
    """Run nginx as the front end of a content network that the rehearsal's province has."""
    files = served_files(work, FRONT_END.name, CertificateKind.GOOD)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(files.key))
    subject = ("-subj", f"/CN={FRONT_END.name}", "-days", "2")
    made = await asyncio.create_subprocess_exec(
        "openssl", "req", "-x509", *key, *subject, "-out", str(files.chain), stderr=asyncio.subprocess.DEVNULL
    )
    assert await made.wait() == 0
    paths = WebPaths(work=work, certificates=work, pages=work)
    (work / "conf").write_text(configuration([FRONT_END], "example", paths, {}))
    command = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    process = await asyncio.create_subprocess_exec(command, "-c", str(work / "conf"))
    try:
        for _ in range(2_000):
            try:
                _, writer = await asyncio.open_connection(V6, 8443)
            except OSError:
                assert process.returncode is None
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                break
        yield
    finally:
        process.terminate()
        await process.wait()


def test_sweep_edge_of_a_content_network_is_no_management(tmp_path: Path) -> None:
    async def look(looker: Looker) -> list[Evidence]:
        async with edge(tmp_path):
            return [*await looker.sweeps(V4, V6), *await looker.pages(V4, V6)]

    found = seen("", {}, look)
    assert judged(MANAGED, found) == {V4: ("EDGE", "pass"), V6: ("EDGE", "pass")}
    without = [one for one in found if one.probe == "ports"]
    assert judged(MANAGED, without) == {V4: ("EXPOSED", "fail"), V6: ("EXPOSED", "fail")}
