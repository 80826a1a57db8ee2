"""Checks rows against each other: identifiers, addresses of devices, owners."""

from collections.abc import Iterable, Sequence

from inventory.model import DEVICE_KINDS, IPAddress, Kind, RowOrigin, Subject, family
from inventory.organisation import Organisation
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector, where
from inventory.tables.columns import Column

_ONE_MACHINE = DEVICE_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.RESOLVER}


def check_together(subjects: Sequence[Subject], organisation: Organisation, problems: ProblemCollector) -> None:
    _check_ids(subjects, problems)
    _check_targets(subjects, problems)
    _check_addresses(subjects, problems)
    _check_agencies(subjects, problems)
    _check_units_last(subjects, organisation, problems)


def _place(subject: Subject, problems: ProblemCollector, column: Column) -> CellPosition:
    return CellPosition(problems, subject.origin or RowOrigin(source=""), column)


def _check_ids(subjects: Iterable[Subject], problems: ProblemCollector) -> None:
    first: dict[str, Subject] = {}
    for subject in subjects:
        before = first.setdefault(subject.id.casefold(), subject)
        if before is not subject and subject.id:
            column = Column.NAME if subject.id in (subject.name, f"{subject.agency}/{subject.name}") else Column.ID
            other = where(before.origin or RowOrigin(source=""))
            _place(subject, problems, column).report(Code.ID_TWICE, subject.id, other=other)


def _check_targets(subjects: Iterable[Subject], problems: ProblemCollector) -> None:
    """Report rows that differ only in spelling (``www.example.vn``, ``WWW.example.vn.``), as figures count both."""
    first: dict[tuple[object, ...], Subject] = {}
    for subject in subjects:
        if subject.host is None:
            continue
        before = first.setdefault(_target(subject), subject)
        if before.id.casefold() != subject.id.casefold():
            other = where(before.origin or RowOrigin(source=""))
            _place(subject, problems, Column.NAME).report(Code.TARGET_TWICE, subject.host, other=other)


def _target(subject: Subject) -> tuple[object, ...]:
    """Return the values by which two subjects of one name may legitimately differ."""
    declared = subject.declared
    return (
        *(subject.host, subject.agency, subject.kind, subject.network, subject.addresses, subject.services),
        *(subject.valid_from, subject.valid_to, subject.tags, declared.test_url, declared.site),
    )


def _check_addresses(subjects: Iterable[Subject], problems: ProblemCollector) -> None:
    """Report one address on two machines, which is a slip of the pen; on two web sites it is shared hosting."""
    first: dict[IPAddress, Subject] = {}
    for subject in subjects:
        if not subject.kinds & _ONE_MACHINE:
            continue
        for address in subject.addresses:
            before = first.setdefault(address, subject)
            if before is not subject:
                column = Column.IPV4 if family(address) == 4 else Column.IPV6
                other = where(before.origin or RowOrigin(source=""))
                _place(subject, problems, column).report(Code.ADDRESS_TWICE, str(address), other=other)


def _check_agencies(subjects: Sequence[Subject], problems: ProblemCollector) -> None:
    if any(subject.agency for subject in subjects):
        for subject in subjects:
            if subject.agency is None:
                _place(subject, problems, Column.AGENCY_NAME).report(Code.MISSING_AGENCY)


def _check_units_last(subjects: Iterable[Subject], organisation: Organisation, problems: ProblemCollector) -> None:
    """Report rows that name an agency after its end, for example by merger: no agency can act on their findings."""
    for subject in subjects:
        unit = organisation.unit(subject.agency)
        if unit is None or unit.valid_to is None:
            continue
        if subject.valid_to is None or subject.valid_to > unit.valid_to:
            place = _place(subject, problems, Column.AGENCY_CODE)
            place.report(Code.UNIT_ENDED, unit.name, end=unit.valid_to.isoformat())
