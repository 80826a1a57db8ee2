"""Tests that the shipped holidays agree with the package that follows the yearly decisions."""

import subprocess

from tests.architecture.tree import ROOT
from tests.support.fetching import skip_unless_fetched

SHIPPED = ROOT / "auditor" / "service" / "config" / "holidays.toml"


def test_shipped_holidays_are_what_the_package_has() -> None:
    command = [str(ROOT / ".venv/bin/uv"), "run", "--no-config", "--quiet", str(ROOT / "scripts/holidays_file.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    skip_unless_fetched(done)
    assert done.returncode == 0, done.stderr
    assert SHIPPED.read_text("utf-8") == done.stdout, "see scripts/holidays_file.py"
