"""Tests that pages show a run's seal, whether it is valid, and judgements that it does not cover as such."""

import zlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from auditor.service.accounts.model import Role
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.runs import sealing
from auditor.service.runs.sealing import Sealing
from auditor.service.store.chain import LastLine
from auditor.service.store.database.sqlite import SqliteDatabase
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support import judged
from tests.support.serving import Served, serving
from tests.support.sqlite_file import connected

pytest_plugins = ("tests.support.pages",)
LATER = judged.NOW + timedelta(days=2)
PAGE = f"/runs/{judged.RUN}/seal"


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    async with serving(store) as made:
        yield made


def seal(served: Served) -> str:
    """Seal the run as the command line does; return the root."""
    site = served.app[SITE]
    assert isinstance(site.store, SqlStore)
    by = Sealing(by="lan may1 uid 7", at=LATER, head=LastLine())
    made = sealing.make_seal(judged.RUN, site.store, site.catalogue, by)
    site.store.add_seal(judged.RUN, sealing.dump_seal(made), sealing.sealed_judgement(made, site.store))
    with site.store.database.writing() as connection:
        about = f"{judged.RUN} {made['root']}"
        line = {"time": LATER, "who": "lan", "address": "may1", "what": "run_sealed", "about": about}
        log_rows.add(connection, line)
    return str(made["root"])


def judge(served: Served) -> str:
    site = served.app[SITE]
    return evaluate(judged.RUN, site.store, site.catalogue, now=LATER + timedelta(days=1)).id


def changed(served: Served, statement: str, *values: object) -> None:
    site = served.app[SITE]
    assert isinstance(site.store, SqlStore)
    database = site.store.database
    assert isinstance(database, SqliteDatabase)
    with connected(database.path) as connection:
        connection.execute(statement, values)


async def test_a_run_without_a_seal_says_how_to_make_one(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    status, text, _ = await viewer.get(PAGE)
    assert (status, "auditor runs seal" in text) == (200, True)
    assert "/seal" not in (await viewer.get(f"/runs/{judged.RUN}"))[1]
    assert (await viewer.get("/runs/none/seal"))[0] == 404


async def test_the_seal_is_shown_on_the_run_and_on_its_own_page(served: Served) -> None:
    root = seal(served)
    operator = await served.as_("lan", Role.OPERATOR)
    _, text, _ = await operator.get(f"/runs/{judged.RUN}")
    assert "lan may1 uid 7" in text
    assert PAGE in text
    _, text, _ = await operator.get(PAGE)
    assert root in text
    assert "Niêm phong không có chữ ký." in text
    _, text, _ = await operator.get(f"{PAGE}?check")
    assert "Đợt kiểm tra còn nguyên như khi được niêm phong." in text


async def test_what_was_altered_is_named_to_operators_alone(served: Served) -> None:
    seal(served)
    changed(served, "UPDATE run SET state = 'interrupted'")
    operator, viewer = await served.as_("lan", Role.OPERATOR), await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    _, text, _ = await operator.get(f"{PAGE}?check")
    assert "thông tin của đợt kiểm tra: trạng thái kết thúc" in text
    assert "Niêm phong không còn đúng." in text
    status, text, _ = await viewer.get(f"{PAGE}?check")
    assert (status, "trạng thái kết thúc" in text, judged.THEIRS in text) == (200, False, False)


async def test_a_later_judgement_is_shown_only_where_it_is_chosen_and_marked_there(served: Served) -> None:
    seal(served)
    later = judge(served)
    admin = await served.as_("quản lý", Role.ADMIN)
    _, text, _ = await admin.get(PAGE)
    assert later in text
    assert "CHƯA NIÊM PHONG" in text
    pages = (
        f"/runs/{judged.RUN}",
        f"/runs/{judged.RUN}/agencies/{judged.AGENCY}",
        f"/runs/{judged.RUN}/subjects/{judged.OURS}",
    )
    for path in pages:
        assert "CHƯA NIÊM PHONG" not in (await admin.get(path))[1]
        assert "CHƯA NIÊM PHONG" in (await admin.get(f"{path}?judgement={later}"))[1]
    report = f"/runs/{judged.RUN}/reports/csv"
    assert "CHƯA NIÊM PHONG" not in (await admin.get(report))[1]
    assert "CHƯA NIÊM PHONG" in (await admin.get(f"{report}?judgement={later}"))[1]
    assert (await admin.get(f"{pages[0]}?judgement=none"))[0] == 404


async def test_judging_again_leads_to_the_seal_and_replaces_nothing(served: Served) -> None:
    seal(served)
    operator = await served.as_("lan", Role.OPERATOR)
    before = served.app[SITE].store.latest_judgement(judged.RUN)
    status, _, headers = await operator.post(f"/runs/{judged.RUN}/judge", {"csrf": await operator.csrf()})
    assert (status, headers["Location"]) in ((303, PAGE), (303, "/waivers"))  # the latter if judging takes long
    assert served.app[SITE].store.latest_judgement(judged.RUN) == before


@pytest.mark.parametrize("body", [b"x", zlib.compress(b"{}")])
async def test_a_damaged_seal_is_told_and_pages_are_shown_all_the_same(served: Served, body: bytes) -> None:
    seal(served)
    changed(served, "UPDATE seal SET body = ?", body)
    operator = await served.as_("lan", Role.OPERATOR)
    for path in (f"/runs/{judged.RUN}", PAGE, f"{PAGE}?check"):
        status, text, _ = await operator.get(path)
        assert (status, "bị hỏng" in text) == (200, True), path


async def test_a_seal_that_is_gone_is_missed(served: Served) -> None:
    seal(served)
    changed(served, "DELETE FROM seal")
    operator = await served.as_("lan", Role.OPERATOR)
    assert "đã mất" in (await operator.get(f"/runs/{judged.RUN}"))[1]
    assert "đã mất" in (await operator.get(PAGE))[1]
