"""Tests that a delivery of a worker is accepted only if it belongs to its lease."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.service.leases import intake
from auditor.service.leases.model import SILENCE, LeaseLost
from auditor.service.store.evidence import journal
from inventory.model import AgencyId, Clearance, Kind, SubjectId
from probes.framework.evidence import EvidenceId, RunId
from probes.framework.expand import derived_subject
from tests.unit.auditor.service.leases.deliveries import (
    HUB,
    OURS,
    OURS_TOO,
    RUN,
    THEIRS,
    ZONE,
    Desk,
    connect,
    desk,
    evidence,
    line,
)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


def test_take_stores_a_whole_batch(centre: Desk) -> None:
    mine, zone, test = evidence(), evidence(ZONE.id), evidence(f"vantage:{HUB}")
    lines = (journal.found([ZONE]), line(mine), line(zone), line(test), journal.measured([OURS.id, ZONE.id]))
    assert centre.take(*lines) == 3
    assert {one.id for one in centre.store.all_evidence(RUN)} == {mine.id, zone.id, test.id}
    assert centre.store.measured(RUN) == {OURS.id, ZONE.id}
    assert centre.store.subject(RUN, ZONE.id).derived_from == (OURS.id,)


def test_take_twice_changes_nothing(centre: Desk) -> None:
    lines = (journal.found([ZONE]), line(evidence()), journal.measured([OURS.id]))
    assert centre.take(*lines) == centre.take(*lines) == 1
    assert len(list(centre.store.all_evidence(RUN))) == 1


def test_derived_subject_of_an_earlier_delivery_is_known(centre: Desk) -> None:
    centre.take(journal.found([ZONE]))
    assert centre.take(line(evidence(ZONE.id)), journal.measured([ZONE.id])) == 1


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("OTHER_RUN", evidence(run=RunId("2026-03-02-z"))),
        ("OTHER_VANTAGE", evidence(vantage="elsewhere")),
        ("OTHER_SUBJECT", evidence(THEIRS.id)),
        ("OTHER_SUBJECT", evidence(ZONE.id)),
        ("OTHER_SUBJECT", evidence("vantage:elsewhere")),
        ("OTHER_SUBJECT", evidence("nobody")),
        ("OTHER_TIME", evidence(after=-intake.CLOCK - timedelta(seconds=1))),
        ("OTHER_TIME", evidence(after=timedelta(minutes=5) + intake.CLOCK + timedelta(seconds=1))),
        ("OTHER_TIME", replace(evidence(), steps=(connect(t=1e300),))),
        ("OTHER_TIME", replace(evidence(), steps=(connect(t=60.0 * 15),))),
        ("OTHER_TIME", replace(evidence(), steps=(connect(t=-1e300),))),
        ("OTHER_ID", replace(evidence(), id=EvidenceId("0" * 24))),
    ],
)
def test_evidence_outside_the_lease_is_refused_with_all_beside_it(centre: Desk, code: str, wrong: object) -> None:
    assert centre.refusal(line(evidence()), line(wrong)) == code  # type: ignore[arg-type]
    assert list(centre.store.all_evidence(RUN)) == []


def test_evidence_at_the_edges_of_the_time_is_taken(centre: Desk) -> None:
    first = evidence(after=-intake.CLOCK, task="a")
    last = evidence(after=timedelta(minutes=5) + intake.CLOCK, task="b")
    long = replace(evidence(task="c"), steps=(connect(t=4 * 60.0 + intake.CLOCK.total_seconds()),))
    assert centre.take(line(first), line(last), line(long)) == 3


@pytest.mark.parametrize(
    "subject",
    [
        replace(ZONE, derived_from=()),
        replace(ZONE, derived_from=(THEIRS.id,)),
        replace(ZONE, derived_from=(OURS.id, THEIRS.id)),
        replace(ZONE, agency=AgencyId("G99")),
        replace(ZONE, clearance=Clearance.INTRUSIVE),
        replace(ZONE, id=SubjectId("zone:other")),
        replace(ZONE, kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER})),
        replace(OURS, derived_from=(OURS.id,)),
    ],
)
def test_subject_that_planning_would_not_derive_is_refused(centre: Desk, subject: object) -> None:
    assert centre.refusal(journal.found([subject])) == "OTHER_SUBJECT"  # type: ignore[list-item]
    assert {one.id for one in centre.store.subjects(RUN)} == {OURS.id, OURS_TOO.id, THEIRS.id}


def test_derived_subjects_without_end_are_refused(centre: Desk) -> None:
    many = [derived_subject(OURS, Kind.HOST, f"mx{number}.a.gov.vn") for number in range(2 * intake.MOST_DERIVED + 1)]
    assert centre.refusal(*(journal.found([one]) for one in many)) == "TOO_LARGE"


def test_owners_of_other_subjects_are_refused(centre: Desk) -> None:
    centre.take(journal.found([ZONE]))
    assert centre.refusal(journal.owners(ZONE.id, [THEIRS.id])) == "OTHER_SUBJECT"
    assert centre.refusal(journal.owners(THEIRS.id, [OURS.id])) == "OTHER_SUBJECT"
    assert centre.refusal(journal.owners(SubjectId("nobody"), [OURS.id])) == "OTHER_SUBJECT"
    assert centre.refusal(journal.measured([THEIRS.id])) == "OTHER_SUBJECT"


def test_lost_lease_takes_nothing(centre: Desk) -> None:
    centre.clock.move(SILENCE)
    assert centre.leases.lease(HUB, "w2") is not None
    with pytest.raises(LeaseLost):
        centre.take(line(evidence()))
    assert list(centre.store.all_evidence(RUN)) == []


def test_batch_that_delivers_without_end_is_refused(centre: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SUBJECT_BYTES", 3 * len(line(evidence())))
    for _ in range(6):
        assert centre.refusal(line(evidence())) == ""
    assert centre.refusal(line(evidence())) == "TOO_LARGE"


def test_subjects_with_as_much_evidence_as_may_be_are_taken(centre: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SUBJECT_BYTES", 3 * len(line(evidence())))
    assert centre.refusal(*(line(evidence(task=task)) for task in "abc")) == ""
    assert centre.refusal(*(line(evidence(OURS_TOO.id, task=task)) for task in "ab")) == ""


def test_subject_with_more_evidence_than_that_is_refused(centre: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SUBJECT_BYTES", 3 * len(line(evidence())))
    assert centre.refusal(*(line(evidence(task=task)) for task in "abcd")) == "TOO_LARGE"
    assert list(centre.store.all_evidence(RUN)) == []


@pytest.mark.parametrize(
    "said",
    [
        b"[]",
        b"{}",
        b"nonsense",
        b'{"ended":"2026-03-01T00:00:00+00:00","state":"finished"}',
        b'{"schema":1,"run":{}}',
        b'{"subjects":[{"id":1}]}',
        b'{"owners":{"a":"b"}}',
        b'{"measured":[1]}',
        b'{"id":"x"}',
        b"[" * 100_000,
        b'{"measured":[],"subjects":[]}',
    ],
)
def test_line_that_says_anything_else_is_refused(said: bytes) -> None:
    with pytest.raises(intake.RefusedDelivery, match="BAD_LINE"):
        intake.read(said)


def test_line_with_too_many_values_is_refused_unread() -> None:
    with pytest.raises(intake.RefusedDelivery, match="TOO_LARGE"):
        intake.read(b'{"measured":[' + b"[]," * 400_001 + b"[]]}")


def test_kind_of_a_later_version_is_named() -> None:
    fields = json.loads(line(evidence()))
    fields["steps"] = [{"kind": "telepathy", "v": 1, "t0": 0.0, "t": 0.1, "failure": None}]
    with pytest.raises(intake.RefusedDelivery, match="NEWER_EVIDENCE"):
        intake.read(json.dumps(fields).encode())


def test_unpack_gives_back_what_was_compressed() -> None:
    assert intake.unpack(gzip.compress(b"a\nb\n")) == b"a\nb\n"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (gzip.compress(b"\0" * (intake.MOST_BYTES + 1), mtime=0), "TOO_LARGE"),
        (b"\0" * (intake.LARGEST + 1), "TOO_LARGE"),
        (gzip.compress(b"abc", mtime=0)[:-1], "NOT_COMPRESSED"),
        (gzip.compress(b"abc", mtime=0) + b"x", "NOT_COMPRESSED"),
        (gzip.compress(b"abc", mtime=0) * 2, "NOT_COMPRESSED"),
        (zlib.compress(b"abc"), "NOT_COMPRESSED"),
        (b"", "NOT_COMPRESSED"),
        (b"plain", "NOT_COMPRESSED"),
    ],
)
def test_unpack_of_bombs_and_rubbish_is_refused(sent: bytes, code: str) -> None:
    with pytest.raises(intake.RefusedDelivery, match=code):
        intake.unpack(sent)
