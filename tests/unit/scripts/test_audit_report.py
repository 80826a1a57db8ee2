"""The verdict on known vulnerabilities: nothing looked up is said, a vulnerable package fails."""

import json
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT


def _judge(tmp_path: Path, packages: list[dict[str, object]] | None) -> subprocess.CompletedProcess[str]:
    report, log = tmp_path / "report.json", tmp_path / "log"
    report.write_text("" if packages is None else json.dumps({"dependencies": packages, "fixes": []}))
    log.write_text("ConnectionError: no route to host\n")
    command = [sys.executable, "-P", str(ROOT / "scripts" / "audit_report.py"), str(report), str(log)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_audit_report_without_a_report_passes_and_shows_the_error(tmp_path: Path) -> None:
    done = _judge(tmp_path, None)
    assert done.returncode == 0
    assert "nothing was looked up" in done.stderr
    assert "no route to host" in done.stderr


def test_audit_report_of_skipped_packages_says_that_nothing_was_looked_up(tmp_path: Path) -> None:
    done = _judge(tmp_path, [{"name": "yarl", "version": "1.0", "skip_reason": "not found"}])
    assert done.returncode == 0
    assert "nothing was looked up" in done.stderr


def test_audit_report_of_sound_packages_passes(tmp_path: Path) -> None:
    done = _judge(tmp_path, [{"name": "yarl", "version": "1.0", "vulns": []}])
    assert done.returncode == 0
    assert "1 of 1 packages looked up, 0 vulnerable" in done.stderr


def test_audit_report_of_a_vulnerable_package_fails_and_names_the_fix(tmp_path: Path) -> None:
    vulnerability = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}
    done = _judge(tmp_path, [{"name": "yarl", "version": "1.0", "vulns": [vulnerability]}])
    assert done.returncode == 1
    assert "yarl 1.0: PYSEC-2026-1, mended in 1.1" in done.stderr
