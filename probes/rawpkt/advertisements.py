# SPDX-License-Identifier: GPL-2.0-only
"""Parses advertisements of routers and DHCPv6 servers on a link (RFC 4861 §4.2, RFC 4191, RFC 8106, RFC 8415). No I/O.

A message that a host must ignore (RFC 4861 §6.1.2: hop limit below 255, another source than link-local, a wrong
checksum) is no advertisement.
"""

import struct
from ipaddress import IPv6Address, IPv6Network
from typing import Any

MOST = 64
"""Prefixes or addresses kept of one message."""
_HOP_BY_HOP, _ROUTING, _DESTINATION, _ICMP, _UDP = 0, 43, 60, 58, 17
_ADVERTISEMENT, _CLIENT_PORT = 134, 546
_ADVERTISE, _REPLY = 2, 7
_SERVER_ID, _IA_NA, _IA_ADDRESS, _DNS = 2, 3, 5, 23
_PREFERENCES = {0: "medium", 1: "high", 2: "reserved", 3: "low"}


def read(packet: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return ``router`` or ``server`` and the contents of a whole IPv6 packet; None for any other packet."""
    if len(packet) < 40 or packet[0] >> 4 != 6:
        return None
    packet = packet[: 40 + int.from_bytes(packet[4:6])]  # behind it is padding of the link
    protocol, start = packet[6], 40
    while protocol in (_HOP_BY_HOP, _ROUTING, _DESTINATION) and len(packet) >= start + 8:
        protocol, start = packet[start], start + 8 + packet[start + 1] * 8
    source, body = IPv6Address(packet[8:24]), packet[start:]
    if not source.is_link_local:
        return None
    if protocol == _ICMP and len(body) >= 16 and body[:2] == bytes([_ADVERTISEMENT, 0]) and packet[7] == 255:
        found = _router(body) if _is_whole(packet, protocol, body) else None
        return None if found is None else ("router", {"source": str(source), **found})
    if protocol == _UDP and len(body) >= 12 and int.from_bytes(body[2:4]) == _CLIENT_PORT:
        offer = _server(body[8:])
        return None if offer is None else ("server", {"source": str(source), **offer})
    return None


def _is_whole(packet: bytes, protocol: int, body: bytes) -> bool:
    """True if the checksum is right, which covers a pseudo header too (RFC 8200 §8.1).

    UDP's is not checked: between virtual machines it is often left to hardware that does not exist.
    """
    data = packet[8:40] + struct.pack("!IHBB", len(body), 0, 0, protocol) + body + bytes(len(body) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def _router(body: bytes) -> dict[str, Any] | None:
    flags, lifetime = body[5], int.from_bytes(body[6:8])
    prefixes: list[dict[str, Any]] = []
    servers: list[str] = []
    position = 16
    while position < len(body):
        size = body[position + 1] * 8 if position + 1 < len(body) else 0
        if not size or position + size > len(body):
            return None  # RFC 4861 §4.6: a host drops the whole packet
        option = body[position : position + size]
        if option[0] == 3 and size == 32:
            prefixes.append(_prefix(option))
        elif option[0] == 25 and size >= 24:
            servers += _addresses(option[8:])
        position += size
    return {
        "lifetime": lifetime,
        "preference": _PREFERENCES[flags >> 3 & 3],
        "managed": bool(flags & 0x80),
        "other": bool(flags & 0x40),
        "prefixes": prefixes[:MOST],
        "rdnss": servers[:MOST],
    }


def _prefix(option: bytes) -> dict[str, Any]:
    length, flags, valid, preferred = struct.unpack_from("!BBII", option, 2)
    network = IPv6Network((option[16:32], min(length, 128)), strict=False)
    return {
        "prefix": str(network),
        "on_link": bool(flags & 0x80),
        "autonomous": bool(flags & 0x40),
        "valid": valid,
        "preferred": preferred,
    }


def _server(message: bytes) -> dict[str, Any] | None:
    if len(message) < 4 or message[0] not in (_ADVERTISE, _REPLY):
        return None
    options = list(_options(message[4:]))
    duid = next((data for code, data in options if code == _SERVER_ID), None)
    if duid is None:
        return None  # RFC 8415 §16.3: a client drops it
    inner = [option for code, data in options if code == _IA_NA for option in _options(data[12:])]
    offered = [str(IPv6Address(data[:16])) for code, data in inner if code == _IA_ADDRESS and len(data) >= 24]
    dns = [address for code, data in options if code == _DNS for address in _addresses(data)]
    return {"duid": duid[:128].hex(), "offered": offered[:MOST], "dns": dns[:MOST]}


def _options(data: bytes) -> "list[tuple[int, bytes]]":
    found, position = [], 0
    while position + 4 <= len(data):
        code, length = struct.unpack_from("!HH", data, position)
        position += 4
        if position + length > len(data):
            break
        found.append((code, data[position : position + length]))
        position += length
    return found


def _addresses(data: bytes) -> list[str]:
    return [str(IPv6Address(data[at : at + 16])) for at in range(0, len(data) - 15, 16)]
