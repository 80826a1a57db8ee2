"""Tests that the limit of open files is raised as far as the system allows, and that a refusal is no failure."""

import resource

import pytest

from probes.net.core.descriptors import MOST, allow_many_files, most_files

INFINITE = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "wanted"),
    [
        (256, 4_096, (4_096, 4_096)),
        (1_024, 1_048_576, (MOST, 1_048_576)),
        (1_024, INFINITE, (MOST, INFINITE)),
        (1_024, 1_024, None),
        (100_000, 1_048_576, None),
        (INFINITE, INFINITE, None),
    ],
)
def test_the_limit_becomes_what_may_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: tuple[int, int] | None
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: asked.append(limits))
    allow_many_files()
    assert asked == ([] if wanted is None else [wanted])


def test_a_system_that_says_no_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(which: int, limits: tuple[int, int]) -> None:
        raise OSError("not permitted")

    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 4_096))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    allow_many_files()


@pytest.mark.parametrize(("soft", "most"), [(256, 256), (INFINITE, MOST)])
def test_as_many_files_as_the_limit_of_the_process(monkeypatch: pytest.MonkeyPatch, soft: int, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, INFINITE))
    assert most_files() == most
