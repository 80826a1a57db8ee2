"""Writes an inventory as tables, which read back as the same inventory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.cells.decimals import of_number, unmistakable
from inventory.inventory import Inventory
from inventory.kinds import default_services
from inventory.model import Coordinates, Exemption, Expectation, ExpectedState, Subject, written
from inventory.organisation import Organisation, Unit
from inventory.tables.columns import Column, TableKind
from inventory.tables.display_names import column_name, word_name

_ALWAYS = frozenset(
    {Column.AGENCY_CODE, Column.AGENCY_NAME, Column.NAME, Column.KIND, Column.IPV4, Column.IPV6, Column.FQDN}
)
_EXEMPTIONS = (
    Column.SUBJECT,
    Column.AGENCY,
    Column.CHECK_PREFIX,
    Column.REASON,
    Column.SIGNATORY,
    Column.FROM,
    Column.UNTIL,
)
_TARGETS = (
    Column.AGENCY_CODE,
    Column.AGENCY_NAME,
    Column.PARENT_CODE,
    Column.UNIT_LEVEL,
    Column.ID,
    Column.NAME,
    Column.KIND,
    Column.SITE,
    Column.COORDINATES,
    Column.IPV4,
    Column.IPV6,
    Column.FQDN,
    Column.SERVICES,
    Column.NETWORK,
    Column.EXPECTED_IPV6,
    Column.SNMP_PROFILE,
    Column.CLEARANCE,
    Column.AUTHORISATION,
    Column.CONTACT,
    Column.VALID_FROM,
    Column.VALID_TO,
    Column.BANDWIDTH_MBPS,
    Column.PROVIDER,
    Column.CHANNEL,
    Column.DEVICE,
    Column.ACTIVATED,
    Column.EXPECTED_ASN,
    Column.ALLOWED_PORTS,
    Column.SECURITY_LEVEL,
    Column.TEST_URL,
    Column.TAGS,
    Column.NOTE,
)
_UNITS = (
    Column.AGENCY_CODE,
    Column.AGENCY_NAME,
    Column.PARENT_CODE,
    Column.UNIT_LEVEL,
    Column.COORDINATES,
    Column.CONTACT,
    Column.VALID_FROM,
    Column.VALID_TO,
)
ORDER: Mapping[TableKind, Sequence[Column]] = {
    TableKind.TARGETS: _TARGETS,
    TableKind.UNITS: _UNITS,
    TableKind.EXEMPTIONS: _EXEMPTIONS,
}
"""The columns of each table as they are written."""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """Holds a table as texts, in the order of ``columns``."""

    kind: TableKind
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    def header(self, lang: str) -> tuple[str, ...]:
        return tuple(column_name(column, lang) for column in self.columns)


def written_tables(inventory: Inventory, lang: str) -> tuple[WrittenTable, ...]:
    """Return the tables of targets, units and exemptions; of the latter two those with rows, all without empty columns.

    Words of closed lists are in the language; so are headers that ``WrittenTable.header`` gives.
    """
    rows: Mapping[TableKind, Iterable[Mapping[Column, str]]] = {
        TableKind.TARGETS: (_target(each, inventory.organisation) for each in inventory.subjects),
        TableKind.UNITS: map(_unit, inventory.organisation.walk()),
        TableKind.EXEMPTIONS: map(_exemption, inventory.exemptions),
    }
    tables = (_table(kind, tuple(of_kind), lang) for kind, of_kind in rows.items())
    return tuple(table for table in tables if table.rows or table.kind is TableKind.TARGETS)


def _table(kind: TableKind, rows: Sequence[Mapping[Column, str]], lang: str) -> WrittenTable:
    columns = tuple(
        column
        for column in ORDER[kind]
        if (column in _ALWAYS and kind is TableKind.TARGETS) or any(row.get(column) for row in rows)
    )
    texts = (tuple(word_name(column, row.get(column, ""), lang) for column in columns) for row in rows)
    return WrittenTable(kind, columns, tuple(texts))


def _target(subject: Subject, organisation: Organisation) -> Mapping[Column, str]:
    unit, declared = organisation.unit(subject.agency), subject.declared
    return {
        **(_agency(unit) if unit else {}),
        Column.ID: "" if subject.id == subject.name else subject.id,
        Column.NAME: subject.name,
        Column.KIND: subject.kind.value,
        Column.SITE: declared.site,
        Column.COORDINATES: _coordinates(declared.coordinates),
        Column.IPV4: " ".join(written(each) for each in subject.addresses if each.version == 4),
        Column.IPV6: " ".join(written(each) for each in subject.addresses if each.version == 6),
        Column.FQDN: subject.host or "",
        Column.SERVICES: _services(subject),
        Column.NETWORK: subject.network.value,
        Column.EXPECTED_IPV6: _expectation(subject.expected),
        Column.SNMP_PROFILE: subject.snmp_profile or "",
        Column.CLEARANCE: subject.clearance.value,
        Column.AUTHORISATION: subject.authorisation,
        Column.CONTACT: declared.contact,
        Column.VALID_FROM: _text(subject.valid_from),
        Column.VALID_TO: _text(subject.valid_to),
        Column.BANDWIDTH_MBPS: _number(declared.bandwidth_mbps),
        Column.PROVIDER: declared.provider,
        Column.CHANNEL: declared.channel,
        Column.DEVICE: declared.device,
        Column.ACTIVATED: _text(declared.activated),
        Column.EXPECTED_ASN: ", ".join(map(str, declared.expected_asn)),
        Column.ALLOWED_PORTS: _ports(declared.allowed_ports),
        Column.SECURITY_LEVEL: _text(declared.security_level),
        Column.TEST_URL: declared.test_url,
        Column.TAGS: " ".join(subject.tags),
        Column.NOTE: declared.note,
    }


def _agency(unit: Unit) -> Mapping[Column, str]:
    return {
        Column.AGENCY_CODE: unit.code,
        Column.AGENCY_NAME: unit.name,
        Column.PARENT_CODE: unit.parent or "",
        Column.UNIT_LEVEL: unit.level,
    }


def _unit(unit: Unit) -> Mapping[Column, str]:
    return {
        **_agency(unit),
        Column.COORDINATES: _coordinates(unit.coordinates),
        Column.CONTACT: unit.contact,
        Column.VALID_FROM: _text(unit.valid_from),
        Column.VALID_TO: _text(unit.valid_to),
    }


def _exemption(exemption: Exemption) -> Mapping[Column, str]:
    return {
        Column.SUBJECT: exemption.subject or "",
        Column.AGENCY: exemption.agency or "",
        Column.CHECK_PREFIX: exemption.check_prefix,
        Column.REASON: exemption.reason,
        Column.SIGNATORY: exemption.signatory,
        Column.FROM: _text(exemption.valid_from),
        Column.UNTIL: _text(exemption.until),
    }


def _text(value: date | int | None) -> str:
    return "" if value is None else str(value)


def _coordinates(place: Coordinates | None) -> str:
    return "" if place is None else f"{place.latitude}, {place.longitude}"


def _number(value: float | None) -> str:
    """Return a number as text that no reader takes for thousands."""
    if value is None:
        return ""
    text = str(int(value)) if value.is_integer() else f"{value:.10f}".rstrip("0")
    return unmistakable(of_number(text))


def _services(subject: Subject) -> str:
    """Write nothing if the subject has the services of its kind; ``none`` if it has none of these."""
    if subject.services == default_services(subject.kind):
        return ""
    return " ".join(f"{each.name}:{each.port}" for each in subject.services) or "none"


def _ports(ports: Sequence[int]) -> str:
    """Return ports in ascending order, those next to each other as ranges."""
    ranges: list[list[int]] = []
    for port in ports:
        if ranges and port == ranges[-1][1] + 1:
            ranges[-1][1] = port
        else:
            ranges.append([port, port])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _expectation(expected: Expectation) -> str:
    match expected.state:
        case ExpectedState.PLANNED:
            return f"planned:{expected.due:%Y-%m}"
        case ExpectedState.EXEMPT:
            parts = [f"exempt:{expected.reason}"]
            parts += [f"by={expected.signatory}"] if expected.signatory else []
            parts += [f"until={expected.until}"] if expected.until else []
            return ";".join(parts)
        case _:
            return ""
