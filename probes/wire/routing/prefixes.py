"""Maps prefixes to values, a million of them in some tens of megabytes: one sorted array for each prefix length.

A look-up bisects once for each length that occurs; no intermediate objects are built.
"""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator, MutableSequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from operator import le
from socket import AF_INET, AF_INET6, inet_pton

from probes.wire.routing.faults import TableError, TableFault

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network
BITS = {4: 32, 6: 128}
LENGTHS = {f"{length:0{digits}}": length for digits in (1, 2, 3) for length in range(BITS[6] + 1)}
"""Prefix lengths by every spelling in at most three digits: a million rows are looked up and not parsed."""
MOST_ROWS = 5_000_000
"""The limit of rows per IP version in one table: three times the size of the largest tables today."""
_HALF = 64
_LEVEL = struct.Struct("=BBQ")  # version, length of the prefixes, how many
_WIDE = 16


@dataclass(slots=True)
class PrefixesOfLength:
    """Holds all prefixes of one length. IPv6 prefixes of at most 64 bits are stored as their first half."""

    networks: MutableSequence[int]
    values: "array[int]" = field(default_factory=lambda: array("Q"))

    def sort(self) -> None:
        """Sort by network; values of one network keep their order."""
        if all(map(le, self.networks, islice(self.networks, 1, None))):
            return
        order = sorted(range(len(self.networks)), key=self.networks.__getitem__)
        for held in (self.networks, self.values):
            held[:] = (
                type(held)(held.typecode, [held[n] for n in order])
                if isinstance(held, array)
                else [held[n] for n in order]
            )

    def of(self, network: int) -> Iterator[int]:
        place = bisect_left(self.networks, network)
        while place < len(self.networks) and self.networks[place] == network:
            yield self.values[place]
            place += 1


class Prefixes:
    """Maps prefixes to integers of at most 64 bits; call ``add``, then ``close``, then look up."""

    def __init__(self) -> None:
        self._levels: dict[int, dict[int, PrefixesOfLength]] = {4: {}, 6: {}}
        self.rows = {4: 0, 6: 0}

    def add(self, version: int, network: int, length: int, value: int) -> None:
        """Add a prefix. Raise TableError for more than MOST_ROWS of one IP version."""
        rows = self.rows[version]
        if rows >= MOST_ROWS:
            raise TableError(TableFault.ROWS, value=str(MOST_ROWS))
        self.rows[version] = rows + 1
        levels = self._levels[version]
        level = levels.get(length)
        if level is None:
            level = levels[length] = PrefixesOfLength(_room(version, length))
        level.networks.append(network >> _HALF if version == 6 and length <= _HALF else network)
        level.values.append(value)

    def close(self) -> None:
        for levels in self._levels.values():
            for level in levels.values():
                level.sort()

    def pack(self) -> bytes:
        """Return the whole map in the form that ``unpack`` takes on a machine of the same byte order."""
        pieces = []
        for version, levels in self._levels.items():
            for length, level in levels.items():
                held = level.networks
                networks = held.tobytes() if isinstance(held, array) else b"".join(n.to_bytes(16) for n in held)
                pieces += [_LEVEL.pack(version, length, len(held)), networks, level.values.tobytes()]
        return b"".join(pieces)

    @classmethod
    def unpack(cls, data: memoryview) -> "Prefixes":
        """Return the map that ``pack`` wrote; the data is not validated."""
        made, place = cls(), 0
        while place < len(data):
            version, length, rows = _LEVEL.unpack_from(data, place)
            networks, values = _room(version, length), array("Q")
            place += _LEVEL.size
            behind = place + rows * (networks.itemsize if isinstance(networks, array) else _WIDE)
            if isinstance(networks, array):
                networks.frombytes(data[place:behind])
            else:
                networks.extend(int.from_bytes(data[at : at + _WIDE]) for at in range(place, behind, _WIDE))
            place = behind + rows * values.itemsize
            values.frombytes(data[behind:place])
            made._levels[version][length] = PrefixesOfLength(networks, values)
            made.rows[version] += rows
        return made

    def covering(self, address: IPAddress) -> Iterator[tuple[IPNetwork, int]]:
        """Yield each value of each prefix that contains ``address``, the most specific prefix first."""
        bits, whole = BITS[address.version], int(address)
        levels = self._levels[address.version]
        for length in sorted(levels, reverse=True):
            network = whole >> (bits - length) << (bits - length)
            short = network >> _HALF if bits == 128 and length <= _HALF else network
            for value in levels[length].of(short):
                named = IPv6Network((network, length)) if bits == 128 else IPv4Network((network, length))
                yield named, value


def parse(text: str) -> tuple[int, int, int] | None:
    """Return ``2001:db8::/32`` as (version, network, length); None for no prefix or one with host bits set."""
    address, _, written = text.partition("/")
    length, pair = LENGTHS.get(written), parse_address(address)
    if length is None or pair is None:
        return None
    version, network = pair
    rest = BITS[version] - length
    if rest < 0 or network >> rest << rest != network:
        return None
    return version, network, length


def parse_address(text: str) -> tuple[int, int] | None:
    """Return an address as (version, number), None if it is malformed."""
    try:
        if ":" in text:
            return 6, int.from_bytes(inet_pton(AF_INET6, text))
        return 4, int.from_bytes(inet_pton(AF_INET, text))
    except (OSError, ValueError):
        return None


def _room(version: int, length: int) -> MutableSequence[int]:
    if version == 4:
        return array("I")
    return array("Q") if length <= _HALF else []
