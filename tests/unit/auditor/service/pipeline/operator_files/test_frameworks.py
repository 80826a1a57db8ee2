"""Tests an operator's frameworks: read beside shipped ones, refused with file and requirement, kept with the run."""

from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.regulations.loading import FrameworkError
from auditor.regulations.model import LegalStatus
from auditor.service.config.model import FrameworksSection
from auditor.service.pipeline.operator_files.frameworks import (
    chosen_frameworks,
    framework_texts,
    frameworks_of,
    shipped_frameworks,
)

EXAMPLE = Path(__file__).resolve().parents[6] / "docs" / "examples" / "ke-hoach-2026-2030.toml"
PLAN = "plan-daklak-2023-2025"
KNOWN = catalogue.load()


def refused(section: FrameworksSection) -> list[str]:
    with pytest.raises(FrameworkError) as error:
        chosen_frameworks(section, KNOWN)
    return str(error.value).splitlines()


def test_chosen_frameworks_without_settings_are_the_shipped_ones() -> None:
    assert chosen_frameworks(FrameworksSection(), KNOWN) == shipped_frameworks()
    assert framework_texts(FrameworksSection(), KNOWN, []) == ()


def test_chosen_frameworks_hold_the_operators_and_leave_out_another_provinces() -> None:
    chosen = chosen_frameworks(FrameworksSection(files=(EXAMPLE,), leave_out=(PLAN,)), KNOWN)
    shipped = {framework.id for framework in shipped_frameworks()}
    assert {framework.id for framework in chosen} == shipped - {PLAN} | {"ke-hoach-2026-2030"}


def test_texts_of_a_run_outlive_a_change_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(EXAMPLE.read_text("utf-8"), "utf-8")
    texts = framework_texts(FrameworksSection(files=(path,)), KNOWN, [])
    path.write_text("", "utf-8")
    assert "ke-hoach-2026-2030" in {framework.id for framework in frameworks_of(texts)}


def test_framework_that_asks_for_unknown_checks_and_indicators_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    text = EXAMPLE.read_text("utf-8").replace("security.ports.mgmt-exposed", "security.ports.mgmt-exposd")
    path.write_text(text.replace("kpi:K09>=100", "kpi:K99>=100"), "utf-8")
    assert refused(FrameworksSection(files=(path,))) == [
        f"{path}: 1.b: rule: unknown indicator 'K99' (did you mean 'K19'?)",
        f"{path}: 2.b: checks: unknown check 'security.ports.mgmt-exposd'"
        " (did you mean 'security.ports.mgmt-exposed'?)",
    ]


def test_framework_with_the_id_of_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(EXAMPLE.read_text("utf-8").replace('"ke-hoach-2026-2030"', f'"{PLAN}"'), "utf-8")
    assert refused(FrameworksSection(files=(path,))) == [
        f"{path}: id: the id {PLAN} is taken by a shipped framework; use another, or name it in frameworks.leave_out"
    ]
    assert chosen_frameworks(FrameworksSection(files=(path,), leave_out=(PLAN,)), KNOWN)
    assert refused(FrameworksSection(files=(path, EXAMPLE, EXAMPLE), leave_out=(PLAN,))) == [
        f"{EXAMPLE}: id: the id ke-hoach-2026-2030 is taken by {EXAMPLE}"
    ]


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("id = 1", "utf-8")
    lines = refused(FrameworksSection(files=(tmp_path / "none.toml", broken), leave_out=("plan-daklak",)))
    assert any(line.startswith(f"{tmp_path / 'none.toml'}: ") for line in lines)
    assert f"{broken}: id: is missing or no text" in lines
    assert lines[0].startswith("frameworks.leave_out: unknown framework 'plan-daklak'")


def test_criteria_of_dii_have_no_wording_of_ours_and_no_figure() -> None:
    chosen = chosen_frameworks(FrameworksSection(files=(EXAMPLE.with_name("dii-885.toml"),)), KNOWN)
    (dii,) = (framework for framework in chosen if framework.id == "dii-885")
    assert len(dii.requirements) == 24
    assert all("chưa có nội dung" in row.text["vi"] and row.manual for row in dii.requirements)
    assert dii.legal_status is LegalStatus.MEMORY
