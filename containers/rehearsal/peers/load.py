"""Sends packets to devices so that their counters rise: `python -m containers.rehearsal.peers.load FILE`.

It sends unrequested echo replies: a kernel counts and drops them, and answers nothing. FILE holds a list of
``{"address", "count", "size"}``. Writes ``done`` into its folder when all is sent, and then waits to be ended.
"""

import json
import signal
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

_REPLIES = {4: (socket.AF_INET, socket.IPPROTO_ICMP, 0), 6: (socket.AF_INET6, socket.IPPROTO_ICMPV6, 129)}
DONE = "done"


def packet(kind: int, size: int) -> bytes:
    """Return an ICMP message with its checksum, which the kernel does for version 6 alone."""
    body = bytes([kind, 0, 0, 0]) + bytes(size)
    total = sum(body[at] << 8 | body[at + 1] for at in range(0, len(body) - 1, 2))
    total = (total & 0xFFFF) + (total >> 16)
    return body[:2] + ((~((total & 0xFFFF) + (total >> 16))) & 0xFFFF).to_bytes(2) + body[4:]


def send(address: str, count: int, size: int) -> None:
    family, protocol, kind = _REPLIES[ip_address(address).version]
    message = packet(kind, size)
    with socket.socket(family, socket.SOCK_RAW, protocol) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)
        for _ in range(count):
            raw.sendto(message, (address, 0))


def main(path: Path) -> None:
    for load in json.loads(path.read_text("utf-8")):
        send(load["address"], load["count"], load["size"])
    Path(DONE).touch()
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
