"""Runs a small SNMP agent that answers GET, GETNEXT and GETBULK of versions 1 and 2c from recordings, over UDP.

The community names the recording. Written from RFC 3416 and RFC 1157; it shares no code with what it tests. ``Quirks``
make it misbehave in the ways that real agents do.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

Oid = tuple[int, ...]
_TOO_BIG, _GEN_ERR = b"\1", b"\5"
_END_OF_VIEW, _NO_SUCH_INSTANCE = 0x82, 0x81
_TYPES = {"2": 2, "4": 4, "5": 5, "6": 6, "64": 0x40, "65": 0x41, "66": 0x42, "67": 0x43, "70": 0x46}


@dataclass(frozen=True)
class Quirks:
    """``bulk_limit``: a GETBULK for more is left unanswered. ``loops``: the last object leads back to the first of its
    own table. ``lose``: so many questions are lost first. ``stranger``: answers leave from another socket. ``most``:
    objects in one answer. ``delay``: seconds before each. ``endless``: there is always one more object. ``backwards``:
    objects come in falling order, and after the first the last again. ``falls_silent``: after so many questions.
    ``chatter``: answers to questions that nobody asked, and none to any that was. ``garbage``: answers are noise.
    ``deaf``: questions for what is below this are left unanswered. ``too_big``: one for more than ``bulk_limit`` gets
    that error instead of silence. ``no_bulk``: GETBULK is genErr. ``room``: octets that an answer may have; a GET for
    more is tooBig, and a GETBULK gives what fits. ``again``: a GETBULK gives the row once more that it was asked
    behind. ``broken``: an answer that would hold something below this is genErr. ``bare``: a
    GETBULK is answered with no object at all."""

    bulk_limit: int = 1_000
    loops: bool = False
    lose: int = 0
    stranger: bool = False
    most: int = 60
    delay: float = 0.0
    endless: bool = False
    backwards: bool = False
    falls_silent: int = 1_000_000
    chatter: bool = False
    garbage: bool = False
    deaf: Oid = ()
    too_big: bool = False
    no_bulk: bool = False
    room: int = 65_000
    again: bool = False
    broken: Oid = ()
    bare: bool = False


class Recording:
    """Holds objects in order, each with its BER tag and content."""

    def __init__(self, objects: Mapping[Oid, tuple[int, bytes]]) -> None:
        self.oids = sorted(objects)
        self.objects = objects

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """Read a ``.snmprec`` file: ``OID|TYPE|VALUE`` on each line, ``x`` after the type for hexadecimal."""
        return cls(dict(_parsed(path.read_text("utf-8", errors="surrogateescape").splitlines())))

    @classmethod
    def of(cls, lines: str) -> "Recording":
        return cls(dict(_parsed(lines.split("\n"))))

    def after(self, oid: Oid) -> Oid | None:
        at = bisect_right(self.oids, oid)
        return self.oids[at] if at < len(self.oids) else None


def _parsed(lines: list[str]) -> Iterator[tuple[Oid, tuple[int, bytes]]]:
    for line in lines:
        parts = line.strip("\r\n ").split("|", 2)
        if len(parts) != 3:
            continue
        oid, kind, text = parts
        tag = _TYPES[kind.rstrip("x")]
        data = bytes.fromhex(text) if kind.endswith("x") else text.encode("utf-8", "surrogateescape")
        yield tuple(int(part) for part in oid.split(".")), (tag, _content(tag, data))


def _content(tag: int, data: bytes) -> bytes:
    if tag in (4, 5):
        return data if tag == 4 else b""
    if tag == 6:
        return _oid_content(tuple(int(part) for part in data.decode().split(".")))
    if tag == 0x40:
        return bytes(int(part) for part in data.decode().split(".")) if b"." in data else data
    number = int(data)
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


@dataclass
class Agent(asyncio.DatagramProtocol):
    """Serves ``recordings`` by community; ``asked`` counts questions, ``octets`` those of questions and answers, and
    ``served`` are the objects that were given."""

    recordings: Mapping[str, Recording]
    quirks: Quirks
    asked: int = 0
    octets: int = 0
    served: set[Oid] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    most_at_once: int = 0
    _waiting: int = 0
    _transport: asyncio.DatagramTransport | None = None
    _other: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked += 1
        self.octets += len(data)
        if self.asked > self.quirks.falls_silent:
            return
        if self.asked > self.quirks.lose and (answer := self._answer(data)) is not None:
            if self.quirks.garbage and self.asked > 1:
                answer = bytes(255 - octet for octet in answer)
            if self.quirks.chatter and self.asked > 1:
                self._chatter(answer, addr, 300)
                return
            self._waiting += 1
            self.most_at_once = max(self.most_at_once, self._waiting)
            if self.quirks.delay:
                asyncio.get_running_loop().call_later(self.quirks.delay, self._send, answer, addr)
            else:
                self._send(answer, addr)

    def _chatter(self, answer: bytes, addr: tuple[str, int], left: int) -> None:
        """Repeat the answer with its request id changed."""
        assert self._transport is not None
        if self._transport.is_closing() or not left:
            return
        at = answer.index(b"\xa2") + 4  # the id's own octets stand behind its tag and length
        self._transport.sendto(answer[:at] + bytes([answer[at] ^ 0x11]) + answer[at + 1 :], addr)
        asyncio.get_running_loop().call_later(0.05, self._chatter, answer, addr, left - 1)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        self._waiting -= 1
        sender = self._other if self.quirks.stranger else self._transport
        assert sender is not None
        self.octets += len(answer)
        sender.sendto(answer, addr)

    def _answer(self, data: bytes) -> bytes | None:
        version, community, pdu = (item for _, item in _items(_items(data)[0][1]))
        tag = _items(_items(data)[0][1])[2][0]
        answer = self.answer_to(tag, pdu, community.decode(), is_v1=version == b"\0")
        return None if answer is None else _tlv(0x30, _tlv(2, version) + _tlv(4, community) + answer)

    def answer_to(self, tag: int, pdu: bytes, community: str, *, is_v1: bool = False) -> bytes | None:
        """Return the PDU that answers a request."""
        known = self.recordings.get(community)
        number, _, second, pairs = (item for _, item in _items(pdu))
        wanted = [_oid_of(_items(pair)[0][1]) for _, pair in _items(pairs)]
        if known is None or (self.quirks.deaf and wanted[0][: len(self.quirks.deaf)] == self.quirks.deaf):
            return None
        error = b"\0"
        if tag == 0xA5:
            repetitions = int.from_bytes(second)
            self.sizes.append(repetitions)
            if repetitions > self.quirks.bulk_limit and not self.quirks.too_big:
                return None
            error, found = self._bulk_answer(known, wanted[0], repetitions)
        elif tag == 0xA1:
            found = [self._next(known, oid) for oid in wanted]
        else:
            found = [(oid, known.objects.get(oid, (_NO_SUCH_INSTANCE, b""))) for oid in wanted]
        broken = self.quirks.broken
        if broken and any(oid[: len(broken)] == broken for oid, _ in found):
            error, found = _GEN_ERR, [(oid, (5, b"")) for oid in wanted]
        if is_v1 and any(kind & 0x80 for _, (kind, _) in found):
            error, found = b"\2", [(oid, (5, b"")) for oid in wanted]
        if _size(found) > self.quirks.room:
            error, found = _TOO_BIG, []
        self.served |= {oid for oid, (kind, _) in found if kind not in (_END_OF_VIEW, _NO_SUCH_INSTANCE)}
        return _tlv(0xA2, _tlv(2, number) + _tlv(2, error) + _tlv(2, b"\0") + _tlv(0x30, _listed(found)))

    def _bulk_answer(
        self, known: Recording, oid: Oid, repetitions: int
    ) -> tuple[bytes, list[tuple[Oid, tuple[int, bytes]]]]:
        """Return the error status and the objects."""
        quirks = self.quirks
        if repetitions > quirks.bulk_limit:
            return _TOO_BIG, []
        if quirks.no_bulk:
            return _GEN_ERR, []
        if quirks.bare:
            return b"\0", []
        found = self._bulk(known, oid, min(repetitions, quirks.most))
        if quirks.again and oid in known.objects:
            found.insert(0, (oid, known.objects[oid]))
        while len(found) > 1 and _size(found) > quirks.room:
            found.pop()
        return b"\0", found

    def _bulk(self, known: Recording, oid: Oid, repetitions: int) -> list[tuple[Oid, tuple[int, bytes]]]:
        found = []
        for _ in range(repetitions):
            found.append(self._next(known, oid))
            oid = found[-1][0]
            if found[-1][1][0] == _END_OF_VIEW:
                break
        return found

    def _next(self, known: Recording, oid: Oid) -> tuple[Oid, tuple[int, bytes]]:
        if self.quirks.endless:
            return (*oid[:-1], oid[-1] + 1) if len(oid) > 10 else (*oid, 1), (2, b"\1")
        if self.quirks.backwards:
            below = [other_oid for other_oid in known.oids if other_oid < oid]
            last = below[-1] if len(oid) > 10 and below else known.oids[-1]
            return last, known.objects[last]
        after = known.after(oid)
        if self.quirks.loops and after is not None and known.after(after) is None:
            after = known.oids[0]
        return (oid, (_END_OF_VIEW, b"")) if after is None else (after, known.objects[after])


class Serving:
    """Serves an agent on a free port: ``async with Serving(recordings, host) as agent``; ``agent.port``."""

    def __init__(
        self, recordings: Mapping[str, Recording], host: str = "127.0.0.1", quirks: Quirks | None = None
    ) -> None:
        self._host = host
        self.agent = Agent(recordings, quirks or Quirks())
        self.port = 0

    async def __aenter__(self) -> "Serving":
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self.agent, (self._host, 0))
        self.port = transport.get_extra_info("sockname")[1]
        other, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, (self._host, 0))
        self.agent._other = other
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in (self.agent._transport, self.agent._other):
            if transport is not None:
                transport.close()
        await asyncio.sleep(0)


_HEADER = 50
"""Octets of a message that are no objects, about."""


def _listed(found: list[tuple[Oid, tuple[int, bytes]]]) -> bytes:
    return b"".join(_tlv(0x30, _tlv(6, _oid_content(oid)) + _tlv(*value)) for oid, value in found)


def _size(found: list[tuple[Oid, tuple[int, bytes]]]) -> int:
    return _HEADER + len(_listed(found))


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """Return the elements of ``data``, one after another."""
    found, at = [], 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            more = length & 0x7F
            length = int.from_bytes(data[at : at + more])
            at += more
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size) + content


def _oid_content(oid: Oid) -> bytes:
    first = oid[0] * 40 + (oid[1] if len(oid) > 1 else 0)
    return b"".join(_arc(number) for number in (first, *oid[2:]))


def _arc(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def _oid_of(content: bytes) -> Oid:
    numbers, number = [], 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = numbers[0]
    return (min(first // 40, 2), first - 40 * min(first // 40, 2), *numbers[1:])
