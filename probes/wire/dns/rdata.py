"""Reads the rdata of the few DNS record types that the auditor itself follows. Bytes only, no I/O.

Each function takes the message (names in rdata may be compressed) and raises ``DnsWireError`` for rdata that does not
fit its type; trailing bytes are wrong too. Types with signatures are parsed by dnspython, in checks.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from socket import AF_INET, AF_INET6, inet_ntop

from inventory.model import IPAddress, written
from probes.wire.dns.messages import TYPES, DnsMessage, DnsWireError, ResourceRecord, type_name

_SOA_TIMES = struct.Struct("!IIIII")
_NAME_TYPES = frozenset(TYPES[name] for name in ("NS", "CNAME", "PTR", "DNAME"))
_ZEROS = bytes(10)
A, AAAA, MX, SOA, TXT, OPT = (TYPES[name] for name in ("A", "AAAA", "MX", "SOA", "TXT", "OPT"))


@dataclass(frozen=True, slots=True)
class Soa:
    """Holds the fields of an SOA record (RFC 1035 §3.3.13)."""

    mname: str
    rname: str
    serial: int
    refresh: int
    retry: int
    expire: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Opt:
    """Holds the fields of an OPT record, which uses the class and TTL fields for its own (RFC 6891 §6.1)."""

    udp_size: int
    extended_rcode: int
    version: int
    dnssec_ok: bool
    options: tuple[tuple[int, bytes], ...]


def address(message: DnsMessage, record: ResourceRecord) -> IPAddress:
    """Return the address in an A or AAAA record (RFC 1035 §3.4.1, RFC 3596 §2.2)."""
    data = message.data(record)
    if record.type == A and len(data) == 4:
        return IPv4Address(data)
    if record.type == AAAA and len(data) == 16:
        return IPv6Address(data)
    raise DnsWireError(f"{type_name(record.type)} rdata of {len(data)} bytes")


def target(message: DnsMessage, record: ResourceRecord) -> str:
    """Return the name in an NS, CNAME, PTR or DNAME record."""
    return _name_to_end(message, record, record.offset)


def mx(message: DnsMessage, record: ResourceRecord) -> tuple[int, str]:
    """Return the preference and exchange of an MX record (RFC 1035 §3.3.9)."""
    if record.length < 3:
        raise DnsWireError("MX rdata too short")
    preference = int.from_bytes(message.wire[record.offset : record.offset + 2])
    return preference, _name_to_end(message, record, record.offset + 2)


def soa(message: DnsMessage, record: ResourceRecord) -> Soa:
    end = record.offset + record.length
    mname, at = message.name_at(record.offset)
    rname, at = message.name_at(at)
    if at + _SOA_TIMES.size != end:
        raise DnsWireError("SOA rdata of the wrong length")
    return Soa(mname, rname, *_SOA_TIMES.unpack_from(message.wire, at))


def txt(message: DnsMessage, record: ResourceRecord) -> tuple[bytes, ...]:
    """Return the character strings of a TXT record (RFC 1035 §3.3.14)."""
    data = message.data(record)
    strings = []
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data):
            raise DnsWireError("a character string runs over the end of TXT rdata")
        strings.append(data[at + 1 : end])
        at = end
    if not strings:
        raise DnsWireError("TXT rdata without a string")
    return tuple(strings)


def opt(message: DnsMessage, record: ResourceRecord) -> Opt:
    data = message.data(record)
    options = []
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4])
        if at + 4 > len(data) or end > len(data):
            raise DnsWireError("an EDNS option runs over the end")
        options.append((int.from_bytes(data[at : at + 2]), data[at + 4 : end]))
        at = end
    flags = record.ttl & 0xFFFF
    return Opt(record.rclass, record.ttl >> 24, record.ttl >> 16 & 0xFF, bool(flags & 0x8000), tuple(options))


def text(message: DnsMessage, record: ResourceRecord) -> str:
    """Return rdata in presentation form; types not followed here come in the generic form of RFC 3597 §5."""
    if record.type in (A, AAAA):
        return _address_text(message, record)
    if record.type in _NAME_TYPES:
        return target(message, record)
    if record.type == MX:
        preference, exchange = mx(message, record)
        return f"{preference} {exchange}"
    if record.type == SOA:
        start = soa(message, record)
        times = f"{start.serial} {start.refresh} {start.retry} {start.expire} {start.minimum}"
        return f"{start.mname} {start.rname} {times}"
    if record.type == TXT:
        return " ".join([_quoted(string) for string in txt(message, record)])
    data = message.data(record)
    return f"\\# {len(data)} {data.hex()}".rstrip()


def _address_text(message: DnsMessage, record: ResourceRecord) -> str:
    """Return the same text as ``written(address(...))``, faster for most addresses.

    The C library writes all addresses the same way without creating objects, except IPv6 ones that embed one of IPv4.
    """
    data = message.data(record)
    if record.type == A and len(data) == 4:
        return inet_ntop(AF_INET, data)
    if record.type == AAAA and len(data) == 16 and not data.startswith(_ZEROS):
        return inet_ntop(AF_INET6, data)
    return written(address(message, record))


def _quoted(string: bytes) -> str:
    plain = [chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03}" for byte in string]
    return '"' + "".join(plain) + '"'


def _name_to_end(message: DnsMessage, record: ResourceRecord, at: int) -> str:
    name, behind = message.name_at(at)
    if behind != record.offset + record.length:
        raise DnsWireError(f"{type_name(record.type)} rdata of the wrong length")
    return name
