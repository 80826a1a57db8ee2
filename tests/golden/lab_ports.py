"""Holds the first answers of real servers as sweeps record them: a greeting, or the reply to their port's message."""

from collections.abc import Mapping

from probes.framework.evidence import FailureKind
from probes.observations.exposure import PortReply

TLS = bytes.fromhex("160303007a020000760303") + bytes(32) + bytes.fromhex("20") + bytes(32) + bytes.fromhex("130200")
HTTP = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\n\r\n<html>"
SMB2 = b"\0\0\0\xf8\xfeSMB" + bytes.fromhex("40000000000000000000010001000000") + bytes(40)
GREETINGS: Mapping[int, bytes] = {
    21: b"220 (vsFTPd 3.0.5)\r\n",
    22: b"SSH-2.0-OpenSSH_10.0p2 Debian-7\r\n",
    23: b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27",
    25: b"220 mail.tinh-a.example ESMTP Postfix\r\n",
    110: b"+OK Dovecot ready.\r\n",
    143: b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n",
    587: b"220 mail.tinh-a.example ESMTP Postfix\r\n",
    3306: b"\x5b\0\0\0\x0a8.0.36-0ubuntu0.22.04.1\0" + bytes(40),
    5900: b"RFB 003.008\n",
}
REPLIES: Mapping[int, bytes] = {
    80: HTTP,
    443: TLS,
    445: SMB2,
    993: TLS,
    3389: bytes.fromhex("030000130ed000001234000201080002000000"),
    5432: b"N",
    6379: b"-NOAUTH Authentication required.\r\n",
    8080: HTTP,
    8443: TLS,
    9200: b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\n  "name" : "a",\n  "cluster_name" : "b",\n',
}


def answer(port: int) -> PortReply:
    """Return a sweep's record of a port whose usual protocol answers."""
    return PortReply(port=port, greeting=GREETINGS.get(port, b""), reply=REPLIES.get(port, b""))


def reset(port: int) -> PortReply:
    """Return a sweep's record of a port that accepted the connection and reset it without a byte."""
    return PortReply(port=port, failure=FailureKind.RESET)
