# SPDX-License-Identifier: GPL-2.0-only
"""Traces paths as Paris traceroute does: every probe belongs to one flow, so that all take one path.

Addresses, protocol, ports and flow label stay the same (for echo the checksum too); hop limits rise. The differences
are where routers do not look: UDP's and echo's payload, TCP's sequence number, IPv4's identification.
"""

import asyncio
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from probes.rawpkt import packets, replies
from probes.rawpkt.requests import Trace
from probes.rawpkt.scope import Address
from probes.rawpkt.station import Station, free_port, source_toward, token

SILENT_HOPS = 6
"""The number of silent hops in a row after which the rest is taken to be silent too."""
_PROTOCOL = {("udp", 4): 17, ("udp", 6): 17, ("tcp", 4): 6, ("tcp", 6): 6, ("icmp", 4): 1, ("icmp", 6): 58}
_KIND = {"tcp": socket.SOCK_STREAM}
_EXCEEDED = {4: 11, 6: 3}
_PORT_UNREACHABLE = {4: (3, 3), 6: (1, 4)}
_STEPS = 8  # numbers for each hop: more than the tries of one hop


@dataclass(slots=True)
class _Answer:
    source: bytes
    rtt: float
    answer: str
    type: int
    code: int


@dataclass(slots=True)
class _Flow:
    source: Address
    ports: tuple[int, int]
    label: int
    ident: int
    token: bytes
    seq: int
    sent: dict[int, float] = field(default_factory=dict)
    answers: dict[int, _Answer] = field(default_factory=dict)


class Tracer:
    """Runs one trace."""

    def __init__(self, station: Station, request: Trace) -> None:
        self._station = station
        self._r = request
        self._packed = request.to.packed
        self._news = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        request = self._r
        version = request.to.version
        source = source_toward(request.to)
        with free_port(version, _KIND.get(request.protocol, socket.SOCK_DGRAM)) as port:
            flow = _Flow(
                source, (port, request.port), secrets.randbelow(1 << 20), port, token(), secrets.randbelow(1 << 31)
            )
            self._flow = flow
            with self._station.listening(version, self._icmp):
                if request.protocol == "tcp":
                    with self._station.hearing_tcp(version, port, self._tcp):
                        await self._probe()
                else:
                    await self._probe()
        return {"source": str(source), "flow": {"port": port}, "probes": list(self._recorded())}

    async def _probe(self) -> None:
        for hop in range(1, self._r.hops + 1):
            for attempt in range(self._r.tries):
                number = hop * _STEPS + attempt
                await self._station.pace.turn()
                self._flow.sent[number] = time.perf_counter()
                self._station.send(self._r.to, self._packet(hop, number))
                await asyncio.sleep(self._r.interval)
            if self._is_over(hop):
                break
        with suppress(TimeoutError):
            async with asyncio.timeout(self._r.wait):
                while not self._is_answered():
                    self._news.clear()
                    await self._news.wait()

    def _is_over(self, hop: int) -> bool:
        if any(answer.answer != "time-exceeded" for answer in self._flow.answers.values()):
            return True
        return hop - max((number // _STEPS for number in self._flow.answers), default=0) >= SILENT_HOPS

    def _is_answered(self) -> bool:
        """True if the destination answered, and each packet that went no further than it was answered too."""
        answers = self._flow.answers
        reached = [number // _STEPS for number, answer in answers.items() if answer.answer != "time-exceeded"]
        return bool(reached) and all(
            number in answers for number in self._flow.sent if number // _STEPS <= min(reached)
        )

    def _packet(self, hop: int, number: int) -> bytes:
        flow, to = self._flow, self._r.to
        match self._r.protocol:
            case "udp":
                return packets.udp(flow.source, to, hop, flow.label, flow.ports, number, flow.token)
            case "tcp":
                return packets.syn(flow.source, to, hop, flow.label, flow.ports, flow.seq + number, number)
            case _:
                return packets.echo(flow.source, to, hop, flow.label, flow.ident, number, flow.token)

    def _icmp(self, message: replies.Icmp, source: bytes, now: float) -> None:
        version = self._r.to.version
        quoted = message.quoted
        if quoted is not None:
            number = self._number(quoted)
            if number is None:
                return
            if message.type == _EXCEEDED[version]:
                answer = "time-exceeded"
            elif (message.type, message.code) == _PORT_UNREACHABLE[version] and source == self._packed:
                answer = "reached"
            else:
                answer = "unreachable"
            self._note(number, _Answer(source, now, answer, message.type, message.code))
        elif self._r.protocol == "icmp" and message.type == replies.ECHO_REPLY[version] and source == self._packed:
            ident, number = int.from_bytes(message.rest[:2]), int.from_bytes(message.rest[2:4])
            if ident == self._flow.ident and message.rest[4:12] == self._flow.token:
                self._note(number, _Answer(source, now, "reached", message.type, message.code))

    def _number(self, quoted: replies.Quoted) -> int | None:
        """Return the number of our probe that an error quotes, or None; IPv4 routers may quote only eight bytes."""
        flow, carried = self._flow, quoted.payload
        expected = _PROTOCOL[self._r.protocol, self._r.to.version]
        if quoted.destination != self._packed or quoted.protocol != expected or len(carried) < 8:
            return None
        if self._r.protocol == "icmp":
            return int.from_bytes(carried[6:8]) if int.from_bytes(carried[4:6]) == flow.ident else None
        if (int.from_bytes(carried[:2]), int.from_bytes(carried[2:4])) != flow.ports:
            return None
        if self._r.protocol == "tcp":
            return (int.from_bytes(carried[4:8]) - flow.seq) & 0xFFFFFFFF
        if self._r.to.version == 4:
            return quoted.ident
        return int.from_bytes(carried[16:18]) if carried[8:16] == flow.token else None

    def _tcp(self, data: bytes, source: bytes) -> None:
        segment = replies.segment(self._r.to.version, data)
        if segment is None or source != self._packed or segment.source != self._r.port:
            return
        number = (segment.ack - 1 - self._flow.seq) & 0xFFFFFFFF
        answer = "reached" if segment.rst or segment.syn else "time-exceeded"
        if answer == "reached":
            self._note(number, _Answer(source, time.perf_counter(), answer, 0, 1 if segment.rst else 0))

    def _note(self, number: int, answer: _Answer) -> None:
        sent = self._flow.sent.get(number)
        if sent is not None and number not in self._flow.answers:
            answer.rtt -= sent
            self._flow.answers[number] = answer
            self._news.set()

    def _recorded(self) -> list[dict[str, Any]]:
        """Return the entries by hop, up to the first hop at which the destination answered."""
        flow, family = self._flow, socket.AF_INET if self._r.to.version == 4 else socket.AF_INET6
        reached = [number // _STEPS for number, answer in flow.answers.items() if answer.answer != "time-exceeded"]
        last = min(reached, default=self._r.hops)
        recorded = []
        for number in sorted(flow.sent):
            if number // _STEPS <= last:
                entry: dict[str, Any] = {"hop": number // _STEPS}
                answer = flow.answers.get(number)
                if answer is not None:
                    source = socket.inet_ntop(family, answer.source)
                    entry |= {
                        "from": source,
                        "rtt": answer.rtt,
                        "answer": answer.answer,
                        "type": answer.type,
                        "code": answer.code,
                    }
                recorded.append(entry)
        return recorded
