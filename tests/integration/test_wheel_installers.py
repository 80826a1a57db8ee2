"""Tests that the installers in the documentation install the wheel and remove it again."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.support.built_wheel import built_wheel
from tests.support.debian_root import run

TOOLS = ROOT / ".venv" / "bin"
INSTALL = {
    "pipx": ([TOOLS / "pipx", "install", "--python", sys.executable], [TOOLS / "pipx", "uninstall"]),
    "uv": ([TOOLS / "uv", "tool", "install", "--python", sys.executable], [TOOLS / "uv", "tool", "uninstall"]),
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory)


@pytest.mark.parametrize("installer", ["pipx", "uv"])
def test_wheel_is_installed_used_and_taken_away(installer: str, wheel: Path, tmp_path: Path) -> None:
    places = ("PIPX_HOME", "PIPX_BIN_DIR", "PIPX_MAN_DIR", "UV_TOOL_DIR", "UV_TOOL_BIN_DIR")
    environment = {**os.environ, "AUDITOR_USER": "root", "AUDITOR_LANG": "en"}
    environment |= {name: str(tmp_path / ("bin" if "BIN" in name else name.lower())) for name in places}
    adding, removing = ([str(word) for word in words] for words in INSTALL[installer])
    run([*adding, str(wheel)], env=environment, cwd=tmp_path, fetches=True)
    auditor = str(tmp_path / "bin" / "auditor")
    ours = [sys.executable, "-P", "-m", "auditor"]
    assert run([auditor, "--version"], env=environment, cwd=tmp_path) == run([*ours, "--version"], cwd=ROOT)
    assert run([auditor, "checks", "list", "--ids"], env=environment, cwd=tmp_path).count("\n") > 100
    assert "_auditor_completion" in run([auditor, "completion", "bash"], env=environment, cwd=tmp_path)
    refused = subprocess.run(
        [auditor, "serve"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert refused.returncode == 2
    assert "the extra serve brings it" in refused.stderr
    run([*removing, "ipv6-readiness-auditor"], env=environment, cwd=tmp_path)
    assert not list((tmp_path / "bin").iterdir())
    shutil.rmtree(tmp_path)
