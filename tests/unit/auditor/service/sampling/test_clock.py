"""Tests which start of the machine a moment belongs to, if the kernel's own value is hidden."""

from pathlib import Path

import pytest

from auditor.service.sampling import clock


@pytest.fixture(autouse=True)
def _hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "_BOOT", tmp_path / "missing")
    monkeypatch.delenv(clock.BOOT_VARIABLE, raising=False)


def test_boot_is_what_systemd_says_where_the_kernel_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.BOOT_VARIABLE, "a" * 32)
    assert clock._boot.__wrapped__() == "a" * 32


def test_boot_that_nobody_names_is_not_that_of_another_process() -> None:
    first, second = clock._boot.__wrapped__(), clock._boot.__wrapped__()
    assert first != second
    assert first
