"""Tests that every list of the command line is also one JSON document."""

import json
from typing import Any

import pytest

from auditor.framework.findings import Outcome
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.url import open_store
from inventory.loader import load_sent
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.stored import START, Brief, Held, put

LISTS = {
    ("runs", "list"): {"id", "state", "vantage"},
    ("checks", "list"): {"id", "title", "severity", "level"},
    ("frameworks", "list"): {"id", "title", "requirements"},
    ("inventory", "list"): {"name", "version", "subjects"},
    ("inventory", "list", "Tỉnh"): {"name", "version", "files"},
    ("log", "show"): {"number", "who", "what", "hash"},
}


@pytest.fixture(autouse=True)
def _store() -> None:
    said = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")]
    with open_store("sqlite:///auditor.db") as store:
        put(store, Held(name="a", findings={"www.tinh.vn": said}))
        kept = Inventories(store.database)
        loaded = load_sent([("a.csv", b"name,kind\nwww.example.vn,portal\n")])
        kept.add("Tỉnh", pack(loaded.inventory), who="an", now=START, on=0)


def _rows(cli: Cli, *words: str) -> list[dict[str, Any]]:
    ended = cli(*words, "--format", "json")
    assert ended.code == 0, ended.err
    assert ended.out.count("\n") == 1
    rows = json.loads(ended.out)
    assert isinstance(rows, list)
    return rows


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_list_is_one_json_document(cli: Cli, words: tuple[str, ...]) -> None:
    cli("runs", "seal", "a")  # a line of the audit log
    rows = _rows(cli, *words)
    assert rows
    assert all(LISTS[words] <= set(row) for row in rows)


@pytest.mark.parametrize("words", LISTS, ids=lambda given: " ".join(given))
def test_unknown_format_of_a_list_is_a_usage_error(cli: Cli, words: tuple[str, ...]) -> None:
    ended = cli(*words, "--format", "jsno")
    assert ended.code == 2
    assert "unknown format 'jsno'; there are text, json (did you mean 'json'?)" in ended.err


def test_json_does_not_depend_on_the_language(cli: Cli) -> None:
    assert _rows(cli, "checks", "list") == _rows(cli, "checks", "list", "--lang", "vi")
