"""Tests that modules import and a command runs under the oldest Python that ``pyproject.toml`` promises.

The other tests run under one newer Python, where a call or an annotation that only a newer one supports passes.
"""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.support.fetching import skip_unless_fetched

IMPORTING = """
import importlib, pkgutil
count = 0
for root in ("auditor", "inventory", "probes", "reports"):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(package.__path__, f"{root}."):
        # Alembic and `python -m` execute these: to import them is to run them.
        if not found.name.endswith("__main__") and ".migrations." not in found.name:
            importlib.import_module(found.name)
            count += 1
print(count)
"""


def _promised() -> str:
    text = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    match = re.fullmatch(r">=(3\.\d+)", text)
    assert match
    return match[1]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the oldest Python with the packages of the lock file."""
    program = shutil.which(f"python{_promised()}", path=f"/usr/bin:{os.environ['PATH']}")
    if program is None:
        pytest.skip(f"NOT RUN: python{_promised()} is not installed")
    folder = tmp_path_factory.mktemp("oldest")
    uv = [str(ROOT / ".venv" / "bin" / "uv"), "--no-config", "--quiet"]
    install = [*uv, "pip", "install", "--python", str(folder), "--require-hashes", "-r", f"{ROOT}/requirements.lock"]
    for command in ([*uv, "venv", "--python", program, str(folder)], install):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        skip_unless_fetched(done)
        assert done.returncode == 0, done.stderr
    # Programs that the auditor starts look neither into the current folder nor at PYTHONPATH.
    (folder / "lib" / f"python{_promised()}" / "site-packages" / "checkout.pth").write_text(f"{ROOT}\n", "utf-8")
    return folder / "bin" / "python"


def _run(python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    compiled = {"PYTHONPYCACHEPREFIX": str(python.parents[1] / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    env = {**os.environ, **compiled}
    return subprocess.run([python, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_every_module_is_imported_under_the_oldest_python(python: Path) -> None:
    done = _run(python, "-c", IMPORTING)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > len(list((ROOT / "probes").rglob("*.py")))


def test_a_command_runs_under_the_oldest_python(python: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("agency_code,agency_name,name,kind\nS1,Sở Một,www.tinh.vn,portal\n", "utf-8")
    done = _run(python, "-m", "auditor", "inventory", "validate", str(rows))
    assert done.returncode == 0, done.stdout + done.stderr
