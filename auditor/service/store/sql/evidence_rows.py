"""Stores evidence as whole compressed envelopes; the columns beside them serve to find them, never to judge."""

import zlib
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_

from auditor.service.store import schema
from auditor.service.store.chunks import chunks
from auditor.service.store.records import StoreError, unknown
from auditor.service.store.sql.keys import BOUND, evidence_keys, inserting, run_key
from inventory.model import SubjectId
from probes.framework.codec import CodecError, dump_evidence, load_evidence
from probes.framework.evidence import Evidence, EvidenceId, RunId

_TABLE = schema.evidence
Packed = dict[str, object]


def pack(evidence: Iterable[Evidence]) -> list[Packed]:
    """Rows but for the key of the run: the slow part, done before a transaction is open."""
    return [
        {
            "run": one.run,
            "subject": one.subject,
            "id": one.id,
            "probe": one.probe,
            "vantage": one.vantage,
            "started": one.started,
            "body": zlib.compress(dump_evidence(one)),
        }
        for one in evidence
    ]


def add(connection: Connection, rows: Sequence[Packed]) -> None:
    if rows:
        keys = {run: run_key(connection, RunId(str(run))) for run in {row["run"] for row in rows}}
        connection.execute(inserting(connection, _TABLE), [row | {"run": keys[row["run"]]} for row in rows])


def of_subjects(
    connection: Connection, run: RunId, subjects: Sequence[SubjectId], without: Collection[str]
) -> list[tuple[SubjectId, EvidenceId, bytes]]:
    """Subjects, ids and bodies, by subject and id, but for the evidence of some probes."""
    here, found = _of(connection, run), []
    for some in chunks(subjects, BOUND):
        query = select(_TABLE.c.subject, _TABLE.c.id, _TABLE.c.body).where(here, _TABLE.c.subject.in_(some))
        if without:
            query = query.where(_TABLE.c.probe.not_in(sorted(without)))
        rows = connection.execute(query.order_by(_TABLE.c.subject, _TABLE.c.id))
        found += [(SubjectId(subject), EvidenceId(id_), body) for subject, id_, body in rows]
    return found


def ids(connection: Connection, run: RunId, subject: SubjectId) -> tuple[EvidenceId, ...]:
    query = select(_TABLE.c.id).where(_of(connection, run), _TABLE.c.subject == subject).order_by(_TABLE.c.id)
    return tuple(EvidenceId(found) for found in connection.execute(query).scalars())


def by_id(connection: Connection, evidence: EvidenceId) -> bytes:
    found = connection.execute(select(_TABLE.c.body).where(_TABLE.c.id == evidence)).scalar_one_or_none()
    if found is None:
        raise unknown("evidence", evidence)
    return bytes(found)


def page(
    connection: Connection, run: int, after: tuple[str, str] | None, size: int
) -> list[tuple[str, EvidenceId, bytes]]:
    """The next (subject, id, body) after one, by subject and id; of one run alone, in the order of an index."""
    columns = (_TABLE.c.subject, _TABLE.c.id)
    query = select(*columns, _TABLE.c.body).where(_TABLE.c.run == run).order_by(*columns).limit(size)
    if after is not None:
        query = query.where(tuple_(*columns) > tuple_(*after))
    return [(row.subject, row.id, row.body) for row in connection.execute(query)]


def raw(evidence: EvidenceId, body: bytes) -> bytes:
    """The envelope's bytes as they were stored."""
    try:
        return zlib.decompress(body)
    except zlib.error as error:
        raise StoreError("evidence '{id}' cannot be read: {why}", id=evidence, why=str(error)) from error


def unpack(evidence: EvidenceId, body: bytes) -> Evidence:
    try:
        return load_evidence(zlib.decompress(body))
    except (CodecError, zlib.error) as error:
        raise StoreError("evidence '{id}' cannot be read: {why}", id=evidence, why=str(error)) from error


def forget(connection: Connection, run: RunId) -> None:
    """Delete that of the run's subjects."""
    for key in evidence_keys(connection, run):
        subjects = select(schema.subject.c.id).where(schema.subject.c.run == key)
        connection.execute(delete(_TABLE).where(_TABLE.c.run == key, _TABLE.c.subject.in_(subjects)))


def _of(connection: Connection, run: RunId) -> ColumnElement[bool]:
    return _TABLE.c.run.in_(evidence_keys(connection, run))
