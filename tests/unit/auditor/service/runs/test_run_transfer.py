"""Tests that a run goes from one store to another whole and once, and that files that contradict it are refused."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.framework import catalogue
from auditor.framework.operator_problems import OperatorError
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.runs import run_transfer, sealed_file, sealing
from auditor.service.runs.run_transfer import ImportedRun
from auditor.service.runs.sealed_file import SealedFileError
from auditor.service.store.api import Store
from auditor.service.store.chain import LastLine
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import RunState, StoreError
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, RunId
from tests.unit.auditor.service.store.examples import evidence
from tests.unit.auditor.stored import START, VANTAGE, Held, put

RUN = RunId("thang-3")
NOW = START + timedelta(days=2)
SEALING = sealing.Sealing(by="ty", at=NOW, head=LastLine(number=0, hash=""))
Change = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    with open_sqlite(tmp_path / "source.db") as store:
        put(store, Held(name=RUN))
        store.add_evidence([piece(name) for name in ("www.tinh.vn", f"vantage:{VANTAGE}", "mesh")])
        yield store


@pytest.fixture(params=["memory", "sqlite"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else open_sqlite(tmp_path / "target.db") as store:
        yield store


def piece(name: str, of: RunId = RUN, **changed: Any) -> Evidence:
    return replace(evidence(name, of=of), vantage=VANTAGE, started=START + timedelta(minutes=1), **changed)


def exported(source: Store, tmp_path: Path, run: RunId = RUN) -> Path:
    path = tmp_path / f"{run}.sealed"
    with path.open("wb") as file:
        run_transfer.export_run(file, run, source, None)
    return path


def taken(path: Path, target: Store, into: str | None = None) -> ImportedRun:
    file = sealed_file.read(path, run_transfer.KIND)
    return run_transfer.import_run(file, target, NOW, None if into is None else RunId(into))


def forged(path: Path, change: Change) -> Path:
    """Rewrite the file as a hostile sender would seal it."""
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()[:-1]]
    change(lines)
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    end = {"end": {"lines": len(lines), "sha256": hashlib.sha256(body).hexdigest()}}
    path.write_bytes(gzip.compress(body + json.dumps(end).encode() + b"\n"))
    return path


def held(store: Store, run: RunId = RUN) -> tuple[object, ...]:
    return (
        replace(store.run(run), round=None),
        list(store.subjects(run)),
        list(store.evidence_bytes(run)),
        store.measured(run),
    )


def test_import_holds_what_was_exported_and_can_be_judged(source: Store, target: Store, tmp_path: Path) -> None:
    found = taken(exported(source, tmp_path), target)
    assert (found.run.id, found.evidence, found.new, found.sealed) == (RUN, 3, True, False)
    assert held(target) == held(source)
    assert target.judgements(RUN) == ()
    judged = evaluate(RUN, target, catalogue.load(), now=NOW, on_bug=lambda *_: None)
    assert target.latest_judgement(RUN) == judged.record


def test_import_of_the_same_file_changes_nothing(source: Store, target: Store, tmp_path: Path) -> None:
    path = exported(source, tmp_path)
    taken(path, target)
    before = held(target)
    assert not taken(path, target).new
    assert held(target) == before
    assert not taken(path, source).new
    assert held(source) == before


def test_import_completes_a_run_that_was_interrupted(source: Store, target: Store, tmp_path: Path) -> None:
    source.create_run(replace(source.run(RUN), id=RunId("b"), finished=None, state=RunState.RUNNING))
    source.add_subjects(RunId("b"), list(source.subjects(RUN)))
    source.finish_run(RunId("b"), START + timedelta(minutes=5), RunState.INTERRUPTED)
    taken(exported(source, tmp_path, RunId("b")), target)
    assert target.run(RunId("b")).state is RunState.INTERRUPTED
    source.resume_run(RunId("b"))
    source.add_evidence([piece("www.tinh.vn", RunId("b"))])
    source.finish_run(RunId("b"), START + timedelta(minutes=9))
    assert taken(exported(source, tmp_path, RunId("b")), target).evidence == 1
    assert held(target, RunId("b")) == held(source, RunId("b"))


def test_import_joins_a_round_with_other_vantages(source: Store, target: Store, tmp_path: Path) -> None:
    other = replace(source.run(RUN), id=RunId("b"), vantage="so-gd", networks=("tslcd",), state=RunState.RUNNING)
    source.create_run(replace(other, finished=None))
    source.finish_run(RunId("b"), START + timedelta(minutes=9))
    assert taken(exported(source, tmp_path), target, "luot-3").run.round == "luot-3"
    assert taken(exported(source, tmp_path, RunId("b")), target, "luot-3").run.round == "luot-3"
    whole = target.run(RunId("luot-3"))
    assert (whole.is_round, set(whole.members)) == (True, {RUN, RunId("b")})
    assert [one.id for one in target.runs()] == ["luot-3"]
    assert len(list(target.all_evidence(RunId("luot-3")))) == 3


def test_round_takes_one_run_of_each_vantage_and_a_run_is_no_round(
    source: Store, target: Store, tmp_path: Path
) -> None:
    source.create_run(replace(source.run(RUN), id=RunId("b"), finished=None, state=RunState.RUNNING))
    source.finish_run(RunId("b"), START + timedelta(minutes=9))
    taken(exported(source, tmp_path), target, "luot-3")
    with pytest.raises(StoreError, match="already"):
        taken(exported(source, tmp_path, RunId("b")), target, "luot-3")
    with pytest.raises(StoreError, match="not a round"):
        taken(exported(source, tmp_path, RunId("b")), target, RUN)
    with pytest.raises(StoreError, match="export its runs"):
        exported(target, tmp_path, RunId("luot-3"))


def test_seal_of_the_run_must_hold_over_what_came(source: Store, target: Store, tmp_path: Path) -> None:
    source.add_seal(RUN, sealing.dump_seal(sealing.make_seal(RUN, source, catalogue.load(), SEALING)))
    path = exported(source, tmp_path)
    assert taken(path, target).sealed

    def other_text(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if "id" in line)["steps"][0]["t"] = 9.5

    with MemoryStore() as third, pytest.raises(SealedFileError, match="was sealed where it was measured"):
        taken(forged(path, other_text), third)


def test_run_that_has_not_ended_or_was_forgotten_is_not_exported(source: Store, tmp_path: Path) -> None:
    source.create_run(replace(source.run(RUN), id=RunId("b"), finished=None, state=RunState.RUNNING))
    with pytest.raises(StoreError, match="not ended"):
        exported(source, tmp_path, RunId("b"))
    source.forget_evidence(RUN, NOW)
    with pytest.raises(StoreError, match="kept no more"):
        exported(source, tmp_path)


def _of(name: str, value: object) -> Change:
    def change(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if "id" in line)[name] = value

    return change


def _renamed(lines: list[dict[str, Any]]) -> None:
    """Rename the subject of a piece of evidence to an unlisted one, with the id that it would have."""
    one = next(line for line in lines if "id" in line)
    one["subject"] = "stranger"
    one["id"] = evidence_id(RUN, "stranger", one["probe"], one["task"], one["attempt"])


def _time_of_a_step(seconds: float) -> Change:
    def change(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if line.get("steps"))["steps"][0]["t"] = seconds

    return change


def _at_the_beginning_of_time(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["started"] = lines[0]["ended"] = "0001-01-01T00:00:00+00:00"
    _of("started", "0001-01-01T00:00:00+00:00")(lines)


def _head(name: str, value: object) -> Change:
    def change(lines: list[dict[str, Any]]) -> None:
        target = lines[0] if name in lines[0] else lines[0]["run"]
        target[name] = value

    return change


def _more(line: dict[str, Any]) -> Change:
    return lambda lines: lines.append(line)


def _other_blob(lines: list[dict[str, Any]]) -> None:
    """Replace the inventory by unreadable data, under its true digest."""
    data = b'{"no": "inventory"}'
    old, digest = lines[0]["inventory"], "sha256:" + hashlib.sha256(data).hexdigest()
    lines[0]["inventory"] = digest
    for line in lines[1:]:
        if line.get("blob") == old:
            line |= {"blob": digest, "data": base64.b64encode(data).decode()}


def _no_blobs(lines: list[dict[str, Any]]) -> None:
    lines[:] = [line for line in lines if "blob" not in line]


@pytest.mark.parametrize(
    "change",
    [
        _of("run", "other"),
        _of("vantage", "other"),
        _of("id", "0" * 24),
        _of("started", (NOW + timedelta(days=1)).isoformat()),
        _of("started", (START - timedelta(days=1)).isoformat()),
        _of("steps", [{"kind": "no-such-kind", "v": 1}]),
        _renamed,
        _time_of_a_step(1e300),
        _at_the_beginning_of_time,
        _head("ended", "0001-01-01T00:00:00+14:00"),
        _head("started", "0001-01-01T00:00:00+14:00"),
        _head("id", "../../etc/passwd"),
        _head("id", "x" * 200),
        _head("vantage", ""),
        _head("state", "running"),
        _head("ended", (NOW + timedelta(days=1)).isoformat()),
        _head("ended", "yesterday"),
        _head("inventory", "sha256:" + "0" * 64),
        _head("inventory", "../x"),
        _head("schema", 9),
        _other_blob,
        _no_blobs,
        _more({"blob": "sha256:" + "1" * 64, "data": "AA=="}),
        _more({"measured": ["stranger"]}),
        _more({"measured": "www.tinh.vn"}),
        _more({"subjects": [{"id": "x"}]}),
        _more({"subjects": "x"}),
        _more({"seal": {"format": "x"}}),
        _more({"owners": {"a": ["b"]}}),
        _more({}),
    ],
)
def test_file_of_a_hostile_sender_is_refused_whole(source: Store, tmp_path: Path, change: Change) -> None:
    path = forged(exported(source, tmp_path), change)
    with open_sqlite(tmp_path / "victim.db") as target:
        with pytest.raises((OperatorError, StoreError)) as caught:
            taken(path, target)
        assert len(str(caught.value)) < 600
        assert target.runs() == ()
        with pytest.raises(StoreError):
            target.run(RUN)


def test_file_that_takes_the_id_of_another_run_is_refused(source: Store, target: Store, tmp_path: Path) -> None:
    path = exported(source, tmp_path)
    taken(path, target)
    before = held(target)
    with pytest.raises(SealedFileError, match="another run"):
        taken(forged(path, _head("networks", ["internet", "tslcd"])), target)
    assert held(target) == before


def test_run_that_is_sealed_here_stays_as_it_is(source: Store, target: Store, tmp_path: Path) -> None:
    path = exported(source, tmp_path)
    taken(path, target)
    evaluate(RUN, target, catalogue.load(), now=NOW, on_bug=lambda *_: None)
    target.add_seal(RUN, sealing.dump_seal(sealing.make_seal(RUN, target, catalogue.load(), SEALING)))
    before = held(target)

    def more(lines: list[dict[str, Any]]) -> None:
        one = dict(next(line for line in lines if "id" in line))
        one |= {"attempt": 7, "id": evidence_id(RUN, one["subject"], one["probe"], one["task"], 7)}
        lines.append(one)

    assert not taken(forged(path, more), target).new
    assert held(target) == before
