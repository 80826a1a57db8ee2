"""Tests which requests the crafted-packet program accepts, and what its scope permits."""

import json
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import probes.rawpkt
from probes.rawpkt import forge, requests
from probes.rawpkt.requests import Forge, Lan, Malformed, Packet, Pmtud, Trace

SCHEMA = json.loads((Path(probes.rawpkt.__path__[0]) / "protocol.schema.json").read_text("utf-8"))
TRACE = {
    "id": 1,
    "do": "trace",
    "to": "2001:db8::1",
    "protocol": "udp",
    "port": 33434,
    "hops": 30,
    "tries": 3,
    "wait": 1.0,
    "interval": 0.1,
}
PMTUD = {
    "id": 2,
    "do": "pmtud",
    "to": "2001:db8::1",
    "port": 443,
    "host": "www.example.vn",
    "tls": True,
    "path": "/",
    "mtu": 1300,
    "wait": 8,
    "repeats": 3,
}
LAN = {"id": 4, "do": "lan", "interface": "eth1", "solicit": True, "wait": 6}
FORGE = {
    "id": 5,
    "do": "forge",
    "to": "2001:db8:ffff::1",
    "port": 18620,
    "interface": "eth1",
    "source": "bogon",
    "payload": "00ff",
    "copies": 3,
}
PACKET = {"id": 3, "do": "packet", "to": "2001:db8::1", "form": "fragments", "interface": "", "wait": 2}


def line(fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("fields", "kind"), [(TRACE, Trace), (PMTUD, Pmtud), (PACKET, Packet), (LAN, Lan), (FORGE, Forge)]
)
def test_a_request(fields: dict[str, Any], kind: type) -> None:
    jsonschema.validate(fields, SCHEMA)
    assert isinstance(requests.read(line(fields)), kind)


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        (TRACE, {"more": 1}),
        (TRACE, {"hops": 65}),
        (TRACE, {"hops": True}),
        (TRACE, {"tries": 8}),
        (TRACE, {"port": 0}),
        (TRACE, {"protocol": "sctp"}),
        (TRACE, {"wait": 1e9}),
        (TRACE, {"interval": 0}),
        (TRACE, {"to": "example.vn"}),
        (TRACE, {"do": "shell"}),
        (PMTUD, {"to": "192.0.2.1"}),
        (PMTUD, {"host": "a b"}),
        (PMTUD, {"host": "a\r\nX: y"}),
        (PMTUD, {"path": "nowhere"}),
        (PMTUD, {"path": "/\r\n"}),
        (PMTUD, {"tls": 1}),
        (PMTUD, {"mtu": 1279}),
        (PACKET, {"form": "smurf"}),
        (LAN, {"interface": "a b"}),
        (LAN, {"interface": "sixteen-letters!"}),
        (LAN, {"solicit": 1}),
        (LAN, {"wait": 1e6}),
        (FORGE, {"source": "2001:db8::1"}),
        (FORGE, {"payload": "00f"}),
        (FORGE, {"payload": "00" * 65}),
        (FORGE, {"payload": ""}),
        (FORGE, {"copies": 4}),
        (FORGE, {"interface": "eth1 "}),
        (PACKET, {"interface": "eth0 "}),
        (PACKET, {"interface": "x" * 64}),
        (PACKET, {"to": "192.0.2.1"}),
    ],
)
def test_what_is_no_request(base: dict[str, Any], changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        requests.read(line(base | changes))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"1", b"[" * 100_000, b'{"id": 1}', b"\xff"])
def test_what_is_no_line(text: bytes) -> None:
    with pytest.raises(Malformed):
        requests.read(text)
    with pytest.raises(Malformed):
        requests.read_scope(text)


def test_a_missing_field() -> None:
    for name in TRACE:
        with pytest.raises(Malformed):
            requests.read(line({key: value for key, value in TRACE.items() if key != name}))


@pytest.mark.parametrize(
    ("address", "allow", "deny", "permitted"),
    [
        ("2001:db8::1", ["2001:db8::/32"], [], True),
        ("2001:db8::1", ["2001:db9::/32"], [], False),
        ("2001:db8::1", ["2001:db8::/32"], ["2001:db8::1/128"], False),
        ("192.0.2.1", ["::/0"], [], False),
        ("192.0.2.1", ["0.0.0.0/0"], [], True),
        ("127.0.0.1", ["0.0.0.0/0"], [], False),
        ("127.0.0.1", ["127.0.0.0/8"], [], True),
        ("::1", ["::/0"], [], False),
        ("::1", ["::1/128"], [], True),
        ("fe80::1", ["::/0"], [], False),
        ("ff02::1", ["::/0"], [], False),
        ("::ffff:127.0.0.1", ["::/0"], [], False),
        ("::ffff:127.0.0.1", ["::ffff:0:0/96"], [], False),
        ("2001:db8::1", [], [], False),
        ("168.63.129.16", ["0.0.0.0/0"], [], False),
        ("100.100.100.200", ["0.0.0.0/0"], [], False),
        ("100.100.100.200", ["100.100.100.200/32"], [], True),
        ("192.0.0.192", ["0.0.0.0/0"], [], False),
        ("fd00:ec2::254", ["::/0"], [], False),
        ("fd20:ce::254", ["::/0"], [], False),
        ("fec0::1", ["::/0"], [], False),
        ("64:ff9b:1::1", ["::/0"], [], False),
        ("64:ff9b:1::1", ["64:ff9b:1::/64"], [], True),
        ("::ffff:0:127.0.0.1", ["::/0"], [], False),
        ("64:ff9b::127.0.0.1", ["::/0"], [], False),
        ("64:ff9b::192.0.2.1", ["::/0"], [], True),
        ("64:ff9b::192.0.2.1", ["::/0"], ["192.0.2.0/24"], False),
        ("64:ff9b::127.0.0.1", ["::/0", "127.0.0.1/32"], [], True),
        ("2002:7f00:1::1", ["::/0"], [], False),
        ("2002:c000:201::1", ["::/0"], [], True),
        ("2001:0:c000:201::80ff:fffe", ["::/0"], [], False),  # Teredo: the client is 127.0.0.1
        ("2001:0:7f00:1::3fff:fdfe", ["::/0"], [], False),  # Teredo: the server is 127.0.0.1
        ("2001:db8::5efe:169.254.169.254", ["::/0"], [], False),
        ("2001:db8::200:5efe:10.0.0.1", ["::/0"], ["10.0.0.0/8"], False),
        ("2001:db8::200:5efe:10.0.0.1", ["::/0"], [], True),
    ],
)
def test_scope_permits_what_is_allowed_and_not_denied(
    address: str, allow: list[str], deny: list[str], permitted: bool
) -> None:
    scope = requests.read_scope(line({"allow": allow, "deny": deny, "interfaces": [], "receivers": []}))
    request = requests.read(line(TRACE | {"to": address}))
    assert isinstance(request, Trace)
    assert scope.permits(request.to) is permitted


def test_the_scope_is_read_strictly() -> None:
    good: dict[str, object] = {"allow": [], "deny": [], "interfaces": [], "receivers": []}
    jsonschema.validate(good, SCHEMA)
    requests.read_scope(line(good))
    wrongs: list[dict[str, object]] = [
        {"allow": "::/0"},
        {"allow": [1]},
        {"allow": ["x"]},
        {"interfaces": "eth0"},
        {"interfaces": ["a b"]},
        {"receivers": "::1"},
        {"receivers": ["2001:db8::/32"]},
        {"receivers": ["::1"] * 101},
    ]
    for wrong in ({"allow": []}, *(good | wrong for wrong in wrongs)):
        with pytest.raises(Malformed):
            requests.read_scope(line(wrong))


def test_forged_sources_are_shown_to_receivers_alone() -> None:
    told = {"allow": ["::/0"], "deny": [], "interfaces": ["eth1"], "receivers": ["2001:db8:ffff::1"]}
    scope = requests.read_scope(line(told))
    assert scope.expects(ip_address("2001:db8:ffff::1"))
    assert not scope.expects(ip_address("2001:db8:ffff::2"))
    denied = requests.read_scope(line(told | {"deny": ["2001:db8:ffff::/48"]}))
    assert not denied.expects(ip_address("2001:db8:ffff::1"))


@pytest.mark.parametrize("own", ["2001:db8:ca:1::10", "fd00::1", "10.77.1.10", "192.0.2.33", "192.0.2.222", "10.0.0.1"])
def test_the_sources_that_are_forged(own: str) -> None:
    ours = ip_address(own)
    near = forge.source_of("neighbour", ours)
    assert near != ours
    assert near in ip_network((ours, 24 if ours.version == 4 else 64), strict=False)
    assert ours.version == 6 or int(near) & 0xFF not in (0, 1, 254, 255)
    assert forge.source_of("own", ours) == ours
    ranges = {4: ip_network("198.18.0.0/15"), 6: ip_network("2001:2::/48")}
    assert forge.source_of("bogon", ours) in ranges[ours.version]
    assert forge.source_of("bogon", ours) == forge.source_of("bogon", ours)
