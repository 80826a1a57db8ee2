"""Tests that a check of one host shows nothing of the host in the list of runs, which everybody sees."""

from types import SimpleNamespace
from typing import Any

import pytest

from auditor.service.config.model import Config
from auditor.service.web.pages.audits import single_check
from inventory.loader import load_sent

HOST = "bimat.xaydung.example.vn"


def test_run_name_does_not_contain_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = load_sent([("a.csv", f"name,kind,agency\n{HOST},web,SO-XD\n".encode())]).inventory
    site: Any = SimpleNamespace(
        config=Config(), store=None, inventories=SimpleNamespace(names=lambda _: ["tinh"], load=lambda *_: inventory)
    )
    run = SimpleNamespace(id="r1", members=())
    monkeypatch.setattr(single_check, "latest", lambda _: SimpleNamespace(run=run))
    wanted = single_check._wanted(site, HOST, "quick")
    assert (wanted.subjects, wanted.amends, wanted.name) == ((HOST,), "r1", "")
