"""The words recorded from docs/compatibility.md are all still there."""

import pytest

from tests.architecture.promises import promises, recorded

KEPT = recorded()


@pytest.fixture(scope="module")
def today() -> dict[str, list[str]]:
    return promises()


@pytest.mark.parametrize("surface", ["commands", "interface for programs", "result"])
def test_promised_surface_is_still_there(today: dict[str, list[str]], surface: str) -> None:
    assert len(KEPT[surface]) > 50
    gone = set(KEPT[surface]) - set(today[surface])
    assert gone == set(), "promised by docs/compatibility.md: bring it back, or begin a new major version"
