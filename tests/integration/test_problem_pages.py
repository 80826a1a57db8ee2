"""Tests the list of problems: its permissions, the filters of its address, and the links from problem counts."""

import re
from dataclasses import replace
from unittest.mock import Mock

import pytest

from auditor.framework.findings import CheckId, Outcome, Reason, finding_id
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.pages.problems import problems
from auditor.service.web.site import SITE
from inventory.model import SubjectId
from probes.framework.evidence import EvidenceId
from tests.support import judged, past
from tests.support.serving import Browser, Served

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


async def test_problems_are_read_once_for_readers_of_the_same_rows(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Mock(side_effect=problems.rows_of)
    monkeypatch.setattr(problems, "rows_of", read)
    viewer, other = await served.as_("một", Role.VIEWER), await served.as_("hai", Role.VIEWER)
    operator = await served.as_("ba", Role.OPERATOR)
    own = await served.as_("bốn", Role.VIEWER, judged.AGENCY)
    rows = re.compile(r'<table class="problems.*?</table>', re.S)
    first, second = [rows.findall((await reader.get("/problems"))[1]) for reader in (viewer, other)]
    assert (first, read.call_count) == (second, 1)
    assert subjects((await own.get("/problems"))[1]) == [judged.OURS]
    text = (await operator.get("/problems"))[1]
    assert ('type="checkbox" name="problem"' in text, read.call_count) == (True, 3)
    key = re.findall(r'name="problem" value="([^"]+)"', text)[0]
    await sent(operator, "/problems", action="change", problem=key, owner="Nguyễn Văn A", state="in_work")
    assert "Nguyễn Văn A" in (await viewer.get("/problems"))[1]


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
    monkeypatch.setattr("auditor.service.web.rendering.lists.PAGE", 1)
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


async def sent(browser: Browser, path: str, **fields: str) -> tuple[int, str, str]:
    status, text, headers = await browser.post(path, {"csrf": await browser.csrf(), **fields})
    return status, text, headers.get("Location", "")


KEY = f"internet ipv6.web.http-ok {judged.OURS}"


async def test_state_of_problems_is_changed_shown_and_audited_and_verdicts_stay(
    served: Served, store: SqlStore
) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    before = store.findings(JudgementId("second"), SubjectId(judged.OURS))
    fields = {"problem": KEY, "query": "kind=portal", "state": "fixed", "owner": "ông Ba", "comment": "đã <thay>"}
    status, _, where = await sent(operator, "/problems", action="change", **fields)
    assert (status, where) == (303, "/problems?kind=portal")
    assert subjects((await operator.get("/problems?state=fixed"))[1]) == [judged.OURS]
    assert subjects((await operator.get("/problems?state=new"))[1]) == [judged.THEIRS]
    text = (await operator.get(f"/runs/{judged.RUN}/findings/{judged.finding_of(judged.OURS)}/{judged.OURS}"))[1]
    assert "đã &lt;thay&gt;" in text
    assert "mới → <b>đã khắc phục, chờ xác nhận</b>" in text
    assert store.findings(JudgementId("second"), SubjectId(judged.OURS)) == before
    deed = next(each for each in served.app[SITE].accounts.deeds() if each.what == "problems_changed")
    assert judged.OURS in deed.about


async def test_every_problem_of_a_selection_is_accepted_by_the_waivers_of_single_ones(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    fields = {"all": "1", "query": "severity=critical", "owner": "ông Ba", "comment": "chờ máy"}
    assert (await sent(operator, "/problems", action="waive", deadline="2020-01-01", **fields))[0] == 422
    assert served.app[SITE].waivers.all() == ()
    assert (await sent(operator, "/problems", action="waive", deadline="2999-01-01", **fields))[0] == 303
    assert {(each.row.subject, each.row.check) for each in served.app[SITE].waivers.all()} == {
        (judged.OURS, "ipv6.web.http-ok"),
        (judged.THEIRS, "ipv6.web.http-ok"),
    }
    assert len(subjects((await operator.get("/problems?state=accepted"))[1])) == 2


@pytest.mark.parametrize(
    "fields", [{"state": "fixed"}, {"problem": KEY}, {"problem": f"{KEY}x", "state": "fixed"}, {"deadline": "x"}]
)
async def test_a_change_of_nothing_or_to_nothing_is_refused(served: Served, fields: dict[str, str]) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, text, _ = await sent(operator, "/problems", action="change", **fields)
    assert (status, 'role="alert"' in text) == (422, True)
    assert served.app[SITE].problem_states.latest() == {}


async def test_viewers_change_no_problems_and_see_what_is_held_of_their_own(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    await sent(operator, "/problems", action="change", all="1", state="in_work", comment="BÍMẬT")
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    assert (await sent(viewer, "/problems", problem=KEY, state="fixed"))[0] == 403
    text = (await viewer.get("/problems?state=in_work"))[1]
    assert subjects(text) == [judged.OURS]
    assert 'type="checkbox"' not in text


async def test_filters_are_kept_for_one_account_and_forgotten(served: Served) -> None:
    first, second = await served.as_("an", Role.VIEWER), await served.as_("bình", Role.VIEWER)
    assert (await sent(first, "/problems/filters", name="nặng", query="severity=high&x=1"))[0] == 303
    assert '<a href="/problems?severity=high">nặng</a>' in (await first.get("/problems"))[1]
    assert ">nặng</a>" not in (await second.get("/problems"))[1]
    await sent(first, "/problems/filters", name="nặng", query="", forget="1")
    assert ">nặng</a>" not in (await first.get("/problems"))[1]


async def test_what_needs_authorisation_is_one_card_with_its_list_and_not_in_the_headline(
    served: Served, store: SqlStore
) -> None:
    subject = SubjectId(judged.OURS)
    failing = next(each for each in store.findings(JudgementId("second"), subject) if each.outcome is Outcome.FAIL)
    tested = (EvidenceId("e1"),)
    for check, reason, evidence in (
        ("security.ports.mgmt-exposed", Reason.SCOPE, ()),
        ("ipv6.web.reach", Reason.EGR, tested),
        ("security.http.hsts", Reason.EGR, tested),
    ):
        made = replace(
            failing,
            id=finding_id(subject, CheckId(check), None, None, "internet"),
            check=CheckId(check),
            code="X",
            outcome=Outcome.INCONCLUSIVE,
            reason=reason,
            evidence=evidence,
        )
        store.add_findings(JudgementId("second"), [made])
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    text = (await reader.get(f"/runs/{judged.RUN}"))[1]
    of_run = f"/problems?run={judged.RUN}&amp;outcome=inconclusive"
    assert "1 tiêu chí kiểm tra tại 1 đối tượng cần văn bản cho phép" in text
    for asked, counted in (("measured", 2), ("untested", 1)):
        assert re.findall(rf'href="{re.escape(of_run)}&amp;reason={asked}"><span[^>]*>.</span> (\d+) ', text) == [
            str(counted)
        ]
    for asked, counted in (("measured", 2), ("untested", 1), ("U-SCOPE", 1)):
        listed = (await reader.get(f"/problems?run={judged.RUN}&outcome=inconclusive&reason={asked}"))[1]
        assert set(subjects(listed)) == {judged.OURS}
        assert f"{counted} vấn đề từ {counted} kết quả" in listed


async def test_programs_read_and_change_problems_with_the_scopes_that_they_have(served: Served) -> None:
    operator = served.add("vận hành", Role.OPERATOR)
    viewer = served.program(served.add("y tế", Role.VIEWER, judged.AGENCY), TokenScope.READ)
    path = f"/api/v1/runs/{judged.RUN}/problems"
    name = {"subject": judged.OURS, "check": "ipv6.web.http-ok", "network": "internet"}
    body = {"problems": [name], "state": "in_work", "owner": "ông Ba", "deadline": "2999-01-01"}
    assert (await served.program(operator, TokenScope.READ).send(path, body))[0] == 403
    program = served.program(operator, TokenScope.ADMIN, TokenScope.READ)
    assert (await program.send(path, {**body, "problems": [name, {**name, "subject": "none.vn"}]}))[0] == 404
    assert (await program.send(path, body))[:2] == (200, {"changed": 1})
    status, found, _ = await viewer.get(f"{path}?state=in_work")
    assert status == 200
    (row,) = found["items"]
    assert (row["subject"], row["work"]["owner"], row["work"]["deadline"]) == (judged.OURS, "ông Ba", "2999-01-01")
    assert (await viewer.get(f"{path}?severity=low"))[1]["items"] == []
