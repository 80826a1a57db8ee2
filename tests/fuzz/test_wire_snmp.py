"""Reading any objects of an agent never raises, and every address found is in its answer."""

from ipaddress import IPv6Address

from hypothesis import example, given
from hypothesis import strategies as st

from probes.observations.snmp import Varbind
from probes.wire.snmp import gets, messages, oids
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.index import address_in, length_in
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.optics import light
from probes.wire.snmp.routes import routes_to
from probes.wire.snmp.routing import peers
from probes.wire.snmp.tree import Tree, text_of
from probes.wire.snmp.ups import ups

NUMBERS = st.one_of(st.integers(0, 255), st.sampled_from([4, 16, 20, 1, 2, 0]), st.integers(0, 2**32 - 1))
INDEXES = st.lists(NUMBERS, max_size=40).map(tuple)
ROOTS = st.sampled_from(
    [
        *((*oids.IP_ADDRESS_ENTRY, n) for n in range(3, 8)),
        *((*oids.LEGACY_ADDR_ENTRY, n) for n in (2, 3, 5)),
        *((*oids.IP_ADDR_ENTRY, n) for n in (1, 2, 3)),
        (*oids.TPLINK_ADDR_ENTRY, 4),
        oids.HUAWEI_GLOBAL_ADDR,
        *((*oids.IP_NET_TO_PHYSICAL_ENTRY, n) for n in (4, 6, 7)),
        *((*oids.LEGACY_NEIGHBOUR_ENTRY, n) for n in (2, 3, 4)),
        *(oids.default_route(oids.INET_CIDR_ROUTE_ENTRY, n) for n in (7, 17)),
        (*oids.IP_DEFAULT_ROUTER_ENTRY, 4),
    ]
)
VALUES = st.one_of(
    st.tuples(st.just("int"), st.integers(-(2**63), 2**64).map(str)),
    st.tuples(st.sampled_from(["octets", "cut"]), st.binary(max_size=40).map(bytes.hex)),
    st.tuples(st.just("oid"), INDEXES.map(lambda i: dotted((*oids.IP_ADDRESS_PREFIX_ENTRY, 5, *i)))),
    st.tuples(st.just("ip"), st.sampled_from(["255.255.255.0", "0.0.0.0", "192.0.2.1"])),
    st.just(("null", "")),
)
OBJECTS = st.builds(lambda root, index, value: Varbind(dotted((*root, *index)), *value), ROOTS, INDEXES, VALUES)


@given(INDEXES)
def test_an_address_stands_in_its_index(index: tuple[int, ...]) -> None:
    found = address_in(index)
    if found is not None:
        octets = tuple(found.address.packed)
        places = range(len(index) - len(octets) + 1)
        text = bytes(n for n in index if n <= 255).decode("latin-1")
        assert any(index[at : at + len(octets)] == octets for at in places) or ":" in text or "." in text


@given(INDEXES)
def test_a_length_is_the_last_number_of_its_pointer(index: tuple[int, ...]) -> None:
    pair = length_in((*oids.IP_ADDRESS_PREFIX_ENTRY, *index), oids.IP_ADDRESS_PREFIX_ENTRY)
    if pair is not None:
        assert pair[1] == index[-1] <= pair[0].max_prefixlen


@given(st.lists(OBJECTS, max_size=30))
def test_reading_never_raises(objects: list[Varbind]) -> None:
    for address in addresses(Tree(objects)):
        longest = 128 if isinstance(address.address, IPv6Address) else 32
        assert address.prefix_length is None or 0 <= address.prefix_length <= longest
    assert not any(neighbour.address.is_multicast for neighbour in neighbours(Tree(objects)))
    assert all(
        route.next_hop is None or route.next_hop.version == 6 for route in routes_to(Tree(objects), oids.EVERYWHERE)
    )


MEASURED = st.sampled_from(
    [
        oids.IF_NAME,
        oids.ENT_NAME,
        oids.ENT_DESCR,
        oids.JUNIPER_RX_POWER,
        oids.JUNIPER_RX_LEAST,
        oids.HUAWEI_RX_POWER,
        oids.HUAWEI_TX_POWER,
        oids.HUAWEI_RX_LEAST,
        oids.MIKROTIK_OPTICAL_NAME,
        oids.MIKROTIK_RX_POWER,
        oids.H3C_PEER_STATE,
        *((*oids.ENTITY_SENSOR_ENTRY, n) for n in range(1, 6)),
    ]
)
FEW = st.sampled_from([(1,), (2,), (), (1, 1), (0,) * 16])
NAMES = st.tuples(
    st.just("octets"), st.sampled_from(["eth1", "rx eth1", "Rx eth2", ""]).map(lambda t: t.encode().hex())
)
SENSORS = st.builds(lambda root, index, value: Varbind(dotted((*root, *index)), *value), MEASURED, FEW, VALUES | NAMES)
SCALARS = st.builds(
    lambda oid, value: Varbind(dotted(oid), *value),
    st.sampled_from([oids.UPS_BATTERY_STATUS, oids.UPS_OUTPUT_SOURCE, oids.UPS_SECONDS_ON_BATTERY, oids.UPS_ALARMS]),
    VALUES,
)


@given(st.lists(SENSORS | SCALARS, max_size=40))
def test_reading_what_is_measured_never_raises(objects: list[Varbind]) -> None:
    assert all(-60 <= light.dbm <= 20 for light in light(Tree(objects)))
    assert all(peer.address.version == 6 for peer in peers(Tree(objects)))
    found = ups(Tree(objects))
    assert found is None or found.alarms >= 0


@given(st.binary(max_size=600))
def test_texts_are_one_printable_line(data: bytes) -> None:
    text = text_of(data)
    assert len(text) <= 255
    assert text.isprintable()


@given(st.binary(max_size=80), st.integers(0, 60), st.sampled_from([messages.V1, messages.V2C, messages.V3]))
@example(b"\x17", 16, messages.V1)  # a PDU of one element
@example(b"\x00", 27, messages.V1)  # an object without name and value
def test_any_datagram_is_an_answer_or_none(noise: bytes, at: int, version: int) -> None:
    answer = messages.get(version, b"public", 1, messages.SYS_UP_TIME).replace(b"\xa0", b"\xa2", 1)
    for wire in (noise, answer[:at] + noise + answer[at:], answer[:at] + noise, messages.discovery(1)[:at] + noise):
        read = messages.read(wire)
        assert read is None or len(read.engine_id) <= 32


@given(st.binary(max_size=80), st.integers(0, 70), st.integers(0, 40))
def test_any_datagram_is_an_answer_to_a_get_or_unreadable(noise: bytes, at: int, over: int) -> None:
    answer = gets.question(b"public", gets.LARGEST_ID, ("1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0")).replace(
        b"\xa0", b"\xa2", 1
    )
    for wire in (noise, answer[:at] + noise + answer[at:], answer[:at] + noise + answer[at + over :]):
        pair = gets.answer(wire)
        gets.asked(wire)
        if pair is not None:
            try:
                status, objects = gets.objects(wire, pair[1])
            except ValueError:
                continue
            assert isinstance(status, int)
            assert all(value is None or isinstance(value, int | bytes | str) for _, value in objects)
