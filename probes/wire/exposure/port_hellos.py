"""Lists the message sent to each port of a sweep, and the protocols expected in answer. Bytes only, no I/O.

No message logs in, names a user or changes anything at the peer: each is the first one that every client of the
protocol sends, or empty where the server speaks first.
"""

import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from probes.wire.exposure import smb
from probes.wire.tls import large


class Form(StrEnum):
    """Names the kind of first message: none (the server speaks first), fixed bytes, or one that names the host."""

    WAIT = "wait"
    FIXED = "fixed"
    HTTP = "http"
    TLS = "tls"
    SMB = "smb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """Holds one row: the message for a port.

    ``protocols``: answers that confirm the service for which the port is listed. ``path`` is requested over HTTP.
    """

    protocols: frozenset[str]
    form: Form = Form.WAIT
    message: bytes = b""
    path: str = "/"


SSH, TELNET, RDP, VNC, TLS, HTTP = "SSH", "Telnet", "RDP", "VNC", "TLS", "HTTP"
FTP, SMTP, POP3, IMAP = "FTP", "SMTP", "POP3", "IMAP"
SMB, NETBIOS, MSRPC, LDAP = "SMB", "NetBIOS", "MSRPC", "LDAP"
MYSQL, POSTGRESQL, SQL_SERVER, ORACLE = "MySQL", "PostgreSQL", "SQL Server", "Oracle TNS"
REDIS, MEMCACHED, MONGODB, ELASTICSEARCH = "Redis", "memcached", "MongoDB", "Elasticsearch"
KIBANA, DOCKER, WINRM, WEBMIN, SMART_INSTALL = "Kibana", "Docker", "WinRM", "Webmin", "Cisco Smart Install"
R_SERVICES = "rexec, rlogin, rsh"
UNSPECIFIC = frozenset({HTTP, TLS, FTP, SMTP, POP3, IMAP})
"""Protocols that do not imply management access: on another protocol's port they are ordinary web or mail."""

REQUEST_ID = 4_711
_PING = b"(DESCRIPTION=(CONNECT_DATA=(COMMAND=ping)))"
_TNS = struct.pack("!HHBBH", 58 + len(_PING), 0, 1, 0, 0)
_TNS += struct.pack("!HHHHHHHHHHI", 314, 300, 0, 2_048, 32_767, 0x7F08, 0, 1, len(_PING), 58, 0)
_TNS_CONNECT = _TNS + bytes(58 - len(_TNS)) + _PING
"""The message that Oracle's own tnsping sends."""
_X224 = bytes.fromhex("03 00 00 13 0e e0 00 00 00 00 00 01 00 08 00 03 00 00 00")
"""A TPKT with an X.224 connection request that offers TLS and CredSSP ([MS-RDPBCGR] 2.2.1.1)."""
_SSL_REQUEST = struct.pack("!II", 8, 80_877_103)
_PRELOGIN = bytes.fromhex("12 01 00 1a 00 00 00 00 00 00 0b 00 06 01 00 11 00 01 ff 11 00 00 00 00 00 02")
"""A prelogin message with version and encryption; encryption is "not supported" ([MS-TDS] 2.2.6.5)."""
_BIND = (
    bytes.fromhex("05 00 0b 03 10 00 00 00 48 00 00 00 01 00 00 00 b8 10 b8 10 00 00 00 00 01 00 00 00 00 00 01 00")
    + bytes.fromhex("08 83 af e1 1f 5d c9 11 91 a4 08 00 2b 14 a0 fa 03 00 00 00")
    + bytes.fromhex("04 5d 88 8a eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00")
)
"""A bind to the endpoint mapper (DCE 1.1: RPC, 12.6.4.3)."""
_NETBIOS_NAME = b"\x20" + b"CKFDENECFDEFFCFGEFFCCACACACACACA" + b"\0"
_SESSION_REQUEST = b"\x81\0\0\x44" + _NETBIOS_NAME + _NETBIOS_NAME
"""A session request (RFC 1002 §4.3.2) to and from ``*SMBSERVER``."""
_ROOT_DSE = bytes.fromhex("30 25 02 01 01 63 20 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 87 0b") + (
    b"objectclass" + bytes.fromhex("30 00")
)
"""searchRequest for the root DSE (RFC 4511 §4.5.1), without a bind."""
_COMMAND = b"\x10hello\0" + struct.pack("<i", 1) + b"\x02$db\0" + struct.pack("<i", 6) + b"admin\0" + b"\0"
_DOCUMENT = struct.pack("<i", 4 + len(_COMMAND)) + _COMMAND
_HELLO = struct.pack("<iiiiIB", 21 + len(_DOCUMENT), REQUEST_ID, 0, 2_013, 0, 0) + _DOCUMENT
"""OP_MSG with the command ``hello``, which needs no log-in."""
_SMART_INSTALL = struct.pack("!IIIIII", 1, 1, 4, 8, 1, 0)
"""The message with which Cisco's advisory of 2017 detects the Smart Install client."""


def _waits(*protocols: str) -> Hello:
    return Hello(protocols=frozenset(protocols))


def _says(message: bytes, *protocols: str) -> Hello:
    return Hello(protocols=frozenset(protocols), form=Form.FIXED, message=message)


def _get(*protocols: str, path: str = "/") -> Hello:
    return Hello(protocols=frozenset(protocols), form=Form.HTTP, path=path)


_SECURED = Hello(protocols=frozenset({TLS, HTTP}), form=Form.TLS)
HELLOS: Mapping[int, Hello] = {
    21: _waits(FTP),
    22: _waits(SSH),
    23: _waits(TELNET),
    25: _waits(SMTP),
    80: _get(HTTP),
    110: _waits(POP3),
    135: _says(_BIND, MSRPC),
    139: _says(_SESSION_REQUEST, NETBIOS),
    143: _waits(IMAP),
    389: _says(_ROOT_DSE, LDAP),
    443: _SECURED,
    445: Hello(protocols=frozenset({SMB}), form=Form.SMB),
    465: Hello(protocols=frozenset({TLS, SMTP}), form=Form.TLS),
    512: _waits(R_SERVICES),
    513: _waits(R_SERVICES),
    514: _waits(R_SERVICES),
    587: _waits(SMTP),
    830: _waits(SSH),
    993: Hello(protocols=frozenset({TLS, IMAP}), form=Form.TLS),
    995: Hello(protocols=frozenset({TLS, POP3}), form=Form.TLS),
    1433: _says(_PRELOGIN, SQL_SERVER),
    1521: _says(_TNS_CONNECT, ORACLE),
    2375: _get(DOCKER, path="/_ping"),
    3306: _waits(MYSQL),
    3389: _says(_X224, RDP),
    4786: _says(_SMART_INSTALL, SMART_INSTALL),
    5432: _says(_SSL_REQUEST, POSTGRESQL),
    5601: _get(KIBANA),
    5900: _waits(VNC),
    5985: _get(WINRM, path="/wsman"),
    5986: _SECURED,
    6379: _says(b"PING\r\n", REDIS),
    6443: _SECURED,
    7547: _get(HTTP, TLS),
    8080: _get(HTTP, TLS),
    8443: _SECURED,
    9200: _get(ELASTICSEARCH),
    10000: _get(HTTP, TLS, WEBMIN),
    11211: _says(b"version\r\n", MEMCACHED),
    27017: _says(_HELLO, MONGODB),
}
"""The TCP ports of the lists in CHECKS §2.13. Port 8291 is missing: it has no harmless message, so we only wait."""
_NO_HELLO = _waits()


def row(port: int) -> Hello:
    """Return the row of a port; a port without one gets no message."""
    return HELLOS.get(port, _NO_HELLO)


def message(port: int, host: str, name: str | None, agent: str) -> bytes:
    """Return the message to send to a port, empty where the server speaks first.

    ``host`` is the Host header of an HTTP request; ``name`` is sent as SNI in TLS.
    """
    hello = row(port)
    match hello.form:
        case Form.TLS:
            return large.hello(name, large=False)
        case Form.SMB:
            return smb.negotiate2(secrets.token_bytes(16))
        case Form.HTTP:
            head = f"GET {hello.path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n"
            return f"{head}Connection: close\r\n\r\n".encode("ascii", "replace")
        case _:
            return hello.message
