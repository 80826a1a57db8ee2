"""The lock files pin everything by hash, agree with each other and with pyproject.toml, and hold no address."""

import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; [^\\]+?)? \\\n"
    r"(?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
    re.MULTILINE,
)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    assert not _PIN.sub("", text).strip(), f"{lock} has lines that are no pin with hashes"
    return {_normal(match["name"]): match["version"] for match in _PIN.finditer(text)}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_everything_is_pinned_by_hash(lock: str) -> None:
    assert _pins(lock)
    assert "://" not in (ROOT / lock).read_text()


def test_the_dev_lock_contains_the_plain_one() -> None:
    assert _pins("requirements.lock").items() <= _pins("requirements-dev.lock").items()


def _names(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[<>=!~;\[ ]", requirement)[0]) for requirement in requirements}


def test_pyproject_is_locked() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, groups = document["project"], document["dependency-groups"]
    extras = project["optional-dependencies"]
    locked = [package for name, packages in extras.items() if name != "chat" for package in packages]
    runtime = project["dependencies"] + locked + groups["build"]
    assert _names(runtime) - {project["name"]} <= _pins("requirements.lock").keys()
    assert _names(groups["dev"]) <= _pins("requirements-dev.lock").keys()


def test_the_build_backend_is_the_locked_one() -> None:
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    pins = _pins("requirements.lock")
    assert all(pins[name] == version for name, version in (requirement.split("==") for requirement in requires))
