"""Tests the reading of SRV records in their generic form, and of their targets."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model import Kind, Service
from probes.framework.clients import published
from probes.framework.expand import expand, name_tasks
from probes.observations.dns import LookupStatus, NameLookup
from probes.wire.dns.srv import Srv, read
from tests.golden import lab
from tests.golden.lab_mail import CLIENTS, V4, V6, host, names, srv

HEAD = struct.pack("!HHH", 1, 2, 993)
NAME = b"\x04Mail\x02vn\0"


def generic(data: bytes) -> str:
    return f"\\# {len(data)} {data.hex()}"


def test_a_record_and_the_target_that_says_there_is_none() -> None:
    assert read(generic(HEAD + NAME)) == Srv(1, 2, 993, "mail.vn")
    assert read(generic(HEAD + b"\0")) == Srv(1, 2, 993, "")


@pytest.mark.parametrize(
    "record",
    [
        "1 2 993 mail.vn",
        generic(HEAD),
        generic(HEAD + b"\x04Mail"),
        generic(HEAD + NAME + b"x"),
        generic(HEAD + b"\xc0\x0c"),
        generic(HEAD + b"\x03a b\0"),
        generic(HEAD + b"\x01a" * 128 + b"\0"),
        generic(HEAD + NAME) + "00",
    ],
)
def test_what_is_no_record(record: str) -> None:
    assert read(record) is None


@given(st.one_of(st.text(), st.binary(min_size=1, max_size=300).map(generic)))
def test_nothing_raises(record: str) -> None:
    found = read(record)
    assert found is None or 0 <= found.port < 65_536


def test_the_preferred_hosts_of_a_service_are_few() -> None:
    wire = [struct.pack("!HHH", 9 - n, 0, 993) + bytes([2]) + f"h{n}".encode() + b"\0" for n in range(9)]
    look = NameLookup(
        name="_imaps._tcp.a.vn",
        rtype="SRV",
        role="client-srv",
        status=LookupStatus.ANSWER,
        records=tuple(map(generic, wire)),
    )
    assert [client.host for client in published("a.vn", [look])] == ["h8", "h7", "h6", "h5"]
    assert published("b.vn", [look]) == ()


def test_both_families_of_the_hosts_are_connected_to_and_no_odd_port() -> None:
    evidence = [names(*srv("imaps", 993), *srv("submissions", 22), *host([V6], [V4]))]
    endpoint_tasks = expand(lab.mail(), evidence)
    assert {(str(task.endpoint.address), task.endpoint.port) for task in endpoint_tasks} == {(V4, 993), (V6, 993)}
    assert {(task.host, task.service) for task in endpoint_tasks} == {(CLIENTS, Service(name="imaps", port=993))}


def test_declared_services_stand_at_the_row_or_at_the_name() -> None:
    bare = lab.site(kind=Kind.MAIL, kinds=frozenset({Kind.MAIL}), host="a.vn", services=lab.services(("imaps", 993)))
    assert name_tasks(bare)[0].serves_clients
    placed = lab.site(
        kind=Kind.MAIL,
        kinds=frozenset({Kind.MAIL}),
        host="a.vn",
        services=lab.services(("imaps", 993)),
        addresses=(ip_address(V6),),
    )
    assert not name_tasks(placed)[0].serves_clients
    assert [str(task.endpoint.address) for task in expand(placed, [])] == [V6]
