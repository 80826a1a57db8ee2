"""Tests that a real Zabbix imports the template, with all of its items and triggers."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.architecture.tree import ROOT
from tests.support.postgresql import Server
from tests.support.zabbix import ZabbixApi, serving_zabbix, unpacked

TEMPLATE = (ROOT / "containers" / "monitoring" / "zabbix-template.yaml").read_text("utf-8")
NAME = "IPv6 readiness auditor"
KEPT = {"createMissing": True, "updateExisting": True}
RULES = dict.fromkeys(("template_groups", "templates", "items", "triggers"), KEPT)


@pytest.fixture(scope="module")
def zabbix(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Iterator[ZabbixApi]:
    folder = tmp_path_factory.mktemp("zabbix")
    with serving_zabbix(unpacked(folder), postgresql) as api:
        yield api
    shutil.rmtree(folder)


def imported(zabbix: ZabbixApi, source: str) -> Any:
    return zabbix.ask("configuration.import", format="yaml", source=source, rules=RULES)


def test_template_is_imported_with_its_items_and_triggers(zabbix: ZabbixApi) -> None:
    assert imported(zabbix, TEMPLATE)["result"] is True
    (written,) = yaml.safe_load(TEMPLATE)["zabbix_export"]["templates"]
    (template,) = zabbix.call("template.get", filter={"host": [NAME]}, selectMacros=["macro", "type"])
    items = zabbix.call("item.get", templateids=[template["templateid"]], output=["key_"])
    assert sorted(each["key_"] for each in items) == sorted(each["key"] for each in written["items"])
    triggers = zabbix.call(
        "trigger.get", templateids=[template["templateid"]], output=["description", "expression"], expandExpression=True
    )
    assert sorted((each["description"], each["expression"]) for each in triggers) == sorted(
        (trigger["name"], trigger["expression"]) for item in written["items"] for trigger in item.get("triggers", ())
    )
    secret = "1"
    assert {"macro": "{$AUDITOR.TOKEN}", "type": secret} in template["macros"]


def test_template_with_a_function_that_zabbix_does_not_have_is_refused(zabbix: ZabbixApi) -> None:
    wrong = TEMPLATE.replace("nodata(", "no_such_function(")
    assert wrong != TEMPLATE
    assert "no_such_function" in imported(zabbix, wrong)["error"]["data"]
