"""Starts hostile peers: `python -m containers.rehearsal.peers.hostile GROUP [ZONES]` in the namespace ``SITE``.

Scripted, because no daemon does such things. Not part of the province: a test adds their addresses and starts a program
for each of ``GROUPS``, so that no flood delays another. ``root`` leads to all of them and takes ZONES as JSON: zones
of others that it refers to, their servers, and the addresses of each. Prints ``ready`` when everything listens.
"""

import asyncio
import json
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from ipaddress import IPv6Address

from containers.rehearsal.peers import hostile_tls
from containers.rehearsal.peers.hostile_device import DEVICES, EchoFlood, HostileAgent
from containers.rehearsal.peers.hostile_dns import TRICKS, HostileNameServer, Root
from containers.rehearsal.peers.hostile_services import EXCHANGERS, HOSTS
from containers.rehearsal.peers.hostile_web import PLAIN, SECURE, Talk, listen

SITE = "mail"
_BASE = IPv6Address("2001:db8:e0:bad::")
ROOT = _BASE + 0x53
ELSEWHERE = _BASE + 0x54
HINTS = f". 3600 NS a.root.\na.root. 3600 AAAA {ROOT}\n"
_OVER_TLS = {**SECURE, **hostile_tls.SECURE}


def _numbered(first: int, names: Iterable[str]) -> Mapping[str, IPv6Address]:
    return {f"{name}.vn": _BASE + first + n for n, name in enumerate(names)}


WEB = _numbered(0x100, (*PLAIN, *_OVER_TLS))
ZONES = _numbered(0x200, TRICKS)
SERVICES = _numbered(0x300, HOSTS)
MAIL = _numbered(0x400, EXCHANGERS)
FLOODING = _numbered(0x500, ("echo-flood",))
OVER_SNMP = {name: _BASE + 0x600 + n for n, name in enumerate(DEVICES)}
PEERS: Mapping[str, IPv6Address] = {**WEB, **ZONES, **SERVICES, **MAIL, **FLOODING, **OVER_SNMP}


def addresses() -> tuple[IPv6Address, ...]:
    """Return the addresses on which they listen; to be added to the loopback of ``SITE``."""
    return (ROOT, ELSEWHERE, *PEERS.values())


async def lead(honest: Mapping[str, Mapping[str, list[str]]]) -> None:
    """Be the root until stopped."""
    loop = asyncio.get_running_loop()
    exchangers = {domain: f"mx.{domain}" for domain in MAIL}
    hosts = {**WEB, **SERVICES, **FLOODING, **{f"mx.{domain}": address for domain, address in MAIL.items()}}
    root = Root(ROOT, hosts, ZONES, exchangers, honest)
    await loop.create_datagram_endpoint(
        lambda: HostileNameServer(lambda query: iter([root.answer(query)])), (str(ROOT), 53)
    )
    server = await listen(str(ROOT), 53, _over_tcp(root))
    print("ready", flush=True)
    await server.serve_forever()


async def serve(group: str) -> None:
    """Be the others of a group until stopped."""
    loop = asyncio.get_running_loop()
    servers = [await listen(str(address), port, talk) for address, port, talk in _TALKS[group]]
    if group == "names":
        for name, trick in TRICKS.items():
            place = (str(ZONES[f"{name}.vn"]), 53)
            source = ELSEWHERE if name == "elsewhere" else None
            await loop.create_datagram_endpoint(partial(HostileNameServer, trick, source), place)
        for name, behind in DEVICES.items():
            await loop.create_datagram_endpoint(partial(HostileAgent, behind), (str(OVER_SNMP[name]), 161))
        for address in FLOODING.values():
            EchoFlood(address)
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


_TALKS: Mapping[str, Sequence[tuple[IPv6Address, int, Talk]]] = {
    "names": [(ZONES[f"{name}.vn"], 53, _slow_answer) for name in TRICKS],
    "web": [(WEB[f"{name}.vn"], 80, talk) for name, talk in PLAIN.items()],
    "tls": [(WEB[f"{name}.vn"], 443, talk) for name, talk in _OVER_TLS.items()],
    "services": [
        *((SERVICES[f"{name}.vn"], port, talk) for name, (port, talk) in HOSTS.items()),
        *((MAIL[f"{name}.vn"], 25, talk) for name, talk in EXCHANGERS.items()),
    ],
}
GROUPS = ("root", *_TALKS)

if __name__ == "__main__":
    asyncio.run(lead(json.loads(sys.argv[2])) if sys.argv[1] == "root" else serve(sys.argv[1]))
