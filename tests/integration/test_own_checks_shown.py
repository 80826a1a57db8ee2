"""Tests that pages and the API show an operator's own check like a check of the program."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.framework import check
from auditor.framework.findings import CheckId, Outcome, Severity, finding_id
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.config import own_checks
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.store import SqlStore
from inventory.model import SubjectId
from tests.support import judged
from tests.support.own_checks import ID, forgotten, written
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)
PROBLEM = {"vi": "Máy chủ web tiết lộ phiên bản phần mềm", "en": "Web server tells its version"}
TITLE = {"vi": "Máy chủ web không tiết lộ phiên bản phần mềm", "en": "Web server keeps its version to itself"}
MESSAGE = {"vi": "2001:db8::1 cho biết đang chạy nginx/1.24.0.", "en": "2001:db8::1 says that it runs nginx/1.24.0."}
OWN = finding_id(SubjectId(judged.OURS), CheckId(ID), None, None, "internet")


@pytest.fixture
def store(store: SqlStore, tmp_path: Path) -> Iterator[SqlStore]:
    check.load()
    with forgotten():
        own_checks.load([written(tmp_path / "checks").parents[1]])
        judged.fill(store)
        told = replace(
            judged._finding(SubjectId(judged.OURS)),
            id=OWN,
            check=CheckId(ID),
            code="TOLD",
            outcome=Outcome.FAIL,
            severity=Severity.MEDIUM,
            detail=None,
            args={"address": "2001:db8::1", "server": "nginx/1.24.0"},
        )
        store.add_findings(JudgementId("second"), [told])
        yield store


@pytest.mark.parametrize("query", ["", f"?check={ID}", "?check=local", "?text=phien+ban"])
async def test_problems_page_lists_a_problem_of_an_own_check(served: Served, query: str) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await reader.get(f"/problems{query}")
    assert (status, PROBLEM["vi"] in text) == (200, True)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"/runs/{judged.RUN}/subjects/{judged.OURS}", (PROBLEM, MESSAGE)),
        (f"/runs/{judged.RUN}/findings/{OWN}/{judged.OURS}", (PROBLEM, MESSAGE)),
        (f"/checks/{ID}", (TITLE,)),
        ("/checks", (TITLE,)),
    ],
)
async def test_pages_show_an_own_check_in_both_languages(
    served: Served, path: str, words: tuple[dict[str, str], ...], lang: str
) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    reader.session.cookie_jar.update_cookies({"lang": lang})
    status, text, _ = await reader.get(path)
    assert status == 200
    assert [word[lang] for word in words if word[lang] not in text] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/checks", (TITLE,)),
        (f"/checks/{ID}", (TITLE,)),
        (f"/runs/{judged.RUN}/problems", (PROBLEM,)),
        (f"/runs/{judged.RUN}/findings?check={ID}", (PROBLEM, MESSAGE)),
    ],
)
async def test_interface_for_programs_has_an_own_check_in_both_languages(
    served: Served, path: str, words: tuple[dict[str, str], ...]
) -> None:
    program = served.program(served.admin(), TokenScope.READ)
    status, body, _ = await program.get(f"/api/v1{path}")
    assert status == 200
    assert [word for word in words if word not in list(_objects(body))] == []


def _objects(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _objects(each)
