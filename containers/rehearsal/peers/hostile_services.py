"""Simulates hostile servers of SSH, FTP, SMB and SMTP; each serves one connection at its usual port."""

import asyncio
from collections.abc import Callable, Mapping

from containers.rehearsal.peers.hostile_text import FORMULA, LINE
from containers.rehearsal.peers.hostile_tls import HELLO_REQUEST, flooding
from containers.rehearsal.peers.hostile_web import PAUSE, Talk

_SSH = b"SSH-2.0-x\r\n"
_IGNORE = b"\x00\x00\x04\x0c\x08\x02" + bytes(1_034)
"""SSH_MSG_IGNORE of a kilobyte (RFC 4253 §11.2)."""
_TEXT = FORMULA.encode() + LINE


def dripping(data: bytes) -> Talk:
    """Return a byte now and then, never to an end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            for byte in data:
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(PAUSE)

    return talk


def greeting(data: bytes) -> Talk:
    """Return a greeting, and nothing more."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await reader.read()

    return talk


def saying(hello: bytes, answers: Callable[[bytes], bytes]) -> Talk:
    """Return a greeting, then an answer to each line; nothing more once an answer is empty."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(hello)
        while answer := answers(await reader.readuntil(b"\n")):
            writer.write(answer)
            await writer.drain()
        await flooding(b"250-" + b"x" * 500 + b"\r\n")(reader, writer)

    return talk


def _starttls(then: Talk) -> Talk:
    """SMTP up to STARTTLS, then something else than TLS."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        while not (line := await reader.readuntil(b"\n")).upper().startswith(b"STARTTLS"):
            writer.write(b"250-mx\r\n250 STARTTLS\r\n" if line.upper().startswith(b"EHLO") else b"250 ok\r\n")
        writer.write(b"220 go on\r\n")
        await then(reader, writer)

    return talk


def _injecting(line: bytes) -> bytes:
    return b"250-mx " + _TEXT + b"\r\n250-" + _TEXT + b"\r\n250 SIZE " + _TEXT + b"\r\n"


HOSTS: Mapping[str, tuple[int, Talk]] = {
    "ssh-lines": (22, flooding(b"no version yet\r\n" * 500)),
    "ssh-line": (22, flooding(b"x" * 16_384)),
    "ssh-packets": (22, flooding(_IGNORE * 20, _SSH)),
    "ssh-huge": (22, flooding(b"\xff" * 16_384, _SSH)),
    "ssh-drip": (22, dripping(b"SSH-2.0-" + b"y" * 4_000)),
    "ssh-injecting": (22, greeting(b"SSH-2.0-" + _TEXT + b"\r\n")),
    "ftp-lines": (21, flooding(b"220-and more\r\n" * 500)),
    "ftp-injecting": (21, saying(b"220 " + _TEXT + b"\r\n", lambda line: b"500 " + _TEXT + b"\r\n")),
    "smb-huge": (445, flooding(b"\x00\xff\xff\xff" + bytes(16_384))),
}
"""The port and the dialogue of each service; other ports are closed."""
EXCHANGERS: Mapping[str, Talk] = {
    "mail-greeting": flooding(b"220-and more\r\n" * 500),
    "mail-line": flooding(b"220 " + b"x" * 16_384),
    "mail-drip": dripping(b"220-" + b"z" * 4_000),
    "mail-ehlo": saying(b"220 mx\r\n", lambda line: b""),
    "mail-injecting": saying(b"220 mx " + _TEXT + b"\r\n", _injecting),
    "mail-hello-requests": _starttls(flooding(HELLO_REQUEST * 1_000)),
    "mail-silent-tls": _starttls(dripping(b"\x16\x03\x03\x40\x00" + bytes(4_000))),
}
"""The dialogues of exchangers, by the names of their mail domains."""
