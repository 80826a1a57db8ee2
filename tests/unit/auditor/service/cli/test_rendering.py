"""Tests that several processes write formats as one process does, and that failed formats give the reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.service.cli import rendering
from auditor.service.cli.rendering import Rendering, render
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.processes import process_pool
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.database.sqlite import open_sqlite
from probes.framework.evidence import RunId
from reports.document import Options
from tests.support import measured_run

RUN = RunId("20260302T013000Z-000001")
FORMATS = ("csv", "json", "html", "xlsx")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredReport]:
    known = catalogue.load()
    with open_sqlite(tmp_path_factory.mktemp("stored") / "auditor.db") as store:
        measured_run.add_run(store, RUN, subjects=12, pieces=2)
        judged = evaluate(RUN, store, known, now=measured_run.START)
        yield StoredReport(judged, store, known)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Use processes for reports of any size; return a list that receives the number of processes of each report."""
    counts: list[int] = []
    made = process_pool.ProcessPool.__init__

    def counted(processes: object, count: int, begin: bytes) -> None:
        counts.append(count)
        made(processes, count, begin)  # type: ignore[arg-type]  # handed on as it is

    monkeypatch.setattr(rendering, "WORTH_PROCESSES", 1)
    monkeypatch.setattr(rendering, "cores", lambda: 2)
    monkeypatch.setattr(rendering, "_OURS", ("/dev/fd", "/proc"))  # the folders of tests may lie in /dev/shm
    monkeypatch.setattr(process_pool.ProcessPool, "__init__", counted)
    return counts


def _wanted(folder: Path) -> list[Rendering]:
    options = Options(lang="vi")
    return [Rendering(format=one, options=options, path=folder / f"r.{one}", folder=False) for one in FORMATS]


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_render_in_processes_writes_the_bytes_of_one_process(
    report: StoredReport, started: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (beside := tmp_path / "beside").mkdir()
    (alone := tmp_path / "alone").mkdir()
    monkeypatch.chdir(tmp_path)  # paths are relative to the folder of the program
    assert list(render(report, _wanted(Path("beside")))) == [(one.path,) for one in _wanted(Path("beside"))]
    assert started == [2]
    monkeypatch.setattr(rendering, "cores", lambda: 1)
    assert list(render(report, _wanted(alone))) == [(one.path,) for one in _wanted(alone)]
    assert started == [2]
    assert _content(beside) == _content(alone)
    assert len(_content(alone)) == len(FORMATS)


def test_render_into_a_folder_names_the_files_in_order(
    report: StoredReport, started: list[int], tmp_path: Path
) -> None:
    wanted = [Rendering(format=one, options=Options(lang="en"), path=tmp_path, folder=True) for one in FORMATS]
    written = [path for done in render(report, wanted) if not isinstance(done, OSError) for path in done]
    assert started == [2]
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert written[0].suffix == ".csv"


def test_render_error_of_one_format_is_told_in_its_place(
    report: StoredReport, started: list[int], tmp_path: Path
) -> None:
    wanted = _wanted(tmp_path)
    missing = Rendering(format="csv", options=Options(lang="en"), path=tmp_path / "none" / "r.csv", folder=False)
    first, error, *others = render(report, [wanted[0], missing, *wanted[1:]])
    assert started == [2]
    assert isinstance(error, FileNotFoundError)
    assert [first, *others] == [(one.path,) for one in wanted]


def test_render_few_findings_or_one_format_starts_no_process(
    report: StoredReport, started: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = _wanted(tmp_path)
    assert list(render(report, [first])) == [(first.path,)]
    monkeypatch.setattr(rendering, "WORTH_PROCESSES", 10**6)
    assert list(render(report, [first, second])) == [(first.path,), (second.path,)]
    assert started == []


def test_render_starts_processes_for_what_comes_beside_the_longest_format(
    report: StoredReport, started: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "WORTH_PROCESSES", 2 * sum(report.summary.values()))
    first, second, third, *_ = _wanted(tmp_path)
    list(render(report, [first, second]))
    assert started == []
    list(render(report, [first, second, third]))
    assert started == [2]


def test_render_to_an_open_descriptor_stays_in_this_process(
    report: StoredReport, started: list[int], tmp_path: Path
) -> None:
    with (tmp_path / "open").open("w+b") as file:
        path = Path(f"/dev/fd/{file.fileno()}")
        opened = Rendering(format="junit", options=Options(lang="en"), path=path, folder=False)
        first = _wanted(tmp_path)[0]
        assert list(render(report, [opened, first])) == [(path,), (first.path,)]
        file.seek(0)
        assert file.read().startswith(b"<?xml")
    assert started == []
