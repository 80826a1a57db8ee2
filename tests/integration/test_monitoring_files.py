"""Tests that alert rules, dashboard and template use existing metrics, and that alerts fire as described."""

import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from auditor.service.accounts.model import TokenScope
from auditor.service.config.model import Config, ScheduleSection
from auditor.service.store.sql.store import SqlStore
from tests.architecture.tree import ROOT
from tests.support import judged
from tests.support.serving import Served, serving

pytest_plugins = ("tests.support.pages",)

FOLDER = ROOT / "containers" / "monitoring"
FILES = ("auditor.rules.yml", "grafana-dashboard.json", "zabbix-template.yaml")
_NAME = re.compile(r"\b(?:auditor_[a-z_]+|process_[a-z_]+)\b")


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    config = Config(schedule={"thang": ScheduleSection(cron="0 1 1 * *", inventory="tỉnh")})
    async with serving(store, config) as made:
        yield made


def _promtool(*words: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("NOT RUN: promtool is not installed (Debian: prometheus)")
    done = subprocess.run([program, *words], cwd=FOLDER, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_files_name_figures_that_the_service_has_and_no_others(served: Served) -> None:
    _, text, _ = await served.program(served.admin(), TokenScope.METRICS).get("/metrics")
    families = list(text_string_to_metric_families(text))
    known = {sample.name for family in families for sample in family.samples}
    known |= {f"{family.name}{end}" for family in families for end in ("", "_bucket", "_info")}
    for name in FILES:
        named = set(_NAME.findall((FOLDER / name).read_text("utf-8")))
        assert named, name
        assert named <= known, (name, named - known)
    assert {"process_resident_memory_bytes", "process_start_time_seconds"} <= known


def test_rules_are_valid_and_alert_as_their_tests_say() -> None:
    assert "6 rules found" in _promtool("check", "rules", "auditor.rules.yml")
    assert "SUCCESS" in _promtool("test", "rules", "auditor.rules.test.yml")


def test_dashboard_has_panels_that_do_not_overlap() -> None:
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8"))
    cells: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        own = {
            (column, row)
            for column in range(place["x"], place["x"] + place["w"])
            for row in range(place["y"], place["y"] + place["h"])
        }
        assert not own & cells, panel["title"]
        assert max(column for column, _ in own) < 24
        cells |= own
        assert all(target["expr"] for target in panel["targets"])


def _uuids(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["uuid"]] if "uuid" in value else []
        return own + [one for below in value.values() for one in _uuids(below)]
    return [one for below in value for one in _uuids(below)] if isinstance(value, list) else []


def test_template_is_one_that_zabbix_can_import() -> None:
    export = yaml.safe_load(Path(FOLDER / "zabbix-template.yaml").read_text("utf-8"))["zabbix_export"]
    uuids = _uuids(export)
    assert len(uuids) == len(set(uuids))
    assert all(re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", one) for one in uuids)
    (template,) = export["templates"]
    keys = {item["key"] for item in template["items"]}
    for item in template["items"]:
        for trigger in item.get("triggers", ()):
            assert set(re.findall(r"/IPv6 readiness auditor/([a-z.]+)", trigger["expression"])) <= keys
        assert item["type"] == "HTTP_AGENT" or item["master_item"]["key"] in keys
