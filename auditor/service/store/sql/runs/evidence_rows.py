"""Stores evidence: an envelope has a row of its own until its subject is measured, then one row holds them all.

A committed envelope is in one of the two places at any moment, and a reader sees one moment. An envelope that comes
again after its subject was packed is ignored when evidence is read, and deleted when the subject is packed next.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from sqlalchemy import Connection, delete, exists, func, insert, select

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.evidence import evidence_pack
from auditor.service.store.evidence.evidence_pack import DamagedPack, Envelope
from auditor.service.store.records import StoreError
from auditor.service.store.sql.keys import BOUND, among, evidence_keys, inserting, known_keys, run_key, these
from inventory.model import SubjectId
from probes.framework.codec import CodecError, dump_evidence, load_evidence
from probes.framework.evidence import Evidence, EvidenceId, Observation, RunId

_ROW = schema.evidence
_PACK = schema.evidence_pack
_SUBJECT = schema.subject
_RUN, _MEMBER, _WHOLE = schema.run, schema.member, schema.run.alias("whole")
_RUNS = _RUN.outerjoin(_MEMBER, _MEMBER.c.run == _RUN.c.key).join(
    _WHOLE, _WHOLE.c.key == func.coalesce(_MEMBER.c.round, _RUN.c.key)
)
"""Runs joined with the one that is judged as a whole: their round, or themselves."""
ROW_LEVEL = 0
"""The compression level of a row, which is soon packed: none, as that took longer than writing the row."""
_AT_ONCE = 50
"""Subjects that are packed at once; their evidence is in memory."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Holds the stored evidence of one subject: its packs and its rows."""

    subject: SubjectId
    packs: list[bytes] = field(default_factory=list)
    rows: list[tuple[EvidenceId, str, bytes]] = field(default_factory=list)

    def envelopes(self) -> list[Envelope]:
        """Return the envelopes by id; of several with one id the first stored. Raises StoreError."""
        found: dict[EvidenceId, Envelope] = {}
        try:
            for body in self.packs:
                for envelope in evidence_pack.unpack(body):
                    found.setdefault(envelope.id, envelope)
        except DamagedPack as error:
            raise _unreadable(self.subject, error) from error
        for id_, probe, body in self.rows:
            if id_ not in found:
                found[id_] = Envelope(id_, probe, _inflated(id_, body))
        return [found[id_] for id_ in sorted(found)]


class OnDemand(Mapping[EvidenceId, Evidence]):
    """Decodes each piece of a subject's evidence at the first access, as a report shows only a part."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._decoded: dict[EvidenceId, Evidence] = {}

    @cached_property
    def _envelopes(self) -> Mapping[EvidenceId, Envelope]:
        return {envelope.id: envelope for envelope in self._stored.envelopes()}

    def __getitem__(self, key: EvidenceId) -> Evidence:
        if key not in self._decoded:
            self._decoded[key] = read(self._envelopes[key])
        return self._decoded[key]

    def holding(self, kinds: Collection[type[Observation]]) -> Iterator[Evidence]:
        """Iterate over the pieces that may hold an observation of these kinds."""
        steps = _steps_of(frozenset(kinds))
        return (self[id_] for id_, envelope in self._envelopes.items() if steps.search(envelope.data))

    def __contains__(self, key: object) -> bool:
        return key in self._envelopes

    def __iter__(self) -> Iterator[EvidenceId]:
        return iter(self._envelopes)

    def __len__(self) -> int:
        return len(self._envelopes)


def rows(evidence: Iterable[Evidence]) -> list[dict[str, object]]:
    """Build rows without the key of the run: the slow part, done before a transaction is open."""
    return [
        {
            "run": envelope.run,
            "subject": envelope.subject,
            "id": envelope.id,
            "probe": envelope.probe,
            "body": zlib.compress(dump_evidence(envelope), ROW_LEVEL),
        }
        for envelope in evidence
    ]


def add(connection: Connection, made: Sequence[dict[str, object]]) -> None:
    """Add rows; existing rows with the same id stay unchanged."""
    if made:
        keys = {run: run_key(connection, RunId(str(run))) for run in {row["run"] for row in made}}
        connection.execute(inserting(connection, _ROW), [row | {"run": keys[row["run"]]} for row in made])


def pack(connection: Connection, run: RunId, subjects: Sequence[SubjectId]) -> None:
    """Move the rows of these subjects into a pack for each; a subject with packs gets a further one."""
    key = run_key(connection, run)
    for some in chunks(dict.fromkeys(subjects), _AT_ONCE):
        keys = known_keys(connection, key, some)
        _lock(connection, keys.values())
        stored, moved = _stored(connection, [key], list(keys))
        packs = [
            {"subject": keys[subject_rows.subject], "number": number, "body": body}
            for subject_rows in stored
            for number, body in enumerate(evidence_pack.pack(_new(subject_rows)), 1 + len(subject_rows.packs))
        ]
        if packs:
            connection.execute(insert(_PACK), packs)
        for part in chunks(moved, BOUND):
            connection.execute(delete(_ROW).where(among(_ROW.c.key)), these(part))


def _lock(connection: Connection, subjects: Iterable[int]) -> None:
    """Lock these subjects, so that one program at a time packs them if the database has several writers."""
    wanted = select(_SUBJECT.c.key).where(_SUBJECT.c.key.in_(sorted(subjects))).order_by(_SUBJECT.c.key)
    connection.execute(wanted.with_for_update(key_share=True)).all()


def of_subjects(connection: Connection, run: RunId, subjects: Sequence[SubjectId]) -> list[Stored]:
    """Read the stored evidence of these subjects, in the order given."""
    stored, _ = _stored(connection, evidence_keys(connection, run), subjects)
    return stored


def of_every_run(connection: Connection, subject: SubjectId) -> dict[RunId, Stored]:
    """Read the stored evidence of a subject by run; that of a member counts for its round."""
    found: dict[RunId, Stored] = defaultdict(lambda: Stored(subject))
    packed = _RUNS.join(_SUBJECT, _SUBJECT.c.run == _RUN.c.key).join(_PACK, _PACK.c.subject == _SUBJECT.c.key)
    packs = select(_WHOLE.c.id, _PACK.c.body).select_from(packed).where(_SUBJECT.c.id == subject)
    for run, body in connection.execute(packs.order_by(_PACK.c.subject, _PACK.c.number)):
        found[run].packs.append(bytes(body))
    single = select(_WHOLE.c.id, _ROW.c.id, _ROW.c.probe, _ROW.c.body)
    single = single.select_from(_RUNS.join(_ROW, _ROW.c.run == _RUN.c.key)).where(_ROW.c.subject == subject)
    for run, id_, probe, body in connection.execute(single.order_by(_ROW.c.key)):
        found[run].rows.append((EvidenceId(id_), probe, bytes(body)))
    return dict(found)


def subjects_after(connection: Connection, run: RunId, after: SubjectId, size: int) -> list[SubjectId]:
    """Read the ids of the next subjects that have evidence, in order; each run is read by an index."""
    found: set[str] = set()
    for key in evidence_keys(connection, run):
        packed = select(_SUBJECT.c.id).where(_SUBJECT.c.run == key, _SUBJECT.c.id > after)
        packed = packed.where(exists().where(_PACK.c.subject == _SUBJECT.c.key)).order_by(_SUBJECT.c.id).limit(size)
        single = select(_ROW.c.subject).where(_ROW.c.run == key, _ROW.c.subject > after).distinct()
        found.update(connection.execute(packed).scalars())
        found.update(connection.execute(single.order_by(_ROW.c.subject).limit(size)).scalars())
    return [SubjectId(subject) for subject in sorted(found)[:size]]


def all_of(stored: Stored, without: Collection[str] = ()) -> tuple[Evidence, ...]:
    """Decode the evidence of a subject by id, without that of some probes."""
    return tuple(read(envelope) for envelope in stored.envelopes() if envelope.probe not in without)


@cache
def _steps_of(kinds: frozenset[type[Observation]]) -> re.Pattern[bytes]:
    """Return a pattern for envelopes with a step of some kinds; one search for all is four times as fast as four."""
    names = b"|".join(sorted(re.escape(kind.KIND.encode()) for kind in kinds))
    return re.compile(rb'"kind"\s*:\s*"(?:' + names + rb')"')


def read(envelope: Envelope) -> Evidence:
    """Decode an envelope. Raises StoreError."""
    try:
        return load_evidence(envelope.data)
    except CodecError as error:
        raise _unreadable(envelope.id, error) from error


def forget(connection: Connection, run: RunId) -> None:
    """Delete the evidence of the run's subjects."""
    for key in evidence_keys(connection, run):
        subjects = select(_SUBJECT).where(_SUBJECT.c.run == key)
        connection.execute(delete(_PACK).where(_PACK.c.subject.in_(subjects.with_only_columns(_SUBJECT.c.key))))
        ids = subjects.with_only_columns(_SUBJECT.c.id)
        connection.execute(delete(_ROW).where(_ROW.c.run == key, _ROW.c.subject.in_(ids)))


def _stored(
    connection: Connection, runs: Sequence[int], subjects: Sequence[SubjectId]
) -> tuple[list[Stored], list[int]]:
    """Read the stored evidence of these subjects, and the keys of its rows."""
    found = {subject: Stored(subject) for subject in subjects}
    keys: list[int] = []
    packs = select(_SUBJECT.c.id, _PACK.c.body).join(_PACK, _PACK.c.subject == _SUBJECT.c.key)
    packs = packs.where(_SUBJECT.c.run.in_(runs), among(_SUBJECT.c.id)).order_by(_PACK.c.subject, _PACK.c.number)
    single = select(_ROW.c.key, _ROW.c.subject, _ROW.c.id, _ROW.c.probe, _ROW.c.body)
    single = single.where(_ROW.c.run.in_(runs), among(_ROW.c.subject)).order_by(_ROW.c.key)
    for some in chunks(found, BOUND):
        for subject, body in connection.execute(packs, these(some)):
            found[SubjectId(subject)].packs.append(bytes(body))
        for key, subject, id_, probe, body in connection.execute(single, these(some)):
            keys.append(key)
            found[SubjectId(subject)].rows.append((EvidenceId(id_), probe, bytes(body)))
    return list(found.values()), keys


def _new(stored: Stored) -> list[Envelope]:
    """Return the envelopes that no pack holds."""
    packed = Stored(stored.subject, packs=stored.packs).envelopes() if stored.rows else []
    known = {envelope.id for envelope in packed}
    return [Envelope(id_, probe, _inflated(id_, body)) for id_, probe, body in stored.rows if id_ not in known]


def _inflated(evidence: EvidenceId, body: bytes) -> bytes:
    try:
        return evidence_pack.inflate(body)
    except DamagedPack as error:
        raise _unreadable(evidence, error) from error


def _unreadable(wanted: str, error: Exception) -> StoreError:
    return StoreError("evidence '{id}' cannot be read: {why}", id=wanted, why=str(error))
