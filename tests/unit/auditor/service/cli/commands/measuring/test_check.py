"""Tests ``auditor check`` from end to end without the network: nothing is measured, so everything is undecided."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.framework.message_format import fill
from auditor.service.cli.commands.measuring import check as command
from auditor.service.cli.global_options import STATE
from inventory.sources.adhoc import parse_targets
from tests.unit.auditor.service.cli.calling import Cli

_PROGRAM = """
import sys
from datetime import UTC, datetime
import auditor.service.cli.commands.measuring.checking as checking
from auditor.service.cli.main import main
from auditor.service.pipeline.measuring.collecting import start_run

checking.measure = lambda made, store, **_: start_run(made, store, datetime.now(UTC))
checking.own_addresses = lambda hints: ()
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
    first, *said, modules = done.stderr.splitlines()
    assert (first.startswith(("checking ", "đang kiểm tra ")), said) == (True, [])
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


@pytest.mark.parametrize(("verbosity", "said"), [(0, "checking a.vn, b.vn, c.vn, … (+1)\n"), (-1, "")])
def test_announce_names_the_targets_unless_quiet(
    verbosity: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subjects = parse_targets([(f"{letter}.vn", None) for letter in "abcd"], None)
    monkeypatch.setattr(STATE, "verbosity", verbosity)
    monkeypatch.setattr(command, "ui", lambda english, **args: fill(english, args, "en"))
    command._announce(subjects)
    assert capsys.readouterr().err == said


def test_check_says_what_it_checks_before_what_measures_is_imported(tmp_path: Path) -> None:
    program = """
import sys
import auditor.service.cli.commands.measuring.check as check
from auditor.service.cli.main import main

def announce(subjects):
    print(*sys.modules)
    sys.exit(0)

check._announce = announce
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "example.vn"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "inventory.sources.adhoc" in loaded
    heavy = {"asyncio", "auditor.framework.check", "auditor.service.pipeline.judging.evaluating", "probes.net.kernel"}
    assert loaded & (heavy | {"auditor.service.store.records", "reports.document", "yaml"}) == set()


def test_check_that_is_refused_announces_nothing(cli: Cli) -> None:
    for options in (("--only", "ipv6.web.reech"), ("--policy", "missing.toml")):
        result = cli("check", "example.vn", *options)
        assert (result.code, "checking" in result.err) == (2, False), result.err
