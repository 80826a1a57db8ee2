"""Gathers all that runs inside TSLCD: namespaces, real agents, SSH, DNS and web servers, and the readiness tests."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from containers.rehearsal import agents, namespaces
from containers.rehearsal.addressing import Seat
from containers.rehearsal.agent_access import AgentAccess
from containers.rehearsal.daemons import Daemon
from containers.rehearsal.model import DeviceSpec
from containers.rehearsal.packages import find
from containers.rehearsal.readiness import ReadinessTest, connects, speaks
from containers.rehearsal.tslcd.network import (
    ANCHORS,
    GATEWAYS,
    NOBODY,
    OBJECT,
    OTHERS,
    PLACES_ON_THE_MAP,
    SHARED,
    TTDL,
    TslcdNamespace,
    addresses,
    namespace_commands,
    place_commands,
    sysctls,
)
from containers.rehearsal.tslcd.sites import COMMUNES, Commune, There
from containers.rehearsal.workspace import Workspace

VANTAGE = "vantage"
_SSHD = """\
Port 22
PidFile none
UsePAM no
StrictModes no
MaxStartups 200
PasswordAuthentication no
KbdInteractiveAuthentication no
"""
_UNBOUND = """\
server:
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  directory: "{work}"
  interface: {v4}
  interface: {v6}
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  local-zone: "." static
  local-data: "ipv4only.arpa. A 192.0.0.170"
  local-data: "motcua.sonlam.gov.vn. A {v4}"
  local-data: "motcua.sonlam.gov.vn. AAAA {v6}"
  local-data: "hoihop.sonlam.gov.vn. A {nobody4}"
  local-data: "hoihop.sonlam.gov.vn. AAAA {nobody6}"
  local-data: "luutru.sonlam.gov.vn. A {anchor4}"
  local-data: "luutru.sonlam.gov.vn. AAAA {anchor6}"
remote-control:
  control-enable: no
"""
_NGINX = """\
daemon off;
user root;
pid {work}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
  server {{
    listen {v4}:80;
    listen [{v6}]:80;
    location / {{ default_type text/html; return 200 "<title>Một cửa</title>"; }}
  }}
}}
"""


def build() -> None:
    """Make every namespace with its links, addresses, routes, kernel settings and packet filter."""
    namespaces.batch("", namespace_commands())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_furnish, PLACES_ON_THE_MAP))


def _furnish(place: TslcdNamespace) -> None:
    namespaces.write_settings(place.name, sysctls(place))
    namespaces.batch(place.name, place_commands(place))
    if place.filter:
        command = [find("ip") or "ip", "netns", "exec", place.name, find("nft") or "nft", "-f", "-"]
        subprocess.run(command, input=place.filter, text=True, check=True)


def managed() -> Iterator[Commune]:
    yield from (commune for commune in COMMUNES if commune.there is There.YES and commune.managed)


def _with_ssh() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((commune.label, addresses(commune)) for commune in COMMUNES if commune.there is There.YES)
    yield "gw-ho", GATEWAYS["gw-ho"]
    yield "khac", OTHERS


def _with_object() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((commune.label, addresses(commune)) for commune in COMMUNES if commune.shaped is not None)
    yield "shared", SHARED


def _responding() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from _with_object()
    yield from ((commune.label, addresses(commune)) for commune in COMMUNES if commune.limits_echo)


def _respond(own: tuple[str, ...]) -> tuple[str, ...]:
    """Return the program's own answering side, as it would stand at a commune."""
    bound = (word for address in own for word in ("--bind", address))
    return (
        sys.executable,
        "-P",
        "-m",
        "auditor.service.cli.main",
        "respond",
        *bound,
        "--tcp",
        "8443",
        "--throughput",
        str(OBJECT),
    )


def daemons(space: Workspace) -> tuple[Daemon, ...]:
    snmpd, sshd = find("snmpd") or "snmpd", find("sshd") or "sshd"

    def conf(name: str) -> str:
        return str(space.work(name) / "conf")

    return (
        *(Daemon(f"ssh-{name}", name, (sshd, "-D", "-e", "-f", conf(f"ssh-{name}"))) for name, _ in _with_ssh()),
        *(
            Daemon(name, name, agents.command(snmpd, conf(name), str(space.work(name))))
            for name in (*(commune.label for commune in managed()), "ttdl")
        ),
        *(Daemon(f"respond-{name}", name, _respond(own)) for name, own in _responding()),
        Daemon("unbound", "shared", (str(space.dir / "unbound"), "-d", "-c", conf("unbound"))),
        Daemon("slow", "hub", (sys.executable, "-P", "-m", "containers.rehearsal.peers.slow", conf("slow"))),
        Daemon("nginx", "shared", (find("nginx") or "nginx", "-c", conf("nginx"))),
    )


def configure(space: Workspace) -> None:
    """The daemons' own files."""
    shutil.copy(find("unbound") or "unbound", space.dir / "unbound")  # a copy has no profile, see `daemons.py`
    for daemon in daemons(space):
        space.work(daemon.name).mkdir(parents=True)
    for name, own in _with_ssh():
        work = space.work(f"ssh-{name}")
        key = work / "host_key"
        key.write_bytes(
            ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        )
        key.chmod(0o600)
        listen = "".join(f"ListenAddress {address}\n" for address in own)
        (work / "conf").write_text(f"{_SSHD}{listen}HostKey {key}\n", "ascii")
    for number, device in enumerate(managed(), 1):
        access = AgentAccess.PUBLIC if device.public else AgentAccess.GOOD
        _agent(
            space, device.label, number, addresses(device), _overrides(device.ports), timed=device.timed, access=access
        )
    _agent(space, "ttdl", 99, TTDL, ())
    (slow,) = (commune for commune in COMMUNES if commune.slow)
    delayed = {"addresses": addresses(slow)[1:], "link": slow.label, "seconds": 0.06}
    (space.work("slow") / "conf").write_text(json.dumps(delayed), "ascii")
    values = {"v4": SHARED[0], "v6": SHARED[1], "nobody4": NOBODY[0], "nobody6": NOBODY[1]}
    values |= {"anchor4": ANCHORS[0], "anchor6": ANCHORS[3]}
    for name, text in (("unbound", _UNBOUND), ("nginx", _NGINX)):
        (space.work(name) / "conf").write_text(text.format(work=space.work(name), **values), "utf-8")


def _agent(
    space: Workspace,
    name: str,
    number: int,
    own: tuple[str, ...],
    overrides: tuple[str, ...],
    *,
    timed: bool = False,
    access: AgentAccess = AgentAccess.GOOD,
) -> None:
    device, work = DeviceSpec(label=name, agency="", overrides=overrides, access=access), space.work(name)
    seat = Seat(site=name, v4=(IPv4Address(own[0]),), v6=tuple(IPv6Address(a) for a in own[1:]))
    text = agents.configuration(device, number, seat, work)
    (work / "conf").write_text(text + agents.clock(work) if timed else text, "utf-8")
    (work / agents.UP_TIME).write_text(agents.told_time(time.time(), behind(space.dir, name)), "utf-8")


def behind(lab: Path, name: str) -> Path:
    """Return the file with the seconds by which a device that is ``timed`` is in the past."""
    return Workspace(lab).work(name) / "behind"


def _overrides(ports: int) -> tuple[str, ...]:
    """So many ports with a connector, and a VLAN, as a commune's router has them; a namespace has neither."""
    shown: list[str] = [f".1.3.6.1.2.1.17.7.1.4.3.1.1.{vlan} octet_str can-bo" for vlan in (10,)]
    for index in range(21, 21 + ports):
        shown += [f".1.3.6.1.2.1.2.2.1.3.{index} integer 6", f".1.3.6.1.2.1.31.1.1.1.17.{index} integer 1"]
        shown.append(f".1.3.6.1.2.1.47.1.1.1.1.5.{index} integer 10")  # the same in its list of parts
    return (*shown, *(f".1.3.6.1.2.1.31.1.1.1.17.{index} integer 2" for index in range(1, 5)))


def questions() -> Iterator[ReadinessTest]:
    """Yield a test for each service that must answer the vantage inside."""
    for name, own in _with_ssh():
        lossy = any(commune.label == name and commune.lossy for commune in COMMUNES)
        mute = any(commune.label == name and commune.mute_v6 for commune in COMMUNES)
        if name.startswith("d-") and not lossy:
            for address in own[: 1 if mute else 2]:
                yield ReadinessTest(f"ssh at {address}", lambda a=address: connects(a, 22))  # type: ignore[misc]
    for name, own in _responding():
        for address in own:
            yield ReadinessTest(f"responder of {name} at {address}", lambda a=address: connects(a, OBJECT))  # type: ignore[misc]
    for agent in (*(addresses(commune)[0] for commune in managed()), TTDL[0]):
        yield ReadinessTest(f"agent {agent}", lambda a=agent: speaks(IPv4Address(a)))  # type: ignore[misc]
    for address in SHARED:
        yield ReadinessTest(f"web at {address}", lambda a=address: connects(a, 80))  # type: ignore[misc]
        yield ReadinessTest(f"dns at {address}", lambda a=address: connects(a, 53))  # type: ignore[misc]
