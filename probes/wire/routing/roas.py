"""Reads validated ROA payloads (VRP) as routinator exports them: ``--format json`` and ``csv``, with their variants.

One VRP authorises an AS to announce a prefix, and parts of it up to ``maxLength`` (RFC 6811 §2, RFC 9582).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.json_pieces import Json, members
from probes.wire.routing.faults import TableError, TableFault
from probes.wire.routing.lines import lines
from probes.wire.routing.prefixes import BITS, LENGTHS, MOST_ROWS, IPAddress, IPNetwork, Prefixes, parse

AS_LIMIT = 1 << 32
_ROA = re.compile(
    rb'\s*\{\s*"asn":\s*"(?:AS)?(\d{1,10})",\s*"prefix":\s*"([0-9a-fA-F:./]{1,49})",\s*"maxLength":\s*(\d{1,3})'
    rb'(?:,\s*"ta":\s*"[^"\\]*")?\s*\}\s*([,\]])'
)
"""Matches an object as routinator writes it; the JSON parser reads all others."""
_LIST = re.compile(rb'\A\s*\{(?:\s*"metadata":\s*(\{[^{}]{0,10000}\})\s*,)?\s*"roas":\s*\[')
_END = re.compile(rb"\s*\}\s*\Z")
_COLUMNS = {"asn": "asn", "ipprefix": "prefix", "maxlength": "maxlength"}


@dataclass(frozen=True, slots=True)
class Vrp:
    """Holds one authorisation."""

    prefix: IPNetwork
    max_length: int
    asn: int


class Roas:
    """Holds all authorisations of an export. ``generated`` is the export's own time as text, empty if it has none."""

    def __init__(self) -> None:
        self._held = Prefixes()
        self.generated = ""

    def rows(self, version: int) -> int:
        """Return the number of authorisations of one IP version."""
        return self._held.rows[version]

    @property
    def empty(self) -> bool:
        return not any(self._held.rows.values())

    def covering(self, address: IPAddress) -> Iterator[Vrp]:
        """Yield the authorisations with a prefix that contains ``address``, the most specific first."""
        for prefix, value in self._held.covering(address):
            yield Vrp(prefix, value & 0xFF, value >> 8)

    def add(self, row: int, asn: str, prefix: str, max_length: str, names: Sequence[str] = ()) -> None:
        """Add an authorisation; ``names`` are the file's names of the three values. Raise TableError for a bad one."""
        called = names or ("asn", "prefix", "maxLength")
        number = _asn(asn)
        if number is None:
            raise TableError(TableFault.ASN, row=row, field=called[0], value=asn)
        triple = parse(prefix)
        if triple is None:
            raise TableError(TableFault.PREFIX, row=row, field=called[1], value=prefix)
        version, network, length = triple
        longest = LENGTHS.get(max_length)
        if longest is None or not length <= longest <= BITS[version]:
            raise TableError(TableFault.LENGTH, row=row, field=called[2], value=max_length)
        self._held.add(version, network, length, number << 8 | longest)

    def close(self) -> None:
        self._held.close()

    def pack(self) -> bytes:
        """Return all authorisations in the form that ``unpack`` takes on a machine of the same byte order."""
        return json.dumps(self.generated).encode("ascii") + b"\n" + self._held.pack()

    @classmethod
    def unpack(cls, data: bytes) -> "Roas":
        """Return the authorisations that ``pack`` wrote, in a hundredth of the time that ``read`` takes."""
        made, end = cls(), data.index(b"\n")
        made.generated = json.loads(data[:end])
        made._held = Prefixes.unpack(memoryview(data)[end + 1 :])
        return made


def read(data: bytes) -> Roas:
    """Read JSON or CSV, told apart by the first character. Raise TableError with the first invalid row."""
    roas = Roas()
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        if not _quickly(data, roas):
            roas = Roas()
            _json(data, roas)
    else:
        _csv(data, roas)
    if roas.empty:
        raise TableError(TableFault.EMPTY)
    roas.close()
    return roas


def _quickly(data: bytes, roas: Roas) -> bool:
    """Read objects one by one without holding all of them; return False if the file is not in routinator's form."""
    head = _LIST.match(data)
    if head is None:
        return False
    if head[1] is not None:
        roas.generated = _generated(json.loads(head[1]))
    place, row, end = head.end(), 0, b","
    while end == b",":
        match = _ROA.match(data, place)
        if match is None:
            return False
        row += 1
        roas.add(row, match[1].decode(), match[2].decode(), match[3].decode())
        place, end = match.end(), match[4]
    return _END.match(data, place) is not None


def _json(data: bytes, roas: Roas) -> None:
    listed = False
    try:
        for count, (name, number, value) in enumerate(members(data)):
            if count > MOST_ROWS:
                raise TableError(TableFault.ROWS, value=str(MOST_ROWS))
            if name == "metadata" and isinstance(value, dict):
                roas.generated = _generated(value)
            elif name == "roas":
                listed = listed or number > 0 or value == []
                if number:
                    _object(number, value, roas)
    except TableError:
        raise
    except (ValueError, RecursionError) as error:
        raise TableError(TableFault.JSON, value=str(error)) from error
    if not listed:
        raise TableError(TableFault.FORM, field="roas")


def _object(row: int, value: Json, roas: Roas) -> None:
    if not isinstance(value, dict):
        raise TableError(TableFault.FIELDS, row=row, field="roas", value=str(value))
    missing = next((name for name in ("asn", "prefix", "maxLength") if name not in value), None)
    if missing is not None:
        raise TableError(TableFault.FIELDS, row=row, field=missing)
    roas.add(row, str(value["asn"]), str(value["prefix"]), str(value["maxLength"]))


def _generated(metadata: Mapping[str, Any]) -> str:
    found = metadata.get("generatedTime") or metadata.get("generated") or ""
    return str(found)[:40]


def _csv(data: bytes, roas: Roas) -> None:
    rows = lines(data)
    _, header = next(rows, (1, ""))
    names = [_plain(name) for name in header.split(",")]
    known = [_COLUMNS.get(name.lower().replace(" ", ""), "") for name in names]
    if not {"asn", "prefix", "maxlength"} <= set(known):
        raise TableError(TableFault.FORM, row=1, value=header.strip())
    at_asn, at_prefix, at_longest = (known.index(name) for name in ("asn", "prefix", "maxlength"))
    called = [names[place] for place in (at_asn, at_prefix, at_longest)]
    quoted, columns = '"' in header, len(names)
    for row, line in rows:
        fields = line.rstrip("\r\n").split(",")
        if len(fields) < columns:
            if not line.strip():
                continue
            raise TableError(TableFault.FIELDS, row=row, value=line.strip())
        if quoted:
            fields = [_plain(field) for field in fields]
        roas.add(row, fields[at_asn], fields[at_prefix], fields[at_longest], called)


def _plain(text: str) -> str:
    return text.strip().strip('"')


def _asn(text: str) -> int | None:
    digits = text[2:] if text[:2] in ("AS", "as") else text
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 10:
        return None
    return number if (number := int(digits)) < AS_LIMIT else None
