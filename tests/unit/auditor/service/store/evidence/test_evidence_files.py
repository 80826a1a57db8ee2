"""Tests a run as files: it is read as it was written, with any last line after a power failure."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.service.store import lines
from auditor.service.store.api import Store
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.evidence.evidence_files import EvidenceFiles, Recording, export, read
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Digest, RunRecord, RunState, StoreError, digest_of
from auditor.service.store.writer import Writer
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.service.store.examples import PORTAL, RUN, START, evidence, run, subject

ZONE = SubjectId("zone:example.vn")
BLOBS = (b"inventory", b"reference", b"policy")


def _fill(store: Store) -> None:
    for blob in BLOBS:
        store.put_blob(blob)
    if not store.runs():
        store.create_run(run())
    store.add_subjects(RUN, [subject(), subject("b", "G02"), subject(ZONE, None, PORTAL)])


@pytest.fixture
def filled(store: Store) -> Store:
    _fill(store)
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence" / "march"


def _held(store: Store, of: RunId = RUN) -> tuple[object, ...]:
    record: RunRecord = store.run(of)
    blobs = [store.blob(digest) for digest in (record.inventory, record.reference, record.policy)]
    return record, blobs, list(store.subjects(of)), list(store.all_evidence(of)), store.measured(of)


def _added(store: Store) -> None:
    store.add_owners(RUN, ZONE, [SubjectId("b")])
    store.add_evidence(evidence(attempt=number) for number in range(1, 6))
    store.add_evidence([evidence("vantage:x")])
    store.mark_measured(RUN, PORTAL, ZONE)


def test_a_finished_run_comes_back_whole(filled: Store, folder: Path) -> None:
    _added(filled)
    filled.finish_run(RUN, START, RunState.INTERRUPTED)
    export(filled, RUN, folder)
    recording = read(folder)
    assert _held(recording.store) == _held(filled)
    assert (recording.run, recording.dropped) == (RUN, None)
    assert sorted(path.name for path in folder.iterdir()) == ["blobs", "evidence.jsonl"]


def test_the_lines_are_as_promised(filled: Store, folder: Path) -> None:
    filled.add_evidence([evidence()])
    export(filled, RUN, folder)
    header, envelope = map(json.loads, (folder / "evidence.jsonl").read_text("utf-8").splitlines())
    assert (header["schema"], header["run"]["id"], header["policy"]) == (1, RUN, digest_of(b"policy"))
    assert [one["id"] for one in header["subjects"]] == [ZONE, PORTAL, "b"]
    assert envelope["probe"] == "tcp"
    assert (folder / "blobs" / digest_of(b"policy").replace(":", "-")).read_bytes() == b"policy"


async def test_written_as_it_comes_beside_a_store(filled: Store, folder: Path) -> None:
    with EvidenceFiles(folder, filled, RUN) as files:
        async with Writer(filled, files) as writer:
            await writer.put(evidence())
            await writer.add_subjects(RUN, [subject("late", None, "b")])
            await writer.add_owners(RUN, ZONE, [SubjectId("b")])
            await writer.put(evidence("late"))
            await writer.mark_measured(RUN, SubjectId("late"))
            await writer.flush()
            assert _held(read(folder).store) == _held(filled)


def test_going_on_adds_what_the_file_has_not(filled: Store, folder: Path) -> None:
    export(filled, RUN, folder)
    size = (folder / "evidence.jsonl").stat().st_size
    export(filled, RUN, folder)
    assert (folder / "evidence.jsonl").stat().st_size == size
    _added(filled)
    filled.add_subjects(RUN, [subject("late")])
    export(filled, RUN, folder)
    assert _held(read(folder).store) == _held(filled)


def test_read_into_a_store_of_its_own(filled: Store, folder: Path, tmp_path: Path) -> None:
    _added(filled)
    export(filled, RUN, folder)
    with open_sqlite(tmp_path / "other.db") as other:
        assert read(folder, other) == Recording(RUN, other, None)
        assert _held(other) == _held(filled)
        with pytest.raises(StoreError, match=r"holds a run '.*' already"):
            read(folder, other)


class TestPowerLoss:
    @pytest.fixture
    def path(self, folder: Path) -> Path:
        store = MemoryStore()
        _fill(store)
        export(store, RUN, folder)
        with EvidenceFiles(folder, store, RUN) as files:
            files.add_evidence([evidence()])
            files.add_evidence([evidence(attempt=2)])
        return folder / "evidence.jsonl"

    def test_at_every_byte_of_the_last_line(self, path: Path, folder: Path) -> None:
        whole = path.read_bytes()
        start = whole[:-1].rindex(b"\n") + 1
        for cut in range(start, len(whole) + 1):
            path.write_bytes(whole[:cut])
            recording = read(folder)
            kept = 2 if cut >= len(whole) - 1 else 1
            assert len(recording.store.evidence_ids(RUN, PORTAL)) == kept
            assert (recording.dropped is None) is (cut == start or kept == 2)

    def test_the_word_about_it(self, path: Path, folder: Path) -> None:
        path.write_bytes(path.read_bytes()[:-9])
        assert str(read(folder).dropped) == f"{path}:3: the last line is cut off and was left out"

    @pytest.mark.parametrize("cut", [1, 2, 40])
    def test_going_on_cuts_the_broken_line_off(self, path: Path, folder: Path, cut: int) -> None:
        path.write_bytes(path.read_bytes()[:-cut])
        store = read(folder).store
        with EvidenceFiles(folder, store, RUN) as files:
            files.add_evidence([evidence(attempt=3)])
        recording = read(folder)
        attempts = {envelope.attempt for envelope in recording.store.all_evidence(RUN)}
        assert (attempts, recording.dropped) == ({1, 2, 3} if cut == 1 else {1, 3}, None)

    def test_in_the_header(self, path: Path, folder: Path) -> None:
        path.write_bytes(path.read_bytes()[:100])
        with pytest.raises(StoreError, match=r"evidence\.jsonl holds no run: its first line is missing or broken"):
            read(folder)
        store = MemoryStore()
        _fill(store)
        export(store, RUN, folder)
        assert _held(read(folder).store) == _held(store)


class TestChangedFiles:
    @pytest.fixture(autouse=True)
    def _written(self, folder: Path) -> None:
        store = MemoryStore()
        _fill(store)
        _added(store)
        export(store, RUN, folder)

    @pytest.mark.parametrize(
        ("number", "change", "why"),
        [
            (2, lambda line: line[:-10], "Expecting|Unterminated|Invalid"),
            (2, lambda line: "[]", "not a JSON object"),
            (2, lambda line: "[" * 100_000, "recursion|nested"),
            (2, lambda line: "\udcff", "can't decode"),
            (2, lambda line: "{}", "neither evidence nor anything else"),
            (2, lambda line: line.replace(RUN, "other"), "evidence of another run, other"),
            (2, lambda line: line.replace("tcp-connect", "morse"), "unknown observation kind 'morse'"),
            (2, lambda line: line.replace('"steps":[', '"steps":[5,'), "a step is not a JSON object"),
            (2, lambda line: '{"id":[],"run":{}}', "evidence: "),
            (2, lambda line: '{"measured":["nobody"]}', "no subject 'nobody'"),
            (2, lambda line: '{"measured":[5]}', "expected text, not 5"),
            (2, lambda line: '{"subjects":[{"id":"a"}]}', "kind: missing"),
            (2, lambda line: '{"ended":"2026-03-02T00:00:00","state":"finished"}', "a time without a zone"),
            (1, lambda line: line.replace('"schema":1', '"schema":2'), "schema 2, this version reads 1"),
            (1, lambda line: line.replace('"vantage"', '"place"'), "no 'vantage'"),
            (1, lambda line: line.replace('"kind":"portal"', '"kind":"boat"'), "boat"),
            (1, lambda line: line.replace(digest_of(b"policy"), "../../x"), "'../../x' is not a digest"),
        ],
    )
    def test_one_error_with_file_and_line(
        self, folder: Path, number: int, change: Callable[[str], str], why: str
    ) -> None:
        path = folder / "evidence.jsonl"
        found = path.read_text("utf-8").splitlines()
        found[number - 1] = change(found[number - 1])
        path.write_text("".join(line + "\n" for line in found), "utf-8", errors="surrogateescape")
        place = "" if "not a digest" in why else rf"evidence\.jsonl:{number}: .*"
        with pytest.raises(StoreError, match=f"{place}({why})"):
            read(folder)

    @pytest.mark.parametrize(
        ("number", "change", "why"),
        [
            (1, lambda line: line.replace('"schema":1', '"schema":2'), "schema 2, this version reads 1"),
            (2, lambda line: line.replace('"schema":1', '"schema":9'), "evidence: schema 9"),
            (2, lambda line: line.replace('"kind":"tcp-connect","v":1', '"kind":"tcp-connect","v":9'), "version 9"),
            (2, lambda line: line.replace("tcp-connect", "telepathy"), "unknown observation kind 'telepathy'"),
        ],
    )
    def test_evidence_of_a_newer_program_names_it_and_what_to_do(
        self, folder: Path, number: int, change: Callable[[str], str], why: str
    ) -> None:
        path = folder / "evidence.jsonl"
        found = path.read_text("utf-8").splitlines()
        wrote = json.loads(found[0])["run"]["version"]
        changed = change(found[number - 1])
        assert changed != found[number - 1]
        found[number - 1] = changed
        path.write_text("".join(line + "\n" for line in found), "utf-8")
        with pytest.raises(StoreError) as raised:
            read(folder)
        text = str(raised.value)
        assert f"evidence.jsonl:{number}: was written by a newer version of this program, {wrote}," in text
        assert why in text
        assert "judge it with that version or a later one" in text

    def test_a_changed_blob(self, folder: Path) -> None:
        blob = folder / "blobs" / digest_of(b"policy").replace(":", "-")
        blob.write_bytes(b"other")
        with pytest.raises(StoreError, match="is not what its name says"):
            read(folder)
        blob.unlink()
        with pytest.raises(StoreError, match=r"blobs/sha256-[0-9a-f]+: there is no such file"):
            read(folder)

    def test_another_run_is_not_mixed_in(self, folder: Path) -> None:
        store = MemoryStore()
        _fill(store)
        store.create_run(run(RunId("other")))
        before = (folder / "evidence.jsonl").read_bytes()
        with pytest.raises(StoreError, match=f"holds another run, {RUN}; name another folder"):
            export(store, RunId("other"), folder)
        assert (folder / "evidence.jsonl").read_bytes() == before

    def test_one_program_at_a_time(self, folder: Path) -> None:
        store = read(folder).store
        with EvidenceFiles(folder, store, RUN), pytest.raises(StoreError, match="being written by another program"):
            export(store, RUN, folder)
        export(store, RUN, folder)


def test_no_room_leaves_whole_lines(filled: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EvidenceFiles(folder, filled, RUN) as files:
        before = (folder / "evidence.jsonl").read_bytes()

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fdatasync", full)
        with pytest.raises(StoreError, match=r"evidence\.jsonl: no space left"):
            files.add_evidence([evidence()])
        assert (folder / "evidence.jsonl").read_bytes() == before


def test_a_pipe_in_place_of_a_blob_is_refused_without_waiting(filled: Store, folder: Path) -> None:
    export(filled, RUN, folder)
    blob = folder / "blobs" / digest_of(b"policy").replace(":", "-")
    blob.unlink()
    os.mkfifo(blob)
    with pytest.raises(StoreError, match="is a pipe, a device or a socket, not a file"):
        read(folder)


def test_a_line_without_end_is_refused(filled: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(filled, RUN, folder)
    monkeypatch.setattr(lines, "LONGEST", 100)
    with pytest.raises(StoreError, match=r"evidence.jsonl:1: the line is longer than 100 bytes"):
        read(folder)


def test_a_run_without_its_blobs_is_refused(folder: Path) -> None:
    store = MemoryStore()
    store.create_run(replace(run(), policy=Digest("sha256:" + "0" * 64)))
    with pytest.raises(StoreError, match="no blob"):
        export(store, RUN, folder)


def test_a_pipe_in_place_of_evidence_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "evidence.jsonl")
    with pytest.raises(StoreError, match=r"evidence\.jsonl: is a pipe, a device or a socket, not a file"):
        read(tmp_path)


def test_a_folder_without_evidence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"evidence\.jsonl: there is no such file"):
        read(tmp_path)
