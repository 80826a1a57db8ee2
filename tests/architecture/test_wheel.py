"""The wheel builds from a clean tree and fetches nothing for it; it holds the four packages, whole, and no other."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, files


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("out")
    for path in files():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    # The backend itself, from this environment: what `pip wheel --no-build-isolation` would call.
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("*.whl")
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


def test_the_command_and_the_licence(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
    assert any(name.endswith("/LICENSE") for name in names)


def test_nothing_is_left_in_it_by_accident(names: set[str]) -> None:
    leftovers = [name for name in names if Path(name).suffix in {".pyc", ".tmp", ".db", ".orig"}]
    assert leftovers == []
