"""Tests that ``auditor checks new`` writes a check that passes, and that ``auditor checks test`` shows differences."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.framework import check
from auditor.service.pipeline.own_checks.own_check_cases import cases_of
from tests.support.own_checks import ID, forgotten
from tests.unit.auditor.service.cli.calling import Cli

NAME = "local.web.server-version"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    check.load()
    with forgotten():
        yield


def test_new_check_passes_its_cases_as_written(cli: Cli) -> None:
    made = cli("checks", "new", NAME)
    assert (made.code, made.err) == (0, "")
    result = cli("checks", "test", "checks")
    assert (result.code, result.out.splitlines()[-1]) == (0, "cases: 4, problems: 0")
    assert result.out.count(f"✔ {NAME}: ") == 4


def test_new_check_is_in_the_catalogue_once_its_folder_is_configured(cli: Cli, tmp_path: Path) -> None:
    cli("checks", "new", NAME, "--folder", "own")
    (tmp_path / "auditor.toml").write_text('[checks]\nfolders = ["own"]\n', "utf-8")
    (tmp_path / "auditor.toml").chmod(0o600)
    assert NAME in cli("checks", "list", "--ids").out.split()
    assert cli("--lang", "vi", "checks", "explain", NAME).out.startswith(f"{NAME}  Máy chủ web không tiết lộ")


def test_new_check_is_written_into_a_configured_folder_that_is_not_there_yet(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "auditor.toml").write_text('[checks]\nfolders = ["own"]\n', "utf-8")
    made = cli("checks", "new", NAME)
    assert (made.code, made.err) == (0, "")
    assert NAME in cli("checks", "list", "--ids").out.split()


def test_new_check_never_replaces_a_file(cli: Cli) -> None:
    cli("checks", "new", ID)
    path = Path("checks/web/example.py")
    path.write_text("mine", "utf-8")
    result = cli("checks", "new", ID)
    assert (result.code, path.read_text("utf-8")) == (2, "mine")
    assert result.err == f"auditor: {path}: is there already and is not replaced\n"


@pytest.mark.parametrize(
    "name", ["ipv6.web.example", "local", "local.example", "local.Web.x", "local..x", "local.a.b/c"]
)
def test_new_check_of_another_id_is_refused(cli: Cli, name: str) -> None:
    result = cli("checks", "new", name)
    assert (result.code, result.err) == (2, f"auditor: '{name}' is not the id of an own check: local.AREA.NAME\n")


def test_judge_cases_tells_what_differs_and_exits_with_three(cli: Cli) -> None:
    cli("checks", "new", ID)
    cases = cases_of(Path("checks/web/example.py"))
    cases.write_text(cases.read_text("utf-8").replace("nginx/1.24.0", "nginx"), "utf-8")
    result = cli("checks", "test", "checks")
    assert (result.code, result.out.splitlines()[-1]) == (3, "cases: 4, problems: 2")
    assert 'expected [{"code": "TOLD", "outcome": "warn"}], found [{"code": "HIDDEN"' in result.out
    assert f"{ID}: no case shows TOLD" in result.out
