"""Turns observations into questions to the crafted-packet program, and its answers into observations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from inventory.model import Endpoint, IPAddress, written
from probes.framework.budget import account_of, over_budget
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.rules import port_of
from probes.net.raw import answers
from probes.net.raw.program import Crafted, EarlyNotices
from probes.observations.link import LanWatch
from probes.observations.path import REPEATED, CraftedExchange, PmtudFlow

T = TypeVar("T")
_FLOW_BYTES = 65_536
"""Bytes that the crafted-packet program reads from a server for one flow."""
SLACK = 5.0
"""Seconds that the program may take beside the wait itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PmtudTrial:
    """Holds one connection behind a link of ``mtu`` bytes: the requested path, and the seconds to wait at most.

    With NOTHING_LOST for ``mtu`` (observations.path) it is an ordinary connection.
    """

    mtu: int
    tls: bool
    path: str = "/"
    wait: float = 10.0


async def send_crafted(net: Net, rec: Recorder, address: IPAddress, form: str, interface: str = "") -> CraftedExchange:
    """Send one crafted packet; ``form`` and ``interface`` as in CraftedExchange."""
    blank, wait = CraftedExchange(address=address, form=form, interface=interface), net.setting.timing.echo_wait
    return await net.step(rec, address, blank, lambda: _exchange(net.crafted, blank, wait))


async def _exchange(crafted: Crafted, blank: CraftedExchange, wait: float) -> CraftedExchange:
    answer = await crafted.ask(
        wait + SLACK, do="packet", to=written(blank.address), form=blank.form, interface=blank.interface, wait=wait
    )
    found = read(answers.exchanged, answer)
    if found.answer is None:
        raise faults.fault(FailureKind.TIMEOUT, "no answer in time")
    return replace(
        blank,
        answer=found.answer,
        source=found.source,
        rtt=found.rtt,
        type=found.type,
        code=found.code,
        active=found.active,
        ipv4=found.ipv4,
        ipv6=found.ipv6,
    )


async def passed_on(crafted: Crafted, address: IPAddress, form: str, wait: float) -> answers.Exchanged:
    """Send a packet that asks to be forwarded to us; if neither it nor an answer comes, raise Fault for silence."""
    answer = await crafted.ask(wait + SLACK, do="packet", to=written(address), form=form, interface="", wait=wait)
    found = read(answers.exchanged, answer)
    if found.answer is None:
        raise faults.fault(FailureKind.TIMEOUT, "neither the packet nor an answer in time")
    return found


async def watch(crafted: Crafted, blank: LanWatch) -> LanWatch:
    answer = await crafted.ask(
        blank.seconds + SLACK, do="lan", interface=blank.interface, solicit=True, wait=blank.seconds
    )
    found = read(answers.lan_report, answer)
    return replace(
        blank, solicited=found.solicited, dropped=found.dropped, routers=found.routers, servers=found.servers
    )


async def forge(
    crafted: Crafted, receiver: Endpoint, interface: str, source: str, payload: bytes, copies: int
) -> answers.Forged:
    """Send datagrams through one interface under a kind of source: ``own``, ``neighbour`` or ``bogon``."""
    answer = await crafted.ask(
        SLACK,
        do="forge",
        to=written(receiver.address),
        port=receiver.port or 0,
        interface=interface,
        source=source,
        payload=payload.hex(),
        copies=copies,
    )
    return read(answers.forged, answer)


async def connect_narrowly(
    net: Net, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, ahead: EarlyNotices | None = None
) -> PmtudFlow:
    """Make one TCP connection over IPv6 behind a narrow link of our own making; ``ahead`` gets early notices."""
    blank = PmtudFlow(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, mtu=trial.mtu)
    return await net.step(rec, endpoint.address, blank, lambda: _pmtud(net.crafted, blank, trial, ahead))


async def _pmtud(crafted: Crafted, blank: PmtudFlow, trial: PmtudTrial, ahead: EarlyNotices | None) -> PmtudFlow:
    host, account = blank.server_name or f"[{written(blank.address)}]", account_of(blank.address)
    if account.excess or not account.connect():
        raise faults.Fault(over_budget(account.excess))
    answer = await crafted.ask(
        trial.wait + SLACK,
        do="pmtud",
        to=written(blank.address),
        port=blank.port,
        host=host,
        tls=trial.tls,
        path=trial.path,
        mtu=trial.mtu,
        wait=trial.wait,
        repeats=REPEATED,
        ahead=ahead,
    )
    found = read(answers.flowed, answer)
    account.take(_FLOW_BYTES if found.ended == "flood" else found.received)
    if found.ended == "flood":
        raise faults.Fault(over_budget(f"the peer sent more than {_FLOW_BYTES} bytes to one request"))
    return replace(
        blank,
        local_port=found.local_port,
        ended=found.ended,
        received=found.received,
        errors_sent=found.errors_sent,
        first_error=found.first_error,
        heeded=found.heeded,
        segments=found.segments,
    )


def read(reading: Callable[[Mapping[str, object]], T], answer: answers.RawAnswer) -> T:
    try:
        return reading(answer.result or {})
    except answers.RawpktError as problem:
        raise faults.fault(
            FailureKind.CUT_SHORT, f"the crafted-packet program says what it must not: {problem}"
        ) from problem
