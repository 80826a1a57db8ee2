"""The whole suite in several processes: each test once, those of a unit in one process, and a crash loses none."""

import os
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, create_autospec

import pytest

from tests.support.side_by_side import (
    LONGEST,
    ROOM,
    SHARED,
    TESTS,
    TOLD,
    WAITING,
    DifferentTestsError,
    SideBySide,
    measures,
    pytest_configure,
    pytest_ignore_collect,
    pytest_make_collect_report,
    pytest_runtest_protocol,
    pytest_runtest_setup,
    unit,
)

MEASURING = [
    f"tests/integration/test_{file}.py::test_{number}" for file in ("path", "tutorial", "net") for number in "ab"
]
OF_TSLCD = [f"tests/integration/test_{file}.py::test_a" for file in ("tslcd", "tslcd_counters", "tslcd_figures")]
AT_LEISURE = [f"tests/unit/test_{file}.py::test_{number}" for file in ("one", "two") for number in "abc"]
EVERY = [*AT_LEISURE, *MEASURING, *OF_TSLCD]


@dataclass(eq=False)
class Process:
    """Stands for a process of pytest in xdist: it begins its last test only when it is told to end."""

    name: str
    tests: list[str]
    waiting: deque[int] = field(default_factory=deque)
    done: list[str] = field(default_factory=list)
    told_to_end: bool = False

    @property
    def gateway(self) -> Any:
        return SimpleNamespace(id=self.name)

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.waiting.extend(numbers)

    def shutdown(self) -> None:
        self.told_to_end = True

    def works(self, given: Any) -> bool:
        """Do one test if that can be begun."""
        if len(self.waiting) < (1 if self.told_to_end else 2):
            return False
        number = self.waiting.popleft()
        self.done.append(self.tests[number])
        given.mark_test_complete(self, number)
        return True


def begun(*processes: Process) -> Any:
    given: Any = SideBySide(len(processes))
    for process in processes:
        given.add_node(process)
    assert not given.collection_is_completed
    for process in processes:
        assert not given.tests_finished
        comes(given, process)
    return given


def comes(given: Any, process: Process) -> None:
    """Report that a process has collected its tests."""
    given.add_node_collection(process, process.tests)
    assert given.collection_is_completed
    given.schedule()


def ended(given: Any, *processes: Process) -> None:
    while sum(process.works(given) for process in processes):  # each of them has a turn
        pass
    assert given.tests_finished
    assert [process.waiting for process in processes] == [deque()] * len(processes)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 8])
def test_each_is_done_once_and_units_stay_together(number: int) -> None:
    processes = [Process(f"gw{each_number}", EVERY) for each_number in range(number)]
    ended(begun(*processes), *processes)
    assert Counter(test for process in processes for test in process.done) == Counter(EVERY)
    units = [{unit(test) for test in process.done} for process in processes]
    assert sum(map(len, units)) == len(set.union(*units))
    assert [process.told_to_end for process in processes] == [True] * number


def test_the_last_begins_with_what_measures_nothing_and_the_others_with_what_takes_longest() -> None:
    processes = [Process(f"gw{number}", EVERY) for number in range(3)]
    given = begun(*processes)
    for process in processes:
        assert process.works(given)
    assert [unit(each_process.done[0]) for each_process in processes] == [
        "tslcd",
        "tests/integration/test_path.py",
        unit(AT_LEISURE[0]),
    ]
    ended(given, *processes)


def test_of_four_the_third_has_what_waits_and_no_more_of_what_measures() -> None:
    processes = [Process(f"gw{number}", EVERY) for number in range(4)]
    ended(begun(*processes), *processes)
    patient = processes[2].done
    assert unit(patient[0]) == "tslcd"
    assert not any(measures(test) for test in patient if unit(test) not in WAITING)


PAGES = "tests/integration/test_api.py::test_a"
INSTALLING = "tests/integration/test_packages.py::test_a"


def test_of_six_two_have_what_waits_and_neither_any_more_of_what_measures() -> None:
    late = "tests/integration/test_late_filter.py"
    processes = [Process(f"gw{number}", [*EVERY, f"{late}::test_a"]) for number in range(6)]
    ended(begun(*processes), *processes)
    assert [unit(process.done[0]) for process in processes[2:4]] == ["tslcd", late]
    patient = processes[2].done + processes[3].done
    assert not any(measures(test) for test in patient if unit(test) not in WAITING)


@pytest.mark.parametrize(("number", "leisure"), [(5, 2), (8, 3)])
def test_of_so_many_the_last_have_only_what_measures_nothing_and_install_first(number: int, leisure: int) -> None:
    every = [*EVERY, "tests/unit/test_three.py::test_a", PAGES, INSTALLING]
    processes = [Process(f"gw{each}", every) for each in range(number)]
    ended(begun(*processes), *processes)
    last = processes[-leisure:]
    assert not any(measures(test) for process in last for test in process.done)
    assert INSTALLING in {process.done[0] for process in last}
    assert all(process.done for process in last)


def test_who_has_found_his_tests_begins_while_others_still_look() -> None:
    measuring = [test for test in EVERY if test not in AT_LEISURE]
    processes = [Process(f"gw{number}", measuring if number < 2 else EVERY) for number in range(5)]
    given: Any = SideBySide(len(processes))
    for process in processes:
        given.add_node(process)
    comes(given, processes[1])
    while processes[1].works(given):
        pass
    assert not given.tests_finished
    for process in (processes[4], processes[0], processes[2], processes[3]):
        comes(given, process)
    ended(given, *processes)
    assert Counter(test for process in processes for test in process.done) == Counter(EVERY)


def test_who_has_nothing_to_do_may_be_gone_before_the_last_has_found_his_tests() -> None:
    processes = [Process(f"gw{number}", AT_LEISURE if number > 2 else []) for number in range(5)]
    given: Any = SideBySide(len(processes))
    for process in processes:
        given.add_node(process)
    for process in processes[:3]:
        comes(given, process)
        assert process.told_to_end
        given.remove_node(process)
        assert not given.tests_finished
    for process in processes[3:]:
        comes(given, process)
    ended(given, *processes[3:])


def test_of_four_the_first_three_need_not_have_found_what_lies_elsewhere() -> None:
    every = [*EVERY, PAGES]
    measuring = [test for test in every if test not in AT_LEISURE]
    processes = [Process(f"gw{number}", measuring if number < 3 else every) for number in range(4)]
    ended(begun(*processes), *processes)
    assert Counter(test for process in processes for test in process.done) == Counter(every)


def test_of_four_the_first_three_have_found_all_that_measures() -> None:
    measuring = [test for test in EVERY if test not in AT_LEISURE]
    with pytest.raises(DifferentTestsError):
        begun(*(Process(f"gw{number}", measuring[1:] if number < 2 else EVERY) for number in range(4)))
    with pytest.raises(DifferentTestsError):
        begun(*(Process(f"gw{number}", measuring if number == 3 else EVERY) for number in range(4)))


def folder_is_ignored(name: str, number: int, processes: int, argument: str = "tests") -> bool:
    about = {"workerid": f"gw{number}", "workercount": processes}
    config: Any = SimpleNamespace(workerinput=about, args=[str(TESTS.parent / argument)])
    return pytest_ignore_collect(TESTS / name, config) is True


def test_only_who_measures_looks_for_no_other_tests_and_only_among_all() -> None:
    assert [folder_is_ignored("unit", number, 4) for number in range(5)] == [True, True, True, False, False]
    assert not any(folder_is_ignored(name, 0, 4) for name in ("integration", "browser"))
    assert [folder_is_ignored("unit", number, 5) for number in range(5)] == [True, True, True, False, False]
    assert not folder_is_ignored("unit", 0, 3)
    assert not folder_is_ignored("unit", 0, 4, "tests/unit/support")


def test_every_second_process_looks_from_the_last_to_the_first(request: pytest.FixtureRequest) -> None:
    tests = next(node for node in request.node.listchain() if isinstance(node, pytest.Directory))
    for number, found in enumerate(("ab", "ba", "ab")):
        collector: Any = create_autospec(tests, config=SimpleNamespace(workerinput={"workerid": f"gw{number}"}))
        report = SimpleNamespace(result=["a", "b"])
        looking = pytest_make_collect_report(collector)
        next(looking)
        with pytest.raises(StopIteration) as found_all:
            looking.send(report)  # type: ignore[arg-type]
        assert found_all.value.value.result == [*found]


@pytest.mark.parametrize("test", [AT_LEISURE[0], MEASURING[0]])
def test_only_what_measures_nothing_is_of_a_low_priority(monkeypatch: pytest.MonkeyPatch, test: str) -> None:
    lowered: list[tuple[int, ...]] = []
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setattr(os, "setpriority", lambda *given: lowered.append(given))
    pytest_runtest_setup(SimpleNamespace(nodeid=test))  # type: ignore[arg-type]
    assert len(lowered) == (test == AT_LEISURE[0])


@pytest.mark.parametrize("process", ["gw0", None])
def test_of_what_is_around_a_test_only_what_failed_or_took_time_is_told(
    monkeypatch: pytest.MonkeyPatch, process: str | None
) -> None:
    reports = [
        SimpleNamespace(when=when, passed=passed, duration=duration)
        for when, passed, duration in (
            ("setup", True, 0.0),
            ("setup", True, 2 * TOLD),
            ("setup", False, 0.0),
            ("call", True, 0.0),
            ("teardown", True, 0.0),
            ("teardown", False, 0.0),
        )
    ]
    monkeypatch.setattr("tests.support.side_by_side.runtestprotocol", lambda *_, **__: reports)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    if process:
        monkeypatch.setenv("PYTEST_XDIST_WORKER", process)
    hook = Mock()
    item: Any = SimpleNamespace(ihook=hook, nodeid="x", location=("x", 1, "x"))
    done = pytest_runtest_protocol(item, None)
    told = [call.kwargs["report"] for call in hook.pytest_runtest_logreport.call_args_list]
    assert (done, told) == ((True, [*reports[1:4], reports[5]]) if process else (None, []))


def _configured(monkeypatch: pytest.MonkeyPatch, memory: Path | None, basetemp: Path | None) -> tuple[Any, Mock]:
    asked = Mock(return_value=memory)
    monkeypatch.setattr("tests.support.in_memory.place", asked)
    config: Any = SimpleNamespace(option=SimpleNamespace(basetemp=basetemp), add_cleanup=Mock())
    pytest_configure(config)
    return config, asked


def test_folders_of_all_tests_lie_in_memory_and_are_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config, asked = _configured(monkeypatch, tmp_path, None)
    asked.assert_called_once_with(ROOM, for_all=True)
    folder = config.option.basetemp
    assert folder.parent == tmp_path
    (folder / "popen-gw0").mkdir()
    config.add_cleanup.call_args.args[0]()
    assert list(tmp_path.iterdir()) == []


def test_folders_lie_where_they_are_asked_for_or_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for memory, asked_for in ((None, None), (tmp_path, tmp_path / "own")):
        config, _ = _configured(monkeypatch, memory, asked_for)
        assert config.option.basetemp == asked_for
        config.add_cleanup.assert_not_called()
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_had_that_crashed_is_done_by_another() -> None:
    first, second = (Process(f"gw{number}", EVERY) for number in range(2))
    given = begun(first, second)
    assert first.works(given)
    at = EVERY[first.waiting[0]]
    assert given.remove_node(first) == at
    third = Process("gw2", EVERY)
    given.add_node(third)
    given.add_node_collection(third, EVERY)
    given.schedule()
    ended(given, second, third)
    assert Counter(first.done + second.done + third.done) == Counter(EVERY) - Counter([at])


def test_where_there_are_no_tests_everybody_ends() -> None:
    processes = [Process(f"gw{number}", []) for number in range(3)]
    ended(begun(*processes), *processes)


def test_nobody_has_tests_of_his_own() -> None:
    with pytest.raises(DifferentTestsError):
        begun(Process("gw0", EVERY), Process("gw1", EVERY[1:]))


def test_what_measures_is_told_from_what_does_not() -> None:
    assert all(measures(test) for test in (*MEASURING, *OF_TSLCD))
    assert not any(measures(test) for test in AT_LEISURE)
    assert not measures("tests/integration/test_api.py::test_a")  # the service in the test's own process
    assert not measures("tests/browser/test_report.py::test_a")
    assert measures("tests/browser/test_walk.py::test_a")  # in the rehearsal


def test_the_longest_are_there() -> None:
    assert set(LONGEST) >= WAITING
    assert [text for text in LONGEST if text not in SHARED and not (TESTS.parent / text).is_file()] == []
