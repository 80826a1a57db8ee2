"""Stores findings, many small rows: by tuples through the driver; SQLAlchemy only builds the statement, once.

A judgement of 20,000 subjects is a million of them, and only here does that matter. Hence ``_value_`` of enums
(``value`` is a function call) and texts that are built once in a batch: most findings of a subject rest on the same few
pieces of evidence and name the same address objects, and formatting an IPv6 address takes longer than inserting a row.
"""

import json
from collections.abc import Collection, Mapping, Sequence, Set
from functools import lru_cache
from ipaddress import ip_address
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, Text, cast, func, insert, null, select

from auditor.framework.findings import (
    NO_CREDENTIALS,
    Arg,
    CheckId,
    Finding,
    Level,
    LevelBasis,
    Outcome,
    Outline,
    Reason,
    Severity,
    VantageVerdict,
    Waiver,
)
from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.records import Tally
from auditor.service.store.sql.by_place import by_place
from auditor.service.store.sql.judgements import statement_rows
from auditor.service.store.sql.judgements.statement_rows import Statement
from auditor.service.store.sql.keys import BOUND, among, these
from inventory.dataclass_json import decode, encode
from inventory.model import SubjectId, written
from probes.framework.evidence import EvidenceId

BATCH = 5_000
"""Findings that are added by one statement."""

_TABLE, _SAID = schema.finding, schema.statement
_STATEMENTS: dict[str, str] = {}  # by name of the dialect
COLUMNS = tuple(column.name for column in _TABLE.columns if column.name != "key")
STATED = _TABLE.join(_SAID)
"""Findings joined with their statements."""
_decode = json.JSONDecoder().raw_decode
_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def add(connection: Connection, judgement: int, keys: Mapping[SubjectId, int], findings: Sequence[Finding]) -> None:
    """Add one batch. ``keys`` has every subject of it. Raises IntegrityError if a finding exists already."""
    if not findings:
        return
    stated = statements(findings)
    known = statement_rows.keys(connection, stated)
    made = rows(judgement, keys, findings, [known[statement] for statement in stated])
    connection.exec_driver_sql(_statement(connection), made)


def statements(findings: Sequence[Finding]) -> list[Statement]:
    """Return the statement of each finding."""
    addresses: dict[int, str | None] = {id(None): None}
    found: list[Statement] = []
    for finding in findings:
        key = id(finding.address)
        if key not in addresses and finding.address is not None:
            addresses[key] = written(finding.address)
        found.append(
            (
                finding.check,
                finding.check_version,
                finding.code,
                finding.severity._value_,
                finding.level._value_,
                finding.level_basis._value_,
                addresses[key],
                finding.detail,
                finding.vantage,
                finding.reason and finding.reason._value_,
                _dump(dict(finding.args)) if finding.args else "{}",
            )
        )
    return found


def rows(
    judgement: int, keys: Mapping[SubjectId, int], findings: Sequence[Finding], stated: Sequence[int]
) -> list[tuple[object, ...]]:
    """Return the rows of findings in the order of ``COLUMNS``. ``stated``: the statement key of each finding."""
    lists: dict[tuple[EvidenceId, ...], str] = {}
    found: list[tuple[object, ...]] = []
    for finding, statement in zip(findings, stated, strict=True):
        evidence = lists.get(finding.evidence)
        if evidence is None:
            evidence = lists[finding.evidence] = _dump(finding.evidence)
        found.append(
            (
                judgement,
                keys[finding.subject],
                finding.id,
                finding.outcome._value_,
                statement,
                evidence,
                None if finding.waived is None else _dump(encode(finding.waived)),
                finding.trace,
                _dump(encode(finding.vantages)) if finding.vantages else None,
            )
        )
    return found


def of_subjects(connection: Connection, judgement: int, subjects: Mapping[int, SubjectId]) -> dict[int, list[Finding]]:
    """Return the findings by key of the subject, in the order in which they were added."""
    return _read(connection, _ROWS.where(_TABLE.c.judgement == judgement), subjects)


def untested(connection: Connection, judgement: int, subjects: Mapping[int, SubjectId]) -> dict[int, list[Finding]]:
    """Return the inconclusive findings without evidence, as ``of_subjects`` does."""
    inconclusive = _TABLE.c.outcome == Outcome.INCONCLUSIVE.value
    query = _ROWS.where(_TABLE.c.judgement == judgement, inconclusive, cast(_TABLE.c.evidence, Text) == "[]")
    return _read(connection, query, subjects)


def outlines(
    connection: Connection,
    judgement: int,
    subjects: Sequence[int],
    args_of: frozenset[CheckId],
    *,
    only: Mapping[int, Set[CheckId]] | None = None,
    check: CheckId | None = None,
    outcomes: Collection[Outcome] | None = None,
) -> dict[int, list[Outline]]:
    """Return outlines by key of the subject, in the order of adding; subjects without findings are left out.

    ``only``: for each subject the checks to read; ``check``: only this one; ``outcomes``: only these.
    """
    found: dict[int, list[Outline]] = {}
    query = _OUTLINES.where(_TABLE.c.judgement == judgement)
    if check is not None:
        query = query.where(_SAID.c.check_id == check)
    if outcomes is not None:
        query = query.where(_TABLE.c.outcome.in_(sorted(outcome.value for outcome in outcomes)))
    query = query.where(among(_TABLE.c.subject)).order_by(_TABLE.c.key)
    for some in chunks(subjects, BOUND):
        for of, *values, args in connection.execute(query, these(some)).all():
            if only is None or values[1] in only[of]:
                found.setdefault(of, []).append(outline_of(values, args if values[1] in args_of else "{}"))
    return found


def outline_columns(finding: FromClause, statement: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the columns that ``outline_of`` reads: of the two tables, or of aliases of them."""
    return (
        finding.c.id,
        statement.c.check_id,
        statement.c.check_version,
        statement.c.code,
        finding.c.outcome,
        statement.c.severity,
        statement.c.level,
        statement.c.address,
        statement.c.detail,
        statement.c.reason,
        finding.c.waived.is_not(null()),
    )


def outline_of(row: Sequence[Any], args: str = "{}") -> Outline:
    """Build an outline from the values of ``outline_columns`` and the text of its arguments."""
    id_, check, version, code, outcome, severity, level, address, detail, reason, waived = row
    return Outline(
        id=id_,
        check=CheckId(intern(check)),
        check_version=version,
        code=intern(code),
        outcome=_OUTCOMES[outcome],
        severity=_SEVERITIES[severity],
        level=_LEVELS[level],
        address=address,
        detail=detail,
        reason=None if reason is None else _REASONS[reason],
        waived=bool(waived),
        args={} if args == "{}" else _args(args),
    )


def tally(connection: Connection, judgement: int) -> dict[Tally, int]:
    columns = (
        _TABLE.c.outcome,
        _SAID.c.severity,
        _SAID.c.level,
        _SAID.c.reason,
        _TABLE.c.waived.is_not(null()),
        _SAID.c.code == NO_CREDENTIALS,
    )
    query = select(*columns, func.count()).select_from(STATED).where(_TABLE.c.judgement == judgement).group_by(*columns)
    return {
        Tally(
            outcome=Outcome(outcome),
            severity=Severity(severity),
            level=Level(level),
            reason=None if reason is None else Reason(reason),
            waived=bool(is_waived),
            without_credentials=bool(is_without),
        ): count
        for outcome, severity, level, reason, is_waived, is_without, count in connection.execute(query)
    }


def _read(
    connection: Connection, query: Select[tuple[Any, ...]], subjects: Mapping[int, SubjectId]
) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {key: [] for key in subjects}
    query = query.where(among(_TABLE.c.subject)).order_by(_TABLE.c.key)
    for some in chunks(subjects, BOUND):
        for row in connection.execute(query, these(some)).all():
            found[row[0]].append(_finding(row, subjects[row[0]]))
    return found


def _finding(row: Row[Any], subject: SubjectId) -> Finding:
    (
        _,
        id_,
        check,
        version,
        code,
        outcome,
        severity,
        level,
        basis,
        address,
        detail,
        vantage,
        reason,
        args,
        evidence,
        waived,
        trace,
        vantages,
    ) = tuple(row)
    return Finding(
        id=id_,
        check=check,
        check_version=version,
        code=code,
        outcome=_OUTCOMES[outcome],
        severity=_SEVERITIES[severity],
        level=_LEVELS[level],
        level_basis=_BASES[basis],
        subject=subject,
        address=None if address is None else _address(address),
        detail=detail,
        vantage=vantage,
        reason=None if reason is None else _REASONS[reason],
        args={} if args == "{}" else _args(args),
        evidence=_evidence(evidence),
        waived=None if waived is None else decode(Waiver, json.loads(waived)),
        trace=trace,
        vantages=() if vantages is None else decode(tuple[VantageVerdict, ...], json.loads(vantages)),
    )


_ROWS = select(
    _TABLE.c.subject,
    _TABLE.c.id,
    _SAID.c.check_id,
    _SAID.c.check_version,
    _SAID.c.code,
    _TABLE.c.outcome,
    _SAID.c.severity,
    _SAID.c.level,
    _SAID.c.level_basis,
    _SAID.c.address,
    _SAID.c.detail,
    _SAID.c.vantage,
    _SAID.c.reason,
    cast(_SAID.c.args, Text),
    cast(_TABLE.c.evidence, Text),
    cast(_TABLE.c.waived, Text),
    _TABLE.c.trace,
    cast(_TABLE.c.vantages, Text),
).select_from(STATED)
_OUTLINES = select(_TABLE.c.subject, *outline_columns(_TABLE, _SAID), cast(_SAID.c.args, Text)).select_from(STATED)
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_SEVERITIES = {severity.value: severity for severity in Severity}
_LEVELS = {level.value: level for level in Level}
_BASES = {level_basis.value: level_basis for level_basis in LevelBasis}
_REASONS = {reason.value: reason for reason in Reason}
_address = lru_cache(maxsize=1_024)(ip_address)


@lru_cache(maxsize=1_024)  # most findings of a subject rest on the same few pieces
def _evidence(text: str) -> tuple[EvidenceId, ...]:
    return tuple(_decode(text)[0])


@lru_cache(maxsize=1_024)  # half of the findings of a subject have the arguments of another one
def _args(text: str) -> Mapping[str, Arg]:
    """Read arguments as ``json.loads`` does, without its checks around each text."""
    args: dict[str, Arg | list[str]] = _decode(text)[0]
    return {name: tuple(value) if isinstance(value, list) else value for name, value in args.items()}


def _statement(connection: Connection) -> str:
    name = connection.dialect.name
    if name not in _STATEMENTS:
        _STATEMENTS[name] = by_place(connection, insert(_TABLE), _TABLE)
    return _STATEMENTS[name]
