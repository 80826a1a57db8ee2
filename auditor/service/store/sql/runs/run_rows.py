"""Reads and writes rows of runs, seals and blobs."""

import zlib
from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from auditor.service.store.database import schema
from auditor.service.store.records import (
    Digest,
    JudgementId,
    RunRecord,
    RunState,
    StoreError,
    damaged_blob,
    damaged_seal,
    digest_of,
    taken,
    unknown,
)
from auditor.service.store.round_records import as_round
from auditor.service.store.run_options import RunOptions, read_run_options
from auditor.service.store.sql.keys import evidence_keys, inserting, judgement_key, run_key
from auditor.service.store.sql.runs import doubt_rows
from probes.framework.evidence import RunId

_RUN = schema.run
_BLOB = schema.blob
_MEMBER = schema.member
_ROUND = _RUN.alias("round")
_KNOWN = (
    select(_RUN, schema.forgotten.c.forgotten, _ROUND.c.id.label("round"), *doubt_rows.COLUMNS)
    .outerjoin(schema.forgotten, schema.forgotten.c.run == _RUN.c.key)
    .outerjoin(schema.doubt, schema.doubt.c.run == _RUN.c.key)
    .outerjoin(_MEMBER, _MEMBER.c.run == _RUN.c.key)
    .outerjoin(_ROUND, _ROUND.c.key == _MEMBER.c.round)
)
_ELSEWHERE = {"forgotten", "doubt", "round", "members"}  # fields in other tables


def create(connection: Connection, run: RunRecord) -> None:
    values = {name: getattr(run, name) for name in RunRecord.__dataclass_fields__ if name not in _ELSEWHERE}
    try:
        connection.execute(
            insert(_RUN).values(
                values | {"networks": list(run.networks), "state": run.state.value, "options": run.options.to_json()}
            )
        )
    except IntegrityError as error:
        raise taken("run", run.id) from error
    if run.round is not None:
        place = {"run": run_key(connection, run.id), "round": run_key(connection, run.round)}
        connection.execute(insert(_MEMBER).values(place))


def get(connection: Connection, run: RunId) -> RunRecord:
    key = run_key(connection, run)
    record = _record(connection.execute(_KNOWN.where(_RUN.c.key == key)).one())
    return as_round(record, map(_record, connection.execute(_KNOWN.where(_MEMBER.c.round == key))))


def every(connection: Connection) -> tuple[RunRecord, ...]:
    """Read all rounds and runs of no round; members of a round are not among them."""
    members: dict[RunId, list[RunRecord]] = defaultdict(list)
    whole: list[RunRecord] = []
    for record in map(_record, connection.execute(_KNOWN)):
        if record.round is None:
            whole.append(record)
        else:
            members[record.round].append(record)
    runs = (as_round(record, members[record.id]) for record in whole)
    return tuple(sorted(runs, key=lambda run: (run.started, run.id)))


def end(connection: Connection, run: RunId, when: datetime | None, state: RunState) -> None:
    key = run_key(connection, run)
    connection.execute(update(_RUN).where(_RUN.c.key == key).values(finished=when, state=state.value))


def forget(connection: Connection, run: RunId, when: datetime) -> None:
    rows = [{"run": key, "forgotten": when} for key in evidence_keys(connection, run)]
    connection.execute(inserting(connection, schema.forgotten), rows)


def add_seal(connection: Connection, run: RunId, body: bytes, judgement: JudgementId | None) -> None:
    shown = None if judgement is None else judgement_key(connection, judgement)[0]
    values = {"run": run_key(connection, run), "body": zlib.compress(body), "judgement": shown}
    try:
        connection.execute(insert(schema.seal).values(values))
    except IntegrityError as error:
        raise taken("seal of", run) from error


def stamp_seal(connection: Connection, run: RunId, body: bytes) -> None:
    of = schema.seal.c.run == run_key(connection, run)
    connection.execute(update(schema.seal).where(of).values(body=zlib.compress(body)))


def seal(connection: Connection, run: RunId) -> bytes | None:
    query = select(schema.seal.c.body).where(schema.seal.c.run == run_key(connection, run))
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        return None
    try:
        return zlib.decompress(found)
    except (zlib.error, TypeError) as error:
        raise damaged_seal(run) from error


def is_sealed(connection: Connection, run: RunId) -> bool:
    key = run_key(connection, run)
    round_key = select(_MEMBER.c.round).where(_MEMBER.c.run == key)
    query = select(schema.seal.c.run).where(or_(schema.seal.c.run == key, schema.seal.c.run.in_(round_key)))
    return connection.execute(query).first() is not None


def sealed_judgement(connection: Connection, run: RunId) -> JudgementId | None:
    """Return the judgement that was sealed last; None for a run that is not sealed."""
    table, seal_table = schema.judgement, schema.seal
    query = select(table.c.id).join(seal_table, seal_table.c.judgement == table.c.key)
    found = connection.execute(query.where(seal_table.c.run == run_key(connection, run))).scalar_one_or_none()
    return None if found is None else JudgementId(found)


def put_blob(connection: Connection, data: bytes) -> Digest:
    digest = digest_of(data)
    put_packed(connection, digest, zlib.compress(data))
    return digest


def put_packed(connection: Connection, digest: Digest, body: bytes) -> None:
    """Add a blob that is compressed already; ``digest`` is that of the bytes inside."""
    connection.execute(inserting(connection, _BLOB), {"digest": digest, "body": body})


def blob(connection: Connection, digest: Digest) -> bytes:
    found = connection.execute(select(_BLOB.c.body).where(_BLOB.c.digest == digest)).scalar_one_or_none()
    if found is None:
        raise unknown("blob", digest)
    try:
        body = zlib.decompress(found)
    except (zlib.error, TypeError) as error:
        raise damaged_blob(digest) from error
    if digest_of(body) != digest:
        raise damaged_blob(digest)
    return body


def _record(row: Row[tuple[object, ...]]) -> RunRecord:
    fields = {name: getattr(row, name) for name in RunRecord.__dataclass_fields__ if name not in {"doubt", "members"}}
    fields["options"] = _options(row)
    fields |= {"networks": tuple(row.networks), "state": RunState(row.state), "doubt": doubt_rows.doubt(row)}
    return RunRecord(**fields)


def _options(row: Row[tuple[object, ...]]) -> RunOptions:
    try:
        return read_run_options(row.options)
    except ValueError as error:
        raise StoreError("the options of run {run} cannot be read: {why}", run=row.id, why=str(error)) from error
