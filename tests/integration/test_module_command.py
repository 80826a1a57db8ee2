"""``python -m auditor`` is the command ``auditor``."""

import subprocess
import sys

from tests.support.audits import SOURCE


def test_module_prints_the_same_version_as_the_command() -> None:
    stdouts = [
        subprocess.run(
            [sys.executable, "-m", module, "--version"], cwd=SOURCE, capture_output=True, text=True, check=True
        ).stdout
        for module in ("auditor", "auditor.service.cli.main")
    ]
    assert stdouts[0].startswith("auditor ")
    assert stdouts[0] == stdouts[1]
