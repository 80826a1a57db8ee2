"""Finds the catalogue's TCP ports on which one address accepts connections, and the protocols that answer there."""

from collections.abc import Iterable, Sequence

from probes.framework.evidence import FailureKind, Observation
from probes.framework.pool import together
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure.sweep import PATIENT, sweep_ports
from probes.observations.exposure import SERVED, SWEPT, UNUSED, PortReply, PortSweep
from probes.wire.exposure.port_hellos import HELLOS, Form

REPEATS = 1
"""Further sweeps over the silent ports, close together in time; a hole is seen a third time later (CHECKS
security.ports.v4v6-parity). A host that drops everything but one port takes 93 connections, twice where it has a hole:
of 300 that are taken of one peer."""
FIRST = tuple(sorted({22, *SERVED, *UNUSED}))
"""Ports of which at least one answers if any does: it is the control for the others."""
REST = tuple(port for port in SWEPT if port not in FIRST)
HALVES = (REST[: len(REST) // 2], REST[len(REST) // 2 :])
FAMILIES = (4, 6)
_UNHEARD = (FailureKind.TIMEOUT, FailureKind.CUT_SHORT)
"""Silence, and answers that this machine may have missed because it stood still."""


def is_a_hole(steps: Sequence[Observation]) -> bool:
    """True if a port accepts only over IPv6, as far as all sweeps of a subject show: then it is seen again later."""
    accepted: dict[int, set[int]] = {}
    for step in steps:
        if isinstance(step, PortSweep) and step.failure is None:
            opened = accepted.setdefault(step.address.version, set())
            opened |= {reply.port for reply in step.replies if reply.failure is None}
    return len(accepted) == len(FAMILIES) and bool(accepted[6] - accepted[4] - {*UNUSED})


@endpoint_probe(
    version=3, title="Sweep of TCP ports", records=(PortSweep,), retry="flaw", differs=is_a_hole, deadline=300.0
)
async def ports(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Sweep all ports once, in parts, and a port that answered again after each part; then repeat the silent ones.

    Where the first part heard nothing the others are one. The silent ones are not repeated if nothing answered at all.

    A host that bans us in the midst of it is silent on that port too. At the end servers that should greet and did not
    have longer to do so: MySQL looks up our name before.
    """
    address, name = task.endpoint.address, task.host

    async def part_of_all(part: Sequence[int]) -> list[PortReply]:
        return list((await sweep_ports(net, rec, address, part, name=name)).replies)

    heard: list[PortReply] = list((await sweep_ports(net, rec, address, FIRST, name=name, first=True)).replies)
    dead = control(heard) is None  # a ban between two parts shows only at an address that answered before
    for parts in [HALVES] if dead else [[part] for part in HALVES]:
        heard += await together(part_of_all(part) for part in parts)
        await sweep_control(net, rec, task, heard)
    await _repeat(net, rec, task, heard)
    mute = _mute(heard)
    if mute:
        await sweep_ports(net, rec, address, mute, name=name, listen=PATIENT)


async def _repeat(net: Net, rec: Recorder, task: EndpointTask, heard: list[PortReply]) -> None:
    """Sweep the silent ports again, if anything answered."""
    address, name, unheard = task.endpoint.address, task.host, _unheard(heard)
    if len(unheard) == len(heard) and all(reply.failure is FailureKind.TIMEOUT for reply in unheard):
        return
    for _ in range(REPEATS):
        silent = sorted(reply.port for reply in unheard)
        if not silent:
            return
        unheard = _unheard((await sweep_ports(net, rec, address, silent, name=name)).replies)
        await sweep_control(net, rec, task, heard)


async def sweep_control(net: Net, rec: Recorder, task: EndpointTask, heard: Iterable[PortReply]) -> None:
    """Ask once more a port that answered before, an open one if there is any."""
    port = control(heard)
    if port is not None:
        await sweep_ports(net, rec, task.endpoint.address, (port,), name=task.host)


def control(heard: Iterable[PortReply]) -> int | None:
    """Return the port to ask again of those that answered."""
    order = {None: 0, FailureKind.REFUSED: 1}
    failed = sorted((order[reply.failure], reply.port) for reply in heard if reply.failure in order)
    return failed[0][1] if failed else None


def _unheard(replies: Iterable[PortReply]) -> list[PortReply]:
    return [reply for reply in replies if reply.failure in _UNHEARD]


def _mute(replies: Iterable[PortReply]) -> list[int]:
    """Return ports of servers that greet first, which accepted and sent nothing; none where unused ones accept too."""
    accepted = [reply for reply in replies if reply.failure is None]
    if any(reply.port in UNUSED for reply in accepted):
        return []
    quiet = (reply.port for reply in accepted if not (reply.greeting or reply.reply or reply.ended))
    return [port for port in quiet if port in HELLOS and HELLOS[port].form is Form.WAIT]
