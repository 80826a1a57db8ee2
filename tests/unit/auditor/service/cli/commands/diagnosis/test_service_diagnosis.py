"""Tests the messages of ``auditor doctor`` about the service."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import Role
from auditor.service.cli.commands.diagnosis.service_diagnosis import of_service
from auditor.service.cli.commands.service.config import show
from auditor.service.config.model import Config
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.sql.jobs import notice_rows
from inventory.loader import load_sent
from inventory.model import AgencyId
from tests.support.serving import GOOD, cheap_passwords
from tests.unit.auditor import stored

SERVED: Mapping[str, object] = {
    "schedule": {
        "kept": {"cron": "0 1 1 * *", "inventory": "Toàn tỉnh"},
        "gone": {"cron": "0 1 1 * *", "inventory": "none.csv"},
        "never": {"cron": "0 1 1 * *", "inventory": "Toàn tỉnh", "avoid": "mon-sun 00:00-00:00"},
    },
    "notify": {
        "mail": {"server": "[::1]:25", "sender": "auditor@example.vn"},
        "recipients": {"an": {"address": "an@example.vn"}},
        "webhooks": {"soc": {"url": "https://soc.example.vn/", "secret": "env:HOOK"}},
    },
    "oidc": {
        "issuer": "https://id.example.vn",
        "client_id": "a",
        "client_secret": "env:OIDC",
        "public_url": "https://auditor.example.vn",
    },
    "retention": {"evidence_days": 730},
    "metrics": {"allow": ["2001:db8::/64"]},
}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")
    for name in ("HOOK", "OIDC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.model_validate({"store": f"sqlite:///{tmp_path / 'a.db'}", **SERVED})


def said(config: Config) -> dict[bool | None, list[str]]:
    lines: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for doctor_line in of_service(config):
        lines[doctor_line.good].append(doctor_line.text)
    return lines


def test_diagnosis_without_a_service_is_empty(tmp_path: Path) -> None:
    assert list(of_service(Config(store=f"sqlite:///{tmp_path / 'a.db'}"))) == []
    assert list(tmp_path.iterdir()) == []


def test_diagnosis_tells_of_those_who_are_bound_to_an_agency_that_was_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap_passwords(monkeypatch)
    units = "Mã đơn vị,Tên đơn vị,Hiệu lực đến\nXC,Xã Cũ,2025-06-30\nXM,Xã Mới,\n"
    rows = "agency_code,name,kind\nXM,a.vn,portal\n"
    made = load_sent([("u.csv", units.encode()), ("a.csv", rows.encode())]).inventory
    with open_sqlite(tmp_path / "a.db") as store:
        accounts = Accounts(store.database)
        accounts.set_up("lan", GOOD, "vi", "::1")
        for name, agency in (("cũ", "XC"), ("mới", "XM")):
            accounts.add(accounts.all()[0], "::1", name, GOOD, Role.VIEWER, AgencyId(agency), "vi")
        Inventories(store.database).add("Toàn tỉnh", pack(made), who="lan", now=datetime(2026, 3, 2, tzinfo=UTC), on=0)
    recipients = {"an": {"address": "an@example.vn", "agency": "XC"}}
    notify = {"mail": {"server": "[::1]:25", "sender": "auditor@example.vn"}, "recipients": recipients}
    told = said(Config.model_validate({"store": f"sqlite:///{tmp_path / 'a.db'}", "notify": notify}))[None]
    assert [line for line in told if "is bound to" in line] == [
        f"{name} is bound to XC, which is no unit in force of any inventory" for name in ("cũ", "notify.recipients.an")
    ]


def test_diagnosis_reports_every_section(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)
    with open_sqlite(tmp_path / "a.db") as store:
        Accounts(store.database).set_up("lan", GOOD, "vi", "::1")
        made = load_sent([("a.csv", b"name,kind\na.vn,portal\n")]).inventory
        Inventories(store.database).add("Toàn tỉnh", pack(made), who="lan", now=datetime(2026, 3, 2, tzinfo=UTC), on=0)
    lines = said(config)
    assert lines[True][0] == "1 account of the pages"
    assert lines[True][1] == "the pages answer under: localhost, auditor.example.vn"
    assert lines[True][2].startswith("the audit log holds: 1 line, ")
    assert lines[True][3].startswith("schedule kept: begins next ")
    assert lines[False] == [
        "schedule gone: there is no inventory 'none.csv'",
        "schedule never: nothing begins within a year",
        "notify.webhooks.soc.secret: the environment variable HOOK is not set",
        "oidc.client_secret: the environment variable OIDC is not set",
    ]
    assert lines[None] == [
        "administrators without a second factor: lan",
        "evidence of runs that are not sealed is kept for 730 days, findings for ever",
        "/metrics is read without a token from 2001:db8::/64",
    ]


def test_diagnosis_reports_what_is_good(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "x" * 32)
    assert "notices: 1 person by mail, 1 webhook, 0 chats" in said(config.model_copy(update={"oidc": None}))[True]


def test_diagnosis_names_whom_notices_did_not_reach(config: Config, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with open_sqlite(tmp_path / "a.db") as store:
        job = JobQueue(store.database).start(AuditRequest(inventory="tinh"), "lan", "::1")
        rows = [
            ("mail:an", "given_up", 15, now - timedelta(days=29)),
            ("mail:xưa", "given_up", 15, now - timedelta(days=31)),
            ("mail:so", "waiting", 2, None),
            ("mail:mới", "waiting", 0, None),
        ]
        with store.database.writing() as connection:
            notice_rows.add(
                connection,
                [
                    {"job": job.id, "channel": key, "state": state, "attempts": n, "due": now, "ended": end, "said": ""}
                    for key, state, n, end in rows
                ],
            )
    lines = said(config)
    assert "notices given up in the last 30 days: mail:an (1)" in lines[False]
    assert "notices that did not arrive yet and are sent again: mail:so (1)" in lines[None]


def test_a_store_of_another_program_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database at all, but long enough to be one " * 40)
    (line,) = of_service(Config(store=f"sqlite:///{tmp_path / 'a.db'}"))
    assert (line.good, str(tmp_path / "a.db") in line.text) == (False, True)


def test_a_password_within_a_url_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDITOR_STORE", "postgresql://auditor:geheim@[2001:db8::1]/a")
    assert show(origin=False, everything=False) == 0
    shown = capsys.readouterr().out
    assert "geheim" not in shown
    assert 'store = "postgresql://…@[2001:db8::1]/a"' in shown


def test_a_query_of_a_url_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "auditor.toml"
    path.write_text(
        '[notify.webhooks.soc]\nurl = "https://soc.example.vn/in?key=geheim"\nsecret = "env:HOOK"\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert show(origin=False, everything=False) == 0
    shown = capsys.readouterr().out
    assert "geheim" not in shown
    assert "https://soc.example.vn/in?…" in shown


def test_a_run_that_is_dated_ahead_is_named(config: Config, tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        stored.put(store, stored.Held(name="right", days=-300))
        stored.put(store, stored.Held(name="ahead"))
    told = [line for line in said(config)[None] if "dated" in line]
    assert [line.partition(",")[0] for line in told] == ["run ahead is dated 1 Sep 2026 08:00 (UTC+7)"]
