"""Reads the AS that announces each prefix, from three common forms of offline tables.

CAIDA's pfx2as (prefix, length, origin), pyasn's data files (prefix/length, origin), and the dumps of RIPE's RISwhois
(origin, prefix/length, number of peers that see it). Comments begin with ``;``, ``#`` or ``%``.
Several origins of one prefix are written ``1_2`` or in several rows; ``1,2`` and ``{1,2}`` are an AS_SET, which has no
origin that a ROA could name (RFC 6811 §2).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from probes.wire.routing.faults import TableError, TableFault
from probes.wire.routing.lines import lines
from probes.wire.routing.prefixes import IPAddress, IPNetwork, Prefixes, parse

_SET = 1 << 32
_SEEN = 33
_MOST_SEEN = (1 << 31) - 1
_DATED = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)(?:[T ._-]?(\d\d):?(\d\d))?")
_COMMENTS = 30


@dataclass(frozen=True, slots=True)
class Announced:
    """Holds one origin of a prefix; ``origin`` None: an AS_SET. ``seen``: the share of peers in percent, if known."""

    prefix: IPNetwork
    origin: int | None
    seen: int | None = None


class RouteTable:
    """Holds all routes of a table. ``dated`` is the date in its comments, as ``dated`` returns it."""

    def __init__(self) -> None:
        self._held = Prefixes()
        self._most = {4: 0, 6: 0}
        self.dated = ""

    def rows(self, version: int) -> int:
        """Return the number of routes of one IP version."""
        return self._held.rows[version]

    @property
    def empty(self) -> bool:
        return not any(self._held.rows.values())

    def covering(self, address: IPAddress) -> Iterator[Announced]:
        """Yield the routes that contain ``address``, the most specific first, without a default route."""
        most = self._most[address.version]
        for prefix, value in self._held.covering(address):
            if prefix.prefixlen:
                origin = None if value & _SET else value & (_SET - 1)
                yield Announced(prefix, origin, round(100 * (value >> _SEEN) / most) if most else None)

    def add(self, row: int, prefix: str, origin: str, seen: str = "") -> None:
        """Add a route; ``seen`` is the number of peers. Raise TableError if a value is invalid."""
        triple = parse(prefix)
        if triple is None:
            raise TableError(TableFault.PREFIX, row=row, field="prefix", value=prefix)
        version, network, length = triple
        peers = 0
        if seen:
            if not seen.isascii() or not seen.isdecimal() or len(seen) > 9:
                raise TableError(TableFault.NUMBER, row=row, field="peers", value=seen)
            peers = min(int(seen), _MOST_SEEN)
            if peers > self._most[version]:
                self._most[version] = peers
        for part in origin.split("_") if "_" in origin else (origin,):
            self._held.add(version, network, length, _origin(row, part) | peers << _SEEN)

    def close(self) -> None:
        self._held.close()

    def pack(self) -> bytes:
        """Return all routes in the form that ``unpack`` takes on a machine of the same byte order."""
        about = json.dumps([self.dated, self._most[4], self._most[6]]).encode("ascii")
        return about + b"\n" + self._held.pack()

    @classmethod
    def unpack(cls, data: bytes) -> "RouteTable":
        """Return the routes that ``pack`` wrote, in a hundredth of the time that ``read`` takes."""
        made, end = cls(), data.index(b"\n")
        made.dated, made._most[4], made._most[6] = json.loads(data[:end])
        made._held = Prefixes.unpack(memoryview(data)[end + 1 :])
        return made


def read(data: bytes) -> RouteTable:
    """Read a table. Raise TableError with the first invalid row; all rows have the form of the first."""
    routes = RouteTable()
    form = 0
    for row, line in lines(data):
        fields = line.split()
        if not fields or fields[0][0] in ";#%":
            if fields and row <= _COMMENTS:
                routes.dated = routes.dated or dated(line)
            continue
        if not form:
            form = _form(row, fields)
        if len(fields) != (2 if form == 2 else 3):
            raise TableError(TableFault.FIELDS, row=row, value=line.strip())
        if form == 1:
            routes.add(row, f"{fields[0]}/{fields[1]}", fields[2])
        elif form == 2:
            routes.add(row, fields[0], fields[1])
        else:
            routes.add(row, fields[1], fields[0], fields[2])
    if routes.empty:
        raise TableError(TableFault.EMPTY)
    routes.close()
    return routes


def dated(text: str) -> str:
    """Return a date of this century in a comment or file name as ``2026-11-24T06:00+00:00``; empty without one."""
    match = _DATED.search(text)
    if match is None:
        return ""
    year, month, day, hour, minute = match.groups()
    return f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}+00:00"


def _form(row: int, fields: list[str]) -> int:
    """Return the form of a row: 1 CAIDA, 2 pyasn, 3 RISwhois. Raise TableError for any other."""
    if len(fields) == 3 and "/" in fields[1]:
        return 3
    if len(fields) == 3 and "/" not in fields[0]:
        return 1
    if len(fields) == 2 and "/" in fields[0]:
        return 2
    raise TableError(TableFault.FORM, row=row, value=" ".join(fields))


def _origin(row: int, text: str) -> int:
    if text.isdecimal() and text.isascii() and len(text) < 11 and (number := int(text)) < _SET:
        return number
    parts = text.strip("{}").split(",")
    if (text[:1] == "{" or len(parts) > 1) and all(part.isascii() and part.isdecimal() for part in parts):
        return _SET
    raise TableError(TableFault.ASN, row=row, field="origin", value=text)
