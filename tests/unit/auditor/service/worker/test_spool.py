"""Tests that leased and measured data is on disk until the centre has it, however the process is killed."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.service.leases.ordering import order_of
from auditor.service.store.evidence import journal
from auditor.service.store.evidence.evidence_files import FILE
from auditor.service.worker import spool
from auditor.service.worker.spool import LeasedFolder, Spool
from tests.unit.auditor.service.leases.deliveries import OURS, Desk, desk, evidence


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.fixture
def folder(centre: Desk, tmp_path: Path) -> LeasedFolder:
    order = order_of(centre.lease, centre.store, allow=None, deny=())
    return Spool(tmp_path / "spool").add(order.to_json(), order)


def head(folder: LeasedFolder) -> bytes:
    return journal.header(folder.order.run, folder.order.subjects)


def test_worker_keeps_its_name(tmp_path: Path) -> None:
    assert Spool(tmp_path / "a").name == Spool(tmp_path / "a").name != Spool(tmp_path / "b").name


def test_lease_comes_back_after_the_process(folder: LeasedFolder, tmp_path: Path) -> None:
    found = Spool(tmp_path / "spool").leases()
    assert [(one.key, one.order) for one in found] == [(folder.key, folder.order)]


@pytest.mark.parametrize("order", [b"", b"{", b"[]", b"{}", b'{"lease":"1.1.w"}'])
def test_lease_without_a_whole_order_is_thrown_away(folder: LeasedFolder, tmp_path: Path, order: bytes) -> None:
    (folder.path / "order.json").write_bytes(order)
    assert Spool(tmp_path / "spool").leases() == []
    assert not folder.path.exists()


def test_lease_that_cannot_be_read_at_the_moment_stays(
    folder: LeasedFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as now:
        now.setattr(Path, "read_bytes", failing)
        assert Spool(tmp_path / "spool").leases() == []
    assert [one.key for one in Spool(tmp_path / "spool").leases()] == [folder.key]


def test_unsent_leaves_out_the_head_and_a_line_that_is_not_whole(folder: LeasedFolder) -> None:
    first, second = journal.evidence(evidence(task="a")), journal.evidence(evidence(task="b"))
    (folder.path / FILE).write_bytes(head(folder) + first + second[:-5])
    lines, end = folder.unsent()
    assert (lines, end) == (first, len(head(folder)) + len(first))
    folder.mark_sent(end)
    assert folder.unsent() == (b"", end)
    (folder.path / FILE).write_bytes(head(folder) + first + second)
    assert folder.unsent()[0] == second


def test_evidence_is_on_the_disk_before_it_is_noted_as_sent_or_measured(
    folder: LeasedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evidence is synced before it is noted: at a power loss, pending data is written in any order, or not at all."""
    (folder.path / FILE).write_bytes(head(folder))
    number, synced = (folder.path / FILE).stat().st_ino, list[tuple[bool, bool, bool]]()

    def sync(descriptor: int) -> None:
        sent, measured = folder.path / "sent", folder.path / "measured"
        synced.append((os.fstat(descriptor).st_ino == number, sent.exists(), measured.exists()))

    monkeypatch.setattr(os, "fsync", sync)
    folder.mark_sent(5)
    folder.mark_measured()
    assert synced == [(True, False, False), (True, True, False)]


def test_unsent_comes_in_pieces(folder: LeasedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [journal.evidence(evidence(task=str(number))) for number in range(20)]
    (folder.path / FILE).write_bytes(head(folder) + b"".join(lines))
    monkeypatch.setattr(spool, "CHUNK", len(lines[0]) + 7)
    sent = b""
    while (piece := folder.unsent())[0]:
        assert len(piece[0]) <= 2 * len(lines[-1])
        sent += piece[0]
        folder.mark_sent(piece[1])
    assert sent == b"".join(lines)


def test_unsent_gives_a_line_that_is_longer_than_a_piece_whole(
    folder: LeasedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = journal.evidence(evidence())
    (folder.path / FILE).write_bytes(head(folder) + line)
    monkeypatch.setattr(spool, "CHUNK", 10)
    assert folder.unsent()[0] == line


def test_adding_a_lease_again_keeps_what_was_measured(folder: LeasedFolder, tmp_path: Path) -> None:
    (folder.path / FILE).write_bytes(head(folder))
    again = Spool(tmp_path / "spool").add(json.loads((folder.path / "order.json").read_bytes()), folder.order)
    assert again.has_evidence
    assert again.order.subjects[0].id == OURS.id


def test_blobs_are_checked_when_they_are_read(tmp_path: Path, centre: Desk) -> None:
    digest, made = centre.store.put_blob(b"inventory"), Spool(tmp_path / "spool")
    assert made.blob(digest) is None
    made.keep_blob(digest, b"inventory")
    assert made.blob(digest) == b"inventory"
    next((tmp_path / "spool" / "blobs").iterdir()).write_bytes(b"changed")
    assert made.blob(digest) is None
