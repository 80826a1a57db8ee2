"""Tests that a national centre takes the figures provinces may send, corrects them by later files, and no more."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor.figures.federation import MOST_KEPT
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.framework.operator_problems import OperatorError
from auditor.service.runs import federation_files, sealed_file
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.federation_files import Issuer, TakenFile, export_summary, kept_files, kept_summary
from auditor.service.runs.sealed_file import TrustedKey
from auditor.service.store.api import Store
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from probes.framework.evidence import RunId
from tests.support.federated import ROUND, STARTED, count, defect, figure, head, lines, target, write
from tests.unit.auditor.service.runs.test_sealed_file import keys
from tests.unit.auditor.stored import START, Brief, Held, put

NOW = STARTED + timedelta(days=30)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else open_sqlite(tmp_path / "centre.db") as opened:
        yield opened


def taken(path: Path, store: Store, *public: Path) -> TakenFile:
    file = sealed_file.read(path, federation_files.KIND, [TrustedKey(file=key) for key in public])
    return federation_files.import_summary(file, store, NOW, trusted=bool(public))


def issued(hours: int) -> str:
    return (STARTED + timedelta(hours=hours)).isoformat()


def exported(folder: Path) -> Path:
    """Write the file of a judged run with a failure and a pass."""
    with MemoryStore() as province:
        said = [
            Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING"),
            Brief(check="ipv6.web.reach", outcome=Outcome.PASS),
        ]
        put(province, Held(name="a", findings={"www.tinh.vn": said}))
        judged = judged_run(RunId("a"), province, catalogue.load())
        issuer = Issuer(province="66", name="Đắk Lắk", round="2026-09", issued=START + timedelta(days=1))
        with (folder / "a.sealed").open("wb") as file:
            export_summary(file, judged, province, issuer, None)
    return folder / "a.sealed"


def test_summary_of_a_judged_run_arrives_as_it_was_counted(store: Store, tmp_path: Path) -> None:
    result = taken(exported(tmp_path), store)
    assert (result.new, result.corrects, result.head.name) == (True, False, "Đắk Lắk")
    ((key, (kept,)),) = kept_files(store).items()
    assert key == ("2026-09", "66")
    summary = kept_summary(store, kept)
    assert (summary.of_outcome(Outcome.FAIL), summary.of_outcome(Outcome.PASS), summary.defects) == (1, 1, 1)
    (worst,) = summary.worst
    assert (worst.check, worst.code, worst.subject) == ("ipv6.web.aaaa", "MISSING", "www.tinh.vn")
    assert summary.figures
    assert summary.targets


def test_later_file_corrects_an_earlier_one_and_an_older_one_does_not(store: Store, tmp_path: Path) -> None:
    first = write(tmp_path / "1", head(1), lines(1))
    second = write(tmp_path / "2", head(1, issued=issued(9)), [figure(met=90)])
    older = write(tmp_path / "3", head(1, issued=issued(2)), [figure(met=10)])
    assert not taken(first, store).corrects
    assert taken(second, store).corrects
    assert not taken(second, store).new
    assert taken(older, store).outdated
    files = kept_files(store)[ROUND, "T01"]
    assert [file.issued for file in files] == [STARTED + timedelta(hours=hours) for hours in (2, 3, 9)]
    counts = kept_summary(store, files[-1]).figure("K08")
    assert counts is not None
    assert counts.met == 90


def test_province_keeps_its_key_unless_the_centre_names_another(store: Store, tmp_path: Path) -> None:
    (own, _), (other, public) = keys(tmp_path, "own"), keys(tmp_path, "other")
    taken(write(tmp_path / "1", head(1), lines(1), own), store)
    for key in (other, None):
        forged = write(tmp_path / "2", head(1, round="2026-11", issued=issued(9)), lines(9), key)
        with pytest.raises(OperatorError, match="otherwise than earlier files"):
            taken(forged, store)
    assert taken(write(tmp_path / "3", head(1, issued=issued(9)), lines(9), other), store, public).corrects


def test_no_province_speaks_for_another_with_a_key_that_is_trusted(store: Store, tmp_path: Path) -> None:
    (own, own_public), (other, other_public) = keys(tmp_path, "own"), keys(tmp_path, "other")
    taken(write(tmp_path / "1", head(1), lines(1), own), store, own_public, other_public)
    taken(write(tmp_path / "2", head(2), lines(2), other), store, own_public, other_public)
    forged = write(tmp_path / "3", head(1, issued=issued(9)), lines(9), other)
    with pytest.raises(OperatorError, match="key of province T02"):
        taken(forged, store, own_public, other_public)
    assert len(kept_files(store)[ROUND, "T01"]) == 1


def test_only_the_worst_defects_are_kept_and_all_are_counted(store: Store, tmp_path: Path) -> None:
    many = [defect(number, severity="low") for number in range(MOST_KEPT)] + [defect(7_000, severity="critical")]
    taken(write(tmp_path / "1", head(1), many), store)
    summary = kept_summary(store, kept_files(store)[ROUND, "T01"][0])
    assert (summary.defects, len(summary.worst)) == (MOST_KEPT + 1, MOST_KEPT)
    assert summary.worst[0].subject == "www.so-7000.example"


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"x": 1},
        {"figure": None},
        {"figure": {"name": "K08"}},
        figure() | {"more": 1},
        figure(met=200),
        figure(met=-1),
        figure(of=10**12),
        {"figure": figure()["figure"] | {"of": 1.5}},
        {"figure": figure()["figure"] | {"of": True}},
        figure(value=float("nan")),
        figure(value=7.0),
        figure(value=10**400),
        figure(of=10**400),
        figure(name="K" * 5_000),
        figure(colour="red"),
        count("pass", -1),
        count("excellent"),
        count("pass", severity="terrible"),
        target("perfect"),
        defect(outcome="pass"),
        defect(subject="x" * 5_000),
        *(defect(args=[{"name": "a", "value": value}]) for value in ({"b": 1}, ["x", 1], None, True, float("inf"))),
        defect(args={"a": 1}),
        defect(args=[1, 2]),
        defect(args=[{"name": str(number), "value": 1} for number in range(100)]),
        {"defect": [1]},
    ],
)
def test_line_that_no_province_can_tell_is_refused_whole(store: Store, tmp_path: Path, line: dict[str, Any]) -> None:
    path = write(tmp_path / "x.sealed", head(1), [figure("K09"), line])
    with pytest.raises(OperatorError, match=r"x\.sealed:[13]: "):
        taken(path, store)
    assert kept_files(store) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"province": ""},
        {"province": "x" * 200},
        {"province": "a\nb"},
        {"round": " "},
        {"subjects": -1},
        {"issued": (NOW + timedelta(days=1)).isoformat()},
        {"issued": "2026-10-01T09:00:00"},
        {"issued": STARTED.isoformat()},
        {"started": "yesterday"},
        {"vantages": "trung-tam"},
        {"password": "x"},
    ],
)
def test_head_that_no_province_can_send_is_refused(store: Store, tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(OperatorError, match=":1: "):
        taken(write(tmp_path / "x.sealed", head(1, **changed), lines(1)), store)


def test_two_figures_of_one_name_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="two figures"):
        taken(write(tmp_path / "x.sealed", head(1), [figure(), figure()]), store)


def test_time_of_a_kept_file_is_that_of_its_issue(store: Store, tmp_path: Path) -> None:
    taken(write(tmp_path / "1", head(1), lines(1)), store)
    assert kept_files(store)[ROUND, "T01"][0].issued == datetime.fromisoformat(head(1)["issued"])


SCHEMA = jsonschema.Draft202012Validator(
    json.loads(resources.files("reports").joinpath("federation.schema.json").read_text("utf-8"))
)


def read_lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_schema_holds_for_files_of_provinces_signed_or_not(tmp_path: Path) -> None:
    (key, _) = keys(tmp_path, "own")
    for number, signed in ((1, None), (2, key)):
        found = read_lines(write(tmp_path / f"{number}", head(number), lines(number), signed))
        assert len(found) > 10
        for line in found:
            SCHEMA.validate(line)


def test_schema_holds_for_the_file_that_an_export_writes(tmp_path: Path) -> None:
    for line in read_lines(exported(tmp_path)):
        SCHEMA.validate(line)


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"x": 1},
        {"figure": None},
        {"figure": {"name": "K08"}},
        figure() | {"more": 1},
        figure(met=-1),
        figure(of=10**12),
        figure(more=1),
        figure(value=2),
        defect(outcome="pass"),
        defect(subject="x" * 1_001),
        {"head": head(1)},
    ],
)
def test_schema_refuses_what_a_centre_refuses(line: dict[str, Any]) -> None:
    assert not SCHEMA.is_valid(line)
