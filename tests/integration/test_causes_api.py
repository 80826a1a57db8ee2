"""Tests the shared causes of a run over the API: the page's figures, and for an agency only its own part."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Role
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from probes.framework.evidence import RunId
from tests.support.serving import Served, cheap_passwords, serving
from tests.unit.auditor.stored import Brief, Held, put

pytest_plugins = ("tests.support.pages",)
PORTALS = ("dvc.tinh.vn", "www.tinh.vn", "xa.tinh.vn")
REFUSED = [
    Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS),
    Brief(check="ipv6.web.reach", outcome=Outcome.FAIL, code="REFUSED", address="2001:db8::7", args={"port": "443"}),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name="r1", findings=dict.fromkeys(PORTALS, REFUSED), scored=True))
        keep(judged_run(RunId("r1"), made, catalogue.load()), made)
        yield made


@pytest.fixture
async def served(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    cheap_passwords(monkeypatch)
    async with serving(store) as made:
        yield made


@pytest.mark.parametrize("path", ["/api/v1/causes", "/api/v1/runs/r1/causes", "/api/v1/runs/latest/causes"])
async def test_causes_api_serves_each_cause_with_its_title(served: Served, path: str) -> None:
    status, answer, headers = await served.program(served.admin()).get(path)
    (cause,) = answer["items"]
    assert (status, answer["run"], cause["kind"], cause["subjects"]) == (200, "r1", "address", list(PORTALS))
    assert "2001:db8::7" in cause["title"]["vi"] != cause["title"]["en"]
    assert headers["ETag"]


async def test_causes_api_tells_an_agency_nothing_of_others(served: Served) -> None:
    served.admin()
    viewer = served.program(served.add("một", Role.VIEWER, "S1"))
    (cause,) = (await viewer.get("/api/v1/causes"))[1]["items"]
    assert (cause["subjects"], cause["agencies"], cause["gains"]) == (list(PORTALS[:2]), ["S1"], [])
    other = served.program(served.add("hai", Role.VIEWER, "X1"))
    assert (await other.get("/api/v1/causes"))[1]["items"] == []


async def test_causes_api_without_a_run_is_not_found(tmp_path: Path, cheap: None) -> None:
    with open_sqlite(tmp_path / "empty.db") as empty:
        async with serving(empty) as served:
            assert (await served.program(served.admin()).get("/api/v1/causes"))[0] == 404
