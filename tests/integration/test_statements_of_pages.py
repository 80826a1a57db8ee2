"""Tests that pages and answers send the same number of database statements for more runs, or a few for each run."""

import asyncio
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Role
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from inventory.model import Kind
from tests.support.serving import cheap_passwords, serving
from tests.support.statements import counted_statements
from tests.unit.auditor.stored import Brief, Held, put, row

FEW, MANY = 10, 16
"""Numbers of runs: more than the eight of a trend."""
ONCE = ("/", "/runs", "/runs/last", "/problems", "/runs/last/changes", "/api/v1/runs", "/waivers")
OF_EACH = {"/subjects/dvc.tinh.vn": 5, "/api/v1/subjects/dvc.tinh.vn/history": 4}
"""The most statements for each run."""


def _fill(store: SqlStore, runs: int) -> None:
    known = catalogue.load()
    with store.batch():
        for number in range(runs):
            outcome = Outcome.FAIL if number % 2 else Outcome.PASS
            found = {"dvc.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=outcome)]}
            name = "last" if number == runs - 1 else f"r{number}"
            record = put(store, Held(name=name, title="weekly", days=7 * (number - runs), findings=found))
            keep(judged_run(record.id, store, known), store)


async def _asked(store: SqlStore, path: str) -> int:
    async with serving(store) as served:
        name = f"reader of {path}"
        browser = await served.as_(name, Role.ADMIN)
        program = served.program(served.account(name))
        with counted_statements() as asked:
            status, _, _ = await (program if path.startswith("/api/") else browser).get(path)
        assert status == 200
        return len(asked)


def test_pages_ask_no_oftener_the_more_runs_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)
    asked: list[dict[str, int]] = []
    for runs in (FEW, MANY):
        with open_sqlite(tmp_path / f"{runs}.db") as store:
            _fill(store, runs)
            asked.append({path: asyncio.run(_asked(store, path)) for path in (*ONCE, *OF_EACH)})
    few, many = asked
    assert {path: many[path] for path in ONCE} == {path: few[path] for path in ONCE}
    grown = {path: (many[path] - few[path]) / (MANY - FEW) for path in OF_EACH}
    assert {path: each for path, each in grown.items() if each > OF_EACH[path]} == {}


def test_points_of_the_state_network_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)
    asked: list[int] = []
    for points in (5, 25):
        with open_sqlite(tmp_path / f"{points}.db") as store:
            rows = tuple(row(f"diem-{number:02}", Kind.CONNECTION_POINT, "X1") for number in range(points))
            put(store, Held(name="last", days=-1, subjects=rows))
            asked.append(asyncio.run(_asked(store, "/tslcd")))
    assert asked[1] - asked[0] <= 20  # one for each point's samples; not also for its row, network and vantage


def test_figures_of_a_period_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)
    with open_sqlite(tmp_path / "a.db") as store:
        _fill(store, FEW)
        year = store.runs()[-1].started.year
        first, second = asyncio.run(_asked_twice(store, f"/frameworks?period={year}"))
    assert first > FEW > second


async def _asked_twice(store: SqlStore, path: str) -> tuple[int, int]:
    async with serving(store) as served:
        browser, counts = await served.as_("reader", Role.ADMIN), []
        for _ in range(2):
            with counted_statements() as asked:
                status, _, _ = await browser.get(path)
            assert status == 200
            counts.append(len(asked))
    return counts[0], counts[1]
