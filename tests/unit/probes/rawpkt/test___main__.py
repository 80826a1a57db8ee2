"""Tests that the program for crafted packets leaves an interrupt to its caller, and ends soon."""

import gc
import signal
from collections.abc import Iterator

import pytest

from probes.rawpkt import __main__ as program


@pytest.fixture
def handled() -> Iterator[list[object]]:
    """Collects the handler of SIGINT; the one of the test process is put back."""
    before = signal.getsignal(signal.SIGINT)
    yield []
    signal.signal(signal.SIGINT, before)


def test_main_ignores_an_interrupt_before_it_opens_anything(
    handled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_begun", lambda *_: handled.append(signal.getsignal(signal.SIGINT)))
    assert program.main([]) == 0
    assert handled == [signal.SIG_IGN]


def test_main_that_listens_ends_with_an_interrupt(handled: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_begun", lambda *_: handled.append(signal.getsignal(signal.SIGINT)))
    before = signal.getsignal(signal.SIGINT)
    assert program.main(["--listen", "/nonexistent"]) == 0
    assert handled == [before]


def test_main_leaves_what_is_imported_to_no_collection_at_the_end(
    handled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_begun", lambda *_: None)
    monkeypatch.setattr("atexit.register", handled.append)
    assert program.main([]) == 0
    assert handled == [gc.freeze]
