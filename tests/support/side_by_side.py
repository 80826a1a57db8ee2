"""Runs the whole suite in several processes of pytest: a plugin, ``-p tests.support.side_by_side -n 8``.

Tests that measure and those whose time nobody looks at are kept apart: the last process, of five or more the last two,
of eight or more the last three, has the latter alone; of four or more the one before, of six or more the two before,
have those that measure and hardly ever need a processor (``WAITING``); the others have the rest of what measures.
Whoever is done helps with what measures nothing, which is always of a low priority; of four or more those that measure
do so with what lies beside their own tests, and do not look for any other. So they have found theirs soon, and begin
while the others still look. Who measures waits for most of its time: three processes at leisure take what that leaves
of two processors. Each starts a rehearsal of its own where it needs one. A file of tests stays in one process, with
what its tests share; so do all files that share one long audit (``SHARED``). The order inside a file, and of files, is
pytest-randomly's, but that the longest begin first.

Several rehearsals at once have more neighbours than the kernel keeps unless it is told to.

Every second process looks for its tests from the last to the first: what pytest rewrites of a file, whoever comes to it
later reads.
"""

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from xdist.workermanage import WorkerController

from tests.support import in_memory
from tests.support.neighbour_tables import give_room

TESTS = Path(__file__).resolve().parents[1]
MEASURING = ("tests/integration/", "tests/browser/")
INSTALLING = ("test_containers.py", "test_oldest_python.py", "test_packages.py", "test_wheel_installers.py")
"""Files that install built packages: minutes of work that measure nothing and should start early."""
AT_LEISURE = 10
"""The niceness of processes that measure nothing."""
ROOM = 8 << 30
"""Octets that must be free for the tests' folders in memory: more than twice what they need."""
TOLD = 0.01
"""Seconds from which setup and teardown are reported, for tests that ask which steps are slow."""
SHARED = {
    "tslcd": "tests.support.tslcd",
    "province": "tests.support.audited_province",
    "hostile": "tests.support.audited_hostile",
}
"""Units of several files, by the fixtures that these have in common."""
LONGEST = (
    "tslcd",
    "province",
    "hostile",
    "tests/integration/test_vantages.py",
    "tests/integration/test_worker.py",
    "tests/integration/test_late_filter.py",
    "tests/integration/test_serve_killed.py",
    "tests/integration/test_resume.py",
    "tests/integration/test_check_command.py",
    "tests/integration/test_mail_tls.py",
    "tests/integration/test_path.py",
    "tests/integration/test_killed_often.py",
    "tests/integration/test_round_disturbed.py",
    "tests/integration/test_serve_samples_killed.py",
    "tests/integration/test_private_files.py",
    "tests/integration/test_service_borders.py",
    "tests/integration/test_lan.py",
    "tests/integration/test_rehearsal_round.py",
    "tests/integration/test_privileges.py",
    "tests/integration/test_judge_offline.py",
    "tests/integration/test_postgresql.py",
    "tests/integration/test_rehearsal.py",
    "tests/integration/test_https.py",
    "tests/integration/test_connector.py",
    "tests/integration/test_port_sweeps.py",
    "tests/integration/test_one_sided_round.py",
    "tests/integration/test_snmp_hostile.py",
    "tests/integration/test_snmp_odd_agents.py",
    "tests/integration/test_exposure.py",
    "tests/integration/test_packages.py",
    "tests/golden/test_golden.py",
    "tests/unit/across_modules/test_properties.py",
    "tests/integration/test_containers.py",
    "tests/unit/auditor/service/runs/test_period_reporting.py",
    "tests/architecture/test_release.py",
    "tests/unit/auditor/figures/test_comparison.py",
    "tests/unit/auditor/service/cli/test_rendering.py",
    "tests/integration/test_oldest_python.py",
    "tests/integration/test_wheel_installers.py",
    "tests/browser/test_walk.py",
    "tests/integration/test_other_agencies.py",
    "tests/browser/test_data_pages.py",
    "tests/browser/test_report.py",
    "tests/integration/test_hostile_uploads.py",
    "tests/integration/test_api.py",
    "tests/browser/test_pages.py",
    "tests/integration/test_inventory_pages.py",
)
"""The units, the longest first. Files that install wait for disk and network, and come behind some that only compute,
so that not all low-priority processes wait. A wrong or missing entry costs only time.
"""
WAITING = frozenset(
    {
        "tslcd",
        "tests/integration/test_connector.py",
        "tests/integration/test_exposure.py",
        "tests/integration/test_lan.py",
        "tests/integration/test_late_filter.py",
        "tests/integration/test_mail_tls.py",
        "tests/integration/test_one_sided_round.py",
        "tests/integration/test_path.py",
        "tests/integration/test_port_sweeps.py",
        "tests/integration/test_service_borders.py",
        "tests/integration/test_snmp_hostile.py",
        "tests/integration/test_snmp_odd_agents.py",
    }
)
"""Units that wait for most of their time, and seldom need a processor that others wait for."""


class DifferentTestsError(RuntimeError):
    """Raised when processes have different tests: a test that only one process has might never be run."""


@dataclass(eq=False, slots=True)
class Process:
    """Holds one process of pytest.

    ``numbers``: each test's number there, None before collection. ``pending``: its current and next tests, in order.
    """

    node: WorkerController
    queues: Sequence[deque[list[str]]]
    """Where its tests come from: of the first that has any."""
    numbers: dict[str, int] | None = None
    pending: deque[int] = field(default_factory=deque)
    told_to_end: bool = False


def unit(test: str) -> str:
    """Return the unit of a test: the tests that stay in one process with it."""
    file = test.partition("::")[0]
    return (_shared(file) if file.startswith(MEASURING) else None) or file


def measures(test: str) -> bool:
    """True if a test's result depends on how busy the machine is."""
    file = test.partition("::")[0]
    return file.startswith(MEASURING) and not _only_serves(file)


@cache
def _shared(file: str) -> str | None:
    """Return the unit whose long audit the tests of a file share, or None."""
    text = (TESTS.parent / file).read_text("utf-8")
    return next((unit for unit, fixtures in SHARED.items() if f'"{fixtures}"' in text), None)


@cache
def _only_serves(file: str) -> bool:
    """True if a file tests pages in a browser, a service inside the test process, or installed packages."""
    text = (TESTS.parent / file).read_text("utf-8")
    served = file.startswith("tests/browser/") or "tests.support.serving" in text
    return _installs(file) or (served and '"tests.support.rehearsal"' not in text)


def _installs(file: str) -> bool:
    return file.endswith(INSTALLING)


class SideBySide:
    """Gives processes their tests; xdist calls it (``xdist.scheduler.protocol.Scheduling``)."""

    def __init__(self, processes: int) -> None:
        self._wanted = processes
        self._processes: dict[WorkerController, Process] = {}
        self._measuring: deque[list[str]] = deque()
        self._waiting: deque[list[str]] = deque()
        self._leisurely: deque[list[str]] = deque()
        self._served: deque[list[str]] = deque()
        self._tests: set[str] = set()
        self._came: set[str] = set()

    @property
    def nodes(self) -> list[WorkerController]:
        return list(self._processes)

    @property
    def collection_is_completed(self) -> bool:
        """True as soon as one process has collected its tests; none waits for the others."""
        return any(process.numbers is not None for process in self._processes.values())

    @property
    def tests_finished(self) -> bool:
        all_came = len(self._came) >= self._wanted
        return all_came and not self._is_left and all(process.told_to_end for process in self._processes.values())

    @property
    def has_pending(self) -> bool:
        return self._is_left or any(process.pending for process in self._processes.values())

    @property
    def _is_left(self) -> bool:
        return bool(self._measuring or self._waiting or self._leisurely or self._served)

    def add_node(self, node: WorkerController) -> None:
        """Add a process, which may replace one that crashed."""
        name = node.gateway.id
        queues: Sequence[deque[list[str]]] = (self._measuring, self._waiting, self._leisurely, self._served)
        last = self._wanted - at_leisure(self._wanted)
        if name in _named(last - waiting(self._wanted), last):
            queues = (self._waiting, self._served)
        elif _only_measures(name, self._wanted):
            queues = (self._measuring, self._waiting, self._served)
        elif name in _named(last, self._wanted):
            queues = (self._leisurely, self._served)
        self._processes[node] = Process(node, queues)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """Record the tests that a process collected."""
        self._processes[node].numbers = {test: number for number, test in enumerate(collection)}
        self._came.add(node.gateway.id)

    def schedule(self) -> None:
        """Give tests to the idle processes that have collected theirs."""
        found = {process.node: process.numbers for process in self._processes.values() if process.numbers is not None}
        for numbers in found.values():
            self._queue([test for test in numbers if test not in self._tests])
            self._tests.update(numbers)
        differing = sorted(
            test
            for node, numbers in found.items()
            for test in self._tests - numbers.keys()
            if test.startswith(MEASURING) or not _only_measures(node.gateway.id, self._wanted)
        )
        if differing:
            raise DifferentTestsError(f"not in every process: {differing[:6]}")
        for node in found:
            self._feed(self._processes[node])

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Remove a completed test and give the process the next one."""
        process = self._processes[node]
        process.pending.remove(item_index)
        self._feed(process)

    def remove_node(self, node: WorkerController) -> str | None:
        """Remove an ended process and return the test it was running, if any; the rest goes back to the queue."""
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
        """Queue tests, those of one unit together."""
        units: dict[str, list[str]] = {}
        for test in tests:
            units.setdefault(unit(test), []).append(test)
        order = sorted(units, key=lambda unit: LONGEST.index(unit) if unit in LONGEST else len(LONGEST))
        for text in order:
            self._queue_of(text, units[text][0]).append(units[text])

    def _queue_of(self, unit: str, test: str) -> deque[list[str]]:
        if not measures(test):
            return self._served if test.startswith(MEASURING) and not _installs(unit) else self._leisurely
        return self._waiting if self._wanted > 3 and unit in WAITING else self._measuring

    def _feed(self, process: Process) -> None:
        """Give a process tests until it has two: pytest starts the last one only when it knows the next."""
        if process.numbers is None:
            return
        while len(process.pending) < 2 and not process.told_to_end:
            tests = next((queue.popleft() for queue in process.queues if queue), None)
            if tests is None:
                process.told_to_end = True
                process.node.shutdown()
                return
            numbers = [process.numbers[test] for test in tests]
            process.pending.extend(numbers)
            process.node.send_runtest_some(numbers)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Place the folders of all tests in memory if there is room, until the end of the run."""
    if hasattr(config, "workerinput") or config.option.basetemp is not None:
        return
    memory = in_memory.place(ROOM, for_all=True)
    if memory is not None:
        folder = Path(tempfile.mkdtemp(prefix="auditor-tests-", dir=memory))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.option.basetemp = folder


def pytest_xdist_make_scheduler(config: pytest.Config) -> SideBySide:
    give_room()
    return SideBySide(int(config.option.numprocesses))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip folders that a process never runs, if all tests are asked for."""
    about = getattr(config, "workerinput", None)
    if about is None or collection_path.parent != TESTS or not collection_path.is_dir():
        return None
    is_whole = {Path(argument).resolve() for argument in config.args} <= {TESTS, TESTS.parent}
    is_other = not f"tests/{collection_path.name}/".startswith(MEASURING)
    return True if is_whole and is_other and _only_measures(about["workerid"], about["workercount"]) else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Reverse the order of folders and files in every second process."""
    report = yield
    number = getattr(collector.config, "workerinput", {}).get("workerid", "gw0").removeprefix("gw")
    if isinstance(collector, pytest.Directory) and int(number) % 2:
        report.result.reverse()
    return report


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Leave out reports of setup and teardown that passed in no time.

    Otherwise two of three messages for each test would be sent and read to no use.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed or report.duration > TOLD:
            item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lower the priority of tests that measure nothing; in no process do measuring tests come after them."""
    if "PYTEST_XDIST_WORKER" in os.environ and not measures(item.nodeid):
        os.setpriority(os.PRIO_PROCESS, 0, AT_LEISURE)


def at_leisure(processes: int) -> int:
    """Return how many of ``processes`` run only tests that measure nothing."""
    return 0 if processes < 2 else 1 if processes < 5 else 2 if processes < 8 else 3


def waiting(processes: int) -> int:
    """Return how many of ``processes`` begin with tests that hardly need a processor."""
    return 0 if processes < 4 else 1 if processes < 6 else 2


def _only_measures(name: str, processes: int) -> bool:
    """True for all of four or more processes except low-priority ones and replacements of crashed ones."""
    return processes > 3 and name in _named(0, processes - at_leisure(processes))


def _named(first: int, end: int) -> set[str]:
    return {f"gw{number}" for number in range(first, end)}
