"""Recognises a protocol and its product from the first bytes that a server sends. Bytes only, no I/O."""

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probes.wire.exposure import port_hellos
from probes.wire.exposure.port_hellos import REQUEST_ID, row

PRODUCT = 64
"""The number of characters kept of a product's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedProtocol:
    """Holds a recognised protocol. ``product`` is the name it gave itself, empty if it gave none."""

    protocol: str
    product: str = ""


def recognise(port: int, greeting: bytes, reply: bytes = b"") -> RecognisedProtocol | None:
    """Return the protocol recognised at a port, None if nothing is recognised.

    ``greeting`` came unasked; ``reply`` answered the message of ``port_hellos``.
    """
    for data in (greeting, reply):
        if data:
            recognised = _over_http(port, data) or _anywhere(data) or _at(port, data, by_itself=data is greeting)
            if recognised is not None:
                return recognised
    return None


def is_its_own(port: int, recognised: RecognisedProtocol) -> bool:
    """True if the protocol is the one listed for the port, or any other that gives management or data access.

    SSH that was moved to another port is still SSH.
    """
    return recognised.protocol in row(port).protocols or recognised.protocol not in port_hellos.UNSPECIFIC


def _anywhere(data: bytes) -> RecognisedProtocol | None:
    """Return the protocol if the first bytes identify one on any port, otherwise None."""
    return next((recognised for read in _READERS if (recognised := read(data)) is not None), None)


def _at(port: int, data: bytes, *, by_itself: bool) -> RecognisedProtocol | None:
    """Return the protocol of bytes that only the port makes unambiguous."""
    if port == 5432 and not by_itself and (data in (b"S", b"N") or (data[:1] == b"E" and _is_error(data))):
        return RecognisedProtocol(protocol=port_hellos.POSTGRESQL)
    if by_itself and port == 23 and _PROMPT.search(data):
        return RecognisedProtocol(protocol=port_hellos.TELNET)
    if by_itself and port in (512, 513, 514) and _R_SERVICE.match(data):
        return RecognisedProtocol(protocol=port_hellos.R_SERVICES)
    if _REPLY_CODE.match(data):
        is_ftp = port == 21 or (b"FTP" in data.upper() and b"SMTP" not in data.upper())
        return RecognisedProtocol(protocol=port_hellos.FTP if is_ftp else port_hellos.SMTP, product=_words(data[4:]))
    return None


def _is_error(data: bytes) -> bool:
    return len(data) > 5 and 5 < int.from_bytes(data[1:5]) < 4_096


def _ssh(data: bytes) -> RecognisedProtocol | None:
    line = _SSH_LINE.search(data)
    return None if line is None else RecognisedProtocol(protocol=port_hellos.SSH, product=_words(line[1]))


def _telnet(data: bytes) -> RecognisedProtocol | None:
    options = len(data) >= 3 and data[0] == 0xFF and 0xFB <= data[1] <= 0xFE
    return RecognisedProtocol(protocol=port_hellos.TELNET) if options else None


def _vnc(data: bytes) -> RecognisedProtocol | None:
    return RecognisedProtocol(protocol=port_hellos.VNC, product=_words(data[:11])) if _RFB.match(data) else None


def _tls(data: bytes) -> RecognisedProtocol | None:
    record = len(data) >= 5 and data[0] in (0x15, 0x16) and data[1] == 3 and data[2] <= 4
    return RecognisedProtocol(protocol=port_hellos.TLS) if record else None


def _rdp(data: bytes) -> RecognisedProtocol | None:
    confirmed = len(data) >= 7 and data[:2] == b"\x03\x00" and data[5] & 0xF0 == 0xD0
    return RecognisedProtocol(protocol=port_hellos.RDP) if confirmed and int.from_bytes(data[2:4]) in (11, 19) else None


def _smb(data: bytes) -> RecognisedProtocol | None:
    return (
        RecognisedProtocol(protocol=port_hellos.SMB)
        if data[:1] == b"\0" and data[4:8] in (b"\xfeSMB", b"\xffSMB")
        else None
    )


def _netbios(data: bytes) -> RecognisedProtocol | None:
    matches = data[:4] == b"\x82\0\0\0" or (data[:4] == b"\x83\0\0\x01" and len(data) == 5)
    return RecognisedProtocol(protocol=port_hellos.NETBIOS) if matches else None


def _msrpc(data: bytes) -> RecognisedProtocol | None:
    matches = len(data) >= 16 and data[:2] == b"\x05\x00" and data[2] in (12, 13)
    return RecognisedProtocol(protocol=port_hellos.MSRPC) if matches else None


def _ldap(data: bytes) -> RecognisedProtocol | None:
    return RecognisedProtocol(protocol=port_hellos.LDAP) if _LDAP.match(data) else None


def _sql_server(data: bytes) -> RecognisedProtocol | None:
    """Recognise a prelogin response ([MS-TDS] 2.2.6.5), which has the version as its first option."""
    if len(data) < 13 or data[:2] != b"\x04\x01" or data[8] != 0 or int.from_bytes(data[2:4]) < 13:
        return None
    start = 8 + int.from_bytes(data[9:11])
    version = data[start : start + 4]
    product = f"{version[0]}.{version[1]}.{int.from_bytes(version[2:4])}" if len(version) == 4 else ""
    return RecognisedProtocol(protocol=port_hellos.SQL_SERVER, product=product)


def _oracle(data: bytes) -> RecognisedProtocol | None:
    """Recognise an accept, refuse, redirect or resend packet with a correct length field."""
    matches = len(data) >= 8 and int.from_bytes(data[:2]) == len(data) and data[2:4] == b"\0\0"
    return RecognisedProtocol(protocol=port_hellos.ORACLE) if matches and data[4] in (2, 4, 5, 11) else None


def _mysql(data: bytes) -> RecognisedProtocol | None:
    """Recognise the greeting of protocol 10, or the error that a client at a rejected address gets instead."""
    if len(data) < 7 or data[3] != 0 or not 4 < int.from_bytes(data[:3], "little") < 1_024:
        return None
    if data[4] == 10 and (version := _MYSQL_VERSION.match(data[5:])) is not None:
        return RecognisedProtocol(protocol=port_hellos.MYSQL, product=_words(version[0][:-1]))
    return RecognisedProtocol(protocol=port_hellos.MYSQL) if data[4] == 0xFF and _MYSQL_ERROR.search(data) else None


def _redis(data: bytes) -> RecognisedProtocol | None:
    return RecognisedProtocol(protocol=port_hellos.REDIS) if _REDIS.match(data) else None


def _memcached(data: bytes) -> RecognisedProtocol | None:
    version = _MEMCACHED_VERSION.match(data)
    return None if version is None else RecognisedProtocol(protocol=port_hellos.MEMCACHED, product=_words(version[1]))


def _mongodb(data: bytes) -> RecognisedProtocol | None:
    if len(data) < 16:
        return None
    size, _, answered, code = struct.unpack_from("<iiii", data)
    mine = answered == REQUEST_ID and code in (1, 2_013) and size >= 16
    return RecognisedProtocol(protocol=port_hellos.MONGODB) if mine else None


def _smart_install(data: bytes) -> RecognisedProtocol | None:
    matches = data[:20] == struct.pack("!IIIII", 4, 0, 3, 8, 1)
    return RecognisedProtocol(protocol=port_hellos.SMART_INSTALL) if matches else None


def _pop3_imap(data: bytes) -> RecognisedProtocol | None:
    if data[:3] == b"+OK":
        return RecognisedProtocol(protocol=port_hellos.POP3, product=_words(data[3:]))
    return RecognisedProtocol(protocol=port_hellos.IMAP, product=_words(data[2:])) if _IMAP.match(data) else None


def _over_http(port: int, data: bytes) -> RecognisedProtocol | None:
    """Return HTTP, or the product recognised by its HTTP answer; some marks count only on the product's own port."""
    if not _HTTP_STATUS.match(data):
        return None
    server = _HTTP_SERVER.search(data)
    product = "" if server is None else _words(server[1])
    marks = ((name, mark) for name, mark, ports in _OVER_HTTP if not ports or port in ports)
    named = next((name for name, mark in marks if mark.search(data)), port_hellos.HTTP)
    return RecognisedProtocol(protocol=named, product=product)


def _words(data: bytes) -> str:
    """Return the bytes as one printable line of at most ``PRODUCT`` characters."""
    text = "".join(char if char.isprintable() else " " for char in data[: 4 * PRODUCT].decode("utf-8", "replace"))
    return " ".join(text.split())[:PRODUCT]


_HTTP_STATUS = re.compile(rb"HTTP/\d(\.\d)? \d{3}")
_HTTP_SERVER = re.compile(rb"^server:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_REPLY_CODE = re.compile(rb"[245]\d\d[ -]")
_SSH_LINE = re.compile(rb"^SSH-[0-9.]+-([^\r\n]*)", re.MULTILINE)
_MYSQL_VERSION = re.compile(rb"[0-9][ -~]{2,60}\0")
_MEMCACHED_VERSION = re.compile(rb"VERSION ([ -~]{1,60})\r\n")
_PROMPT = re.compile(rb"(login|username|user name|password|account) ?: ?$|user access verification", re.IGNORECASE)
_RFB = re.compile(rb"RFB \d{3}\.\d{3}\n")
_R_SERVICE = re.compile(rb"[\x00\x01]|(in\.)?r(login|sh|exec)d\b")
_IMAP = re.compile(rb"\* (OK|PREAUTH|BYE)\b")
_REDIS = re.compile(
    rb"\+PONG\r\n|-(NOAUTH|DENIED|NOPERM|LOADING|MASTERDOWN|MISCONF) |-ERR (operation not permitted|max number)"
)
_LDAP = re.compile(rb"\x30(?:[\x07-\x7f]|\x81.|\x82..|\x84....)\x02\x01\x01[\x64\x65]", re.DOTALL)
_MYSQL_ERROR = re.compile(rb"Host .{1,300} (is not allowed to connect|is blocked)|Too many connections", re.DOTALL)
_OVER_HTTP = tuple(
    (name, re.compile(mark, re.IGNORECASE | re.MULTILINE), frozenset(ports))
    for name, mark, ports in (
        (port_hellos.DOCKER, rb"^(docker-experimental:|server: docker/)", ()),
        (
            port_hellos.ELASTICSEARCH,
            rb'^x-elastic-product:|"cluster_name"|you know, for search|the opensearch project',
            (),
        ),
        (port_hellos.ELASTICSEARCH, rb'^www-authenticate:.*realm="?opensearch security"', ()),
        (port_hellos.ELASTICSEARCH, rb'^www-authenticate:.*realm="?security"', (9200,)),
        (
            port_hellos.KIBANA,
            rb"^(kbn-(name|license-sig|version)|osd-(name|version)):|^location: /app/(kibana|home)",
            (),
        ),
        (port_hellos.WEBMIN, rb"^server: miniserv/", ()),
        (port_hellos.WINRM, rb"^server: microsoft-httpapi/", (5985,)),
    )
)
"""Patterns of products, and the only ports on which each counts; no ports means every port."""
_READERS: Sequence[Callable[[bytes], RecognisedProtocol | None]] = (
    _ssh,
    _telnet,
    _vnc,
    _tls,
    _rdp,
    _smb,
    _netbios,
    _msrpc,
    _ldap,
    _sql_server,
    _oracle,
    _mysql,
    _redis,
    _memcached,
    _mongodb,
    _smart_install,
    _pop3_imap,
)
