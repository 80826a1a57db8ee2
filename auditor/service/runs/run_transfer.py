"""Writes a vantage's run as a sealed file, and imports such a file into a store, by itself or as a member of a round.

The file holds the measurements and the data to judge them; the importing store judges. Everything in a file comes from
another machine: each line must be of the run that the file names and of its vantage. A file completes a run of the
store and never changes it.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from auditor.framework.context import ReferenceData
from auditor.framework.operator_problems import problem
from auditor.framework.policy import Policy
from auditor.judging.vantage import vantage_subject
from auditor.service.derived.meshing import MESH
from auditor.service.pipeline.summaries.declared import DECLARED
from auditor.service.runs import sealed_file, sealing
from auditor.service.runs.sealed_file import Fields, SealedFile, SealedFileError, broken_line, dump
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.evidence import journal
from auditor.service.store.lines import BAD_LINE
from auditor.service.store.records import RunRecord, RunState, StoreError, digest_of
from inventory.dataclass_json import decode
from inventory.inventory import Inventory
from inventory.model import Subject, SubjectId
from probes.framework.codec import decode_evidence, evidence_id, load_frozen
from probes.framework.evidence import Evidence, RunId

KIND = "run"
_SUBJECTS, _EVIDENCE = 200, 500
_PIECE = 2**20
LARGEST_BLOB = 256 * 2**20
MOST_SUBJECTS = 500_000
AHEAD = timedelta(minutes=10)
"""The time by which the clock of another machine may be ahead."""
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""The earliest start of a run; the start of the calendar would leave no time before it."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAME = 200


def export_run(file: BinaryIO, run: RunId, store: Store, key: Path | None) -> str:
    """Write a finished or interrupted run and return the digest of the file."""
    record = store.run(run)
    if record.is_round:
        raise StoreError("{run} is a round: export its runs, {members}", run=run, members=", ".join(record.members))
    if record.state is RunState.RUNNING or record.finished is None:
        raise StoreError("run {run} has not ended and cannot be exported", run=run)
    if record.forgotten is not None:
        raise StoreError("run {run}: its evidence is kept no more, so it cannot be exported", run=run)
    head = {name: value for name, value in json.loads(journal.header(record, ())).items() if name != "subjects"}
    head |= {"ended": record.finished.isoformat(), "state": record.state.value, "round": record.round or ""}
    return sealed_file.write(file, KIND, head, _lines(record, store), key)


def vantage_of(head: Fields) -> object:
    """Return the vantage that the first line of a file names; None if it is not the line of a run."""
    about = head.get("run")
    return about.get("vantage") if isinstance(about, dict) else None


def _lines(record: RunRecord, store: Store) -> Iterator[bytes]:
    for digest in dict.fromkeys((record.inventory, record.reference, record.policy)):
        data = store.blob(digest)
        for start in range(0, len(data), _PIECE):
            yield dump({"blob": digest, "data": base64.b64encode(data[start : start + _PIECE]).decode()})
    for some in chunks(store.subjects(record.id), _SUBJECTS):
        yield journal.found(some).rstrip(b"\n")
    for subject, _, body in store.evidence_bytes(record.id):
        if subject != DECLARED:
            yield body
    for names in chunks(sorted(store.measured(record.id)), _SUBJECTS):
        yield journal.measured(names).rstrip(b"\n")
    seal = store.seal(record.id)
    if seal is not None:
        yield dump({"seal": sealing.load_seal(seal)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRun:
    """Holds the result of an import: the run, the counts of its file, if it is new, and if its seal was verified."""

    run: RunRecord
    subjects: int
    evidence: int
    new: bool
    sealed: bool


def import_run(
    file: SealedFile,
    store: Store,
    now: datetime,
    into: RunId | None = None,
    *,
    noted: Callable[[RunId], None] = lambda _: None,
) -> ImportedRun:
    """Import a whole file or nothing of it. ``into``: the round that the run joins, made if the store has none.

    ``noted`` records, in the same transaction, that the file was imported, or that its run was here already.

    A file that was imported before changes nothing. Raises SealedFileError, and StoreError if the store refuses it.
    """
    record, known = _record(file, now), _known(file, store)
    with store.batch():
        if known is None:
            record = replace(record, round=_round(record, into or _named_round(file, store), store))
        part = _Part(file=file, record=record, store=store, now=now)
        part.read_blobs()
        if known is None:
            store.create_run(replace(record, finished=None, state=RunState.RUNNING))
        part.read_rest(writes=known is None or not store.is_sealed(record.id))
        if known is None or known.state is not RunState.FINISHED:
            store.finish_run(record.id, record.finished or now, record.state)
        if part.seal is not None:
            _check_seal(part.seal, file, store)
        noted(record.id)
    return ImportedRun(
        run=store.run(record.id),
        subjects=len(part.subjects),
        evidence=part.evidence,
        new=known is None,
        sealed=part.seal is not None,
    )


def _record(file: SealedFile, now: datetime) -> RunRecord:
    """Return the run that the file names, with its end. Raises SealedFileError if the first line is invalid."""
    head = file.head
    try:
        record = journal.read_header(head)
        ended, state = datetime.fromisoformat(head["ended"]), RunState(head["state"])
        if not _ID.fullmatch(record.id) or not record.vantage or len(record.vantage + record.name) > _NAME:
            raise ValueError("the name of the run or of its vantage")
        if state is RunState.RUNNING or not _FIRST <= record.started <= ended <= now + AHEAD:
            raise ValueError("the times of the run")
    except BAD_LINE as error:
        raise broken_line(file.path, 1, str(error)) from error
    return replace(record, finished=ended.astimezone(UTC), state=state)


def _known(file: SealedFile, store: Store) -> RunRecord | None:
    """Return the same run from the store; None if the store lacks it.

    Raises SealedFileError if the store holds another run with that id.
    """
    record = journal.read_header(file.head)
    try:
        held = store.run(record.id)
    except StoreError:
        return None
    same = ("vantage", "started", "inventory", "reference", "policy", "networks", "options")
    if any(getattr(held, name) != getattr(record, name) for name in same):
        raise SealedFileError(
            [problem("holds another run than the store's of the same id, '{run}'", at=str(file.path), run=record.id)]
        )
    return held


def _named_round(file: SealedFile, store: Store) -> RunId | None:
    """Return the round that the file itself names, if the store has it."""
    name = file.head.get("round")
    if not isinstance(name, str) or not name:
        return None
    try:
        found = store.run(RunId(name))
    except StoreError:
        return None
    return found.id if found.is_round else None


def _round(record: RunRecord, into: RunId | None, store: Store) -> RunId | None:
    if into is None:
        return None
    try:
        held = store.run(into)
    except StoreError:
        store.create_run(
            replace(record, id=into, vantage="", networks=(), finished=None, state=RunState.RUNNING, round=None)
        )
        return into
    if not held.is_round:
        raise StoreError("run {run} is not a round that another could join", run=into)
    if store.is_sealed(into):
        raise StoreError("round {run} is sealed: nothing can join it", run=into)
    if any(store.run(member).vantage == record.vantage for member in held.members):
        raise StoreError("round {run} has a run of vantage {vantage} already", run=into, vantage=record.vantage)
    return into


@dataclass(slots=True, kw_only=True)
class _Part:
    """Reads the lines of a file into a store: blobs first, so that the run can be made, then the rest."""

    file: SealedFile
    record: RunRecord
    store: Store
    now: datetime
    subjects: set[SubjectId] = field(default_factory=set)
    evidence: int = 0
    seal: Fields | None = None

    def read_blobs(self) -> None:
        """Keep the three blobs with which the run is judged, once their digests match and they can be read."""
        wanted = {self.record.inventory, self.record.reference, self.record.policy}
        found: dict[str, bytearray] = {}
        for number, fields in self.file.lines():
            if "blob" not in fields:
                continue
            name, data = fields["blob"], fields.get("data")
            if name not in wanted or not isinstance(data, str):
                raise broken_line(self.file.path, number, "data that the run does not name")
            try:
                found.setdefault(name, bytearray()).extend(base64.b64decode(data, validate=True))
            except binascii.Error as error:
                raise broken_line(self.file.path, number, str(error)) from error
            if len(found[name]) > LARGEST_BLOB:
                raise broken_line(self.file.path, number, f"more than {LARGEST_BLOB} bytes")
        for digest in wanted:
            data = bytes(found.get(digest, b""))
            if digest_of(data) != digest:
                raise SealedFileError(
                    [
                        problem(
                            "does not hold what the run is judged with: {digest}", at=str(self.file.path), digest=digest
                        )
                    ]
                )
        self._check_readable({name: bytes(data) for name, data in found.items()})
        for data in found.values():
            self.store.put_blob(bytes(data))

    def _check_readable(self, blobs: Mapping[str, bytes]) -> None:
        try:
            Inventory.from_json(blobs[self.record.inventory])
            load_frozen(ReferenceData, blobs[self.record.reference])
            load_frozen(Policy, blobs[self.record.policy])
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise SealedFileError(
                [problem("holds an inventory, a policy or reference data that cannot be read", at=str(self.file.path))]
            ) from error

    def read_rest(self, *, writes: bool) -> None:
        """Add subjects, evidence and marks; with ``writes`` False only check them, for a run that is sealed here."""
        for some in chunks(self._lines(), _EVIDENCE):
            pieces = [self._evidence(number, fields) for number, fields in some if "id" in fields]
            self.evidence += len(pieces)
            if writes:
                self.store.add_evidence(pieces)
            for number, fields in some:
                if "measured" in fields:
                    self._measured(number, fields["measured"], writes=writes)
                elif "seal" in fields:
                    self.seal = self._seal(number, fields["seal"])
                elif "id" not in fields:
                    raise broken_line(self.file.path, number, ", ".join(sorted(map(str, fields)))[:100])

    def _lines(self) -> Iterator[tuple[int, Fields]]:
        """Yield all lines except blobs and subjects; subjects are added on the way, before evidence that names them."""
        for number, fields in self.file.lines():
            if "subjects" in fields:
                self._subjects(number, fields["subjects"])
            elif "blob" not in fields:
                yield number, fields

    def _subjects(self, number: int, listed: object) -> None:
        try:
            if not isinstance(listed, list) or len(self.subjects) + len(listed) > MOST_SUBJECTS:
                raise ValueError("subjects")
            found = [decode(Subject, fields) for fields in listed]
            self.subjects |= {subject.id for subject in found}
            if not self.store.is_sealed(self.record.id):
                self.store.add_subjects(self.record.id, found)
        except BAD_LINE as error:
            raise broken_line(self.file.path, number, str(error)) from error

    def _evidence(self, number: int, fields: Fields) -> Evidence:
        """Return a piece of evidence, checked to be of this run, this vantage, a listed subject and the run's time."""
        record = self.record
        try:
            envelope = decode_evidence(fields)
        except BAD_LINE as error:
            raise broken_line(self.file.path, number, str(error)) from error
        own = (MESH, vantage_subject(record.vantage).id)
        made = evidence_id(envelope.run, envelope.subject, envelope.probe, envelope.task, envelope.attempt)
        for right, what in (
            (envelope.run == record.id, "evidence of another run"),
            (envelope.vantage == record.vantage, "evidence of another vantage"),
            (
                envelope.subject in self.subjects or envelope.subject in own,
                "evidence of a subject that the file does not list",
            ),
            (envelope.id == made, "an id that is not that of its evidence"),
            (envelope.is_within(record.started - AHEAD, self.now + AHEAD), "evidence of another time"),
        ):
            if not right:
                raise broken_line(self.file.path, number, what)
        return envelope

    def _measured(self, number: int, listed: object, *, writes: bool) -> None:
        if not isinstance(listed, list) or not self.subjects.issuperset(map(str, listed)):
            raise broken_line(self.file.path, number, "a measured subject that the file does not list")
        if writes:
            self.store.mark_measured(self.record.id, *(SubjectId(str(subject)) for subject in listed))

    def _seal(self, number: int, held: object) -> Fields:
        try:
            return sealing.load_seal(json.dumps(held).encode())
        except (StoreError, ValueError, RecursionError) as error:
            raise broken_line(self.file.path, number, str(error)) from error


def _check_seal(seal: Fields, file: SealedFile, store: Store) -> None:
    """Raise SealedFileError unless the seal from the measuring store holds over everything in the file."""
    altered = sealing.altered_parts(seal, store)
    if altered:
        raise SealedFileError(
            [problem("is not what was sealed where it was measured: {parts}", at=str(file.path), parts=_first(altered))]
        )


def _first(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:5]) + (f" (+{len(listed) - 5})" if len(listed) > 5 else "")
