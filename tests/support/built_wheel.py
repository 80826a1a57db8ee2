"""Builds the wheel from the committed files, and installs it without any network beside packages that are here."""

import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.architecture.tree import ROOT, files


def built_wheel(folders: pytest.TempPathFactory) -> Path:
    """Build the wheel of a clean tree by the backend of this environment: nothing is fetched."""
    tree, out = folders.mktemp("tree"), folders.mktemp("out")
    for path in files():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("*.whl")
    return wheel


def installed(wheel: Path, place: Path) -> Path:
    """Install the wheel, and the packages that it needs without any extra, into an environment; return its Python.

    The packages come from the environment of the tests, so that nothing is fetched: a package that the wheel does not
    ask for is not there.
    """
    venv.create(place, with_pip=False, symlinks=True)
    (site,) = place.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (own,) = site.glob("*.dist-info")
    for package in needed(PathDistribution(own)):
        copy(package, site)
    return place / "bin" / "python"


def needed(of: Distribution) -> Iterator[Distribution]:
    """Yield the packages that a distribution needs without extras, and all that they need with the extras in use."""
    met: set[tuple[str, str]] = set()
    waiting = [(of, "")]
    while waiting:
        package, extra = waiting.pop()
        if (package.name.lower(), extra) in met:
            continue
        met.add((package.name.lower(), extra))
        if package is not of and not extra:
            yield package
        for text in package.requires or ():
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                waiting += [(distribution(wanted.name), asked) for asked in ("", *sorted(wanted.extras))]


def copy(package: Distribution, site: Path) -> None:
    """Copy the files of a package as an installer writes them: no byte code, nothing outside the packages' folder."""
    for file in package.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), site / file)
