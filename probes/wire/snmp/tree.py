"""Holds the objects that a device returned, by column; an object of an unexpected type counts as absent."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol
from unicodedata import normalize

Oid = tuple[int, ...]
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""The character that replaces octets that are not UTF-8."""
_GREATER = 10**10
"""A number above any sub-identifier that ``oid_of`` reads."""
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_BYTE = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_BYTE}(\.{_BYTE}){{3}}")
_OID = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10}){0,127}")
"""Matches up to 128 sub-identifiers (RFC 2578 §3.5)."""


class Object(Protocol):
    """Describes an SNMP object; ``probes.observations.snmp.Varbind`` is one."""

    @property
    def oid(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def value(self) -> str: ...


class Tree:
    """Holds the objects of any number of gets and walks; for an object given twice the first counts."""

    def __init__(self, objects: Iterable[Object] = ()) -> None:
        self._columns: dict[Oid, dict[Oid, Object]] = {}
        self._all: dict[Oid, Object] = {}
        for varbind in objects:
            oid = oid_of(varbind.oid)
            if oid is not None:
                self._all.setdefault(oid, varbind)
        self._places = {oid: place for place, oid in enumerate(self._all)}
        self._ordered = sorted(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def has_below(self, root: Oid) -> bool:
        return bool(self._below(root))

    def integers(self, column: Oid) -> Mapping[Oid, int]:
        """Return the numbers of a column by index."""
        return {
            index: int(varbind.value) for index, varbind in self._of(column, "int") if _NUMBER.fullmatch(varbind.value)
        }

    def octets(self, column: Oid) -> Mapping[Oid, bytes]:
        pairs = ((index, octets_of(varbind.value)) for index, varbind in self._of(column, "octets"))
        return {index: data for index, data in pairs if data is not None}

    def texts(self, column: Oid) -> Mapping[Oid, str]:
        """Return readable texts by index: UTF-8 in the inventory's normal form (NFC), one printable line, bounded."""
        return {index: text_of(data) for index, data in self.octets(column).items()}

    def oids(self, column: Oid) -> Mapping[Oid, Oid]:
        pairs = ((index, oid_of(varbind.value)) for index, varbind in self._of(column, "oid"))
        return {index: oid for index, oid in pairs if oid is not None}

    def ips(self, column: Oid) -> Mapping[Oid, str]:
        return {index: varbind.value for index, varbind in self._of(column, "ip") if _IPV4.fullmatch(varbind.value)}

    def indexes(self, column: Oid) -> tuple[Oid, ...]:
        """Return every index of a column, for values of any type."""
        return tuple(self._column(column))

    def integer(self, oid: Oid) -> int | None:
        return next(iter(self.integers(oid).values()), None) if oid in self._all else None

    def text(self, oid: Oid) -> str | None:
        return self.texts(oid).get(()) if oid in self._all else None

    def oid(self, oid: Oid) -> Oid | None:
        return self.oids(oid).get(()) if oid in self._all else None

    def _of(self, column: Oid, kind: str) -> Iterator[tuple[Oid, Object]]:
        return ((index, varbind) for index, varbind in self._column(column).items() if varbind.type == kind)

    def _column(self, column: Oid) -> dict[Oid, Object]:
        rows = self._columns.get(column)
        if rows is None:
            size = len(column)
            rows = {oid[size:]: self._all[oid] for oid in sorted(self._below(column), key=self._places.__getitem__)}
            self._columns[column] = rows
        return rows

    def _below(self, root: Oid) -> list[Oid]:
        """Return the OIDs that begin with ``root``, sorted."""
        first = bisect_left(self._ordered, root)
        behind = bisect_left(self._ordered, (*root, _GREATER), lo=first)
        return self._ordered[first:behind]


@lru_cache(maxsize=16_384)  # all devices have the same objects, and each is read for several purposes
def oid_of(text: str) -> Oid | None:
    """Return the numbers of a dotted OID; None if it is invalid. ``0.0`` (zeroDotZero) is valid."""
    return tuple(map(int, text.split("."))) if _OID.fullmatch(text) else None


def octets_of(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def text_of(data: bytes) -> str:
    text = normalize("NFC", data.decode("utf-8", errors="replace"))
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:255]
