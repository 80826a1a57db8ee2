"""Tests whether packets with forged source addresses leave a user network, where that may be tried.

They go only to a receiver of our own. A mark under our own address goes first. Only where the receiver reports its
arrival are forged ones sent, and another of our own behind them: only then does it mean something that those between
did not arrive.
"""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import replace

from inventory.model import Clearance, Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import lan_probe
from probes.framework.tasks import LanTask
from probes.net.api import Net
from probes.net.core.rules import FORGED
from probes.net.exposure import packets
from probes.net.raw import answers, requests
from probes.observations.link import SourceTrial, SourceValidation
from probes.wire.path import arrivals
from probes.wire.path.arrivals import Arrival, ArrivalsError

COPIES = 3
_FIRST, _LAST = 0, 1
_FORGED = {"neighbour": 2, "bogon": 3}
_TRIES = 3
_SETTLE = 0.5
"""Seconds to wait for the last datagram to arrive before the receiver is asked."""
_PACKETS = 4 * COPIES + 2 * _TRIES
_NO_ANSWER = Failure(kind=FailureKind.TIMEOUT, detail="the receiver does not answer")
_NOT_OURS = Failure(kind=FailureKind.TIMEOUT, detail="what was sent under our own address did not arrive")


@lan_probe(
    version=1,
    title="Packets with forged sources",
    records=(SourceValidation,),
    deadline=60.0,
    clearance=Clearance.INTRUSIVE,
)
async def forged_sources(task: LanTask, net: Net, rec: Recorder) -> None:
    """Send a few datagrams to a receiver of ours in each family, which answers none of them."""
    for receiver in task.receivers:
        await send_forged(net, rec, receiver, site=task.site, interface=task.interface)


async def send_forged(net: Net, rec: Recorder, receiver: Endpoint, *, site: str, interface: str) -> SourceValidation:
    """Send packets under forged sources through one of our interfaces to a receiver that the configuration names.

    None are sent without a packet of our own that arrived before. Intrusive.
    """
    there = replace(receiver, port=receiver.port or arrivals.PORT)
    blank = SourceValidation(site=site, interface=interface, receiver=there.address, port=there.port or 0)
    return await net.step(
        rec, there.address, blank, lambda: _tried(net, blank, there), packets=_PACKETS, transport=FORGED
    )


async def _tried(net: Net, blank: SourceValidation, receiver: Endpoint) -> SourceValidation:
    nonce = secrets.token_bytes(arrivals.NONCE)

    async def send(kind: str, label: int) -> answers.Forged:
        payload = arrivals.mark(nonce, label)
        return await requests.forge(net.crafted, receiver, blank.interface, kind, payload, COPIES)

    own = await send("own", _FIRST)
    arrived = await _told(net, receiver, blank.interface, nonce, _FIRST)
    trial = _trial("own", own, arrived or (), _FIRST)
    if not any(arrival.label == _FIRST for arrival in arrived or ()):
        return replace(blank, trials=(trial,), failure=_NO_ANSWER if arrived is None else _NOT_OURS)
    sent = [(kind, await send(kind, label), label) for kind, label in _FORGED.items()]
    await send("own", _LAST)
    arrived = await _told(net, receiver, blank.interface, nonce, _LAST) or ()
    forged = (_trial(kind, forged_packets, arrived, label) for kind, forged_packets, label in sent)
    confirmed = any(arrival.label == _LAST for arrival in arrived)
    return replace(
        blank, confirmed=confirmed, trials=(_trial("own", own, arrived, _FIRST) if arrived else trial, *forged)
    )


async def _told(net: Net, receiver: Endpoint, interface: str, nonce: bytes, wanted: int) -> tuple[Arrival, ...] | None:
    """Ask the receiver for its arrivals until a mark of ours is among them; None where it gives no answer."""
    arrived: tuple[Arrival, ...] | None = None
    for _ in range(_TRIES):
        await asyncio.sleep(_SETTLE)
        question = arrivals.question(nonce)
        got = await packets.ask(
            receiver.address, receiver.port or 0, question, net.setting.timing.dns_udp, interface=interface
        )
        try:
            arrived = arrivals.read_answer(got.first or b"", nonce)
        except ArrivalsError:
            continue
        if any(arrival.label == wanted for arrival in arrived):
            break
    return arrived


def _trial(form: str, forged: answers.Forged, arrived: Iterable[Arrival], label: int) -> SourceTrial:
    of_it = [arrival for arrival in arrived if arrival.label == label]
    return SourceTrial(
        form=form,
        source=forged.source,
        sent=forged.sent,
        arrived=sum(arrival.copies for arrival in of_it if arrival.source == forged.source),
        rewritten=tuple(arrival.source for arrival in of_it if arrival.source != forged.source),
    )
