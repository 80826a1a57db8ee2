"""Tests that the API matches its description and shows no account the data of another agency."""

import asyncio
import base64
import re
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.service.accounts.model import Account, Role, TokenScope
from auditor.service.config.model import Config, ScheduleSection
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.api.all_operations import operations
from auditor.service.web.api.operation import ROOT
from auditor.service.web.app import routes
from auditor.service.web.site import SITE
from inventory.loader import load_sent
from tests.support import judged
from tests.support.serving import Program, Served, serving

pytest_plugins = ("tests.support.pages",)

PROBLEM = "application/problem+json"
PARTS: Mapping[str, str | int] = {
    "run": judged.RUN,
    "subject": judged.OURS,
    "agency": judged.AGENCY,
    "format": "csv",
    "period": "2026",
    "file": "csv",
    "check": "ipv6.web.aaaa",
    "job": 1,
    "schedule": "thang",
    "inventory": "tỉnh",
    "waiver": 1,
    "lease": "1.1.w1",
    "digest": f"sha256:{64 * '0'}",
}
CONFIGURED = f"""
[[operations]]
# What the rows of an inventory must be is no matter of a schema.
include-name = "POST {ROOT}/inventories/{{inventory}}/versions"
checks.positive_data_acceptance.enabled = false

[checks.negative_data_rejection]
# Too long is refused before it is looked at (413).
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422"]
"""
RUN = f"{ROOT}/runs/{judged.RUN}"


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store, earlier=True)
    section = ScheduleSection(cron="0 1 1 * *", inventory="tỉnh")
    Inventories(store.database).add(
        "tỉnh", pack(load_sent([("a.csv", judged.ROWS.encode())]).inventory), who="ai đó", now=judged.NOW, on=0
    )
    async with serving(store, Config(schedule={"thang": section})) as made:
        JobQueue(store.database).first_seen("thang", judged.NOW)
        yield made


@pytest.fixture
async def admin(served: Served) -> Program:
    return served.program(served.admin())


def viewer(served: Served) -> Account:
    return served.add("y tế", Role.VIEWER, judged.AGENCY)


# --- the description -------------------------------------------------------------------------------------------------


async def test_every_route_is_described_and_nothing_else(served: Served) -> None:
    _, said, _ = await served.program(None).get(f"{ROOT}/openapi.json")
    described = {(method.upper(), path) for path, one in said["paths"].items() for method in one}
    assert described == {(one.method, one.path) for one in routes() if one.path.startswith(ROOT)}
    assert len({one.name for one in operations()}) == len(operations())


async def test_the_description_speaks_both_languages(served: Served) -> None:
    program = served.program(None)
    _, vi, _ = await program.get(f"{ROOT}/openapi.json", Accept_Language="vi-VN,en;q=0.5")
    _, en, _ = await program.get(f"{ROOT}/openapi.json", Accept_Language="en-GB")
    for path, methods in vi["paths"].items():
        for method, one in methods.items():
            assert one["summary"] != en["paths"][path][method]["summary"]


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
async def test_the_description_is_true(served: Served, tmp_path: Path, known: bool) -> None:
    """Schemathesis finds that requests within the description are accepted and answered as described.

    Other requests are refused, and so is every request without a good token. It runs once with existing names in the
    paths, and once with generated ones.
    """
    config = tmp_path / "schemathesis.toml"
    lines = [f'"path.{name}" = {value!r}' for name, value in PARTS.items()] if known else []
    config.write_text("\n".join([CONFIGURED, "[parameters]", *lines, ""]), "utf-8")
    token = served.program(served.admin()).token
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(config),
        "run",
        f"{served.base}{ROOT}/openapi.json",
        "--max-examples",
        "5",
        "--seed",
        "1",
        "--no-color",
        "--request-timeout",
        "300",
        "--phases",
        "coverage,fuzzing" if known else "fuzzing",
        "--suppress-health-check",
        "all",
        "-H",
        f"Authorization: Bearer {token}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()
    found = re.search(r"(\d+) generated, (\d+) passed", said.decode())
    assert found is not None, said.decode()
    assert int(found[2]) > 5 * len(operations())


# --- tokens ----------------------------------------------------------------------------------------------------------


def parts(path: str, subject: str = judged.OURS, agency: str = judged.AGENCY) -> str:
    """Return a path of the table with its parts filled in."""
    known = {**PARTS, "subject": subject, "agency": agency}
    return re.sub(r"\{(\w+)\}", lambda found: str(known[found[1]]), path)


async def test_without_a_good_token_nothing_is_answered(served: Served) -> None:
    over = served.program(None)
    access = served.app[SITE].accounts
    revoked = access.issue(served.admin(), "::1", "x", TokenScope, timedelta(days=1), vantage="hub")
    access.revoke(served.admin(), "::1", access.tokens()[0].digest)
    for one in operations():
        for sent in (
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": f"Bearer {revoked}"},
            {"Authorization": "Basic eDp5"},
        ):
            asked = over.get if one.method == "GET" else (lambda path, **headers: over.send(path, {}, **headers))
            status, said, headers = await asked(parts(one.path), **sent)
            assert (status, said["code"], headers["WWW-Authenticate"]) == (401, "no_token", "Bearer"), one.path
            assert headers["Content-Type"].startswith(PROBLEM)


async def test_a_session_of_the_pages_is_no_token(served: Served) -> None:
    browser = await served.as_("quản lý", Role.ADMIN)
    assert (await browser.get(f"{ROOT}/me"))[0] == 401


async def test_tokens_do_what_their_scopes_say_and_no_more(served: Served) -> None:
    for scope in TokenScope:
        program = served.program(served.admin(), scope)
        for one in operations():
            if one.method == "GET" and one.scope is not scope:
                status, said, _ = await program.get(parts(one.path))
                assert (status, said["code"]) == (403, "forbidden"), (scope, one.path)


async def test_tokens_do_no_more_than_their_owners(served: Served) -> None:
    program = served.program(viewer(served))
    for one in operations():
        if one.role is not Role.VIEWER:
            asked = program.get(parts(one.path)) if one.method == "GET" else program.send(parts(one.path), {})
            assert (await asked)[0] == 403, one.path


# --- an agency's scope -----------------------------------------------------------------------------------------------


async def test_an_agency_s_program_sees_nothing_of_another(served: Served) -> None:
    """No route shows the data of another agency, with the other agency's names in the path or with the own ones."""
    program, seen = served.program(viewer(served)), ""
    queries = (
        "",
        "?vantage=local",
        "?vantage=local&metric=reach",
        f"?agency={judged.OTHER}",
        f"?subject={judged.THEIRS}",
    )
    for one in operations():
        for named in ((judged.THEIRS, judged.OTHER), (judged.OURS, judged.AGENCY)):
            for query in queries if one.method == "GET" else ():
                path = parts(one.path, *named)
                status, said, _ = await program.get(path + query)
                text = str(said)
                assert judged.THEIRS not in text, path
                assert judged.OTHER not in text, path
                assert judged.OTHER_NAME not in text, path
                seen += text if status == 200 else ""
    assert judged.OURS in seen
    assert judged.AGENCY in seen
    status, said, _ = await program.get(f"{RUN}/reports/csv")
    assert (status, judged.OURS in said) == (200, True)
    theirs = f"{ROOT}/subjects/{judged.THEIRS}"
    for path in (
        f"{RUN}/subjects/{judged.THEIRS}",
        f"{RUN}/agencies/{judged.OTHER}",
        f"{theirs}/history",
        f"{theirs}/series?vantage=local",
    ):
        assert (await program.get(path))[0] == 404, path


async def test_what_was_another_s_at_that_time_stays_the_other_s(served: Served) -> None:
    program = served.program(viewer(served))
    _, said, _ = await program.get(f"{ROOT}/subjects/{judged.OURS}/history")
    assert [one["run"] for one in said["items"]] == [judged.RUN]
    assert (await program.get(f"{ROOT}/runs/{judged.EARLIER}/subjects/{judged.OURS}"))[0] == 404


async def test_who_is_bound_to_none_sees_both(admin: Program) -> None:
    for subject in (judged.OURS, judged.THEIRS):
        status, said, _ = await admin.get(f"{RUN}/subjects/{subject}")
        assert (status, said["subject"]["id"]) == (200, subject)
        _, said, _ = await admin.get(f"{ROOT}/subjects/{subject}/history")
        assert [one["run"] for one in said["items"]] == [judged.RUN, judged.EARLIER]
    _, said, _ = await admin.get(f"{RUN}/agencies")
    assert [one["code"] for one in said["items"]] == [judged.AGENCY, judged.OTHER]
    _, said, _ = await admin.get(f"{RUN}/diff")
    assert {one["subject"] for one in said["items"]} == {judged.OURS, judged.THEIRS}


# --- pages and caching -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/runs",
        f"{RUN}/findings",
        f"{RUN}/subjects",
        f"{RUN}/agencies",
        f"{RUN}/diff",
        f"{ROOT}/subjects/{judged.OURS}/history",
        f"{ROOT}/runs/{judged.EARLIER}/findings",
    ],
)
async def test_pages_together_are_the_whole(admin: Program, path: str) -> None:
    _, whole, _ = await admin.get(f"{path}?limit=500")
    assert whole["next"] is None
    assert len(whole["items"]) > 1
    found, cursor = [], ""
    for _ in range(len(whole["items"]) + 1):
        _, said, _ = await admin.get(f"{path}?limit=1{cursor}")
        found += said["items"]
        if said["next"] is None:
            break
        cursor = f"&cursor={said['next']}"
    assert found == whole["items"]


async def test_findings_are_filtered(admin: Program) -> None:
    path = f"{ROOT}/runs/{judged.EARLIER}/findings?limit=500"
    _, every, _ = await admin.get(path)
    outcomes = {one["outcome"] for one in every["items"]}
    for outcome in outcomes:
        _, some, _ = await admin.get(f"{path}&outcome={outcome}")
        assert some["items"] == [one for one in every["items"] if one["outcome"] == outcome]
    _, some, _ = await admin.get(f"{path}&check=ipv6.web&subject={judged.OURS}")
    assert some["items"] == [
        one for one in every["items"] if one["check"].startswith("ipv6.web.") and one["subject"] == judged.OURS
    ]
    assert some["items"]


async def test_what_was_not_changed_is_not_sent_again(admin: Program, served: Served) -> None:
    _, _, headers = await admin.get(f"{RUN}/findings")
    status, said, again = await admin.get(f"{RUN}/findings", If_None_Match=headers["ETag"])
    assert (status, said, again["ETag"]) == (304, "", headers["ETag"])
    other = served.program(viewer(served))
    assert (await other.get(f"{RUN}/findings", If_None_Match=headers["ETag"]))[0] == 200
    assert (await admin.get(f"{RUN}/findings?limit=1", If_None_Match=headers["ETag"]))[0] == 200


async def test_an_export_is_written_down(admin: Program) -> None:
    assert (await admin.get(f"{RUN}/reports/csv"))[0] == 200
    _, said, _ = await admin.get(f"{ROOT}/audit-log?limit=1")
    assert [(one["what"], one["about"]) for one in said["items"]] == [("export", f"{judged.RUN} csv")]


async def test_refusals_are_problems_in_the_language_asked_for(admin: Program) -> None:
    _, vi, _ = await admin.get(f"{ROOT}/nowhere")
    status, en, headers = await admin.get(f"{ROOT}/nowhere", Accept_Language="en")
    assert (status, headers["Content-Type"].partition(";")[0]) == (404, PROBLEM)
    assert {**en, "detail": vi["detail"]} == vi
    assert vi["detail"] != en["detail"]


# --- operators -------------------------------------------------------------------------------------------------------


async def test_an_audit_is_asked_for_watched_and_cancelled(admin: Program, served: Served) -> None:
    status, made, _ = await admin.send(f"{ROOT}/jobs", {"inventory": "tỉnh", "profile": "quick"})
    assert (status, made["state"], made["who"]) == (201, "queued", "quản trị")
    status, said, _ = await admin.send(f"{ROOT}/jobs", {"inventory": "tỉnh", "profile": "quick"})
    assert (status, said["code"]) == (409, "already_wanted")
    assert (await admin.send(f"{ROOT}/jobs", {"inventory": "/etc/passwd"}))[0] == 404
    _, said, _ = await admin.get(f"{ROOT}/jobs")
    assert [one["id"] for one in said["active"]] == [made["id"]]
    status, said, _ = await admin.send(f"{ROOT}/jobs/{made['id']}/cancel", None)
    assert (status, said["state"]) == (200, "cancelled")
    assert (await admin.send(f"{ROOT}/jobs/{made['id']}/cancel", None))[1]["code"] == "not_open"
    deeds = [(one.what, one.who) for one in served.app[SITE].accounts.deeds(2)]
    assert deeds == [("run_cancelled", "quản trị"), ("run_started", "quản trị")]


async def test_a_schedule_is_held_and_let_go(admin: Program) -> None:
    for word, paused in (("pause", True), ("resume", False)):
        status, said, _ = await admin.send(f"{ROOT}/schedules/thang/{word}", None)
        assert (status, said["paused"]) == (200, paused)
    _, said, _ = await admin.get(f"{ROOT}/schedules")
    assert [(one["name"], one["paused"]) for one in said["items"]] == [("thang", False)]


async def test_an_inventory_is_brought_in_and_read(admin: Program) -> None:
    rows = judged.ROWS + "SO-YT,,,,khac.yte.example.vn,portal\n"
    body = {"files": [{"name": "b.csv", "data": base64.b64encode(rows.encode()).decode()}], "on": 1}
    status, said, _ = await admin.send(f"{ROOT}/inventories/tỉnh/versions", body)
    assert (status, said["version"], said["subjects"], said["who"]) == (201, 2, 3, "quản trị")
    assert (await admin.send(f"{ROOT}/inventories/tỉnh/versions", body))[1]["code"] == "moved"
    _, said, _ = await admin.get(f"{ROOT}/inventories/tỉnh?agency=SO-YT")
    assert [one["id"] for one in said["items"]] == [judged.OURS, "khac.yte.example.vn"]
    broken = {"files": [{"name": "b.csv", "data": base64.b64encode(b"name,kind\nx,nonsense\n").decode()}], "on": 2}
    status, said, _ = await admin.send(f"{ROOT}/inventories/tỉnh/versions", broken, Accept_Language="en")
    assert (status, said["code"]) == (422, "bad_inventory")
    assert said["errors"][0]["where"] == ["b.csv", "2", "kind"]


async def test_an_inventory_is_retired_and_taken_up_again(admin: Program) -> None:
    path = f"{ROOT}/inventories/tỉnh"
    assert (await admin.send(f"{path}/reinstate", None))[0] == 404
    status, said, _ = await admin.send(f"{path}/retire", None)
    assert (status, said["name"], said["retired"] is None) == (200, "tỉnh", False)
    assert (await admin.send(f"{path}/retire", None))[1]["code"] == "retired"
    assert "tỉnh" not in {one["name"] for one in (await admin.get(f"{ROOT}/inventories"))[1]["items"]}
    assert (await admin.get(path))[1]["inventory"]["retired"] == said["retired"]
    body = {"files": [{"name": "b.csv", "data": base64.b64encode(judged.ROWS.encode()).decode()}], "on": 1}
    assert (await admin.send(f"{path}/versions", body))[1]["code"] == "retired"
    assert [one["paused"] for one in (await admin.get(f"{ROOT}/schedules"))[1]["items"]] == [True]
    status, said, _ = await admin.send(f"{path}/reinstate", None)
    assert (status, said["retired"]) == (200, None)
    assert (await admin.send(f"{ROOT}/inventories/x/retire", None))[0] == 404


async def test_a_defect_is_accepted_and_that_is_ended(admin: Program) -> None:
    body = {
        "of": "agency",
        "whose": judged.AGENCY,
        "check": "ipv6.web",
        "reason": "chờ thay thiết bị",
        "owner": "Nguyễn Văn A",
        "until": "2099-12-31",
    }
    status, made, _ = await admin.send(f"{ROOT}/waivers", body)
    assert (status, made["in_force"]) == (201, True)
    assert (await admin.send(f"{ROOT}/waivers", {**body, "until": "2000-01-01"}))[1]["code"] == "already_over"
    assert (await admin.send(f"{ROOT}/waivers", {**body, "check": "ipv6.nonsense"}))[1]["code"] == "no_check"
    assert (await admin.send(f"{ROOT}/waivers", {**body, "reason": ""}))[1]["errors"][0]["where"] == ["reason"]
    status, said, _ = await admin.send(f"{ROOT}/waivers/{made['id']}/end", None)
    assert (status, said["in_force"], said["ended_by"]) == (200, False, "quản trị")
    assert (await admin.send(f"{ROOT}/waivers/{made['id']}/end", None))[0] == 404


async def test_what_is_sent_has_a_size(admin: Program) -> None:
    assert (await admin.send(f"{ROOT}/jobs", {"inventory": "x" * 70_000}))[1]["code"] == "too_large"
    status, said, _ = await admin.send(f"{ROOT}/jobs", [[]] * 3)
    assert (status, said["code"]) == (422, "not_valid")


async def test_a_body_of_very_many_values_is_refused_before_it_is_read(admin: Program) -> None:
    body = {"files": [[]] * 30_000, "on": 0}
    status, said, _ = await admin.send(f"{ROOT}/inventories/tỉnh/versions", body)
    assert (status, "too many values" in str(said)) == (422, True)
