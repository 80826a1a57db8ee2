"""Tests that the overview stays at the last complete audit, and says so if a later round lacks a vantage."""

from auditor.service.accounts.model import Role
from auditor.service.store.records import RunState
from auditor.service.store.sql.store import SqlStore
from tests.support.serving import Served
from tests.unit.auditor.stored import Held, put, put_round

pytest_plugins = ("tests.support.pages",)

TOLD = ("bị ngắt giữa chừng", "Điểm đo chưa gửi đủ kết quả: hue.", 'href="/runs/round"')


async def test_the_overview_names_a_later_round_that_lacks_a_vantage(served: Served, store: SqlStore) -> None:
    put(store, Held(name="whole"))
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    _, before, _ = await viewer.get("/")
    put_round(store, Held(name="round", days=7), {"hub": RunState.FINISHED, "hue": RunState.INTERRUPTED})
    status, after, _ = await viewer.get("/")
    _, of_run, _ = await viewer.get("/runs/whole")
    assert status == 200
    assert [text in before for text in TOLD] == [False] * 3
    assert [text in after for text in TOLD] == [True] * 3
    assert [text in of_run for text in TOLD[:2]] == [False] * 2
