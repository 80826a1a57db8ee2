"""The whole suite in several processes of pytest at the same time: a plugin, ``-p tests.support.side_by_side -n 3``.

Tests that measure and those whose time nobody looks at are kept apart: the last process has the latter alone, at a low
priority; the others have the former, and when these are done help with the rest. Each starts a rehearsal of its own
where it needs one. A file of tests stays in one process, with what its tests share; all files of the rehearsal of TSLCD
stay in one, with its one long audit. The order inside a file, and of files, is pytest-randomly's, but that the longest
begin first.
"""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from xdist.workermanage import WorkerController

TESTS = Path(__file__).resolve().parents[1]
MEASURING = ("tests/integration/", "tests/browser/")
AT_LEISURE = 10
"""The niceness of the last process."""
LONGEST = (
    "tslcd",
    "tests/integration/test_own_way.py",
    "tests/integration/test_province.py",
    "tests/integration/test_vantages.py",
    "tests/integration/test_serve_killed.py",
    "tests/integration/test_hostile_peers.py",
    "tests/integration/test_resume.py",
    "tests/integration/test_worker.py",
    "tests/integration/test_check_command.py",
    "tests/integration/test_path.py",
    "tests/integration/test_round_disturbed.py",
    "tests/integration/test_hostile.py",
    "tests/integration/test_serve_samples_killed.py",
    "tests/integration/test_mail_tls.py",
    "tests/browser/test_walk.py",
    "tests/integration/test_killed_often.py",
    "tests/integration/test_private_files.py",
    "tests/integration/test_postgresql.py",
    "tests/integration/test_judge_offline.py",
    "tests/integration/test_rehearsal.py",
    "tests/browser/test_data_pages.py",
    "tests/integration/test_other_agencies.py",
    "tests/integration/test_containers.py",
    "tests/integration/test_packages.py",
    "tests/golden/test_golden.py",
    "tests/unit/across_modules/test_properties.py",
    "tests/browser/test_report.py",
    "tests/unit/auditor/service/runs/test_period_reporting.py",
    "tests/integration/test_hostile_uploads.py",
    "tests/integration/test_api.py",
    "tests/unit/auditor/figures/test_comparison.py",
)
"""The longest first. What stands here wrongly or not at all costs time and nothing else."""


class DifferentTestsError(RuntimeError):
    """Processes that do not have the same tests: what one has alone would never be run."""


@dataclass(eq=False, slots=True)
class Process:
    """One process of pytest: the number of each test there, None before it has looked for them; and those that it has
    before it or is at, in order."""

    node: WorkerController
    leisurely: bool
    numbers: dict[str, int] | None = None
    pending: deque[int] = field(default_factory=deque)
    told_to_end: bool = False


def unit(test: str) -> str:
    """What stays in one process with this test."""
    file = test.partition("::")[0]
    return "tslcd" if file.startswith(MEASURING) and _is_of_tslcd(file) else file


def measures(test: str) -> bool:
    """Whether the machine's being busy with something else could be seen in this test."""
    file = test.partition("::")[0]
    return file.startswith(MEASURING) and not _only_serves(file)


@cache
def _is_of_tslcd(file: str) -> bool:
    return '"tests.support.tslcd"' in (TESTS.parent / file).read_text("utf-8")


@cache
def _only_serves(file: str) -> bool:
    """Tests of pages, in a browser or by the service inside the process of the test, and of what is installed."""
    text = (TESTS.parent / file).read_text("utf-8")
    served = file.startswith("tests/browser/") or "tests.support.serving" in text
    installs = file.endswith(("test_containers.py", "test_packages.py", "test_wheel_installers.py"))
    return installs or (served and '"tests.support.rehearsal"' not in text)


class SideBySide:
    """Gives processes their tests; xdist calls it (``xdist.scheduler.protocol.Scheduling``)."""

    def __init__(self, processes: int) -> None:
        self._wanted = processes
        self._last = _last(processes)
        self._processes: dict[WorkerController, Process] = {}
        self._measuring: deque[list[str]] = deque()
        self._leisurely: deque[list[str]] = deque()
        self._tests: frozenset[str] | None = None

    @property
    def nodes(self) -> list[WorkerController]:
        return list(self._processes)

    @property
    def collection_is_completed(self) -> bool:
        return (
            self._tests is not None
            or sum(process.numbers is not None for process in self._processes.values()) >= self._wanted
        )

    @property
    def tests_finished(self) -> bool:
        waiting = self._measuring or self._leisurely
        return (
            self.collection_is_completed
            and not waiting
            and all(process.told_to_end for process in self._processes.values())
        )

    @property
    def has_pending(self) -> bool:
        return bool(self._measuring or self._leisurely) or any(process.pending for process in self._processes.values())

    def add_node(self, node: WorkerController) -> None:
        """One more process, also in place of one that crashed."""
        self._processes[node] = Process(node, node.gateway.id == self._last)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """What tests a process found."""
        self._processes[node].numbers = {test: number for number, test in enumerate(collection)}

    def schedule(self) -> None:
        """Everybody has found the tests, or somebody has come who has."""
        found = {process.node: process.numbers for process in self._processes.values() if process.numbers is not None}
        if self._tests is None:
            first = list(next(iter(found.values())))
            self._tests = frozenset(first)
            self._queue(first)
        differing = sorted(test for numbers in found.values() for test in self._tests ^ numbers.keys())
        if differing:
            raise DifferentTestsError(f"not in every process: {differing[:6]}")
        for node in found:
            self._feed(self._processes[node])

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A process has done with a test."""
        process = self._processes[node]
        process.pending.remove(item_index)
        self._feed(process)

    def remove_node(self, node: WorkerController) -> str | None:
        """A process has ended; the test that it was at if it was at one. The rest is for whoever comes in its place."""
        process = self._processes.pop(node)
        tests = list(process.numbers or ())
        left = [tests[number] for number in process.pending]
        if not left:
            return None
        self._queue(left[1:])
        for one in self._processes.values():
            self._feed(one)
        return left[0]

    def mark_test_pending(self, item: str) -> None:
        raise NotImplementedError

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        raise NotImplementedError

    def _queue(self, tests: Sequence[str]) -> None:
        """Add these to what is to be done, those of a unit together."""
        units: dict[str, list[str]] = {}
        for test in tests:
            units.setdefault(unit(test), []).append(test)
        order = sorted(units, key=lambda unit: LONGEST.index(unit) if unit in LONGEST else len(LONGEST))
        for text in order:
            (self._measuring if measures(units[text][0]) else self._leisurely).append(units[text])

    def _feed(self, process: Process) -> None:
        """Whoever has but one test left begins it only when it knows what comes after."""
        if process.numbers is None:
            return
        while len(process.pending) < 2 and not process.told_to_end:
            tests = self._next(process)
            if tests is None:
                process.told_to_end = True
                process.node.shutdown()
                return
            numbers = [process.numbers[test] for test in tests]
            process.pending.extend(numbers)
            process.node.send_runtest_some(numbers)

    def _next(self, process: Process) -> list[str] | None:
        """Who measures helps with the rest at the end; who is at leisure never measures."""
        if self._measuring and not process.leisurely:
            return self._measuring.popleft()
        return self._leisurely.popleft() if self._leisurely else None


def pytest_xdist_make_scheduler(config: pytest.Config) -> SideBySide:
    return SideBySide(int(config.option.numprocesses))


def pytest_configure(config: pytest.Config) -> None:
    """The last of several processes leaves the processor to the others."""
    about = getattr(config, "workerinput", None)
    if about is not None and about["workerid"] == _last(about["workercount"]):
        os.setpriority(os.PRIO_PROCESS, 0, AT_LEISURE)


def _last(processes: int) -> str:
    """What xdist calls it; nobody where there is but one."""
    return f"gw{processes - 1}" if processes > 1 else ""
