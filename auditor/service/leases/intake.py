"""Reads the evidence that a worker sends, checks it against its lease, and puts it into the store.

A worker stands elsewhere and may be under anybody's control. So a delivery is bounded before it is read, it is data of
known types, and it is taken only if it belongs to its lease. A delivery is refused whole if any line is of another run,
vantage or subject, of a time at which the worker had no lease, or has an id that is not that of its content. Evidence
that was delivered before is left as it was, so a worker may repeat itself.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from auditor.judging.vantage import vantage_subject
from auditor.service.leases.model import Lease, LeaseKey, Leases
from auditor.service.store.api import Store
from auditor.service.store.evidence.journal import Fields
from auditor.service.store.lines import BAD_LINE
from auditor.service.store.records import StoreError
from inventory.dataclass_json import decode
from inventory.model import Kind, Subject, SubjectId
from probes.framework.codec import NewerEvidence, decode_evidence, evidence_id
from probes.framework.evidence import Evidence
from probes.framework.expand import derived_subject

LARGEST = 8 * 10**6
"""Bytes of one delivery, compressed."""
MOST_BYTES = 16 * 2**20
"""Bytes of one delivery after decompression."""
LONGEST = 4 * 2**20
"""Bytes of one line."""
SUBJECT_BYTES = 8 * 2**20
"""Bytes of the evidence of one subject in a delivery; and, times its subjects, of all deliveries of a batch."""
MOST_DERIVED = 50
"""The most subjects that one subject may lead to."""
CLOCK = timedelta(minutes=10)
"""The greatest difference between the clocks of worker and centre."""
_MARKS, _MOST_MARKS = (b"[", b"{", b","), 400_000
"""The most values in one line, counted without parsing it."""
_DERIVED_KINDS = frozenset({Kind.ZONE, Kind.HOST})


class RefusedDelivery(Exception):
    """Raised if a delivery is not taken; ``code`` is the reason, ``line`` the place.

    TOO_LARGE, NOT_COMPRESSED, BAD_LINE, NEWER_EVIDENCE, OTHER_RUN, OTHER_VANTAGE, OTHER_SUBJECT, OTHER_TIME, OTHER_ID.
    """

    def __init__(self, code: str, line: int = 0, why: str = "") -> None:
        super().__init__(f"{code} line {line}: {why}"[:500])
        self.code, self.line, self.why = code, line, why[:300]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Holds a delivery's typed lines, in their order, each with its length; not yet checked against the lease."""

    lines: tuple[tuple[int, "_Said"], ...]

    @property
    def size(self) -> int:
        return sum(length for length, _ in self.lines)


@dataclass(frozen=True, slots=True)
class _Found:
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class _Owners:
    owners: Mapping[SubjectId, tuple[SubjectId, ...]]


@dataclass(frozen=True, slots=True)
class _Measured:
    subjects: tuple[SubjectId, ...]


_Said = Evidence | _Found | _Owners | _Measured


def unpack(data: bytes) -> bytes:
    """Decompress a delivery (gzip, one member). Raises RefusedDelivery if it is no gzip, cut off or too large."""
    if len(data) > LARGEST:
        raise RefusedDelivery("TOO_LARGE")
    inflate = zlib.decompressobj(wbits=31)
    try:
        found = inflate.decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        raise RefusedDelivery("NOT_COMPRESSED") from error
    if len(found) > MOST_BYTES:
        raise RefusedDelivery("TOO_LARGE")
    if not inflate.eof or inflate.unused_data:
        raise RefusedDelivery("NOT_COMPRESSED")
    return found


def read(data: bytes) -> Delivery:
    """Read the lines of a decompressed delivery. Raises RefusedDelivery."""
    return Delivery(lines=tuple(_lines(data)))


def _lines(data: bytes) -> Iterator[tuple[int, _Said]]:
    for number, line in enumerate(data.splitlines(), 1):
        if len(line) > LONGEST or sum(line.count(mark) for mark in _MARKS) > _MOST_MARKS:
            raise RefusedDelivery("TOO_LARGE", number)
        try:
            yield len(line), _said(json.loads(line))
        except NewerEvidence as error:
            raise RefusedDelivery("NEWER_EVIDENCE", number, str(error)) from error
        except BAD_LINE as error:
            raise RefusedDelivery("BAD_LINE", number, str(error)) from error


def _said(fields: Fields) -> _Said:
    match fields:
        case {"id": _}:
            return decode_evidence(fields)
        case {"subjects": list(subjects)} if len(fields) == 1:
            return _Found(tuple(decode(Subject, subject) for subject in subjects))
        case {"owners": dict(by_subject)} if len(fields) == 1:
            return _Owners({SubjectId(subject): _ids(owners) for subject, owners in by_subject.items()})
        case {"measured": list(subjects)} if len(fields) == 1:
            return _Measured(_ids(subjects))
        case _:
            raise ValueError("neither evidence nor anything else that a worker says of a run")


def _ids(listed: object) -> tuple[SubjectId, ...]:
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise TypeError("not a list of subjects")
    return tuple(map(SubjectId, listed))


@dataclass(slots=True, kw_only=True)
class Intake:
    """Takes deliveries into the store. ``now`` is the clock."""

    store: Store
    leases: Leases
    now: Callable[[], datetime]

    def take(self, key: LeaseKey, delivery: Delivery) -> int:
        """Store a delivery, all of it or nothing; return the number of pieces of evidence that it held.

        Raises RefusedDelivery, LeaseLost, or StoreError.
        """
        with self.store.batch():
            lease = self.leases.held(key)
            if self.leases.beat(key, delivery.size) > SUBJECT_BYTES * len(lease.subjects):
                raise RefusedDelivery("TOO_LARGE", why="of all deliveries of this batch")
            checked = _Checked(self.store, lease, self.now())
            for number, (length, said) in enumerate(delivery.lines, 1):
                try:
                    checked.take(said, length)
                except RefusedDelivery as refused:
                    raise RefusedDelivery(refused.code, number, refused.why) from refused
            return checked.pieces


@dataclass(slots=True)
class _Checked:
    """Checks and stores the lines of one delivery, one by one, inside the store's transaction."""

    store: Store
    lease: Lease
    now: datetime
    pieces: int = 0
    _own: set[SubjectId] = field(default_factory=set)
    _derived: dict[SubjectId, bool] = field(default_factory=dict)
    _bytes: Counter[SubjectId] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._own = set(self.lease.subjects)

    def take(self, said: _Said, length: int) -> None:
        run = self.lease.run
        match said:
            case Evidence():
                self._check_evidence(said, length)
                self.store.add_evidence([said])
                self.pieces += 1
            case _Found():
                for subject in said.subjects:
                    self._check_derived(subject)
                self.store.add_subjects(run, said.subjects)
                self._derived.update(dict.fromkeys((subject.id for subject in said.subjects), True))
            case _Owners():
                for subject_id, owners in said.owners.items():
                    self._check_owners(subject_id, owners)
                    self.store.add_owners(run, subject_id, owners)
            case _Measured():
                for subject_id in said.subjects:
                    self._must_be_ours(subject_id)
                self.store.mark_measured(run, *said.subjects)

    def _check_evidence(self, envelope: Evidence, length: int) -> None:
        lease = self.lease
        if envelope.run != lease.run:
            raise RefusedDelivery("OTHER_RUN", why=envelope.run)
        if envelope.vantage != lease.vantage:
            raise RefusedDelivery("OTHER_VANTAGE", why=envelope.vantage)
        if envelope.subject != vantage_subject(lease.vantage).id:
            self._must_be_ours(envelope.subject)
        if not envelope.is_within(lease.since - CLOCK, self.now + CLOCK):
            raise RefusedDelivery("OTHER_TIME", why=envelope.started.isoformat())
        if envelope.id != evidence_id(envelope.run, envelope.subject, envelope.probe, envelope.task, envelope.attempt):
            raise RefusedDelivery("OTHER_ID", why=envelope.id)
        self._bytes[envelope.subject] += length
        if self._bytes[envelope.subject] > SUBJECT_BYTES:
            raise RefusedDelivery("TOO_LARGE", why=envelope.subject)

    def _check_derived(self, subject: Subject) -> None:
        """Refuse a subject found while measuring unless planning makes exactly that one of an owner in this lease."""
        if not subject.derived_from or not self._own.issuperset(subject.derived_from):
            raise RefusedDelivery("OTHER_SUBJECT", why=subject.id)
        try:
            owner = self.store.subject(self.lease.run, subject.derived_from[0])
            made = derived_subject(owner, subject.kind, subject.host or "")
        except (ValueError, StoreError) as error:
            raise RefusedDelivery("OTHER_SUBJECT", why=subject.id) from error
        if subject != replace(made, derived_from=subject.derived_from):
            raise RefusedDelivery("OTHER_SUBJECT", why=subject.id)
        listed = self._listed(subject.id)
        if listed is not None and not listed.derived_from:
            raise RefusedDelivery("OTHER_SUBJECT", why=subject.id)
        if len(self._derived) >= MOST_DERIVED * len(self._own):
            raise RefusedDelivery("TOO_LARGE", why=subject.id)

    def _check_owners(self, subject_id: SubjectId, owners: Iterable[SubjectId]) -> None:
        listed = self._listed(subject_id)
        if listed is None or not listed.kinds & _DERIVED_KINDS or not self._own.issuperset(owners):
            raise RefusedDelivery("OTHER_SUBJECT", why=subject_id)

    def _must_be_ours(self, subject_id: SubjectId) -> None:
        """Refuse a subject unless it is in the lease or derived from a subject of the lease."""
        if subject_id in self._own:
            return
        if subject_id not in self._derived:
            listed = self._listed(subject_id)
            self._derived[subject_id] = listed is not None and not self._own.isdisjoint(listed.derived_from)
        if not self._derived[subject_id]:
            raise RefusedDelivery("OTHER_SUBJECT", why=subject_id)

    def _listed(self, subject_id: SubjectId) -> Subject | None:
        try:
            return self.store.subject(self.lease.run, subject_id)
        except StoreError:
            return None
