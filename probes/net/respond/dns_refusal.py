"""Refuses DNS questions (RFC 1035 §4.1.1): the answer shows that they arrived, and is never longer than they are."""

import asyncio

from probes.net.respond.reflector import Arrived

_HEAD = 12
_LONGEST_NAME = 255
_IS_ANSWER, _KEPT = 0x80, 0x79
"""The QR bit; opcode and RD, which an answer repeats (RFC 1035 §4.1.1)."""
_REFUSED = 5
_QUESTIONS = 8
"""Questions that are answered on one connection."""


def refusal(question: bytes) -> bytes:
    """Return the refusal of a message with one question, empty for any other message."""
    if len(question) < _HEAD or question[2] & _IS_ANSWER or question[4:6] != b"\x00\x01":
        return b""
    end = _end_of_name(question)
    if end is None or end + 4 > len(question):
        return b""
    flags = bytes((question[2] & _KEPT | _IS_ANSWER, _REFUSED))
    return question[:2] + flags + b"\x00\x01" + bytes(6) + question[_HEAD : end + 4]


def refused(arrived: Arrived) -> bytes:
    """Return the refusal of a question that came in a datagram."""
    return refusal(arrived.data)


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse a few questions of one TCP connection, each with its length before it (RFC 1035 §4.2.2)."""
    for _ in range(_QUESTIONS):
        length = int.from_bytes(await reader.readexactly(2))
        answer = refusal(await reader.readexactly(length))
        if not answer:
            return
        writer.write(len(answer).to_bytes(2) + answer)
        await writer.drain()


def _end_of_name(message: bytes) -> int | None:
    """Return the offset behind the name of the question, which is never compressed."""
    place = _HEAD
    while place < len(message) and place - _HEAD <= _LONGEST_NAME:
        length = message[place]
        if length == 0:
            return place + 1
        if length > 63:
            return None
        place += 1 + length
    return None
