"""Builds the command lines of the rehearsal's daemons and the files they need before they start.

named and unbound are run from copies: where AppArmor confines them by path they may not read outside /etc, and a copy
has no profile. Each daemon keeps to a working directory of its own.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from containers.rehearsal import agents, lans, machines, mail, nameservers, routers, web
from containers.rehearsal.accounts import only_root
from containers.rehearsal.addressing import CONTROL, AddressPlan, Seat
from containers.rehearsal.certificates import served_files
from containers.rehearsal.lans import Member
from containers.rehearsal.machine_services import MachineService
from containers.rehearsal.model import CertificateKind, DeviceSpec, Load, Machine, Province, Resolver
from containers.rehearsal.packages import find
from containers.rehearsal.sonlam.devices import DEVICES
from containers.rehearsal.topology import HOLE
from containers.rehearsal.workspace import Workspace
from containers.rehearsal.zones import CONTROL_NAMES, UPPER_CUTS

CONFINED = ("named", "unbound")
CHRONY = """# The time, to everybody; the machine's own clock is only read (chronyd -x).
port 123
local stratum 8
allow all
cmdport 0
bindcmdaddress /
pidfile {work}/pid
"""
STAND_IN = "stand-in"
WEB_SITES = ("portals", "upland", "lakeside", "delta", "marsh")


@dataclass(frozen=True, slots=True)
class Daemon:
    """Describes one process and the namespace it runs in.

    ``awaited`` False: the rehearsal is ready without it, even if it ends; only `settling` checks its effects.
    """

    name: str
    site: str
    command: tuple[str, ...]
    awaited: bool = True


def daemons(space: Workspace, province: Province) -> tuple[Daemon, ...]:
    """Return all processes of the rehearsal."""
    peer = (sys.executable, "-P", "-m")
    return (
        Daemon("registry", "registry", (_copy(space, "named"), "-g", "-n", "1", "-c", _conf(space, "registry"))),
        Daemon("named", "named", (_copy(space, "named"), "-g", "-n", "1", "-c", _conf(space, "named"))),
        Daemon("knot", "knot", (_program("knotd"), "-c", _conf(space, "knot"))),
        *(
            Daemon(name, "resolver", (_copy(space, "unbound"), "-d", "-c", _conf(space, name)))
            for name in map(_unbound, province.resolvers)
        ),
        *(Daemon(site, site, (_program("nginx"), "-c", _conf(space, site))) for site in WEB_SITES),
        Daemon("quirky", "portals", (*peer, "containers.rehearsal.peers.quirky_web", _conf(space, "quirky"))),
        Daemon("flawed", "portals", (*peer, "containers.rehearsal.peers.flawed_tls", _conf(space, "flawed"))),
        Daemon("mail", "mail", (*peer, "containers.rehearsal.peers.smtp", _conf(space, "mail"))),
        Daemon("clients", "mail", (*peer, "containers.rehearsal.peers.mail_clients", _conf(space, "clients"))),
        Daemon("postfix", "mail", (*peer, "containers.rehearsal.postfix", _conf(space, "postfix"))),
        Daemon("services", machines.SITE, (*peer, "containers.rehearsal.peers.services", _conf(space, "services"))),
        Daemon("forwarder", machines.SITE, (*peer, "containers.rehearsal.peers.forwarder", _conf(space, "forwarder"))),
        *(_machine(space, machine, runs) for machine, runs in machines.real(province)),
        *(_agent(space, device) for device in DEVICES),
        *(daemon for member in lans.MEMBERS for daemon in _on_lan(space, member)),
        *_unhurried([Daemon("receiver", lans.RECEIVER, lans.responder(sys.executable))]),
        *_unhurried(_routing(space, province)),
        *_unhurried(() if only_root() else _lldp(space, province)),
        *_unhurried([Daemon("load", "core", (*peer, "containers.rehearsal.peers.load", _conf(space, "load")))]),
        Daemon("control", "control", (*peer, "containers.rehearsal.peers.control", _conf(space, "control"))),
        Daemon("chrony", "control", (_program("chronyd"), "-d", "-x", "-u", "root", "-f", _conf(space, "chrony"))),
        Daemon("slow", "edge", (*peer, "containers.rehearsal.peers.slow", _conf(space, "slow"))),
    )


def configure(space: Workspace, province: Province, layout: AddressPlan) -> None:
    """Write every daemon's configuration and put the copies of confined programs in place."""
    (space.dir / "bin").mkdir()
    for program in CONFINED:
        shutil.copy(_program(program), _copy(space, program))
    for daemon in daemons(space, province):
        space.work(daemon.name).mkdir(parents=True)
    _configure_dns(space, province, layout)
    paths = [web.WebPaths(work=space.work(s), certificates=space.certificates, pages=space.pages) for s in WEB_SITES]
    for site, path in zip(WEB_SITES, paths, strict=True):
        _write(
            space,
            site,
            web.configuration(web.shown(province, layout, site), province.domain, path, _policies(layout, site)),
        )
    _write(space, "quirky", json.dumps([*web.quirky(province, layout, paths[0])]))
    _write(space, "flawed", json.dumps([*web.flawed(province, layout, paths[0])]))
    listeners = tuple(mail.shown(province, layout))
    for program in ("mail", "postfix"):
        own = (listener for listener in listeners if listener.exchanger.postfix is (program == "postfix"))
        _write(space, program, json.dumps(mail.rows(own, space.certificates)))
    clients = mail.client_rows(mail.client_listeners(province, layout), space.certificates)
    _write(space, "clients", json.dumps(clients))
    _configure_devices(space, province, layout)
    for member in lans.MEMBERS:
        _write(space, member.name, lans.radvd(member))
    _write(space, "control", json.dumps(_control(space)))
    _write(space, "services", machines.played(province, layout))
    _write(space, "forwarder", machines.forwarded(province, layout))
    for machine, runs in machines.real(province):
        name = _machine_name(machine, runs)
        _write(space, name, machines.configuration(machine, runs, layout, space.work(name)))
    _write(space, "chrony", CHRONY.format(work=space.work("chrony")))
    _write(space, "slow", json.dumps(_slow(province, layout)))


def _configure_devices(space: Workspace, province: Province, layout: AddressPlan) -> None:
    for number, device in enumerate(province.devices, 1):
        work = space.work(device.label)
        _write(space, device.label, agents.configuration(device, number, layout.devices[device.label], work))
        (work / STAND_IN).write_text(agents.stand_in(), "utf-8")
        (work / agents.UP_TIME).write_text(agents.up_time(time.time()), "utf-8")
    for router in routers.routers(province, layout):
        for program, text in zip(routers.PROGRAMS, router.confs, strict=True):
            name = f"{router.site}-{program}"
            space.work(name).mkdir(parents=True, exist_ok=True)
            _write(space, name, text if router.agentx else text.replace("agentx\n", ""))
            socket = "" if router.agentx is None else f"agentXSocket {space.work(router.agentx) / agents.AGENTX}\n"
            (space.work(name) / "frr.conf").write_text(socket, "utf-8")
    for site in _lldp_sites(province):
        space.work(f"{site}-lldpd").mkdir(parents=True, exist_ok=True)
        core = site == routers.CORE
        _write(space, f"{site}-lldpd", routers.lldp_conf(routers.NEIGHBOUR if core else site, router=core))
    _write(space, "load", json.dumps(list(_load(province, layout))))


def _agent(space: Workspace, device: DeviceSpec) -> Daemon:
    work, conf = space.work(device.label), _conf(space, device.label)
    confs = f"{conf},{work / STAND_IN}" if device.lldp and only_root() else conf
    return Daemon(device.label, device.label, agents.command(_program("snmpd"), confs, str(work)))


def _routing(space: Workspace, province: Province) -> Iterator[Daemon]:
    manager = (routers.MANAGER,) if find(routers.MANAGER) else ()
    for site in routers.router_sites(province):
        for program in (*manager, *routers.PROGRAMS):
            name, path = f"{site}-{program}", _program(program)
            work, agentx = str(space.work(name)), site != routers.CORE
            yield Daemon(name, site, routers.frr(program, site, work, path, agentx=agentx))


def _unhurried(some: Iterable[Daemon]) -> Iterator[Daemon]:
    """Yield processes that only `settling` waits for, at a low priority."""
    for daemon in some:
        yield replace(daemon, command=("nice", "-n", "10", *daemon.command), awaited=False)


def _lldp_sites(province: Province) -> tuple[str, ...]:
    links = routers.lldp_links(province)
    return (routers.CORE, *links) if links else ()


def _lldp(space: Workspace, province: Province) -> Iterator[Daemon]:
    path, links = _program("lldpd"), routers.lldp_links(province)
    for site in _lldp_sites(province):
        name = f"{site}-lldpd"
        work = str(space.work(name))
        if site == routers.CORE:
            yield Daemon(name, site, routers.lldpd(path, work, links=links))
        else:
            socket = str(space.work(site) / agents.AGENTX)
            yield Daemon(name, site, routers.lldpd(path, work, socket=socket))


def _load(province: Province, layout: AddressPlan) -> Iterator[Mapping[str, object]]:
    """Yield the traffic to devices with checked counters."""
    for device in province.devices:
        seat = layout.devices[device.label]
        if device.load is Load.V4:
            yield {"address": str(seat.v4[0]), "count": 12_000, "size": 1_400}
        if device.load is not None:  # so many that a few errors of other causes stay below 0.01 %
            many = 1_500 if device.load is Load.V4 else 25_000
            yield {"address": str(seat.v6[0]), "count": many, "size": 64}
        if device.load is Load.NO_ROUTE:
            yield {"address": HOLE.replace("/48", "1"), "count": 1_000, "size": 64}


def _on_lan(space: Workspace, member: Member) -> Iterator[Daemon]:
    """radvd forks by itself a process that outlives nobody; without an own pid file two of them would meet."""
    pid = str(space.work(member.name) / "pid")
    yield Daemon(member.name, member.name, (_program("radvd"), "-n", "-C", _conf(space, member.name), "-p", pid))
    if member.dhcp:
        name = f"{member.name}-dhcp"
        yield Daemon(name, member.name, lans.dnsmasq(member, _program("dnsmasq"), str(space.work(name) / "leases")))


def certificates_needed(province: Province, layout: AddressPlan) -> tuple[tuple[str, CertificateKind], ...]:
    """Which certificates the daemons are configured with."""
    policies = ((name, CertificateKind.GOOD) for name in layout.policies)
    control = (CONTROL_NAMES["signed"], CertificateKind.GOOD)
    return (*web.certificates_needed(province), *mail.certificates_needed(province, layout), *policies, control)


def _configure_dns(space: Workspace, province: Province, layout: AddressPlan) -> None:
    apexes = [*UPPER_CUTS, *(province.fqdn(zone.label) for zone in province.zones)]
    files = {apex: space.zone(apex) for apex in apexes}
    _write(
        space, "registry", nameservers.named(nameservers.registry_views(), files, space.work("registry"), space.hints)
    )
    apart = [province.fqdn(zone.label) for zone in province.zones if zone.stale or zone.primaries]
    truncated = {province.fqdn(zone.label) for zone in province.zones if zone.udp_truncated}
    views = nameservers.province_views(province, layout)
    _write(space, "named", nameservers.named(views, files, space.work("named"), space.hints))
    served = nameservers.zones_at("knot", province, layout)
    addresses, zones = dict.fromkeys(a for a, _ in served), dict.fromkeys(z for _, z in served)
    own = {**files, **{apex: space.other(apex) for apex in apart}}
    _write(space, "knot", nameservers.knot(addresses, zones, own, truncated, space.work("knot")))
    for resolver in province.resolvers:
        name, seat = _unbound(resolver), layout.resolvers[province.fqdn(resolver.label)]
        text = nameservers.unbound(seat, resolver.recursion, space.hints, space.anchor, space.work(name))
        _write(space, name, text)


def _unbound(resolver: Resolver) -> str:
    return f"unbound-{resolver.label}"


def _policies(layout: AddressPlan, site: str) -> Mapping[str, Seat]:
    return {name: seat for name, seat in layout.policies.items() if seat.site == site}


def _slow(province: Province, layout: AddressPlan) -> dict[str, object]:
    """Return the addresses behind the edge with a longer delay, and the link to them."""
    portals = [layout.portals[province.fqdn(portal.label)] for portal in province.portals if portal.slow_v6]
    return {"addresses": [str(address) for seat in portals for address in seat.v6], "link": "portals", "seconds": 0.06}


def _control(space: Workspace) -> dict[str, object]:
    files = served_files(space.certificates, CONTROL_NAMES["signed"], CertificateKind.GOOD)
    return {"addresses": [str(a) for a in CONTROL.every()], "chain": str(files.chain), "key": str(files.key)}


def _machine(space: Workspace, machine: Machine, runs: MachineService) -> Daemon:
    name = _machine_name(machine, runs)
    conf = _conf(space, name)
    match runs:
        case MachineService.FTP:
            command: tuple[str, ...] = (_program("vsftpd"), conf)
        case MachineService.TFTP:
            command = (_program("dnsmasq"), "--keep-in-foreground", f"--conf-file={conf}")
        case MachineService.TEREDO:  # it refuses to stay root
            pid = str(space.work(name) / "pid")
            command = (_program("miredo-server"), "-f", "-u", "nobody", "-c", conf, "-p", pid)
        case _:
            command = (_program("sshd"), "-D", "-e", "-f", conf)
    return Daemon(name, machines.SITE, command)


def _machine_name(machine: Machine, runs: MachineService) -> str:
    return f"{machine.label}-{runs.name.lower()}"


def _write(space: Workspace, daemon: str, text: str) -> None:
    Path(_conf(space, daemon)).write_text(text, "utf-8")


def _conf(space: Workspace, daemon: str) -> str:
    return str(space.work(daemon) / "conf")


def _copy(space: Workspace, program: str) -> str:
    return str(space.dir / "bin" / program)


def _program(name: str) -> str:
    return find(name) or name
