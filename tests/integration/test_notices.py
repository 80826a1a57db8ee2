"""Tests notices through a real mail host, a real program and apprise: each recipient gets each notice once.

It is sent again after the other side was down. The mail host wants STARTTLS and a password; its certificate is of a
CA of our own.
"""

import asyncio
import base64
import email
import email.policy
import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult

from auditor.framework.findings import Outcome
from auditor.service.notify.model import Chat, MailRecipient, MailRelay, NotifySettings, NotifyWhen, Webhook
from auditor.service.notify.notifier import PAUSES, Notifier
from auditor.service.notify.sending import SIGNATURE
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest, JobState
from auditor.service.store.sql.jobs import notice_rows
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.url import open_store
from containers.rehearsal import certificates
from containers.rehearsal.model import CertificateKind
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, put

SECRET = b"0123456789abcdef"
ZALO_TOKEN, ZALO_CHAT = "123456789:abcdefghijKLMNOPqrst", "6ede9afa66b88fe6d6a9"
HOST = "localhost"
HOSTILE = "www.tinh.vn"
WORSE = Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")
BEFORE = Held(
    name="r1",
    findings={
        HOSTILE: [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS, code="PRESENT")],
        "xa.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")],
    },
)
AFTER = Held(
    name="r2",
    days=30,
    findings={HOSTILE: [WORSE], "xa.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS, code="PRESENT")]},
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Peers:
    """Plays all recipients: holds the messages that each received; ``down`` makes all of them refuse."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.hooks: list[tuple[dict[str, str], bytes]] = []
        self.chats: list[dict[str, Any]] = []
        self.zalo: list[tuple[str, dict[str, Any]]] = []
        self.down = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.down:
            return "451 4.3.0 come back later"
        assert session.ssl is not None
        assert session.authenticated
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 2.0.0 taken"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def hook(self, request: web.Request) -> web.Response:
        data = await request.read()
        if self.down:
            return web.Response(status=503)
        self.hooks.append((dict(request.headers), data))
        return web.Response(status=204)

    async def chat(self, request: web.Request) -> web.Response:
        self.chats.append(await request.json())
        return web.Response(status=500 if self.down else 200)

    async def bot(self, request: web.Request) -> web.Response:
        """Answer as the Zalo Bot API documents: with ``ok`` and, beside an error, its code and description."""
        if request.match_info["token"] != ZALO_TOKEN:
            refused = {"ok": False, "error_code": 401, "description": "Unauthorized"}
            return web.json_response(refused, status=401)
        message = await request.json()
        if self.down:
            return web.json_response({"ok": False, "error_code": 400, "description": "Bad Request"})
        self.zalo.append((request.content_type, message))
        return web.json_response({"ok": True, "result": {"message_id": "m1", "date": 1}})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Any:
    with open_store(f"sqlite:///{tmp_path}/auditor.db") as made:
        put(made, BEFORE)
        put(made, AFTER)
        yield made


@pytest.fixture
async def peers(tmp_path: Path) -> AsyncIterator[tuple[Peers, MailRelay, str]]:
    told = Peers()
    trusted = certificates.found()
    (tmp_path / "ca.pem").write_text(certificates.pem(trusted.root.certificate), "ascii")
    certificates.certify(trusted, tmp_path, HOST, CertificateKind.GOOD)
    served = certificates.served_files(tmp_path, HOST, CertificateKind.GOOD)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.chain, served.key)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"auditor", b"pass-word"))

    def protocol() -> SMTP:
        return SMTP(told, tls_context=context, require_starttls=True, authenticator=authenticate, auth_required=True)

    loop = asyncio.get_running_loop()
    host = await loop.create_server(protocol, "127.0.0.1", 0)  # not "localhost", which may be another address here
    port = host.sockets[0].getsockname()[1]
    other = await loop.create_server(protocol, "::1", port)
    app = web.Application()
    app.router.add_post("/hook", told.hook)
    app.router.add_post("/chat", told.chat)
    app.router.add_post("/bot{token}/sendMessage", told.bot)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    web_port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    relay = MailRelay(
        host=HOST,
        port=port,
        tls="starttls",
        sender="auditor@tinh.example",
        ca_file=str(tmp_path / "ca.pem"),
        user="auditor",
        password="pass-word",
    )
    yield told, relay, f"127.0.0.1:{web_port}"
    host.close()
    other.close()
    await runner.cleanup()


def ended(store: SqlStore, clock: Clock, run: str | None, state: JobState = JobState.FINISHED, **said: str) -> None:
    jobs = JobQueue(store.database, clock)
    job = jobs.start(AuditRequest(inventory="tinh", name="" if run else "hỏng"), "an", "")
    jobs.take(job.id)
    if run is not None:
        jobs.tell(job.id, run=RunId(run))
    jobs.end(job.id, state, said)


def mail(
    name: str, agency: str | None = None, *, when: NotifyWhen = NotifyWhen.CHANGES, lang: str = "vi", to: str = ""
) -> MailRecipient:
    unit = None if agency is None else AgencyId(agency)
    return MailRecipient(key=f"mail:{name}", agency=unit, lang=lang, when=when, address=to or f"{name}@tinh.example")


def setting(relay: MailRelay, *channels: Any) -> NotifySettings:
    return NotifySettings(channels=channels, relay=relay, pages="https://auditor.tinh.example")


def states(store: SqlStore) -> dict[str, str]:
    with store.database.reading() as connection:
        return {row.channel: row.state for row in notice_rows.latest(connection, 100)}


async def test_each_is_told_of_what_is_theirs_and_once(store: SqlStore, clock: Clock, peers: Any) -> None:
    told, relay, _ = peers
    channels = (
        mail("tinh"),
        mail("so", "S1"),
        mail("xa", "X1", when=NotifyWhen.WORSE),
        mail("la", "Z9"),
        mail("en", lang="en"),
    )
    notifier = Notifier(setting(relay, *channels), store, clock)
    ended(store, clock, "r2")
    for _ in range(3):
        await notifier.look()
    by_name = {mail["To"].addresses[0].username: mail for mail in told.mails}
    assert len(told.mails) == len(by_name)
    assert sorted(by_name) == ["en", "so", "tinh"]  # the commune has nothing worse; no inventory has Z9
    assert str(by_name["tinh"]["Subject"]) == "tinh: 1 xấu hơn, 1 đã khắc phục, 0 đã giảm nhẹ – 01/12/2026"
    assert str(by_name["so"]["Subject"]) == "Sở Một: 1 xấu hơn, 0 đã khắc phục, 0 đã giảm nhẹ – 01/12/2026"
    assert str(by_name["en"]["Subject"]).startswith("tinh: 1 worse, 1 fixed, 0 eased")
    text = by_name["so"].get_body(("plain",)).get_content()
    assert "www.tinh.vn" in text
    assert "xa.tinh.vn" not in text
    assert "https://auditor.tinh.example/runs/r2/changes" in text
    page = by_name["so"].get_body(("html",)).get_content()
    assert '<a href="https://auditor.tinh.example/runs/r2/changes">' in page
    assert by_name["so"]["Auto-Submitted"] == "auto-generated"
    assert states(store)["mail:xa"] == states(store)["mail:la"] == "needless"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise, before Python 3.13
async def test_programs_and_chats_are_told_counts_and_never_findings(store: SqlStore, clock: Clock, peers: Any) -> None:
    told, relay, address = peers
    hook = Webhook(
        key="webhook:t", agency=None, lang="vi", when=NotifyWhen.ALWAYS, url=f"http://{address}/hook", secret=SECRET
    )
    chat = Chat(key="chat:z", agency=None, lang="vi", when=NotifyWhen.CHANGES, url=f"json://{address}/chat")
    ended(store, clock, "r2")
    await Notifier(setting(relay, hook, chat), store, clock).look()
    ((headers, data),) = told.hooks
    time, signature = (part.partition("=")[2] for part in headers[SIGNATURE].split(","))
    assert hmac.new(SECRET, f"{time}.".encode() + data, hashlib.sha256).hexdigest() == signature
    assert int(time) == int(clock.now.timestamp())
    said = json.loads(data)
    assert (said["event"], said["run"]) == ("audit.finished", "r2")
    assert said["counts"] == {"worse": 1, "better": 1, "eased": 0, "still_failing": 0}
    (message,) = told.chats
    assert message["title"] == "tinh: 1 xấu hơn, 1 đã khắc phục, 0 đã giảm nhẹ – 01/12/2026"
    for text in (data.decode(), json.dumps(message, ensure_ascii=False)):
        assert "www.tinh.vn" not in text
        assert "ipv6.web.aaaa" not in text


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise, before Python 3.13
async def test_zalo_bot_is_told_and_its_errors_are_plain_without_token_or_chat(
    store: SqlStore, clock: Clock, peers: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from apprise.plugins.zalo import NotifyZalo

    told, relay, address = peers
    monkeypatch.setattr(NotifyZalo, "notify_url", f"http://{address}/bot{{token}}/sendMessage")
    chat = Chat(key="chat:z", agency=None, lang="vi", when=NotifyWhen.CHANGES, url=f"zalo://{ZALO_TOKEN}/{ZALO_CHAT}")
    ended(store, clock, "r2")
    with caplog.at_level(logging.DEBUG):
        told.down = True  # the API answers HTTP 200 also for an error
        await Notifier(setting(relay, chat), store, clock).look()
        assert states(store) == {"chat:z": "waiting"}
        assert "chat:z was not told: apprise could not deliver it: refused" in caplog.text
        clock.now += PAUSES[0]
        revoked = replace(chat, url=f"zalo://{ZALO_TOKEN}x/{ZALO_CHAT}")
        await Notifier(setting(relay, revoked), store, clock).look()
        assert "chat:z was not told: apprise could not deliver it: HTTP 401" in caplog.text
        clock.now += PAUSES[1]
        told.down = False
        await Notifier(setting(relay, chat), store, clock).look()
    assert states(store) == {"chat:z": "sent"}
    ((kind, message),) = told.zalo
    assert (kind, message["chat_id"]) == ("application/json", ZALO_CHAT)
    assert message["text"].startswith("tinh: 1 xấu hơn, 1 đã khắc phục")
    assert "www.tinh.vn" not in message["text"]
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]  # the test's server
    assert not [line for line in ours if ZALO_TOKEN in line or ZALO_CHAT in line]


def _verified(headers: dict[str, str], data: bytes, key: bytes) -> Any:
    """Return the event after checking its signature as Standard Webhooks specifies, by independent code."""
    lower = {name.lower(): value for name, value in headers.items()}
    signed = f"{lower['webhook-id']}.{lower['webhook-timestamp']}.".encode() + data
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert lower["webhook-signature"] == f"v1,{expected}"
    return json.loads(data)


async def test_program_gets_a_signed_event_for_each_problem(store: SqlStore, clock: Clock, peers: Any) -> None:
    told, relay, address = peers
    key = bytes(range(32))
    hook = Webhook(
        key="webhook:p",
        agency=None,
        lang="vi",
        when=NotifyWhen.ALWAYS,
        url=f"http://{address}/hook",
        secret=b"whsec_" + base64.b64encode(key),
        problems=True,
    )
    told.down = True
    ended(store, clock, "r2")
    notifier = Notifier(setting(relay, hook), store, clock)
    await notifier.look()
    assert told.hooks == []
    told.down = False
    clock.now += timedelta(hours=1)
    await notifier.look()
    events = [_verified(headers, data, key) for headers, data in told.hooks]
    assert sorted(event["type"] for event in events) == ["problem.fixed", "problem.new"]
    assert {event["data"]["run"] for event in events} == {"r2"}
    assert all(event["data"]["check"] and event["data"]["finding"] for event in events)
    ids = {headers["webhook-id"] for headers, _ in told.hooks}
    assert len(ids) == 2
    await notifier.look()
    assert len(told.hooks) == 2


async def test_first_run_and_a_failed_audit_are_no_problem_events(store: SqlStore, clock: Clock, peers: Any) -> None:
    told, relay, address = peers
    url = f"http://{address}/hook"
    hook = Webhook(
        key="webhook:p", agency=None, lang="vi", when=NotifyWhen.ALWAYS, url=url, secret=SECRET, problems=True
    )
    ended(store, clock, "r1")
    ended(store, clock, None, JobState.FAILED, vi="x", en="x")
    await Notifier(setting(relay, hook), store, clock).look()
    assert told.hooks == []


async def test_what_did_not_arrive_is_sent_again_after_a_restart_too(
    store: SqlStore, clock: Clock, peers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told, relay, address = peers
    hook = Webhook(
        key="webhook:t", agency=None, lang="vi", when=NotifyWhen.ALWAYS, url=f"http://{address}/hook", secret=SECRET
    )
    channels = (mail("tinh"), hook)
    ended(store, clock, "r2")
    told.down = True
    await Notifier(setting(relay, *channels), store, clock).look()
    assert set(states(store).values()) == {"waiting"}
    told.down = False
    await Notifier(setting(relay, *channels), store, clock).look()
    assert not told.mails  # not before its time
    clock.now += PAUSES[0]
    await Notifier(setting(relay, *channels), store, clock).look()
    assert (len(told.mails), len(told.hooks)) == (1, 1)
    assert set(states(store).values()) == {"sent"}
    assert "pass-word" not in caplog.text


async def test_it_is_given_up_at_last_and_at_once_where_nobody_is_there(
    store: SqlStore, clock: Clock, peers: Any
) -> None:
    told, relay, _ = peers
    told.down = True
    notifier = Notifier(setting(relay, mail("tinh"), mail("x", to="nobody@tinh.example")), store, clock)
    ended(store, clock, "r2")
    await notifier.look()
    assert states(store) == {"mail:tinh": "waiting", "mail:x": "given_up"}
    for pause in PAUSES:
        clock.now += pause
        await notifier.look()
    assert states(store) == {"mail:tinh": "given_up", "mail:x": "given_up"}


async def test_a_relay_with_another_certificate_is_told_nothing(store: SqlStore, clock: Clock, peers: Any) -> None:
    told, relay, _ = peers
    ended(store, clock, "r2")
    strangers = replace(relay, ca_file=None)
    await Notifier(setting(strangers, mail("tinh")), store, clock).look()
    assert not told.mails
    assert states(store) == {"mail:tinh": "waiting"}


async def test_failed_and_missed_audits_are_told_those_who_look_after_the_whole(
    store: SqlStore, clock: Clock, peers: Any
) -> None:
    told, relay, _ = peers
    ended(store, clock, None, JobState.FAILED, vi="danh mục hỏng\n<script>", en="broken")
    await Notifier(setting(relay, mail("tinh", when=NotifyWhen.WORSE), mail("so", "S1")), store, clock).look()
    (one,) = told.mails
    assert str(one["Subject"]) == "hỏng: một đợt kiểm tra thất bại – 01/12/2026"
    assert "danh mục hỏng" in one.get_body(("plain",)).get_content()
    assert "<script>" not in one.get_body(("html",)).get_content()


async def test_the_past_is_no_news(store: SqlStore, clock: Clock, peers: Any) -> None:
    told, relay, _ = peers
    ended(store, clock, "r2")
    clock.now += timedelta(days=2)
    await Notifier(setting(relay, mail("tinh")), store, clock).look()
    assert (told.mails, states(store)) == ([], {})
