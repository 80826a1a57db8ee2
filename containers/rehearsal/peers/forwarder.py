"""Runs a host that forwards anything: type 0 routing headers, and packets out of tunnels of any sender.

A scripted peer: `python -m containers.rehearsal.peers.forwarder forwarder.json`, where the file is a list of
{"service", "address"}: `source-route` follows RFC 2460 §4.4, as RFC 5095 forbids since, `tunnel` lets IPv6 out of
protocol 41 (RFC 4213 §3) and of GRE (RFC 2784). Today's kernels do neither without being asked to, and many have no
tunnels built in. The kernel answers the same packets with its errors, as if the peer were not there.
"""

import json
import socket
import sys
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

EVERYTHING = 3  # ETH_P_ALL
IPV4, IPV6 = 0x0800, 0x86DD
ROUTING, IN_IP, GRE = 43, 41, 47
HEADERS = {"tunnel": (IN_IP, GRE), "source-route": (ROUTING,)}

Address = IPv4Address | IPv6Address


def serve(rows: list[dict[str, str]]) -> None:
    """Look at all packets of the namespace until stopped."""
    wanted = {(ip_address(row["address"]), header) for row in rows for header in HEADERS[row["service"]]}
    out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERYTHING)) as link, out:
        while True:
            packet, about = link.recvfrom(65_535)
            if about[2] == socket.PACKET_HOST and about[1] in (IPV4, IPV6):
                inner = passed_on(packet, about[1], wanted)
                if inner is not None:
                    with suppress(OSError):
                        out.sendto(inner, (str(IPv6Address(inner[24:40])), 0))


def passed_on(packet: bytes, kind: int, wanted: set[tuple[Address, int]]) -> bytes | None:
    """Return the packet that leaves again, None for all others."""
    if len(packet) < 40:
        return None
    to: Address
    if kind == IPV4:
        header, to, body = packet[9], IPv4Address(packet[16:20]), packet[(packet[0] & 15) * 4 :]
    else:
        header, to, body = packet[6], IPv6Address(packet[24:40]), packet[40:]
    if (to, header) not in wanted:
        return None
    if header == ROUTING:
        return _routed(packet) if body[2:3] == b"\0" and body[3:4] > b"\0" else None
    inner = body[4:] if header == GRE and body[:4] == b"\0\0\x86\xdd" else body
    return inner if len(inner) >= 40 and inner[0] >> 4 == 6 else None


def _routed(packet: bytes) -> bytes | None:
    """RFC 2460 §4.4: the next address and the destination change places."""
    total, left = packet[41] // 2, packet[43]
    place = 48 + 16 * (total - left)
    following = packet[place : place + 16]
    if left > total or len(following) < 16:
        return None
    head = packet[:7] + bytes([packet[7] - 1]) + packet[8:24] + following
    return head + packet[40:43] + bytes([left - 1]) + packet[44:place] + packet[24:40] + packet[place + 16 :]


if __name__ == "__main__":
    serve(json.loads(Path(sys.argv[1]).read_text("utf-8")))
