"""The list of problems: for who may see them, by what its address asks for, and linked from where they are counted."""

import re

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.sql.store import SqlStore
from tests.support import judged, past
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    past.fill(store)
    return store


def subjects(text: str) -> list[str]:
    """Return the subjects of the rows of a page, in their order."""
    return re.findall(r'<td><a href="/runs/[^/]+/subjects/([^"]+)"', text)


async def test_problems_are_those_of_the_latest_run_with_their_texts(served: Served) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await reader.get("/problems")
    assert (status, subjects(text)) == (200, [judged.OURS, judged.THEIRS])
    assert f'href="/runs/{judged.RUN}/findings/{judged.finding_of(judged.OURS)}/{judged.OURS}"' in text
    assert judged.HOSTILE not in text
    assert "2 vấn đề từ 2 kết quả" in text


async def test_problems_of_an_agency_are_all_that_its_viewer_sees(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    text = (await viewer.get("/problems"))[1]
    assert subjects(text) == [judged.OURS]
    assert judged.THEIRS not in text
    assert judged.OTHER_NAME not in text
    assert subjects((await viewer.get(f"/problems?agency={judged.OTHER}"))[1]) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"agency={judged.AGENCY}", [judged.OURS]),
        ("agency=NOBODY", []),
        ("severity=critical", [judged.OURS, judged.THEIRS]),
        ("severity=low", []),
        ("outcome=warn", []),
        ("check=ipv6.web", [judged.OURS, judged.THEIRS]),
        ("check=ipv6.we", []),
        ("kind=portal&level=required&family=none&waived=no", [judged.OURS, judged.THEIRS]),
        ("family=6", []),
        ("tag=x", []),
        ("text=SO+y+te", [judged.OURS]),
        ("text=cong.yte", [judged.OURS]),
        ("text=khong+co", []),
        (f"run={past.RUN}", [judged.OURS, judged.THEIRS]),
        (f"run={past.RUN}&check=ipv6.web.http-ok", []),
    ],
)
async def test_problems_are_filtered_by_the_address(served: Served, query: str, expected: list[str]) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await reader.get(f"/problems?{query}")
    assert (status, subjects(text)) == (200, expected)


async def test_problems_of_an_unknown_run_are_not_found(served: Served) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    assert (await reader.get("/problems?run=none"))[0] == 404


async def test_problems_page_turns_keep_the_selection(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.service.web.lists.PAGE", 1)
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    text = (await reader.get("/problems?kind=portal"))[1]
    assert subjects(text) == [judged.OURS]
    assert 'href="?kind=portal&amp;page=1"' in text
    assert subjects((await reader.get("/problems?kind=portal&page=1"))[1]) == [judged.THEIRS]


async def test_a_check_names_the_subjects_that_fail_it(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    assert subjects((await viewer.get("/checks/ipv6.web.http-ok"))[1]) == [judged.OURS]
    assert subjects((await viewer.get("/checks/ipv6.web.aaaa"))[1]) == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"/runs/{judged.RUN}", f"run={judged.RUN}&amp;outcome=fail"),
        (f"/runs/{judged.RUN}/agencies/{judged.AGENCY}", f"run={judged.RUN}&amp;agency={judged.AGENCY}&amp;own=1"),
        (
            f"/runs/{judged.RUN}/agencies/{judged.AGENCY}",
            f"run={judged.RUN}&amp;subject={judged.OURS}&amp;outcome=fail",
        ),
    ],
)
async def test_counted_failures_lead_to_their_rows(served: Served, path: str, query: str) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    assert f'href="/problems?{query}"' in (await reader.get(path))[1]
    rows = subjects((await reader.get(f"/problems?{query.replace('&amp;', '&')}"))[1])
    assert judged.OURS in rows
