"""Writes and reads one run as files (``--evidence DIR``), to be kept and judged again without a store.

``evidence.jsonl`` grows by whole lines while the run goes on; ``blobs/`` holds the inventory, the reference data and
the policy it was made with, each named by its digest. A machine that loses power leaves at most one broken line at the
end: it is dropped, with a message, when the file is read, and cut off when the run goes on. A broken line anywhere else
is an error: the file was changed.
"""

import fcntl
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.evidence import journal
from auditor.service.store.files import make_folders, open_file, write
from auditor.service.store.lines import BAD_LINE, FileLine, bad, explained, lines, refused
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Digest, RunRecord, RunState, StoreError, digest_of
from inventory.model import Subject, SubjectId
from inventory.safe_open import read_whole
from probes.framework.codec import NewerEvidence
from probes.framework.evidence import Evidence, EvidenceId, RunId

FILE = "evidence.jsonl"
BLOBS = "blobs"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Recording:
    """Holds the run that was read. ``dropped`` describes a line cut off at the end; None if there is none."""

    run: RunId
    store: Store
    dropped: StoreError | None


class EvidenceFiles:
    """Writes one run's folder, one program at a time; a ``Mirror`` for the ``Writer``."""

    def __init__(self, folder: Path, store: Store, run: RunId) -> None:
        """Bring the folder to the state of the run in ``store``, whether it is new or left by an earlier program."""
        self._path = folder / FILE
        self._run = run
        with explained(self._path):
            make_folders(folder / BLOBS)
            self._descriptor = open_file(self._path, os.O_APPEND)
        try:
            self._lock()
            _write_blobs(folder / BLOBS, store, store.run(run))
            self._catch_up(store, self._written(store.run(run)))
        except BaseException:
            self.close()
            raise

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        self._append(journal.found(subjects))

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None:
        self._append(journal.owners(subject, owners))

    def add_evidence(self, evidence: Iterable[Evidence]) -> None:
        self._append(b"".join(journal.evidence(envelope) for envelope in evidence))

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        self._append(journal.measured(subjects))

    def finish_run(self, run: RunId, when: datetime, state: RunState = RunState.FINISHED) -> None:
        self._append(journal.ended(when, state))

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError("{file} is being written by another program", file=str(self._path)) from error

    def _written(self, run: RunRecord) -> "_Written":
        """Read the content of the file, and cut off a broken end. Raises StoreError for the file of another run."""
        written = _Written()
        end = 0
        for line in lines(self._path):
            if line.broken is not None:
                break
            if not written.header:
                header = _header(line)
                if header.id != run.id:
                    raise StoreError(
                        "{file} holds another run, {other}; name another folder", file=str(self._path), other=header.id
                    )
            try:
                written.note(line.fields)
            except BAD_LINE as error:
                raise bad(line.path, line.number, error) from error
            end = line.end
        with explained(self._path):
            os.ftruncate(self._descriptor, end)
            if end and os.pread(self._descriptor, 1, end - 1) != b"\n":
                os.write(self._descriptor, b"\n")
        return written

    def _catch_up(self, store: Store, written: "_Written") -> None:
        subjects = [subject for subject in store.subjects(self._run) if not written.has(subject)]
        if not written.header:
            self._append(journal.header(store.run(self._run), subjects))
        elif subjects:
            self._append(journal.found(subjects))
        missing = (envelope for envelope in store.all_evidence(self._run) if envelope.id not in written.evidence)
        for some in chunks(missing, _BATCH):
            self.add_evidence(some)
        measured = store.measured(self._run) - written.measured
        if measured:
            self._append(journal.measured(sorted(measured)))

    def _append(self, data: bytes) -> None:
        """Append all of ``data`` or nothing."""
        size = os.fstat(self._descriptor).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fdatasync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, size)
            raise refused(self._path, error) from error


def export(store: Store, run: RunId, folder: Path) -> None:
    """Write a run of a store as files."""
    record = store.run(run)
    with EvidenceFiles(folder, store, run) as files:
        if record.finished is not None:
            files.finish_run(run, record.finished, record.state)


def read(folder: Path, store: Store | None = None) -> Recording:
    """Return the run of a folder, in a store of its own or in ``store``. Raises StoreError naming file and line."""
    target = MemoryStore() if store is None else store
    path = folder / FILE
    run: RunRecord | None = None
    dropped: StoreError | None = None
    with target.batch():
        for line in lines(path):
            if line.broken is not None:
                dropped = line.broken
            elif run is None:
                run = _header(line)
                _read_blobs(folder / BLOBS, target, run)
                target.create_run(run)
                _replay(line, {"subjects": line.fields["subjects"]}, run, target)
            else:
                _replay(line, line.fields, run, target)
    if run is None:
        raise StoreError("{file} holds no run: its first line is missing or broken", file=str(path))
    return Recording(run=run.id, store=target, dropped=dropped)


class _Written:
    """Collects the content of an evidence file."""

    def __init__(self) -> None:
        self.header = False
        self.evidence: set[EvidenceId] = set()
        self.measured: set[SubjectId] = set()
        self._owners: dict[str, set[str]] = {}

    def note(self, fields: journal.Fields) -> None:
        self.header = True
        if "id" in fields:
            self.evidence.add(fields["id"])
        self.measured.update(fields.get("measured", ()))
        for subject in fields.get("subjects", ()):
            self._owners.setdefault(subject["id"], set()).update(subject.get("derived_from", ()))
        for name, owners in fields.get("owners", {}).items():
            self._owners.setdefault(name, set()).update(owners)

    def has(self, subject: Subject) -> bool:
        return subject.id in self._owners and self._owners[subject.id] >= set(subject.derived_from)


def _replay(line: FileLine, fields: journal.Fields, run: RunRecord, store: Store) -> None:
    try:
        journal.replay(fields, run.id, store)
    except NewerEvidence as error:
        raise _newer(line, error, run.version) from error
    except BAD_LINE as error:
        raise bad(line.path, line.number, error) from error


def _header(line: FileLine) -> RunRecord:
    try:
        line.fields["subjects"]
        return journal.read_header(line.fields)
    except NewerEvidence as error:
        about = line.fields.get("run")
        raise _newer(line, error, about.get("version") if isinstance(about, dict) else None) from error
    except BAD_LINE as error:
        raise bad(line.path, line.number, error) from error


def _newer(line: FileLine, error: NewerEvidence, version: object) -> StoreError:
    """Return the error that names the version that wrote the file, and the remedy."""
    return StoreError(
        "{file}:{line}: was written by a newer version of this program, {version}, and this one cannot read it ({why});"
        " judge it with that version or a later one",
        file=str(line.path),
        line=line.number,
        version=str(version or "?")[:100],
        why=str(error),
    )


LARGEST_BLOB = 256 * 2**20
"""Bytes of a blob at most; the inventory of 200,000 subjects takes a third of it."""


def _blob_path(folder: Path, digest: Digest) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise StoreError("'{digest}' is not a digest", digest=digest)
    return folder / digest.replace(":", "-")


def _write_blobs(folder: Path, store: Store, run: RunRecord) -> None:
    for digest in (run.inventory, run.reference, run.policy):
        path = _blob_path(folder, digest)
        if not path.exists():
            with explained(path):
                write(path, store.blob(digest))


def _read_blobs(folder: Path, store: Store, run: RunRecord) -> None:
    for digest in (run.inventory, run.reference, run.policy):
        path = _blob_path(folder, digest)
        with explained(path):
            data = read_whole(path, LARGEST_BLOB)
        if digest_of(data) != digest:
            raise StoreError("{file} is not what its name says: somebody changed it", file=str(path))
        store.put_blob(data)
