"""Tests that the first bytes of real servers are recognised as their protocol, and no other bytes are."""

import struct

import pytest

from probes.wire.exposure import port_hellos
from probes.wire.exposure.port_hellos import HELLOS, REQUEST_ID, message
from probes.wire.exposure.recognised_protocols import RecognisedProtocol, is_its_own, recognise

ELASTIC = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="security", charset="UTF-8"\r\n\r\n{"error"'
MYSQL_SHUT = b"\x45\0\0\0\xff\x6a\x04Host '203.0.113.9' is not allowed to connect to this MySQL server"
MONGO = struct.pack("<iiiiI", 300, 7, REQUEST_ID, 2_013, 0) + b"\0"
TDS = bytes.fromhex("0401002b00000100 00001a0006 0100200001 0200210001 0300220000 0400220001 ff") + bytes.fromhex(
    "100007d00000 02 00 00"
)


@pytest.mark.parametrize(
    ("port", "greeting", "reply", "protocol", "product"),
    [
        (22, b"SSH-2.0-OpenSSH_9.9p1\r\n", b"", "SSH", "OpenSSH_9.9p1"),
        (22, b"Authorised users only\r\nSSH-2.0-x\r\n", b"", "SSH", "x"),
        (23, b"\xff\xfd\x18\xff\xfb\x01", b"", "Telnet", ""),
        (23, b"\r\nUser Access Verification\r\n\r\nUsername: ", b"", "Telnet", ""),
        (21, b"220 (vsFTPd 3.0.5)\r\n", b"", "FTP", "(vsFTPd 3.0.5)"),
        (25, b"220 mail ESMTP Postfix\r\n", b"", "SMTP", "mail ESMTP Postfix"),
        (110, b"+OK ready\r\n", b"", "POP3", "ready"),
        (143, b"* OK ready\r\n", b"", "IMAP", "OK ready"),
        (513, b"\x01rlogind: Permission denied.\r\n", b"", "rexec, rlogin, rsh", ""),
        (3306, b"\x4a\0\0\0\x0a8.0.36\0" + bytes(40), b"", "MySQL", "8.0.36"),
        (3306, MYSQL_SHUT, b"", "MySQL", ""),
        (5900, b"RFB 003.008\n", b"", "VNC", "RFB 003.008"),
        (3389, b"", bytes.fromhex("030000130ed000001234000201080002000000"), "RDP", ""),
        (3389, b"", bytes.fromhex("030000130ed00000123400 0300080005000000"), "RDP", ""),
        (5432, b"", b"N", "PostgreSQL", ""),
        (5432, b"", b"S", "PostgreSQL", ""),
        (6379, b"", b"-NOAUTH Authentication required.\r\n", "Redis", ""),
        (6379, b"", b"+PONG\r\n", "Redis", ""),
        (11211, b"", b"VERSION 1.6.18\r\n", "memcached", "1.6.18"),
        (27017, b"", MONGO, "MongoDB", ""),
        (1433, b"", TDS, "SQL Server", "16.0.2000"),
        (1521, b"", b"\x00\x0c\x00\x00\x04\x00\x00\x00\x22\x00\x00\x00", "Oracle TNS", ""),
        (389, b"", bytes.fromhex("3084000000100201016484000000070400308400000000"), "LDAP", ""),
        (135, b"", bytes.fromhex("05000c03100000003c00000001000000b810b810"), "MSRPC", ""),
        (139, b"", b"\x83\0\0\x01\x82", "NetBIOS", ""),
        (445, b"", b"\0\0\0\xf8\xfeSMB" + bytes(60), "SMB", ""),
        (4786, b"", struct.pack("!IIIIII", 4, 0, 3, 8, 1, 0), "Cisco Smart Install", ""),
        (8443, b"", b"\x16\x03\x03\x00\x7a\x02", "TLS", ""),
        (8443, b"", b"\x15\x03\x01\x00\x02\x02\x28", "TLS", ""),
        (8080, b"", b"HTTP/1.1 404 Not Found\r\nServer: nginx/1.26.0\r\n\r\n", "HTTP", "nginx/1.26.0"),
        (9200, b"", ELASTIC, "Elasticsearch", ""),
        (2375, b"", b"HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\nServer: Docker/27.3\r\n\r\nOK", "Docker", "Docker/27.3"),
        (5985, b"", b"HTTP/1.1 405\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n", "WinRM", "Microsoft-HTTPAPI/2.0"),
        (10000, b"", b"HTTP/1.0 200 Document follows\r\nServer: MiniServ/2.1\r\n\r\n", "Webmin", "MiniServ/2.1"),
    ],
)
def test_spoken_first_bytes_of_a_server_give_its_protocol(
    port: int, greeting: bytes, reply: bytes, protocol: str, product: str
) -> None:
    found = recognise(port, greeting, reply)
    assert found == RecognisedProtocol(protocol=protocol, product=product)
    assert is_its_own(port, found)


@pytest.mark.parametrize(
    ("port", "greeting", "reply"),
    [
        (23, b"welcome to the game\r\n", b""),
        (22, b"x7Gq9 random line of a tarpit\r\n", b""),
        (5432, b"", b"HELLO"),
        (5432, b"S", b""),
        (3389, b"", b"\x03\x00\x00\x13"),
        (6379, b"", b"-ERR unknown command\r\n"),
        (27017, b"", struct.pack("<iiiiI", 300, 7, 1, 2_013, 0)),
        (1521, b"", b"\x00\x20\x00\x00\x04\x00\x00\x00"),
        (3306, b"\x05\0\0\0\xff\x01", b""),
        (514, b"Connection refused by policy\r\n", b""),
    ],
)
def test_spoken_other_bytes_give_no_protocol(port: int, greeting: bytes, reply: bytes) -> None:
    assert recognise(port, greeting, reply) is None


@pytest.mark.parametrize(
    ("port", "reply"), [(9200, b"HTTP/1.1 400 Bad Request\r\n\r\n"), (3389, b"\x15\x03\x03\x00\x02\x02\x28")]
)
def test_is_its_own_web_on_a_port_of_another_protocol_is_not(port: int, reply: bytes) -> None:
    found = recognise(port, b"", reply)
    assert found is not None
    assert not is_its_own(port, found)


def test_a_product_is_one_short_printable_line() -> None:
    found = recognise(22, b"SSH-2.0-\x1b[31m\x00" + b"x" * 300)
    assert found is not None
    assert len(found.product) <= 64
    assert found.product.isprintable()


def test_message_never_names_a_user_or_a_password() -> None:
    for port in HELLOS:
        data = message(port, "www.example", "www.example", "agent").lower()
        assert not any(word in data for word in (b"user ", b"pass ", b"auth ", b"authorization"))


def test_message_frames_say_their_own_length() -> None:
    assert int.from_bytes(port_hellos.HELLOS[1433].message[2:4]) == len(port_hellos.HELLOS[1433].message)
    assert int.from_bytes(port_hellos.HELLOS[1521].message[:2]) == len(port_hellos.HELLOS[1521].message)
    assert int.from_bytes(port_hellos.HELLOS[135].message[8:10], "little") == len(port_hellos.HELLOS[135].message)
    assert int.from_bytes(port_hellos.HELLOS[3389].message[2:4]) == len(port_hellos.HELLOS[3389].message)
    assert int.from_bytes(port_hellos.HELLOS[27017].message[:4], "little") == len(port_hellos.HELLOS[27017].message)
    assert int.from_bytes(port_hellos.HELLOS[139].message[2:4]) == len(port_hellos.HELLOS[139].message) - 4


@pytest.mark.parametrize(
    ("port", "data", "protocol"),
    [
        (5601, b"HTTP/1.1 503 Service Unavailable\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n", "HTTP"),
        (8080, b'HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm="Security"\r\n\r\n', "HTTP"),
        (9200, b"HTTP/1.1 200 OK\r\nApi-Version: 2\r\n\r\n{}", "HTTP"),
        (514, b"220 mail ESMTP\r\n", "SMTP"),
    ],
)
def test_spoken_words_of_others_are_no_management(port: int, data: bytes, protocol: str) -> None:
    found = recognise(port, data if port == 514 else b"", b"" if port == 514 else data)
    assert found is not None
    assert found.protocol == protocol
