"""Runs a small SNMPv3 agent for tests: one user with authentication (RFC 3414, HMAC-192-SHA-256 of RFC 7860).

It can start anew in the middle: with one start more and its clock at zero, and with another engine id if it is told so.
"""

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import cast

from tests.support.snmp_agent import Agent, Oid, Quirks, Recording, _items, _oid_content, _tlv

USER, KEY = "kiem-tra", "khoa-xac-thuc-4711"
_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_UNKNOWN_USER, _UNKNOWN_ENGINE, _WRONG_DIGEST, _NOT_IN_WINDOW = 3, 4, 5, 2
_WINDOW, _DIGEST = 150, 24


@dataclass
class UserAgent(asyncio.DatagramProtocol):
    """``restarts_at``: before the question of that number it starts anew, ``as_other`` with that engine id. ``jumps``:
    starts that it counts then. ``ahead``: seconds that its clock runs ahead of what discovery was told."""

    recording: Recording
    engine: bytes = bytes.fromhex("80001f8804") + b"may-1"
    boots: int = 7
    restarts_at: int = 1_000_000
    jumps: int = 1
    as_other: bytes | None = None
    since: float = field(default_factory=lambda: time.monotonic() - 1_000)
    asked: int = 0
    reports: list[int] = field(default_factory=list)
    transport: asyncio.DatagramTransport | None = None

    def __post_init__(self) -> None:
        self._agent = Agent({"": self.recording}, Quirks())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked += 1
        if self.asked == self.restarts_at:
            self.boots += self.jumps
            self.since = time.monotonic()
            self.engine = self.as_other or self.engine
        answer = self._answer(data)
        assert self.transport is not None
        if answer is not None:
            self.transport.sendto(answer, addr)

    def _answer(self, data: bytes) -> bytes | None:
        (_, head), (_, security), (_, scoped) = _items(_items(data)[0][1])[1:]
        message_id = _items(head)[0][1]
        engine, boots, clock, user, digest, _ = (item for _, item in _items(_items(security)[0][1]))
        tag, pdu = _items(scoped)[2]
        number = _items(pdu)[0][1]
        if engine != self.engine:
            return self._report(message_id, number, _UNKNOWN_ENGINE, b"")
        if user != USER.encode():
            return self._report(message_id, number, _UNKNOWN_USER, b"")
        if hmac.new(self._key(), data.replace(digest, bytes(_DIGEST)), "sha256").digest()[:_DIGEST] != digest:
            return self._report(message_id, number, _WRONG_DIGEST, b"")
        late = abs(int.from_bytes(clock) - self._clock()) > _WINDOW
        if int.from_bytes(boots) != self.boots or late:
            return self._report(message_id, number, _NOT_IN_WINDOW, USER.encode())
        answer = self._agent.answer_to(tag, pdu, "")
        return None if answer is None else self._message(message_id, answer, USER.encode())

    def _report(self, message_id: bytes, number: bytes, what: int, user: bytes) -> bytes:
        self.reports.append(what)
        varbind = _tlv(0x30, _tlv(6, _oid_content((*_STATS, what, 0))) + _tlv(0x41, b"\1"))
        pdu = _tlv(0xA8, _tlv(2, number) + _tlv(2, b"\0") + _tlv(2, b"\0") + _tlv(0x30, varbind))
        return self._message(message_id, pdu, user)

    def _message(self, message_id: bytes, pdu: bytes, user: bytes) -> bytes:
        """Return the message, authenticated if there is a user."""
        empty = bytes(_DIGEST) if user else b""
        wire = self._wire(message_id, pdu, user, empty)
        return self._wire(message_id, pdu, user, self._sign(wire)) if user else wire

    def _wire(self, message_id: bytes, pdu: bytes, user: bytes, digest: bytes) -> bytes:
        head = _tlv(2, message_id) + _tlv(2, b"\0\xff\xe3") + _tlv(4, b"\1" if user else b"\0") + _tlv(2, b"\3")
        clock = _tlv(2, _number(self.boots)) + _tlv(2, _number(self._clock()))
        security = _tlv(0x30, _tlv(4, self.engine) + clock + _tlv(4, user) + _tlv(4, digest) + _tlv(4, b""))
        scoped = _tlv(0x30, _tlv(4, self.engine) + _tlv(4, b"") + pdu)
        return _tlv(0x30, _tlv(2, b"\3") + _tlv(0x30, head) + _tlv(4, security) + scoped)

    def _sign(self, wire: bytes) -> bytes:
        return hmac.new(self._key(), wire, "sha256").digest()[:_DIGEST]

    def _clock(self) -> int:
        return int(time.monotonic() - self.since)

    def _key(self) -> bytes:
        master = hashlib.sha256((KEY.encode() * (1 << 20))[: 1 << 20]).digest()
        return hashlib.sha256(master + self.engine + master).digest()


def _number(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


class ServingUser:
    """Serves an agent: ``async with ServingUser(agent) as port``."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent

    async def __aenter__(self) -> int:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self._agent, ("127.0.0.1", 0))
        port: int = transport.get_extra_info("sockname")[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        assert self._agent.transport is not None
        self._agent.transport.close()
        await asyncio.sleep(0)
