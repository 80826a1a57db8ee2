"""Turns one row of the table of targets into a subject, and never stops at the first problem of a row."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TypeVar

from inventory.cells.addresses import means_no_address, parse_ipv4, parse_ipv6
from inventory.cells.coordinates import parse_coordinates, parse_latitude, parse_longitude
from inventory.cells.dates import parse_date
from inventory.cells.expectation import parse_expectation
from inventory.cells.names import is_url, looks_like_name, parse_name, split_url
from inventory.cells.numbers import parse_asns, parse_bandwidth, parse_level, parse_ports
from inventory.cells.remarks import says_nothing
from inventory.cells.services import parse_services, parse_tags
from inventory.cells.text import clean, clean_usual, one_line, parse_choice, parse_url, parse_word
from inventory.kinds import CLEARANCE_WORDS, KIND_WORDS, LEVEL_WORDS, NETWORK_WORDS, ROW_KINDS, default_services
from inventory.model import (
    AgencyId,
    Clearance,
    Coordinates,
    DeclaredFacts,
    Expectation,
    IPAddress,
    Kind,
    Network,
    Subject,
    SubjectId,
    family,
)
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.rows.identifiers import ID_LIMIT
from inventory.rows.units import UnitStatement
from inventory.tables.columns import Column
from inventory.tables.table_rows import TableRow
from inventory.word_matching import fold

RESERVED = ("zone:", "mx:", "unit:")  # subjects that planning makes itself
_ALONE: Mapping[Kind, frozenset[Kind]] = {kind: frozenset({kind}) for kind in Kind}
_REQUIRED = Expectation()
"""The expectation that all subjects without one of their own share, to save memory."""
_MAY_BE_NOTHING = frozenset(
    {
        Column.FQDN,
        Column.TEST_URL,
        Column.SNMP_PROFILE,
        Column.AUTHORISATION,
        Column.VALID_FROM,
        Column.VALID_TO,
        Column.ACTIVATED,
        Column.BANDWIDTH_MBPS,
        Column.EXPECTED_ASN,
        Column.SECURITY_LEVEL,
        Column.COORDINATES,
        Column.LATITUDE,
        Column.LONGITUDE,
    }
)
"""Columns in which the words for nothing can have no other meaning; addresses are read with words of their own."""
T = TypeVar("T")

parse_kind = partial(parse_choice, words=KIND_WORDS, known=ROW_KINDS)
_parse_network = partial(parse_choice, words=NETWORK_WORDS, known=Network)
_parse_clearance = partial(parse_choice, words=CLEARANCE_WORDS, known=Clearance)


def _says_something(text: str) -> bool:
    return text[:1].isalnum() or any(letter.isalnum() or letter == ":" for letter in text)


class Cells:
    """Holds the cleaned texts of a row. A cell without any letter or digit (``-``, ``…``) is an empty one."""

    __slots__ = ("_extra", "_texts", "place", "row")

    def __init__(self, row: TableRow, problems: ProblemCollector) -> None:
        self.row = row
        self.place = CellPosition(problems, row.origin)
        self._texts = self._cleaned(row.cells)
        self._extra = tuple((title, clean(text, self.place.at(title))) for title, text in row.extra)

    def _cleaned(self, written: Mapping[Column, str]) -> Mapping[Column, str]:
        """Return the texts that are not empty; the row's own mapping where nothing was cleaned, which saves memory."""
        texts: dict[Column, str] = {}
        same = True
        for column, text in written.items():
            usual = clean_usual(text)
            cleaned = clean(text, self.place.at(column)) if usual is None else usual
            if _says_something(cleaned) and not self._is_nothing(column, cleaned):
                texts[column] = cleaned
                same = same and cleaned is text
            else:
                same = False
        return written if same else texts

    def _is_nothing(self, column: Column, text: str) -> bool:
        if column not in _MAY_BE_NOTHING or not says_nothing(text):
            return False
        self.place.at(column).report(Code.SAYS_NOTHING, text)
        return True

    def text(self, column: Column) -> str:
        return self._texts.get(column, "")

    def line(self, column: Column) -> str:
        text = self._texts.get(column)
        return one_line(text) if text else ""

    def note(self) -> str:
        """Return the note, and under it the texts of columns that are not known, each with its title."""
        if not self._extra:
            return self.text(Column.NOTE)
        lines = [self.text(Column.NOTE)]
        lines += [f"{title}: {one_line(text)}" if title else one_line(text) for title, text in self._extra if text]
        return "\n".join(line for line in lines if line)

    def read(self, column: Column, parse: Callable[[str, CellPosition], T | None]) -> T | None:
        text = self._texts.get(column)
        return parse(text, self.place.at(column)) if text else None

    def coordinates(self) -> Coordinates | None:
        """Read the coordinates from one cell with both, or from one for each."""
        whole = self.read(Column.COORDINATES, parse_coordinates)
        latitude, longitude = self.text(Column.LATITUDE), self.text(Column.LONGITUDE)
        if bool(latitude) is not bool(longitude):
            missing = Column.LONGITUDE if latitude else Column.LATITUDE
            self.place.at(missing).report(Code.HALF_COORDINATES, latitude or longitude, column=missing)
            return whole
        north, east = self.read(Column.LATITUDE, parse_latitude), self.read(Column.LONGITUDE, parse_longitude)
        if whole is not None or north is None or east is None:
            return whole
        return Coordinates(latitude=north, longitude=east)

    def dates(self, first: Column, last: Column) -> tuple[date | None, date | None]:
        start, end = self.read(first, parse_date), self.read(last, parse_date)
        if start and end and end < start:
            self.place.at(last).report(Code.DATES_BACKWARDS, end.isoformat(), start=start.isoformat())
        return start, end


def read_claim(cells: Cells, *, declared: bool = False) -> UnitStatement:
    """Read the row's statement about the unit that owns it, or about the unit itself in a table of units."""
    level = cells.line(Column.UNIT_LEVEL)
    start, end = cells.dates(Column.VALID_FROM, Column.VALID_TO) if declared else (None, None)
    claim = UnitStatement(
        origin=cells.row.origin,
        code=cells.line(Column.AGENCY_CODE),
        name=cells.line(Column.AGENCY_NAME),
        parent=cells.line(Column.PARENT_CODE),
        level=LEVEL_WORDS.get(fold(level), level),
        valid_from=start,
        valid_to=end,
        contact=cells.line(Column.CONTACT) if declared else "",
        coordinates=cells.coordinates() if declared else None,
        declared=declared,
    )
    if (declared or claim.parent or claim.level) and not (claim.code or claim.name):
        cells.place.at(Column.AGENCY_CODE).report(Code.UNIT_UNNAMED)
    return claim


def read_subject(cells: Cells, agency: AgencyId | None) -> Subject:
    kind = _kind(cells)
    addresses = _addresses(cells)
    host = _host(cells, kind)
    name = cells.line(Column.NAME) or host or next(map(str, addresses), "")
    start, end = cells.dates(Column.VALID_FROM, Column.VALID_TO)
    services = cells.read(Column.SERVICES, parse_services)
    _check_reachable(cells, kind, host, addresses)
    return Subject(
        id=_identity(cells, name),
        kind=kind,
        kinds=_ALONE[kind],
        agency=agency,
        name=name,
        host=host,
        addresses=addresses,
        services=default_services(kind) if services is None else services,
        network=cells.read(Column.NETWORK, _parse_network) or Network.INTERNET,
        expected=cells.read(Column.EXPECTED_IPV6, parse_expectation) or _REQUIRED,
        clearance=cells.read(Column.CLEARANCE, _parse_clearance) or Clearance.NORMAL,
        authorisation=cells.line(Column.AUTHORISATION),
        snmp_profile=cells.read(Column.SNMP_PROFILE, parse_word),
        valid_from=start,
        valid_to=end,
        tags=cells.read(Column.TAGS, parse_tags) or (),
        declared=_declared(cells),
        origin=cells.row.origin,
    )


def _declared(cells: Cells) -> DeclaredFacts:
    return DeclaredFacts(
        site=cells.line(Column.SITE),
        contact=cells.line(Column.CONTACT),
        bandwidth_mbps=cells.read(Column.BANDWIDTH_MBPS, parse_bandwidth),
        provider=cells.line(Column.PROVIDER),
        channel=cells.line(Column.CHANNEL),
        device=cells.line(Column.DEVICE),
        activated=cells.read(Column.ACTIVATED, parse_date),
        expected_asn=cells.read(Column.EXPECTED_ASN, parse_asns) or (),
        allowed_ports=cells.read(Column.ALLOWED_PORTS, parse_ports) or (),
        security_level=cells.read(Column.SECURITY_LEVEL, parse_level),
        test_url=cells.read(Column.TEST_URL, parse_url) or _url_of_name(cells),
        note=cells.note(),
        coordinates=cells.coordinates(),
    )


def _kind(cells: Cells) -> Kind:
    """Return the kind of the row, or HOST for a wrong one: the problem is reported, nothing will be measured."""
    if not cells.text(Column.KIND) and Column.KIND not in cells.row.absent:
        cells.place.at(Column.KIND).report(Code.MISSING_KIND)
    return cells.read(Column.KIND, parse_kind) or Kind.HOST


def _addresses(cells: Cells) -> tuple[IPAddress, ...]:
    addresses: Iterable[IPAddress] = (
        *(cells.read(Column.IPV4, parse_ipv4) or ()),
        *(cells.read(Column.IPV6, parse_ipv6) or ()),
    )
    return tuple(sorted(dict.fromkeys(addresses), key=family))  # an address may stand in the column of the other family


def _host(cells: Cells, kind: Kind) -> str | None:
    """Return the fqdn column, else the name when it is a domain name."""
    labels = 1 if kind is Kind.ZONE else 2
    if cells.text(Column.FQDN):
        return cells.read(Column.FQDN, partial(parse_name, labels=labels))
    name = cells.line(Column.NAME)
    if is_url(name):
        return parse_name(name, cells.place.at(Column.NAME))
    return looks_like_name(name) if "." in name else None


def _url_of_name(cells: Cells) -> str:
    """Return a URL with a path in the column for names: it is the page to test."""
    text = cells.text(Column.FQDN) or cells.line(Column.NAME)
    parts = split_url(text) if is_url(text) else None
    if parts is None or parts.scheme not in ("http", "https") or parts.path in ("", "/") or "@" in parts.netloc:
        return ""
    return text


def _identity(cells: Cells, name: str) -> SubjectId:
    text = cells.line(Column.ID) or name
    place = cells.place.at(Column.ID if cells.text(Column.ID) else Column.NAME)
    if not text and Column.NAME not in cells.row.absent and not _is_identified(cells):
        place.report(Code.MISSING_NAME)
    if len(text) > ID_LIMIT:
        place.report(Code.CELL_TOO_LONG, text, limit=str(ID_LIMIT))
    if text.casefold().startswith(RESERVED):
        place.report(Code.RESERVED_ID, text, prefix=f"{text.casefold().partition(':')[0]}:")
    return SubjectId(text)


def _is_identified(cells: Cells) -> bool:
    """True if the row has a domain name or an address, even a wrong one, which its own cell reports."""
    return bool(cells.text(Column.FQDN)) or not _no_address_written(cells)


def _check_reachable(cells: Cells, kind: Kind, host: str | None, addresses: tuple[IPAddress, ...]) -> None:
    if kind in (Kind.ZONE, Kind.MAIL):
        if host is None and not cells.text(Column.FQDN):
            cells.place.at(Column.FQDN).report(Code.NEEDS_DOMAIN_NAME, kind=kind)
    elif host is None and not addresses and not cells.text(Column.FQDN) and _no_address_written(cells):
        cells.place.report(Code.NOTHING_TO_REACH)


def _no_address_written(cells: Cells) -> bool:
    return all(means_no_address(cells.text(column)) for column in (Column.IPV4, Column.IPV6))
