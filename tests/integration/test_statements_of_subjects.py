"""Tests that pages and documents send as many database statements for sixty subjects as for ten."""

import asyncio
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Role
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.store.api import AT_ONCE, DatabaseStore
from auditor.service.store.records import SettledSubject
from inventory.model import Kind
from tests.support.serving import cheap_passwords, serving
from tests.support.statements import counted_statements
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.stored import Brief, Held, put, row

FEW, MANY = 10, 60
OWN = 4
"""The number of subjects of the requested agency, in both provinces."""
OF_ONE = (
    "/subjects/own-0.tinh.vn",
    "/api/v1/subjects/own-0.tinh.vn/history",
    "/runs/last/agencies/S1",
    "/runs/last/agencies/S1/reports/letter",
    "/runs/last/agencies/S1/reports/html",
    "/runs/last/agencies/S1/reports/xlsx",
)
"""Paths of one subject or one agency: more subjects must not need more statements."""
OF_ALL = {
    "/": 0,
    "/problems": 0,
    "/runs": 0,
    "/runs/last": 0,
    "/runs/last/changes": 0,
    "/api/v1/runs": 0,
    "/api/v1/runs/last/findings": 3,
    "/runs/last/reports/letters": 11,
    "/runs/last/reports/csv": 11,
    "/runs/last/reports/json": 11,
    "/runs/last/reports/html": 15,
}
"""Paths of all subjects, with the additional statements for each ``AT_ONCE`` subjects."""


def _fill(store: DatabaseStore, subjects: int) -> None:
    rows = tuple(
        row(f"own-{number}.tinh.vn", Kind.PORTAL, "S1")
        if number < OWN
        else row(f"xa-{number}.tinh.vn", Kind.COMMUNE_SITE, "X1")
        for number in range(subjects)
    )
    known = catalogue.load()
    with store.batch():
        for number, name in enumerate(("r0", "r1", "last")):
            outcome = Outcome.WARN if number % 2 else Outcome.FAIL
            found = {str(each.id): [Brief(check="ipv6.web.aaaa", outcome=outcome)] for each in rows}
            record = put(store, Held(name=name, days=7 * (number - 3), subjects=rows, findings=found))
            settled = {each.id: SettledSubject.of(each, ()) for each in rows}
            judged = judged_run(record.id, store, known)
            store.add_settled(judged.id, settled)
            keep(judged, store)


async def _asked(store: DatabaseStore) -> dict[str, int]:
    """Return the number of statements of each path, in a fixed order: a page leaves cached data for the next."""
    counts: dict[str, int] = {}
    async with serving(store) as served:
        browser = await served.as_("reader", Role.ADMIN)
        program = served.program(served.account("reader"))
        for path in (*OF_ONE, *OF_ALL):
            with counted_statements() as asked:
                status, _, _ = await (program if path.startswith("/api/") else browser).get(path)
            assert status == 200, path
            counts[path] = len(asked)
    return counts


@pytest.mark.parametrize("kind", DATABASES)
def test_pages_ask_as_often_for_many_subjects_as_for_few(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    cheap_passwords(monkeypatch)
    counts: list[dict[str, int]] = []
    for subjects in (FEW, MANY):
        folder = tmp_path / str(subjects)
        folder.mkdir()
        with new_store(request, folder, kind) as store:
            _fill(store, subjects)
            counts.append(asyncio.run(_asked(store)))
    few, many = counts
    assert {path: many[path] for path in OF_ONE} == {path: few[path] for path in OF_ONE}
    more = -(-MANY // AT_ONCE) - -(-FEW // AT_ONCE)
    grown = {path: (many[path] - few[path]) / more for path in OF_ALL}
    assert {path: each for path, each in grown.items() if each > OF_ALL[path]} == {}
