"""The file of a case holds only its differences from ``contexts.json``, and nothing is lost by that."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.golden.case import HERE
from tests.golden.documents import expanded, named, read, reduced, write

FILES = sorted(HERE.glob("*.*/*.json"))
PORTAL, INTERNET = named("subjects")["portal"], named("contexts")["internet"]
LOOKUP = {
    "id": "dns www.tinh-a.example",
    "probe": "dns",
    "task": "www.tinh-a.example",
    "attempt": 1,
    "started": "2026-03-02T01:30:00+00:00",
    "endpoint": None,
    "failure": None,
    "steps": [{"kind": "name-lookup", "v": 1}],
}
FINDING = {
    "code": "PUBLISHED",
    "outcome": "pass",
    "severity": "high",
    "level": "required",
    "reason": None,
    "address": None,
    "detail": None,
    "args": {"n": 2},
    "evidence": ["dns www.tinh-a.example"],
}
CASE: dict[str, Any] = {
    "about": "Two addresses.",
    "trap": "",
    "gated": False,
    "subject": PORTAL,
    "context": INTERNET,
    "evidence": [LOOKUP],
    "findings": [FINDING],
}


def test_reduced_holds_names_and_no_defaults() -> None:
    assert reduced(CASE) == {
        "context": "internet",
        "subject": "portal",
        "about": "Two addresses.",
        "evidence": [{"id": "dns www.tinh-a.example", "steps": [{"kind": "name-lookup", "v": 1}]}],
        "findings": [
            {
                "code": "PUBLISHED",
                "outcome": "pass",
                "severity": "high",
                "level": "required",
                "args": {"n": 2},
                "evidence": ["dns www.tinh-a.example"],
            }
        ],
    }


@pytest.mark.parametrize(
    ("context", "stored"),
    [
        ({"policy": "x"}, {"like": "internet", "policy": "x"}),
        ({"controls": [*INTERNET["controls"], "tcp/4443"]}, {"like": "internet", "+controls": ["tcp/4443"]}),
        ({"controls": ["icmp"]}, {"like": "internet", "controls": ["icmp"]}),
        ({"controls": []}, {"like": "internet", "controls": []}),
        ({"controls": [*INTERNET["controls"], "tcp/53"]}, "name-servers"),
    ],
    ids=["value", "longer list", "other list", "empty list", "another name"],
)
def test_reduced_context_names_the_nearest_and_what_differs(context: dict[str, Any], stored: object) -> None:
    case = CASE | {"context": INTERNET | context}
    assert reduced(case)["context"] == stored
    assert expanded(reduced(case)) == case


@pytest.mark.parametrize(
    "changes",
    [
        {"trap": "T1", "gated": True},
        {"evidence": [LOOKUP | {"probe": "nameserver"}]},
        {"evidence": [LOOKUP | {"id": "dns www.tinh-a.example attempt 2", "attempt": 2}]},
        {"evidence": [LOOKUP | {"endpoint": {"address": "192.0.2.1", "port": None}, "failure": {"kind": "cut_short"}}]},
        {"evidence": [], "findings": [FINDING | {"args": {}, "evidence": [], "reason": "U-AMB", "detail": "x"}]},
        {"subject": {key: value for key, value in PORTAL.items() if key != "tags"}},
        {"evidence": [LOOKUP | {"steps": [{"numbers": list(range(200)), "words": ["chữ " * 50], "none": {}}]}]},
    ],
    ids=["marks", "probe", "attempt", "endpoint", "finding", "no subject is near", "long values"],
)
def test_read_gives_what_was_written(changes: dict[str, Any], tmp_path: Path) -> None:
    case = CASE | changes
    write(tmp_path / "case.json", deepcopy(case))
    assert read(tmp_path / "case.json") == case


def test_files_are_as_short_as_they_can_be() -> None:
    assert [path.name for path in FILES if reduced(read(path)) != json.loads(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(("section", "key"), [("contexts", "context"), ("subjects", "subject")])
def test_every_name_is_used_by_a_case(section: str, key: str) -> None:
    stored = [json.loads(path.read_text("utf-8"))[key] for path in FILES]
    assert {one if isinstance(one, str) else one.get("like") for one in stored} >= named(section).keys()
