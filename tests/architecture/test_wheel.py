"""The wheel builds from a clean tree and fetches nothing for it; it holds the four packages, whole, and no other."""

import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, files
from tests.support.built_wheel import built_wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory)


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    assert wheel.name.startswith("ipv6_readiness_auditor-")
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_only_the_four_packages(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_every_committed_file_of_them(names: set[str]) -> None:
    assert {path.as_posix() for path in files() if path.parts[0] in PACKAGES} <= names


def test_every_catalogue_is_compiled(names: set[str]) -> None:
    catalogues = {name for name in names if name.endswith(".po")}
    assert {name.removesuffix(".po") + ".mo" for name in catalogues} <= names


def test_the_guides_that_the_pages_show(names: set[str]) -> None:
    guides = {path.as_posix() for path in files() if path.parts[:2] == ("docs", "vi")} | {"docs/howto/operator.md"}
    assert {f"auditor/service/web/{guide}" for guide in guides} <= names


def test_the_command_and_the_licence(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
    assert any(name.endswith("/LICENSE") for name in names)


def test_nothing_is_left_in_it_by_accident(names: set[str]) -> None:
    leftovers = [name for name in names if Path(name).suffix in {".pyc", ".tmp", ".db", ".orig"}]
    assert leftovers == []
