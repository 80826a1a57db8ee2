"""The program reads every file of the examples without a problem, and the list of them is complete."""

import re
from pathlib import Path

import pytest
import yaml

from auditor.framework import catalogue, policy
from auditor.service.cli.commands.inventories.inventory_listed import ListOptions, propose
from auditor.service.config.loading import load
from auditor.service.config.secret_references import references
from auditor.service.scheduler.schedules import schedules
from inventory.loader import load_sent, load_with_warnings
from tests.architecture.tree import ROOT

EXAMPLES = ROOT / "docs" / "examples"


def test_readme_names_every_example() -> None:
    text = (EXAMPLES / "README.md").read_text("utf-8")
    assert set(re.findall(r"\]\(([^)]+)\)", text)) == {path.name for path in EXAMPLES.iterdir()} - {"README.md"}


def test_configuration_is_accepted_with_its_schedule_and_secrets_as_references() -> None:
    config = load(explicit=EXAMPLES / "auditor.toml", environment={}, options={}, directories=()).config
    assert config.policy == EXAMPLES / "policy.toml"
    assert [schedule.name for schedule in schedules(config)] == ["hang-thang"]
    assert {Path(text.removeprefix("file:")).name for _, text in references(config)} == set(_secrets())


def test_policy_changes_the_shipped_one() -> None:
    text, known = (EXAMPLES / "policy.toml").read_text("utf-8"), catalogue.load().checks
    assert (
        policy.overlay(policy.default(), text, source="policy.toml", known=known).digest() != policy.default().digest()
    )


def test_workbook_is_read_but_for_its_sheets_of_instructions() -> None:
    loaded = load_with_warnings([EXAMPLES / "danh-muc.xlsx"])
    assert not loaded.warnings
    assert len(loaded.inventory.subjects) == 4


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        (
            "ansible-hosts.ini",
            "ansible",
            {
                "r1.ttdl.example.vn": "router",
                "r2.ttdl.example.vn": "router",
                "fw1": "firewall",
                "cong.yte.example.vn": "portal",
                "dichvucong.yte.example.vn": "portal",
            },
        ),
        (
            "netbox-devices.json",
            "netbox",
            {"sw-yte-tang1": "access-switch", "r-bien-1": "router", "tuong-lua-1": "firewall"},
        ),
    ],
)
def test_list_of_another_program_becomes_rows(
    name: str, kind: str, rows: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ListOptions(kinds=["bien=router"] if kind == "netbox" else [])
    assert propose(str(EXAMPLES / name), kind, [EXAMPLES / "danh-muc.xlsx"], options) == 0
    proposed = load_sent([("b.csv", capsys.readouterr().out.encode())]).inventory.subjects
    assert {subject.name: subject.kind.value for subject in proposed} == rows


def test_compose_file_gives_the_service_each_secret() -> None:
    stored = yaml.safe_load((EXAMPLES / "compose.secrets.yaml").read_text("utf-8"))
    assert [given["source"] for given in stored["services"]["auditor"]["secrets"]] == list(_secrets())


def _secrets() -> dict[str, object]:
    secrets: dict[str, object] = yaml.safe_load((EXAMPLES / "compose.secrets.yaml").read_text("utf-8"))["secrets"]
    return secrets
