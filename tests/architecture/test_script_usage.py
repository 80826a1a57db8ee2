"""The usage text of ``auditor.sh`` lists its commands."""

import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT


@pytest.mark.parametrize("words", [["run", "--help"], ["demo", "-h"]])
def test_help_of_the_rehearsal_starts_nothing(words: list[str], tmp_path: Path) -> None:
    said = subprocess.run(
        [ROOT / "auditor.sh", *words], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
    )
    assert [line.split()[1] for line in said.stdout.splitlines() if "./auditor.sh " in line] == [
        "run",
        "demo",
        "test",
        "…",
    ]
    assert not list(tmp_path.iterdir())
