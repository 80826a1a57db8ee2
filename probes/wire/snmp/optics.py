"""Reads the optical power that a device's ports receive, from standard sensors or the manufacturer's table.

Powers are in dBm. Sensors name a port in words; the longest interface name in them identifies it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid, Tree

_WATTS, _DBM = 6, 14
"""Sensor types (EntitySensorDataType, RFC 3433; the second only in CISCO-ENTITY-SENSOR-MIB)."""
OPTICAL = frozenset({_WATTS, _DBM})
_OK, _UNITS = 1, 9
_RECEIVES = ("rx", "receive", "input power")
_DARK, _BRIGHT = -60.0, 20.0
"""The bounds of a plausible power; values outside are no measurement."""
_STRONGEST = 500
"""The hundredths of dBm that no port module exceeds in sending or receiving; in microwatts it is the usual power."""
_NOT_MEASURED = frozenset({0, -1})
"""The values that Huawei's devices give where nothing is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Holds the power that one port receives. ``least``: the lowest that the device calls good, None if not given."""

    if_index: int
    dbm: float
    least: float | None = None


def light(tree: Tree) -> tuple[Light, ...]:
    """Return one reading for each port that has any, in order; for a port with several lanes the lowest."""
    names = _names(tree)
    found: dict[int, Light] = {}
    for sensor in (*_juniper(tree), *_huawei(tree, names), *_mikrotik(tree, names), *_sensors(tree, names)):
        known = found.get(sensor.if_index)
        if _DARK <= sensor.dbm <= _BRIGHT and (known is None or sensor.dbm < known.dbm):
            found[sensor.if_index] = sensor
    return tuple(found[index] for index in sorted(found))


def _names(tree: Tree) -> Mapping[str, int]:
    pairs = (pair for column in (oids.IF_DESCR, oids.IF_NAME) for pair in tree.texts(column).items())
    return {text.casefold(): index[0] for index, text in pairs if len(index) == 1 and text}


def _juniper(tree: Tree) -> Iterator[Light]:
    """Yield jnxDomCurrentTable: hundredths of dBm by ifIndex."""
    least = tree.integers(oids.JUNIPER_RX_LEAST)
    for index, value in tree.integers(oids.JUNIPER_RX_POWER).items():
        if len(index) == 1:
            yield Light(if_index=index[0], dbm=value / 100, least=_threshold(least.get(index)))


def _huawei(tree: Tree, names: Mapping[str, int]) -> Iterator[Light]:
    """Yield hwOpticalModuleInfoTable, by entity: hundredths of dBm or microwatts, depending on the device.

    A power below 0 shows the first unit, a power too high for a module in dBm the second. A device that shows neither
    is skipped, because strong and weak light look the same. Thresholds are hundredths of dBm on both.
    """
    received, sent = (_measured(tree.integers(column)) for column in (oids.HUAWEI_RX_POWER, oids.HUAWEI_TX_POWER))
    powers = (*received.values(), *sent.values())
    in_dbm = any(value < 0 for value in powers)
    if not in_dbm and max(powers, default=0) <= _STRONGEST:
        return
    least, entities = tree.integers(oids.HUAWEI_RX_LEAST), tree.texts(oids.ENT_NAME)
    for index, value in received.items():
        port = _port(entities.get(index, ""), names)
        dbm = value / 100 if in_dbm else _of_watts(value / 1e6)
        if port is not None and dbm is not None:
            yield Light(if_index=port, dbm=dbm, least=_threshold(least.get(index)))


def _measured(powers: Mapping[Oid, int]) -> Mapping[Oid, int]:
    return {index: value for index, value in powers.items() if value not in _NOT_MEASURED}


def _threshold(hundredths: int | None) -> float | None:
    """Return the lowest good power in dBm; None unless the value is below -1, which stands for a missing threshold."""
    return hundredths / 100 if hundredths is not None and hundredths < min(_NOT_MEASURED) else None


def _mikrotik(tree: Tree, names: Mapping[str, int]) -> Iterator[Light]:
    """Yield mtxrOpticalTable: thousandths of dBm, by interface name; 0 where nothing is measured."""
    ports = tree.texts(oids.MIKROTIK_OPTICAL_NAME)
    for index, value in tree.integers(oids.MIKROTIK_RX_POWER).items():
        port = names.get(ports.get(index, "").casefold())
        if port is not None and value:
            yield Light(if_index=port, dbm=value / 1000)


def _sensors(tree: Tree, names: Mapping[str, int]) -> Iterator[Light]:
    """Yield the readings of sensors: columns type, scale, precision, value, status, in this order in both MIBs."""
    texts = {**tree.texts(oids.ENT_DESCR), **{index: text for index, text in tree.texts(oids.ENT_NAME).items() if text}}
    described = tree.texts(oids.ENT_DESCR)
    for entry in (oids.ENTITY_SENSOR_ENTRY, oids.CISCO_SENSOR_ENTRY):
        types, scales, digits, values, states = (tree.integers((*entry, number)) for number in range(1, 6))
        for index, kind in types.items():
            words = f"{texts.get(index, '')} {described.get(index, '')}".casefold()
            port = _port(words, names) if any(word in words for word in _RECEIVES) else None
            if kind in OPTICAL and port is not None and index in values and states.get(index, _OK) == _OK:
                power = _scaled(values[index], scales.get(index, _UNITS), digits.get(index, 0))
                dbm = power if kind == _DBM else _of_watts(power)
                if dbm is not None:
                    yield Light(if_index=port, dbm=dbm)


def _scaled(value: int, scale: int, digits: int) -> float:
    """Return a value by scale, in thousandfold steps with units(9), and decimal digits; NaN if out of range."""
    if not 1 <= scale <= 17 or not -8 <= digits <= 9:
        return math.nan
    return float(value) * 10.0 ** (3 * (scale - _UNITS) - digits)


def _of_watts(watts: float) -> float | None:
    return 10 * math.log10(watts * 1000) if watts > 0 else None


def _port(words: str, names: Mapping[str, int]) -> int | None:
    """Return the interface with a name that occurs in ``words`` as a whole word; of several the longest name."""
    found = {word.strip("()[]:,;\"'") for word in words.casefold().split()} & names.keys()
    return names[max(found, key=len)] if found else None


def asked_of(maker: int) -> tuple[Oid, ...]:
    """Return the columns of a manufacturer's own table."""
    return {
        2011: (oids.HUAWEI_RX_POWER, oids.HUAWEI_TX_POWER, oids.HUAWEI_RX_LEAST),
        2636: (oids.JUNIPER_RX_POWER, oids.JUNIPER_RX_LEAST),
        14988: (oids.MIKROTIK_OPTICAL_NAME, oids.MIKROTIK_RX_POWER),
    }.get(maker, ())
