"""Tests that a missing package is reported with the extra that brings it, before anything is done."""

import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from auditor.framework.operator_problems import OperatorError
from auditor.service.cli.extras import DISTRIBUTION, EXTRAS, HELD, command_for, lacking, missing, require
from auditor.service.cli.failures import EXIT_USAGE, Ended, operator_errors
from reports.registry import NEEDED
from scripts.package_tree import OPT
from tests.architecture.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WHEEL = f"ipv6_readiness_auditor-{PROJECT['version']}-py3-none-any.whl"


def _declared() -> dict[str, str]:
    """Return the extra of each package, for packages that belong to one extra."""
    requirements = [
        (Requirement(text).name, extra) for extra, texts in PROJECT["optional-dependencies"].items() for text in texts
    ]
    return {name: extra for name, extra in requirements if name != DISTRIBUTION}


def test_extras_table_is_that_of_the_project() -> None:
    distributions = packages_distributions()
    table = {distributions[module][0].lower().replace("_", "-"): extra for module, extra in EXTRAS.items()}
    assert table == _declared()
    assert PROJECT["name"] == DISTRIBUTION


def test_packages_of_formats_are_those_of_extras() -> None:
    assert {module for modules in NEEDED.values() for module in modules} <= EXTRAS.keys()


def test_extras_in_others_are_those_of_the_project() -> None:
    inside = {
        extra: frozenset(found.extras)
        for extra, texts in PROJECT["optional-dependencies"].items()
        for found in map(Requirement, texts)
        if found.name == DISTRIBUTION and extra != "all"
    }
    assert inside == HELD


def test_command_for_an_extra_keeps_those_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing() == ()
    for module in ("apprise", "psycopg", "scapy"):
        monkeypatch.setitem(sys.modules, module, None)
    assert missing() == ("chat", "postgresql", "rawpkt")
    assert command_for("chat") == f"pipx install --force './{WHEEL}[chat,serve]'"


def test_command_for_an_extra_is_of_the_tool_that_installed_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert command_for("chat").startswith("pipx install --force './")
    (tmp_path / "uv-receipt.toml").touch()
    assert command_for("chat").startswith("uv tool install --force './")
    monkeypatch.setattr(sys, "prefix", "/opt/pipx/venvs/ipv6-readiness-auditor")
    assert command_for("chat").startswith("pipx install --global --force './")


def test_command_for_an_extra_of_a_package_adds_to_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", f"/{OPT}")
    (apprise,) = PROJECT["optional-dependencies"]["chat"]
    assert command_for("chat") == f"pip --python /opt/auditor/bin/python install '{apprise}'"


def test_lacking_foreign_module_none() -> None:
    assert lacking("unheard_of.module") is None
    require(["unheard_of"])


def test_require_missing_module_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(OperatorError, match=r"xlsxwriter.*the extra office brings it: pipx install"):
        require(["json", "xlsxwriter"])


def test_missing_module_of_an_extra_is_the_operators(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(Ended) as ended, operator_errors():
        import sqlalchemy.engine  # noqa: F401
    assert ended.value.code == EXIT_USAGE
    assert "sqlalchemy" in capsys.readouterr().err


def test_any_other_missing_module_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError), operator_errors():
        import unheard_of  # type: ignore[import-not-found]  # noqa: F401
