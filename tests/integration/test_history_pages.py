"""Tests a subject and a finding through the runs, each run only while the subject belonged to the account."""

import re
from dataclasses import replace

import pytest

from auditor.framework.findings import Outcome, Reason
from auditor.service.accounts.model import Role
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.store import SqlStore
from inventory.model import SubjectId
from probes.framework.evidence import EvidenceId
from tests.support import judged, past
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    return store


def failing(store: SqlStore) -> str:
    return next(
        finding.id
        for finding in store.findings(JudgementId("second"), SubjectId(judged.OURS))
        if finding.outcome is Outcome.FAIL
    )


def lines(text: str) -> list[str]:
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr>(.*?)</tr>", text, re.S)]


async def test_what_failed_when(served: Served, store: SqlStore) -> None:
    past.fill(store)
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await viewer.get(f"/subjects/{judged.OURS}")
    found = lines(text)
    assert status == 200
    assert any("02/03/2026 02/03/2026 ✘ Không đạt ✔ Đạt" in one for one in found)
    assert any("31/01/2026 31/01/2026 ✔ nay không còn ✔ Đạt ✘ Không đạt" in one for one in found)
    assert judged.HOSTILE not in text


async def test_what_could_not_be_decided_is_not_called_put_right(served: Served, store: SqlStore) -> None:
    past.fill(store)
    (finding,) = [
        each for each in store.findings(JudgementId("before"), SubjectId(judged.OURS)) if each.code == "MISSING"
    ]
    other = replace(finding, id=type(finding.id)("0" * 16))
    store.add_findings(JudgementId("before"), [other])
    store.add_findings(JudgementId("second"), [replace(other, outcome=Outcome.INCONCLUSIVE, code="U-V6")])
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    text = (await viewer.get(f"/subjects/{judged.OURS}"))[1]
    assert text.count("nay không còn") == 1


async def test_what_was_not_tested_is_counted_and_listed_apart(served: Served, store: SqlStore) -> None:
    (finding, *_) = store.findings(JudgementId("second"), SubjectId(judged.OURS))
    undecided = replace(finding, outcome=Outcome.INCONCLUSIVE, reason=Reason.SCOPE, code="U_SCOPE")
    made = [
        replace(undecided, id=type(finding.id)(f"{number:016}"), evidence=(EvidenceId("e"),) if number < 2 else ())
        for number in range(5)
    ]
    store.add_findings(JudgementId("second"), made)
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    text = (await viewer.get(f"/runs/{judged.RUN}/subjects/{judged.OURS}"))[1]
    shown = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "○ 3 Chưa kiểm tra" in shown
    assert "Chưa kiểm tra (" in shown
    history = (await viewer.get(f"/subjects/{judged.OURS}"))[1]
    assert "○ 3 Chưa kiểm tra" in " ".join(re.sub(r"<[^>]+>", " ", history).split())


async def test_a_finding_with_its_remedy_and_what_earlier_runs_said(served: Served, store: SqlStore) -> None:
    past.fill(store)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    path = f"/runs/{judged.RUN}/findings/{failing(store)}/{judged.OURS}"
    status, text, _ = await viewer.get(path)
    assert (status, judged.HOSTILE in text) == (200, False)
    assert "lần đầu" in text
    assert len([line for line in lines(text) if "Quý I/2026" in line]) == 2
    states = " ".join(re.sub(r"<[^>]+>", " ", text[text.index("Trạng thái từng tháng") :]).split())
    assert "03/2026: ✔ Đạt 02/2026: ✔ Đạt 01/2026: ✔ Đạt" in states  # a single bad round does not change the state
    assert (await viewer.get(path.replace(judged.OURS, judged.THEIRS)))[0] == 404
    assert (await viewer.get(f"/runs/{judged.RUN}/findings/none/{judged.OURS}"))[0] == 404


async def test_runs_in_which_it_was_another_s_are_left_out(served: Served, store: SqlStore) -> None:
    judged.fill_earlier(store)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    text = (await viewer.get(f"/subjects/{judged.OURS}"))[1]
    assert judged.RUN in text
    assert judged.EARLIER not in text
    assert (await viewer.get(f"/subjects/{judged.THEIRS}"))[0] == 404
    whole = await served.as_("cả tỉnh", Role.VIEWER)
    assert judged.EARLIER in (await whole.get(f"/subjects/{judged.OURS}"))[1]


async def test_a_finding_says_who_must_act_by_when_and_how_to_verify_the_fix(served: Served, store: SqlStore) -> None:
    past.fill(store)
    path = f"/runs/{judged.RUN}/findings/{failing(store)}/{judged.OURS}"
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    shown = " ".join(re.sub(r"<[^>]+>", " ", (await viewer.get(path))[1]).split())
    assert "Cơ quan, đơn vị cần xử lý Sở Y tế" in shown
    assert "Người xử lý chưa giao Hạn xử lý chưa đặt" in shown
    assert "Phát hiện lần đầu" in shown
    assert "Sau khi khắc phục" in shown
    operator = await served.as_("vận hành", Role.OPERATOR)
    text = (await operator.get(path))[1]
    assert 'action="/check"' in text
    assert "Kiểm tra lại" in text
