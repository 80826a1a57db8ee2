"""JSON stored with a run is exact, canonical and strict."""

import json
import re
import tracemalloc
from datetime import date
from hashlib import sha256
from ipaddress import ip_address

import pytest

from inventory.dataclass_json import SerialError, decode, encode, from_bytes, to_bytes
from inventory.inventory import Inventory, SourceFile
from inventory.json_pieces import WHOLE
from inventory.model import (
    AgencyId,
    Clearance,
    DeclaredFacts,
    Exemption,
    Expectation,
    ExpectedState,
    Kind,
    Network,
    RowOrigin,
    Service,
    Subject,
    SubjectId,
)
from inventory.organisation import Organisation, Unit

FULL = Subject(
    id=SubjectId("cổng"),
    kind=Kind.PORTAL,
    kinds=frozenset({Kind.PORTAL, Kind.ZONE}),
    agency=AgencyId("H15"),
    name="Cổng",
    host="a.vn",
    addresses=(ip_address("192.0.2.1"), ip_address("2001:db8::1")),
    services=(Service(name="https", port=443),),
    network=Network.TSLCD,
    expected=Expectation(state=ExpectedState.EXEMPT, reason="x", signatory="y", until=date(2026, 12, 31)),
    clearance=Clearance.INTRUSIVE,
    authorisation="CV 1",
    snmp_profile="core",
    valid_from=date(2026, 1, 1),
    valid_to=date(2027, 1, 1),
    tags=("dkim=s1",),
    declared=DeclaredFacts(
        site="s",
        bandwidth_mbps=100.0,
        allowed_ports=(22, 443),
        expected_asn=(1, 2),
        security_level=3,
        activated=date(2026, 2, 3),
    ),
    candidates=frozenset({Kind.MAIL}),
    derived_from=(SubjectId("b"),),
    origin=RowOrigin(source="a.csv", row=2),
)
INVENTORY = Inventory(
    subjects=(FULL, Subject(id=SubjectId("r"), kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}))),
    organisation=Organisation(units=(Unit(code=AgencyId("H15"), name="Tỉnh", valid_from=date(2025, 7, 1)),)),
    exemptions=(Exemption(agency=AgencyId("H15"), check_prefix="ipv6", reason="x", signatory="y"),),
    sources=(SourceFile(name="a.csv", sha256="0" * 64),),
)


def test_round_trip_is_exact() -> None:
    data = INVENTORY.to_json()
    assert Inventory.from_json(data) == INVENTORY
    assert Inventory.from_json(data).to_json() == data
    assert INVENTORY.digest() == sha256(data).hexdigest()
    assert Inventory.from_json(Inventory().to_json()) == Inventory()


def test_the_bytes_are_canonical_and_leave_out_defaults() -> None:
    router = INVENTORY.subjects[1]
    assert to_bytes(router) == b'{"id":"r","kind":"router","kinds":["router"]}'
    assert encode(FULL.expected) == {"state": "exempt", "reason": "x", "signatory": "y", "until": "2026-12-31"}
    assert "Cổng".encode() in INVENTORY.to_json()


def test_equal_inventories_have_equal_digests_whatever_the_order_of_sets() -> None:
    other = Subject(id=SubjectId("r"), kind=Kind.ROUTER, kinds=frozenset([Kind.MAIL, Kind.ZONE, Kind.ROUTER]))
    same = Subject(id=SubjectId("r"), kind=Kind.ROUTER, kinds=frozenset([Kind.ROUTER, Kind.ZONE, Kind.MAIL]))
    assert to_bytes(other) == to_bytes(same)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[]", ": expected an object"),
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"id":"a","kind":"host","kinds":["host"],"declared":{"bandwidth_mbps":NaN}}', "not JSON"),
        ('{"kind":"host","kinds":["host"]}', ".id: missing"),
        ('{"id":"a","kind":"host","kinds":["host"],"colour":1}', ".colour: unknown field"),
        ('{"id":1,"kind":"host","kinds":["host"]}', ".id: expected str"),
        ('{"id":"a","kind":"hos","kinds":["host"]}', ".kind: 'hos' is not a valid Kind"),
        ('{"id":"a","kind":"host","kinds":"host"}', ".kinds: expected a list"),
        ('{"id":"a","kind":"host","kinds":["host","host"]}', ".kinds: a value stands twice"),
        ('{"id":"a","kind":"host","kinds":["host"],"valid_from":"20260101"}', "is not how it is written"),
        ('{"id":"a","kind":"host","kinds":["host"],"addresses":["2001:DB8::1"]}', "is not how it is written"),
        ('{"id":"a","kind":"host","kinds":["host"],"addresses":["x"]}', ".addresses[0]"),
        ('{"id":"a","kind":"host","kinds":["host"],"addresses":[1]}', ".addresses[0]: expected text"),
        ('{"id":"a","kind":"host","kinds":["host"],"services":[{"name":"x","port":true}]}', "port: expected int"),
        ('{"id":"a","kind":"host","kinds":["host"],"network":null}', ".network: expected text"),
    ],
)
def test_decoding_is_strict(data: str, message: str) -> None:
    with pytest.raises(SerialError) as caught:
        from_bytes(Subject, data.encode())
    assert message in str(caught.value)


def test_a_field_that_held_a_single_value_before_is_read_in_both_forms() -> None:
    data = '{"id":"a","kind":"host","kinds":["host"],"declared":{"expected_asn":%s}}'
    assert from_bytes(Subject, (data % "7552").encode()).declared.expected_asn == (7552,)
    assert from_bytes(Subject, (data % "[7552,13335]").encode()).declared.expected_asn == (7552, 13335)
    with pytest.raises(SerialError, match=r"expected_asn\[0\]: expected int"):
        from_bytes(Subject, (data % '"7552"').encode())


@pytest.mark.parametrize(
    ("before", "now"), [("::ffff:c633:6409", "::ffff:198.51.100.9"), ("::ffff:0:1", "::ffff:0.0.0.1")]
)
def test_mapped_addresses_are_written_alike_and_read_as_python_wrote_them_before_3_13(before: str, now: str) -> None:
    data = '{"addresses":["%s"],"id":"a","kind":"host","kinds":["host"]}'
    read = [from_bytes(Subject, (data % text).encode()) for text in (before, now)]
    assert [to_bytes(each) for each in read] == [(data % now).encode()] * 2
    with pytest.raises(SerialError, match="is not how it is written"):
        from_bytes(Subject, (data % before.upper()).encode())


def test_an_organisation_that_is_no_tree_is_refused() -> None:
    data = json.dumps({"organisation": {"units": [{"code": "a", "name": "a", "parent": "b"}]}})
    with pytest.raises(SerialError, match="unknown parent"):
        Inventory.from_json(data.encode())


def test_other_types_are_a_bug_not_a_document() -> None:
    with pytest.raises(TypeError):
        encode(object())
    with pytest.raises(TypeError):
        decode(dict[str, str], {})


def test_inventory_finds_subjects_by_id_and_day() -> None:
    assert INVENTORY.subject(SubjectId("r")) is INVENTORY.subjects[1]
    assert INVENTORY.subject(SubjectId("x")) is None
    assert INVENTORY.in_force(date(2025, 1, 1)) == (INVENTORY.subjects[1],)


def test_subjects_are_made_while_a_long_document_is_read() -> None:
    """The rows of 100,000 subjects as JSON would take four times as much memory as the subjects."""
    rows = tuple(Subject(id=SubjectId(f"s{n}"), kind=Kind.HOST, kinds=frozenset({Kind.HOST})) for n in range(4_000))
    data = to_bytes(Inventory(subjects=rows))
    assert len(data) > WHOLE
    tracemalloc.start()
    read = from_bytes(Inventory, data)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read.subjects == rows
    assert most < 1.3 * held


def test_what_is_wrong_in_a_long_document_is_told_with_its_place() -> None:
    rows = tuple(Subject(id=SubjectId(f"s{n}"), kind=Kind.HOST, kinds=frozenset({Kind.HOST})) for n in range(4_000))
    data = to_bytes(Inventory(subjects=rows)).replace(b'"id":"s3999","kind":"host"', b'"id":"s3999","kind":"hosts"')
    with pytest.raises(SerialError, match=re.escape(".subjects[3999].kind: ")):
        from_bytes(Inventory, data)


def test_subjects_share_what_is_alike_in_them() -> None:
    """A province has thousands of subjects and a few sets of kinds; memory grows with each that is made."""
    rows = [
        Subject(
            id=SubjectId(f"s{n}"),
            kind=Kind.PORTAL,
            kinds=frozenset({Kind.PORTAL}),
            agency=AgencyId("S1"),
            services=(Service(name="https", port=443),),
        )
        for n in range(2)
    ]
    first, second = from_bytes(Inventory, to_bytes(Inventory(subjects=tuple(rows)))).subjects
    assert first.kinds is second.kinds
    assert first.declared is second.declared
    assert first.expected is second.expected
    assert first.services is second.services
    assert first.agency is second.agency
    assert {type(kind) for kind in decode(frozenset[Kind], ["portal"])} == {Kind}
    assert {type(kind) for kind in decode(frozenset[str], ["portal"])} == {str}
