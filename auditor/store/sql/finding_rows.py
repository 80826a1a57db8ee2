"""Findings: many small rows. They go in by tuples through the driver; SQLAlchemy only writes the statement, once.

A judgement of 20,000 subjects is a million of them, and this is the one place where that shows. Hence ``_value_`` of
enums (``value`` is a function call) and texts that are made once in a batch: most findings of a subject rest on the
same few pieces of evidence and speak of the same address objects, and writing out an IPv6 address takes longer than
inserting a row.
"""

import json
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from auditor.findings import (
    Arg,
    CheckId,
    Finding,
    FindingId,
    Level,
    LevelBasis,
    Outcome,
    Reason,
    Severity,
    Waiver,
)
from auditor.store import schema
from inventory.model import SubjectId
from inventory.serial import decode, encode
from probes.framework.evidence import EvidenceId

BATCH = 5_000
"""Findings in one statement."""

_TABLE = schema.finding
_STATEMENTS: dict[str, str] = {}  # by name of the dialect
COLUMNS = tuple(column.name for column in _TABLE.columns if column.name != "key")
_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def add(connection: Connection, judgement: int, keys: Mapping[SubjectId, int], findings: Sequence[Finding]) -> None:
    """One batch. ``keys`` has every subject of it. Raises IntegrityError when a finding is there already."""
    if not findings:
        return
    connection.exec_driver_sql(_statement(connection), rows(judgement, keys, findings))


def rows(judgement: int, keys: Mapping[SubjectId, int], findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    """In the order of ``COLUMNS``."""
    lists: dict[tuple[EvidenceId, ...], str] = {}
    addresses: dict[int, str | None] = {id(None): None}
    found: list[tuple[object, ...]] = []
    for one in findings:
        evidence = lists.get(one.evidence)
        if evidence is None:
            evidence = lists[one.evidence] = _dump(one.evidence)
        key = id(one.address)
        if key not in addresses:
            addresses[key] = str(one.address)
        found.append((
            judgement,
            keys[one.subject],
            one.id,
            one.check,
            one.check_version,
            one.code,
            one.outcome._value_,
            one.severity._value_,
            one.level._value_,
            one.level_basis._value_,
            addresses[key],
            one.detail,
            one.vantage,
            one.reason and one.reason._value_,
            _dump(dict(one.args)) if one.args else "{}",
            evidence,
            None if one.waived is None else _dump(encode(one.waived)),
            one.trace,
        ))  # fmt: skip
    return found


def of_subjects(connection: Connection, judgement: int, subjects: Mapping[int, SubjectId]) -> dict[int, list[Finding]]:
    """By key of the subject, each list in the order in which it was added."""
    query = select(_TABLE).where(_TABLE.c.judgement == judgement, _TABLE.c.subject.in_(list(subjects)))
    found: dict[int, list[Finding]] = {key: [] for key in subjects}
    for row in connection.execute(query.order_by(_TABLE.c.key)):
        found[row.subject].append(_finding(row, subjects[row.subject]))
    return found


def _finding(row: Row[Any], subject: SubjectId) -> Finding:
    return Finding(
        id=FindingId(row.id),
        check=CheckId(row.check_id),
        check_version=row.check_version,
        code=row.code,
        outcome=Outcome(row.outcome),
        severity=Severity(row.severity),
        level=Level(row.level),
        level_basis=LevelBasis(row.level_basis),
        subject=subject,
        address=None if row.address is None else ip_address(row.address),
        detail=row.detail,
        vantage=row.vantage,
        reason=None if row.reason is None else Reason(row.reason),
        args={name: _arg(value) for name, value in row.args.items()},
        evidence=tuple(row.evidence),
        waived=None if row.waived is None else decode(Waiver, row.waived),
        trace=row.trace,
    )


def _arg(value: Arg | list[str]) -> Arg:
    return tuple(value) if isinstance(value, list) else value


def _statement(connection: Connection) -> str:
    """The insert as the driver wants it, with a place for each column in their order."""
    dialect = connection.dialect
    if dialect.name not in _STATEMENTS:
        values: dict[str, object] = {name: bindparam(name) for name in COLUMNS}
        _STATEMENTS[dialect.name] = str(insert(_TABLE).values(values).compile(dialect=dialect))
    return _STATEMENTS[dialect.name]
