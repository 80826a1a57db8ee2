"""Tests the reading of received light from makers' tables and from sensors."""

from collections.abc import Iterator

import pytest

from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.optics import Light, light
from probes.wire.snmp.tree import Oid, Tree

PORTS: dict[Oid, int | str] = {(7,): "Ethernet1/1", (8,): "Ethernet1/1/2", (9,): "sfp1"}
Column = dict[Oid, int | str]


def rows(columns: dict[Oid, Column]) -> Iterator[Varbind]:
    whole: dict[Oid, Column] = {oids.IF_NAME: PORTS, **columns}
    for column, values in whole.items():
        for index, value in values.items():
            if isinstance(value, int):
                yield Varbind(dotted((*column, *index)), "int", str(value))
            else:
                yield Varbind(dotted((*column, *index)), "octets", value.encode().hex())


def seen(columns: dict[Oid, Column]) -> list[tuple[int, float, float | None]]:
    return [(one.if_index, round(one.dbm, 2), one.least) for one in light(Tree(rows(columns)))]


def sensor(
    kind: int, scale: int, digits: int, value: int, text: str, *, status: int = 1, at: int = 100
) -> dict[Oid, Column]:
    numbers = zip(range(1, 6), (kind, scale, digits, value, status), strict=True)
    columns: dict[Oid, Column] = {(*oids.ENTITY_SENSOR_ENTRY, number): {(at,): worth} for number, worth in numbers}
    return {**columns, oids.ENT_DESCR: {(at,): text}}


def test_juniper_has_hundredths_of_dbm_and_its_own_least_by_interface() -> None:
    columns: dict[Oid, Column] = {oids.JUNIPER_RX_POWER: {(7,): -1974}, oids.JUNIPER_RX_LEAST: {(7,): -2823}}
    assert light(Tree(rows(columns))) == (Light(if_index=7, dbm=-19.74, least=-28.23),)


@pytest.mark.parametrize("unset", [0, 500, -1])
def test_juniper_has_no_least_where_its_threshold_is_not_set(unset: int) -> None:
    columns: dict[Oid, Column] = {oids.JUNIPER_RX_POWER: {(7,): -1974}, oids.JUNIPER_RX_LEAST: {(7,): unset}}
    assert seen(columns) == [(7, -19.74, None)]


def huawei(received: tuple[int, int], least: int, sent: int = 0) -> list[tuple[int, float, float | None]]:
    """Return the levels read from a device with two optical ports."""
    return seen(
        {
            oids.HUAWEI_RX_POWER: {(5,): received[0], (6,): received[1]},
            oids.HUAWEI_RX_LEAST: {(5,): least, (6,): least},
            oids.HUAWEI_TX_POWER: {(5,): sent, (6,): sent},
            oids.ENT_NAME: {(5,): "Ethernet1/1", (6,): "Ethernet1/1/2"},
        }
    )


@pytest.mark.parametrize(
    ("received", "sent", "expected"),
    [
        pytest.param((-851, 0), 0, [(7, -8.51, -19.0)], id="dbm"),
        pytest.param((-851, 10), 0, [(7, -8.51, -19.0), (8, 0.1, -19.0)], id="dbm-another-port-tells"),
        pytest.param((10, -1), -132, [(7, 0.1, -19.0)], id="dbm-sent-power-tells"),
        pytest.param((100, 10), 562, [(7, -10.0, -19.0), (8, -20.0, -19.0)], id="microwatts"),
        pytest.param((35, 12), 210, [], id="strong-light-in-dbm-or-little-in-microwatts"),
        pytest.param((0, -1), -1, [], id="not-measured"),
    ],
)
def test_huawei_has_hundredths_of_dbm_or_microwatts_by_device(
    received: tuple[int, int], sent: int, expected: list[tuple[int, float, float | None]]
) -> None:
    assert huawei(received, -1900, sent) == expected


@pytest.mark.parametrize("unset", [0, 20, -1])
def test_huawei_has_no_least_where_its_threshold_is_not_set(unset: int) -> None:
    assert huawei((-851, 0), unset) == [(7, -8.51, None)]


def test_mikrotik_has_thousandths_of_dbm_by_name() -> None:
    columns: dict[Oid, Column] = {
        oids.MIKROTIK_OPTICAL_NAME: {(3,): "sfp1", (4,): "sfp2"},
        oids.MIKROTIK_RX_POWER: {(3,): -5100, (4,): -5100},
    }
    assert seen(columns) == [(9, -5.1, None)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param(sensor(6, 8, 4, 5012, "DOM RX Power Sensor for Ethernet1/1"), [(7, -3.0, None)], id="milliwatts"),
        pytest.param(sensor(14, 9, 1, -72, "Ethernet1/1 Receive Power"), [(7, -7.2, None)], id="dbm"),
        pytest.param(sensor(14, 9, 1, -72, "Ethernet1/1/2 Receive Power"), [(8, -7.2, None)], id="longer-name"),
        pytest.param(sensor(14, 9, 1, -72, "Ethernet1/1 Transmit Power"), [], id="transmit"),
        pytest.param(sensor(8, 9, 0, 30, "Ethernet1/1 Rx temperature"), [], id="temperature"),
        pytest.param(sensor(14, 9, 1, -72, "Ethernet1/1 Rx", status=3), [], id="not-operational"),
        pytest.param(sensor(6, 9, 0, 0, "Ethernet1/1 Rx"), [], id="no-light"),
        pytest.param(sensor(14, 99, 1, -72, "Ethernet1/1 Rx"), [], id="no-scale"),
        pytest.param(sensor(14, 9, 0, 300, "Ethernet1/1 Rx"), [], id="no-power"),
        pytest.param(sensor(14, 9, 0, -7, "Slot 3 Rx"), [], id="no-port"),
    ],
)
def test_sensors_that_measure_received_power_count(
    columns: dict[Oid, Column], expected: list[tuple[int, float, float | None]]
) -> None:
    assert seen(columns) == expected


def test_of_several_lanes_the_darkest_counts() -> None:
    first, second = (sensor(14, 9, 1, value, "Ethernet1/1 Rx", at=at) for at, value in ((100, -72), (101, -95)))
    assert seen({column: {**values, **second[column]} for column, values in first.items()}) == [(7, -9.5, None)]
