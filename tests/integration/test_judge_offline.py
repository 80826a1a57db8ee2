"""Tests that evidence is judged again without network: the same findings, or other severities by another policy."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import ENVIRONMENT, CommandResult, Document, Finding, auditor, essence
from tests.support.ready import Ready

pytest_plugins = ("tests.support.rehearsal",)

SUBJECTS = ("cong", "xaydung", "nongnghiep", "benngoc", "thacbac", "thu-yte", "giaothong", "khuyencong")
POLICY = """
[severity."ipv6.web.reach"]
default = "low"
[severity."ipv6.dns.ns-reach"]
default = "medium"
"""

Alone = Callable[..., CommandResult]


@dataclass(frozen=True, slots=True)
class Run:
    """Holds a finished run: its store, its evidence and its document.

    The rehearsal's own files are not needed.
    """

    folder: Path
    code: int
    document: Document

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'runs.db'}"

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def id(self) -> str:
        return str(self.document["run"]["id"])


@pytest.fixture(scope="module")
def run(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("judged")
    rows = audits.inventory(lab, folder / "inventory.csv", {f"{label}.sonlam.gov.vn" for label in SUBJECTS})
    kept = ("--store", f"sqlite:///{folder / 'runs.db'}", "--evidence", folder / "evidence")
    result = auditor(lab, "audit", rows, "--profile", "quick", "--timeout", 1, *kept, "--format", "json")
    assert (result.code, result.told) == (audits.FINDINGS, [])
    return Run(folder, result.code, result.document)


@pytest.fixture(scope="module")
def alone() -> Iterator[Alone]:
    """Yield a function that runs commands in a namespace without interfaces, rehearsal and configuration."""
    user = ["--user", "--map-root-user"] if os.geteuid() else []
    with Ready.here("unshare", *user, "--net", "--") as ready:

        def run(*words: object, cwd: Path) -> CommandResult:
            done = ready.run(words, {**os.environ, **ENVIRONMENT}, cwd)
            return CommandResult(code=done.returncode, out=done.stdout, err=done.stderr, seconds=0)

        yield run


def test_evidence_alone_gives_the_same_findings(run: Run, alone: Alone, tmp_path: Path) -> None:
    carried = shutil.copytree(run.evidence, tmp_path / "carried")
    before = _tree(carried)
    result = alone("judge", carried, "--format", "json", cwd=tmp_path)
    assert (result.code, result.err) == (run.code, "")
    assert _whole(result.document) == _whole(run.document)
    assert result.document["run"]["id"] == run.id
    assert _tree(carried) == before
    assert list(tmp_path.iterdir()) == [carried]  # no store was created


def test_a_run_of_the_store_gives_the_same_findings(run: Run, alone: Alone) -> None:
    result = alone("judge", run.id, "--store", run.store, "--format", "json", cwd=run.folder)
    assert (result.code, result.err) == (run.code, "")
    assert _whole(result.document) == _whole(run.document)


@pytest.mark.parametrize("of", ["evidence", "store"])
def test_another_policy_changes_severities_alone(run: Run, alone: Alone, tmp_path: Path, of: str) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    copied = shutil.copy(run.folder / "runs.db", tmp_path / "runs.db")
    what = (run.evidence,) if of == "evidence" else (run.id, "--store", f"sqlite:///{copied}")
    document = alone("judge", *what, "--policy", policy, "--format", "json", cwd=tmp_path).document
    assert document["run"]["policy"] != run.document["run"]["policy"]
    before, after = _by_id(run.document), _by_id(document)
    assert before.keys() == after.keys()
    changed = set()
    for key, finding in after.items():
        assert {**finding, "severity": None} == {**before[key], "severity": None}
        if finding["severity"] != before[key]["severity"]:
            changed.add((finding["check"], finding["severity"]))
    assert changed == {("ipv6.web.reach", "low"), ("ipv6.dns.ns-reach", "medium")}
    assert document["summary"] == run.document["summary"]


def test_the_policy_decides_the_exit(run: Run, alone: Alone, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    every = {finding["check"] for finding in run.document["findings"]}
    policy.write_text("".join(f'[severity."{check}"]\ndefault = "low"\n' for check in every), "utf-8")
    for fail_on, code in (("high", audits.OK), ("medium", audits.OK), ("low", run.code), ("never", audits.OK)):
        result = alone("judge", run.evidence, "--policy", policy, "--fail-on", fail_on, cwd=tmp_path)
        assert (result.code, result.err) == (code, ""), fail_on


def test_reports_are_written_from_the_store_alone(run: Run, alone: Alone, tmp_path: Path) -> None:
    result = alone("report", run.id, "--store", run.store, "--out", tmp_path / "out", cwd=tmp_path)
    assert (result.code, result.err) == (run.code, "")
    written = sorted((tmp_path / "out").iterdir())
    assert [path.suffix for path in written] == [".html", ".json"]
    assert result.out.splitlines() == [str(path) for path in written]
    assert _whole(audits.read(written[1])) == _whole(run.document)
    page = written[0].read_text("utf-8")
    assert all(f"{label}.sonlam.gov.vn" in page for label in SUBJECTS)


def test_a_report_shows_the_judgement_that_was_made_last(
    run: Run, alone: Alone, lab: Rehearsal, tmp_path: Path
) -> None:
    """A judgement by another policy is shown from then on; a new one by the first policy restores the first."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    copied = shutil.copy(run.folder / "runs.db", tmp_path / "runs.db")
    words = ("--store", f"sqlite:///{copied}", "--format", "json")
    judged = alone("judge", run.id, "--policy", policy, *words, cwd=tmp_path).document
    assert _whole(alone("report", run.id, *words, cwd=tmp_path).document) == _whole(judged)
    again = alone("judge", run.id, *words, cwd=tmp_path).document
    assert _whole(again) == _whole(run.document)
    assert _whole(alone("report", run.id, *words, cwd=tmp_path).document) == _whole(run.document)


def test_changed_evidence_is_refused(run: Run, alone: Alone, tmp_path: Path) -> None:
    lines = (run.evidence / "evidence.jsonl").read_text("utf-8").splitlines(keepends=True)
    for name, changed in _damaged(lines):
        folder = shutil.copytree(run.evidence, tmp_path / name)
        (folder / "evidence.jsonl").write_text("".join(changed), "utf-8")
        result = alone("judge", folder, cwd=tmp_path)
        assert (result.code, result.out) == (audits.USAGE, ""), name
        (line,) = result.lines
        assert "evidence.jsonl" in line


def _damaged(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    middle = len(lines) // 2
    yield "binary", [*lines[:middle], "\x00\x01\x02\n", *lines[middle:]]
    yield "field", [line.replace('"probe":', '"prope":') for line in lines]
    yield "empty", []
    yield "headless", lines[1:]


def test_a_cut_end_is_dropped_with_a_word(run: Run, alone: Alone, tmp_path: Path) -> None:
    folder = shutil.copytree(run.evidence, tmp_path / "cut")
    data = (folder / "evidence.jsonl").read_bytes()
    (folder / "evidence.jsonl").write_bytes(data[:-9])
    result = alone("judge", folder, "--format", "json", cwd=tmp_path)
    assert result.code == run.code
    assert len(result.lines) == 1
    assert essence(result.document)["findings"] == essence(run.document)["findings"]


def _by_id(document: Document) -> dict[str, Finding]:
    return {finding["id"]: finding for finding in document["findings"]}


def _whole(document: Document) -> Document:
    """Return the document without the time and id of the judgement: all else must be the same."""
    run = {key: value for key, value in document["run"].items() if key not in ("judged", "judgement")}
    return {**document, "run": run}


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
