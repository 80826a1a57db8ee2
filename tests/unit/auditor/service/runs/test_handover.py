"""Tests that samples of the mesh go from one store to another whole and once, and that nothing else is imported so."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.judging.vantage import vantage_subject
from auditor.service.config.model import Config
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.runs import sealed_file
from auditor.service.runs.handover import KIND, export_samples, import_samples
from auditor.service.runs.sealed_file import SealedFileError
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Sample, Series
from inventory.inventory import Inventory
from probes.observations.series import IN_RATE, LOSS, REACH

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
MESH = {name: {"addresses": [f"10.64.{number}.10"]} for number, name in enumerate(("hub", "a", "b"))}


def planned(name: str) -> Plan:
    config = Config.model_validate({"vantage": {"name": name, "networks": ["tslcd"]}, "mesh": MESH})
    return plan(Inventory(subjects=()), config, catalogue.load(), profile="quick", name="", now=NOW)


HUB, A = planned("hub"), planned("a")


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        yield made


def way(source: str, target: str, metric: str = REACH, family: int = 6) -> Series:
    return Series(subject=vantage_subject(target).id, metric=metric, vantage=source, family=family)


def samples(store: Store, series: Series) -> list[tuple[float | None, Quality]]:
    return [(one.value, one.quality) for one in store.samples(series, NOW - timedelta(days=9), NOW)]


def handed_over(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    with MemoryStore() as at_a:
        for number, quality in enumerate((Quality.OK, Quality.VANTAGE, Quality.GAP)):
            value = 1.0 if quality is Quality.OK else None
            sample = Sample(time=NOW - timedelta(minutes=5 * (number + 1)), value=value, quality=quality)
            at_a.add_samples(way("a", "hub"), [sample])
        at_a.add_samples(way("a", "b", LOSS, 4), [Sample(time=NOW - timedelta(days=3), value=0.25)])
        at_a.add_samples(way("a", "b", IN_RATE, 4), [Sample(time=NOW - timedelta(hours=1), value=5.0)])
        at_a.add_samples(way("b", "a"), [Sample(time=NOW - timedelta(hours=1), value=1.0)])  # of another point
        with path.open("wb") as file:
            export_samples(file, A, at_a, NOW - timedelta(days=5), NOW, None)
    return path


def take(path: Path, made: Plan, store: Store, now: datetime) -> int:
    return import_samples(sealed_file.read(path, KIND), made, store, now)


def written(path: Path, *lines: object, vantage: object = "a") -> Path:
    with path.open("wb") as file:
        sealed_file.write(file, KIND, {"vantage": vantage}, [json.dumps(line).encode() for line in lines], None)
    return path


def test_what_one_point_saw_stands_in_the_store_of_another(store: Store, tmp_path: Path) -> None:
    path = handed_over(tmp_path)
    assert take(path, HUB, store, NOW) == 4
    wanted = [(None, Quality.GAP), (None, Quality.VANTAGE), (1.0, Quality.OK)]
    assert samples(store, way("a", "hub")) == wanted
    assert samples(store, way("a", "b", LOSS, 4)) == [(0.25, Quality.OK)]
    assert samples(store, way("b", "a")) == []
    take(path, HUB, store, NOW)
    assert samples(store, way("a", "hub")) == wanted


@pytest.mark.parametrize("vantage", ["hub", "stranger", None, ["a"], {}])
def test_whose_file_it_is_must_be_told(store: Store, tmp_path: Path, vantage: object) -> None:
    path = written(tmp_path / "x.sealed", vantage=vantage)
    with pytest.raises(SealedFileError, match="is not another vantage"):
        take(path, HUB, store, NOW)


GOOD = ["hub", REACH, 6, int(NOW.timestamp()) - 300, 1.0, "ok"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, "stranger"),
        (0, "a"),
        (0, ["hub"]),
        (1, "in-rate"),
        (1, None),
        (1, ["reach"]),
        (2, 5),
        (2, True),
        (2, 6.0),
        (2, [6]),
        (3, int(NOW.timestamp()) + 3_600),
        (3, 0),
        (3, 1e300),
        (3, "now"),
        (4, 2),
        (4, -1),
        (4, "1"),
        (4, True),
        (4, float("nan")),
        (4, [1]),
        (5, "excellent"),
        (5, None),
    ],
)
def test_nothing_but_samples_of_ways_comes_in(store: Store, tmp_path: Path, place: int, value: object) -> None:
    bad = list[object](GOOD)
    bad[place] = value
    path = written(tmp_path / "x.sealed", {"sample": GOOD}, {"sample": bad})
    with pytest.raises(SealedFileError, match=r"x\.sealed:3: .*not a sample of a point of the mesh"):
        take(path, HUB, store, NOW)
    assert samples(store, way("a", "hub")) == []


@pytest.mark.parametrize("line", [{}, {"sample": [1]}, {"sample": None}, {"sample": list(range(7))}, {"sample": "hub"}])
def test_garbage_is_told_by_its_line(store: Store, tmp_path: Path, line: object) -> None:
    with pytest.raises(SealedFileError, match=r"x\.sealed:2"):
        take(written(tmp_path / "x.sealed", line), HUB, store, NOW)
