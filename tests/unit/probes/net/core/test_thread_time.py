"""Tests the measured time in which a thread worked or waited for a processor."""

import time
from pathlib import Path

import pytest

from probes.net.core.thread_time import thread_time


def test_work_counts_and_sleep_does_not() -> None:
    slept_from = thread_time()
    time.sleep(0.2)
    worked_from = thread_time()
    until = time.thread_time() + 0.1
    while time.thread_time() < until:
        pass
    assert worked_from - slept_from < 0.1
    assert thread_time() - worked_from >= 0.09


def test_waiting_for_a_processor_counts(tmp_path: Path) -> None:
    counted = tmp_path / "schedstat"
    counted.write_text("2000000000 500000000 17\n", "ascii")
    assert thread_time(str(counted)) == pytest.approx(2.5)


def test_a_kernel_that_counts_nothing_is_no_error(tmp_path: Path) -> None:
    assert thread_time(str(tmp_path / "schedstat")) == 0.0
