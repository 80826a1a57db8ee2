"""Tests ``auditor frameworks``: chosen ones are listed and shown; an operator's file is validated before use."""

import json
import re
from pathlib import Path

from tests.unit.auditor.service.cli.calling import Cli

EXAMPLE = Path(__file__).resolve().parents[7] / "docs" / "examples" / "ke-hoach-2026-2030.toml"


def test_validate_good_file_is_one_line(cli: Cli) -> None:
    result = cli("--lang", "en", "frameworks", "validate", str(EXAMPLE))
    assert (result.code, result.err) == (0, "")
    assert result.out.split()[:2] == ["ke-hoach-2026-2030", "not"]


def test_validate_mistakes_name_file_requirement_and_key(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(EXAMPLE.read_text("utf-8").replace('kinds = ["router"', 'kinds = ["rooter"'), "utf-8")
    result = cli("--lang", "vi", "frameworks", "validate", str(path))
    assert (result.code, result.out) == (2, "")
    assert f"{path}: 2.b: kinds: " in result.err


def test_list_and_show_speak_of_the_chosen_frameworks(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f'[frameworks]\nfiles = ["{EXAMPLE}"]\nleave_out = ["plan-daklak-2023-2025"]\n')
    config = ("--config", str(tmp_path / "a.toml"))
    listed = cli(*config, "frameworks", "list", "--ids").out.split()
    assert "ke-hoach-2026-2030" in listed
    assert "plan-daklak-2023-2025" not in listed
    assert cli(*config, "frameworks", "show", "ke-hoach-2026-2030").code == 0
    assert cli(*config, "frameworks", "show", "plan-daklak-2023-2025").code == 2


def test_show_names_no_end_of_what_has_none(cli: Cli) -> None:
    shown = cli("--lang", "vi", "frameworks", "show", "portals-vn").out
    assert "hiệu lực từ 01/07/2026" in shown
    assert "đến –" not in shown


def test_columns_of_the_list_stand_apart_in_both_languages(cli: Cli) -> None:
    for lang in ("vi", "en"):
        lines = cli("--lang", lang, "frameworks", "list").out.splitlines()
        assert all(len(re.split(r"\s{2,}", line)) == 4 for line in lines), lines
        starts = {tuple(match.end() for match in re.finditer(r"\s{2,}", line)) for line in lines}
        assert len(starts) == 1, lines


def test_declare_into_a_run_is_hidden_and_names_what_replaces_it(cli: Cli, tmp_path: Path) -> None:
    assert "declare" not in cli("--lang", "en", "frameworks", "--help").out
    (tmp_path / "k.csv").write_text("framework\n", "utf-8")
    result = cli("--lang", "en", "frameworks", "declare", "a", str(tmp_path / "k.csv"))
    assert (result.code, "warning: this command ends with the next major version" in result.err) == (2, True)
    assert "auditor declare add" in result.err


def test_list_marks_the_plan_of_one_province(cli: Cli) -> None:
    lines = cli("--lang", "en", "frameworks", "list").out.splitlines()
    marked = [line.split()[0] for line in lines if line.endswith("(only for Đắk Lắk)")]
    assert marked == ["plan-daklak-2023-2025"]
    provinces = {each["id"]: each["province"] for each in json.loads(cli("frameworks", "list", "--format", "json").out)}
    assert (provinces["plan-daklak-2023-2025"], provinces["portals-vn"]) == ("Đắk Lắk", None)
