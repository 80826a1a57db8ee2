"""Tests waivers in the service: recorded with a responsible person, never hidden, ended, and used when judging."""

import re

import pytest

from auditor.framework.policy import Policy
from auditor.service.accounts.model import Role
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from probes.framework.codec import load_frozen
from tests.support import judged, kept
from tests.support.serving import Browser, Served

pytest_plugins = ("tests.support.pages",)

GOOD = {
    "subject": judged.OURS,
    "agency": "",
    "check": "ipv6.web.*",
    "reason": "thay máy <chủ>",
    "owner": "ông Ba",
    "until": "2999-12-31",
}


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    return store


async def send(browser: Browser, path: str, **fields: str) -> tuple[int, str]:
    status, text, _ = await browser.post(path, {"csrf": await browser.csrf(), **fields})
    return status, text


async def test_written_down_shown_heeded_and_ended(served: Served, store: SqlStore) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert (await send(operator, "/waivers", **GOOD))[0] == 303
    text = (await operator.get("/waivers"))[1]
    assert "thay máy &lt;chủ&gt;" in text
    (kept_waiver,) = served.app[SITE].waivers.all()
    assert (kept_waiver.who, kept_waiver.row.check) == ("vận hành", "ipv6.web")
    assert (await send(operator, f"/runs/{judged.RUN}/judge"))[0] == 303
    latest = store.latest_judgement(judged.RUN)
    assert latest is not None
    assert kept_waiver.row in load_frozen(Policy, store.blob(latest.policy)).waivers
    assert (await send(operator, "/waivers/end", key=str(kept_waiver.key)))[0] == 303
    assert "đã kết thúc sớm" in (await operator.get("/waivers"))[1]
    assert (await send(operator, "/waivers/end", key=str(kept_waiver.key)))[0] == 409
    deeds = [each.what for each in served.app[SITE].accounts.deeds()]
    assert {"waiver_added", "waiver_ended", "judged_again"} <= set(deeds)


async def test_what_is_accepted_is_chosen_from_lists_and_found_by_its_name(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    text = (await operator.get(f"/waivers?subject={judged.OURS}&check=ipv6.web.aaaa"))[1]
    form = text[text.index('<form class="card" method="post" action="/waivers">') :]
    assert f'name="subject" value="{judged.OURS}"' in form
    assert '<option value="ipv6.web.aaaa" selected>' in form
    assert f'<option value="{judged.OTHER}">' in form
    assert f'<option value="{judged.THEIRS}">' in form
    assert '<option value="vận hành"></option>' in form
    assert (await send(operator, "/waivers", **{**GOOD, "subject": judged.OURS.upper()}))[0] == 303
    assert served.app[SITE].waivers.all()[0].row.subject == judged.OURS


@pytest.mark.parametrize(
    "slip",
    [
        {"agency": judged.AGENCY},
        {"subject": ""},
        {"subject": "none.example.vn"},
        {"check": "ipv6.we"},
        {"check": ""},
        {"reason": " "},
        {"owner": ""},
        {"until": "2020-01-01"},
        {"until": "31/12/2999"},
    ],
)
async def test_what_lacks_something_is_not_written_down_and_nothing_typed_is_lost(
    served: Served, slip: dict[str, str]
) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, text = await send(operator, "/waivers", **{**GOOD, **slip})
    assert (status, served.app[SITE].waivers.all()) == (422, ())
    assert 'aria-invalid="true"' in text
    assert "reason" in slip or "thay máy &lt;chủ&gt;" in text


async def test_viewers_see_their_own_and_write_nothing(served: Served, store: SqlStore) -> None:
    kept.keep(store)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    text = (await viewer.get("/waivers"))[1]
    assert len(re.findall(r"<tr><th scope=\"row\">", text)) == 2
    assert judged.THEIRS not in text
    assert judged.OTHER not in text
    assert (await send(viewer, "/waivers", **GOOD))[0] == 403
    assert (await send(viewer, "/waivers/end", key="1"))[0] == 403
    assert (await send(viewer, f"/runs/{judged.RUN}/judge"))[0] == 403


async def test_what_has_run_out_is_marked(served: Served, store: SqlStore) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    kept.keep(store, until=judged.NOW.date())
    assert (await operator.get("/waivers"))[1].count("đã hết hạn") == 4
