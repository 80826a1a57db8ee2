"""Tests the arguments and the environment of the programs that we start."""

import pytest

from auditor.service.config.model import Config
from auditor.service.scheduler.dispatcher import _needed
from probes.net.core import children

SILENT = ("-W", "ignore")
"""Lines that libraries write by themselves would stand among those of the log."""


def test_a_module_is_started_without_the_current_folder() -> None:
    assert children.command("probes.rawpkt", "--keeper")[1:] == ["-P", *SILENT, "-m", "probes.rawpkt", "--keeper"]


def test_an_environment_holds_what_was_named_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SNMP_COMMUNITY", "WANTED", "PYTHONPATH", "LD_PRELOAD", "TZ"):
        monkeypatch.setenv(name, "x")
    assert {"WANTED", "TZ"} <= children.environment(["WANTED", "MISSING"]).keys()
    assert not {"SNMP_COMMUNITY", "PYTHONPATH", "LD_PRELOAD", "MISSING"} & children.environment(["WANTED"]).keys()


def test_an_audit_is_given_the_secrets_of_devices_and_no_others() -> None:
    config = Config.model_validate(
        {
            "snmp": {"profiles": {"core": {"version": "2c", "community": "env:SNMP_CORE"}}},
            "notify": {"webhooks": {"a": {"url": "https://tickets.example.vn/", "secret": "env:HOOK"}}},
        }
    )
    assert set(_needed(config)) == {"AUDITOR_RAWPKT_SOCKET", "AUDITOR_USER", "SNMP_CORE"}
