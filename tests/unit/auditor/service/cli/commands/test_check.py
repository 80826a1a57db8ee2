"""``auditor check`` from end to end but for the network: nothing is measured, so everything is undecided."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.framework.message_format import fill
from auditor.service.cli.commands import check as command
from inventory.sources.adhoc import parse_targets

_PROGRAM = """
import sys
from datetime import UTC, datetime
import auditor.service.cli.commands.check as check
from auditor.service.cli.main import main
from auditor.service.pipeline.collecting import start_run

check.measure = lambda made, store, **_: start_run(made, store, datetime.now(UTC))
check.own_addresses = lambda hints: ()
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def _check(folder: Path, *arguments: str) -> tuple[int, str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "check", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("AUDITOR_")},
    )
    *said, modules = done.stderr.splitlines()
    assert said == []
    return done.returncode, done.stdout, set(modules.split())


def test_text_needs_no_database_no_progress_bar_and_no_other_format(tmp_path: Path) -> None:
    code, out, loaded = _check(tmp_path, "example.vn", "--lang", "en")
    assert code == 4
    assert "example.vn" in out
    packages = {name.partition(".")[0] for name in loaded}
    assert packages & {"sqlalchemy", "alembic", "xlsxwriter", "jinja2", "rich"} == set()
    assert loaded & {"reports.formats.html.page", "reports.formats.json"} == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "wanted"), [((), 4), (("--only", "ipv6.web.aaaa", "--fail-on", "never"), 4)])
def test_standard_output_is_one_document(arguments: tuple[str, ...], wanted: int, tmp_path: Path) -> None:
    code, out, _ = _check(tmp_path, "example.vn", "192.0.2.1", "--format", "json", *arguments)
    document = json.loads(out)
    assert code == wanted
    assert {subject["id"] for subject in document["subjects"]} == {"example.vn", "192.0.2.1"}
    assert {finding["outcome"] for finding in document["findings"]} <= {"inconclusive", "not_applicable"}


def test_files_beside_standard_output(tmp_path: Path) -> None:
    code, out, loaded = _check(tmp_path, "example.vn", "--format", "text", "--format", "json=r.json", "--lang", "en")
    assert code == 4
    assert "example.vn" in out
    assert json.loads((tmp_path / "r.json").read_bytes())["schema"] == 1
    assert "reports.formats.html.page" not in loaded


@pytest.mark.parametrize(("terminal", "said"), [(True, "Checking a.vn, b.vn, c.vn, … (+1): 7 checks\n"), (False, "")])
def test_announce_names_the_targets_at_a_terminal_only(
    terminal: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subjects = parse_targets([(f"{letter}.vn", None) for letter in "abcd"], None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(command, "ui", lambda english, **args: fill(english, args, "en"))
    command._announce(subjects, 7)
    assert capsys.readouterr().err == said
