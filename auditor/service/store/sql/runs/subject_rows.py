"""Reads and writes the subjects of a run, page by page in their order, with their owners."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Text, cast, func, or_, select, tuple_

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.records import StoreError
from auditor.service.store.sql.keys import (
    BOUND,
    among,
    inserting,
    member_keys,
    run_key,
    subject_key,
    subject_keys,
    these,
)
from inventory.dataclass_json import SerialError, decode, encode
from inventory.json_pieces import Json
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import RunId

_SUBJECT = schema.subject
_OWNER = schema.owner
_MEASURED = schema.measured


@dataclass(frozen=True, slots=True)
class SubjectPlace:
    """Holds the position of a subject in the order of pages."""

    key: int
    agency: str
    id: SubjectId


def add(connection: Connection, run: RunId, subjects: Sequence[Subject]) -> None:
    if not subjects:
        return
    key = run_key(connection, run)
    connection.execute(inserting(connection, _SUBJECT), [_row(key, subject) for subject in subjects])
    keys = subject_keys(connection, key, [subject.id for subject in subjects])
    owners = [(keys[subject.id], owner) for subject in subjects for owner in subject.derived_from]
    _own(connection, owners)


def add_owners(connection: Connection, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None:
    key = subject_key(connection, run_key(connection, run), subject)
    _own(connection, [(key, owner) for owner in owners])


def some(connection: Connection, run: RunId, subjects: Sequence[SubjectId]) -> tuple[Subject, ...]:
    """Return these subjects in the order given. Raises StoreError for an unknown one."""
    keys = subject_keys(connection, run_key(connection, run), subjects)
    found = [
        other_subject
        for part in chunks(keys.items(), BOUND)
        for other_subject in whole(connection, [SubjectPlace(key, "", subject) for subject, key in part])
    ]
    by_id = {subject.id: subject for subject in found}
    return tuple(by_id[subject] for subject in subjects)


def page(connection: Connection, run: int, after: SubjectPlace | None, size: int) -> list[SubjectPlace]:
    """Return the next subjects after a place, by agency and id."""
    columns = (_SUBJECT.c.agency, _SUBJECT.c.id)
    query = select(_SUBJECT.c.key, *columns).where(_SUBJECT.c.run == run).order_by(*columns).limit(size)
    if after is not None:
        query = query.where(tuple_(*columns) > tuple_(after.agency, after.id))
    return [SubjectPlace(row.key, row.agency, SubjectId(row.id)) for row in connection.execute(query)]


def chosen(connection: Connection, run: RunId, kinds: Set[Kind], ids: Set[SubjectId]) -> list[SubjectPlace]:
    """Return the places of subjects of some kinds or ids, by agency and id.

    The kinds are searched in the text of the record, so other subjects that mention one may be among them.
    """
    body = cast(_SUBJECT.c.body, Text)
    tests: list[ColumnElement[bool]] = [_SUBJECT.c.id.in_(some) for some in chunks(sorted(ids), BOUND)]
    if kinds:
        tests.append(or_(*(body.contains(f'"{kind.value}"', autoescape=True) for kind in sorted(kinds))))
    return _found(connection, run, tests)


def near(connection: Connection, run: RunId, agencies: Set[AgencyId], owners: Set[SubjectId]) -> list[SubjectPlace]:
    """Return the places of subjects of some agencies, and of those derived from some owners, by agency and id."""
    led = select(_OWNER.c.subject).join(_SUBJECT).where(_SUBJECT.c.run == run_key(connection, run))
    tests: list[ColumnElement[bool]] = [_SUBJECT.c.agency.in_(some) for some in chunks(sorted(agencies), BOUND)]
    by_owners = (led.where(_OWNER.c.owner.in_(some)) for some in chunks(sorted(owners), BOUND))
    return _found(connection, run, [*tests, *map(_SUBJECT.c.key.in_, by_owners)])


def _found(connection: Connection, run: RunId, tests: Iterable[ColumnElement[bool]]) -> list[SubjectPlace]:
    """Return the subjects that fulfil any of the tests, by agency and id as code points compare."""
    query = select(_SUBJECT.c.key, _SUBJECT.c.agency, _SUBJECT.c.id).where(_SUBJECT.c.run == run_key(connection, run))
    found = {row.key: row for test in tests for row in connection.execute(query.where(test))}
    places = (SubjectPlace(row.key, row.agency, SubjectId(row.id)) for row in found.values())
    return sorted(places, key=lambda place: (place.agency, place.id))


def whole(connection: Connection, places: Sequence[SubjectPlace]) -> list[Subject]:
    """Return the subjects at these places, with their owners."""
    keys = [place.key for place in places]
    owners: dict[int, list[SubjectId]] = defaultdict(list)
    owned = select(_OWNER).where(among(_OWNER.c.subject)).order_by(_OWNER.c.owner)
    for row in connection.execute(owned, these(keys)):
        owners[row.subject].append(SubjectId(row.owner))
    rows = connection.execute(select(_SUBJECT.c.key, _SUBJECT.c.body).where(among(_SUBJECT.c.key)), these(keys))
    bodies = {row.key: row.body for row in rows}
    return [replace(_read(place, bodies[place.key]), derived_from=tuple(owners[place.key])) for place in places]


def mark_measured(connection: Connection, run: RunId, subjects: Sequence[SubjectId]) -> None:
    if subjects:
        keys = subject_keys(connection, run_key(connection, run), subjects)
        connection.execute(inserting(connection, _MEASURED), [{"subject": key} for key in keys.values()])


def measured(connection: Connection, run: RunId) -> frozenset[SubjectId]:
    key = run_key(connection, run)
    query = select(_SUBJECT.c.id).outerjoin(_MEASURED).where(_SUBJECT.c.run.in_(member_keys(connection, key) or [key]))
    query = query.group_by(_SUBJECT.c.id).having(func.count() == func.count(_MEASURED.c.subject))
    return frozenset(SubjectId(scalar) for scalar in connection.execute(query).scalars())


def _row(run: int, subject: Subject) -> dict[str, object]:
    body = encode(replace(subject, derived_from=()))
    return {"run": run, "id": subject.id, "kind": subject.kind.value, "agency": subject.agency or "", "body": body}


def _read(place: SubjectPlace, body: Json) -> Subject:
    try:
        return decode(Subject, body)
    except SerialError as error:
        raise StoreError("subject '{id}' cannot be read: {why}", id=place.id, why=str(error)) from error


def _own(connection: Connection, owners: Sequence[tuple[int, SubjectId]]) -> None:
    if owners:
        rows = [{"subject": key, "owner": owner} for key, owner in owners]
        connection.execute(inserting(connection, _OWNER), rows)
