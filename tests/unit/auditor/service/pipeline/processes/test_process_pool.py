"""Tests work shared among processes: answers come in order, and a process that dies is reported and replaced."""

import functools
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.framework import check
from auditor.framework.findings import CheckId
from auditor.framework.operator_problems import OperatorError
from auditor.service.config import own_checks
from auditor.service.pipeline.processes import process_pool
from auditor.service.pipeline.processes.process_handover import RemoteError, hand_over, take_over
from auditor.service.pipeline.processes.process_pool import ProcessPool
from auditor.service.store.records import StoreError
from tests.support.own_checks import ID, forgotten, written

EVALUATE = hand_over((functools.partial, eval))
"""Evaluates each piece, which is an expression: no function of a test can be imported there."""


OS = "__import__('os')"
RAISE = "(lambda: (yield))().throw"


@pytest.fixture(scope="module")
def shared() -> Iterator[ProcessPool[str, object]]:
    with ProcessPool[str, object](2, EVALUATE) as processes:
        yield processes


def test_each_answers_in_the_order_of_the_pieces(shared: ProcessPool[str, object]) -> None:
    slow_first = [f"__import__('time').sleep({0.2 if not number else 0}) or {number}" for number in range(12)]
    assert list(shared.each(slow_first)) == list(range(12))


def test_each_of_nothing_is_nothing(shared: ProcessPool[str, object]) -> None:
    assert list(shared.each([])) == []


def test_each_works_in_other_processes_with_little_environment(
    shared: ProcessPool[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = set(shared.each(["__import__('time').sleep(0.05) or __import__('os').getpid()"] * 8))
    assert len(pids) == 2
    assert os.getpid() not in pids
    monkeypatch.setenv("SECRET_OF_A_TEST", "x")
    with ProcessPool[str, object](1, EVALUATE) as processes:
        assert list(processes.each(["'SECRET_OF_A_TEST' in __import__('os').environ"])) == [False]


def test_each_takes_no_more_pieces_than_are_worked_on(shared: ProcessPool[str, object]) -> None:
    taken = 0

    def pieces() -> Iterator[str]:
        nonlocal taken
        for number in range(200):
            taken += 1
            yield str(number)

    answers = shared.each(pieces())
    assert [next(answers) for _ in range(20)] == list(range(20))
    assert taken <= 20 + 2 * process_pool.AHEAD + 2
    assert len(list(answers)) == 180


@pytest.mark.parametrize(
    ("piece", "error", "said"),
    [
        ("1 / 0", RemoteError, "ZeroDivisionError"),
        (
            f"{RAISE}(__import__('{StoreError.__module__}', fromlist=['x']).StoreError('no {{x}}', x=1))",
            StoreError,
            "no 1",
        ),
        (f"{RAISE}(OSError(28, 'No space left'))", OSError, "No space left"),
    ],
)
def test_each_raises_what_a_piece_raised(piece: str, error: type[Exception], said: str) -> None:
    with ProcessPool[str, object](1, EVALUATE) as processes, pytest.raises(error, match=said):
        list(processes.each([piece]))


def test_each_does_the_piece_of_a_dead_process_again_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = tmp_path / "there"
    dies_once = f"5 if {OS}.path.exists('{there}') else open('{there}', 'x') and {OS}._exit(7)"
    with caplog.at_level(logging.WARNING, "auditor.run"), ProcessPool[str, object](2, EVALUATE) as processes:
        assert list(processes.each(["1", dies_once, "2"])) == [1, 5, 2]
    assert "ended with status 7" in caplog.text


def test_each_gives_up_when_a_process_dies_again_at_the_same_piece() -> None:
    again = pytest.raises(OperatorError, match=r"ended twice at the same work \(9\)")
    with ProcessPool[str, object](2, EVALUATE) as processes, again:
        list(processes.each(["1", f"{OS}._exit(9)", "2"]))


def test_close_ends_processes_that_are_busy() -> None:
    with ProcessPool[str, object](1, EVALUATE) as processes:
        (pid,) = processes.each(["__import__('os').getpid()"])
        processes._hand(0, hand_over("__import__('time').sleep(3600)"))
        began = time.monotonic()
    assert time.monotonic() - began < 600
    assert not Path(f"/proc/{pid}").exists()


def test_close_while_a_finalizer_works_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exceptions raised by a signal handler inside a finalizer are not caught, and Python would print them."""
    began = tmp_path / "began"
    slow = f"lambda self: (open({str(began)!r}, 'w').close(), __import__('time').sleep(5))"
    with ProcessPool[str, object](1, EVALUATE) as processes:
        processes._hand(0, hand_over(f"type('Slow', (), {{'__del__': {slow}}})() and 1"))
        while not began.exists():
            time.sleep(0.01)
    assert capfd.readouterr().err == ""


def test_each_knows_the_checks_of_the_operator_in_the_other_process(tmp_path: Path) -> None:
    written(tmp_path)
    known = "dict.keys(__import__('auditor.framework.check').framework.check.registered())"
    with forgotten():
        own_checks.load([tmp_path])
        own = check.registered()[CheckId(ID)]
        begin = hand_over((functools.partial, eval))
        with ProcessPool[str, object](1, begin) as processes:
            assert list(processes.each([f"'{ID}' in {known}"])) == [True]
            assert take_over(hand_over((own, 1))) == (own, 1)
