"""Peers that mean harm, all in one program: `python -m containers.rehearsal.peers.hostile` in the namespace ``SITE``.

Scripted, because no daemon does such things. Not part of the province: a test adds their addresses and starts them.
Says ``ready`` when everything listens.
"""

import asyncio
import struct
from collections.abc import Mapping
from functools import partial
from ipaddress import IPv6Address

from containers.rehearsal.peers.hostile_dns import TRICKS, Root, Server
from containers.rehearsal.peers.hostile_web import PLAIN, SECURE, Talk, listen

SITE = "mail"
_BASE = IPv6Address("2001:db8:e0:bad::")
ROOT = _BASE + 0x53
ELSEWHERE = _BASE + 0x54
HINTS = f". 3600 NS a.root.\na.root. 3600 AAAA {ROOT}\n"

WEB: Mapping[str, IPv6Address] = {f"{trick}.vn": _BASE + 0x100 + n for n, trick in enumerate((*PLAIN, *SECURE))}
ZONES: Mapping[str, IPv6Address] = {f"{trick}.vn": _BASE + 0x200 + n for n, trick in enumerate(TRICKS)}


def addresses() -> tuple[IPv6Address, ...]:
    """Where they listen; to be added to the loopback of ``SITE``."""
    return (ROOT, ELSEWHERE, *WEB.values(), *ZONES.values())


async def serve() -> None:
    """Listen until stopped."""
    loop = asyncio.get_running_loop()
    root = Root(ROOT, WEB, ZONES)
    await loop.create_datagram_endpoint(lambda: Server(lambda query: iter([root.answer(query)])), (str(ROOT), 53))
    servers = [await listen(str(ROOT), 53, _over_tcp(root))]
    for port, tricks in ((80, PLAIN), (443, SECURE)):
        servers += [await listen(str(WEB[f"{name}.vn"]), port, talk) for name, talk in tricks.items()]
    for name, trick in TRICKS.items():
        place = (str(ZONES[f"{name}.vn"]), 53)
        source = ELSEWHERE if name == "elsewhere" else None
        await loop.create_datagram_endpoint(partial(Server, trick, source), place)
        servers.append(await listen(*place, _slow_answer))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _slow_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The longest message there is, a byte at a time."""
    writer.write(b"\xff\xff")
    for _ in range(0xFFFF):
        writer.write(b"\0")
        await writer.drain()
        await asyncio.sleep(0.2)


def _over_tcp(root: Root) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            reply = root.answer(await reader.readexactly(length))
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()

    return talk


if __name__ == "__main__":
    asyncio.run(serve())
