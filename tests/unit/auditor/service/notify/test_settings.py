"""Tests the recipients of notices: the settings that are required, and the messages about missing ones."""

from pathlib import Path
from typing import Any

import pytest

from auditor.framework.operator_problems import OperatorError
from auditor.service.config.model import Config
from auditor.service.notify.model import Chat, MailRecipient, MailRelay, Webhook
from auditor.service.notify.settings import setting

pytestmark = pytest.mark.filterwarnings(
    "ignore:'imghdr' is deprecated:DeprecationWarning"
)  # apprise, before Python 3.13
MAIL = {"server": "[2001:db8::25]:2525", "sender": "auditor@tinh.example", "user": "u", "password": "env:PW"}
SECRET = "một bí mật đủ dài để ký"


def made(notify: dict[str, Any], **environment: str) -> Any:
    return setting(Config.model_validate({"notify": notify}), environment)


def problems(notify: dict[str, Any], **environment: str) -> list[str]:
    with pytest.raises(OperatorError) as caught:
        made(notify, **environment)
    return [str(problem) for problem in caught.value.problems]


def test_every_channel_and_its_secret(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text(f"{SECRET}\n", "utf-8")
    notify = {
        "pages": "https://auditor.tinh.example/",
        "mail": MAIL,
        "recipients": {"so-xd": {"address": "cntt@soxd.example", "agency": "S1", "lang": "en", "when": "worse"}},
        "webhooks": {"tickets": {"url": "https://tickets.example/hook", "secret": f"file:{tmp_path}/hook"}},
        "chats": {"zalo": {"url": "env:ZALO"}},
    }
    found = made(notify, PW="p", ZALO="zalo://token/chat")
    assert found.pages == "https://auditor.tinh.example"
    assert found.relay == MailRelay(
        host="2001:db8::25", port=2525, tls="starttls", sender="auditor@tinh.example", user="u", password="p"
    )
    mail, hook, chat = found.channels
    assert isinstance(mail, MailRecipient)
    assert (mail.key, mail.agency, mail.lang, mail.when.value) == ("mail:so-xd", "S1", "en", "worse")
    assert isinstance(hook, Webhook)
    assert (hook.secret.decode(), hook.lang) == (SECRET, "vi")
    assert isinstance(chat, Chat)
    for secret in (SECRET, "zalo://", "'p'"):
        assert secret not in repr(found)


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ({"recipients": {"a": {"address": "a@b.example"}}}, ["notify.mail.server: is missing"]),
        ({"mail": {**MAIL, "tls": "none"}}, ["notify.mail.tls: without TLS mail goes only to a relay on this machine"]),
        (
            {"mail": {**MAIL, "tls": "none", "server": "[::1]:25"}},
            ["notify.mail.tls: a password is never sent without TLS"],
        ),
        ({"mail": {**MAIL, "user": None}}, ["notify.mail.user: is missing"]),
        (
            {"webhooks": {"h": {"url": "https://h.example", "secret": "env:SHORT"}}},
            ["notify.webhooks.h.secret: env:SHORT: must be at least 16 characters long"],
        ),
        ({"chats": {"c": {"url": "env:NONE"}}}, ["notify.chats.c.url: the environment variable NONE is not set"]),
    ],
)
def test_what_is_missing_is_named(notify: dict[str, Any], said: list[str]) -> None:
    assert problems(notify, PW="p", SHORT="0123456789") == said


@pytest.mark.parametrize("server", ["localhost", "127.0.0.1:2525", "[::1]"])
def test_mail_without_tls_goes_to_a_relay_of_this_machine(server: str) -> None:
    assert made({"mail": {"server": server, "sender": "a@b.example", "tls": "none"}}).relay.tls == "none"


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [("json://h.example/x", True), ("jsons://h.example/x", False), ("json://localhost:1/x", False)],
)
def test_chat_without_tls_is_refused(url: str, is_refused: bool) -> None:
    notify = {"chats": {"c": {"url": "env:CHAT"}}}
    if not is_refused:
        made(notify, CHAT=url)
        return
    assert problems(notify, CHAT=url) == ["notify.chats.c.url: env:CHAT: this kind of URL sends without TLS"]


def test_webhook_without_tls_is_refused() -> None:
    with pytest.raises(ValueError, match="url"):
        Config.model_validate({"notify": {"webhooks": {"h": {"url": "http://h.example/", "secret": "env:S"}}}})


def test_a_plain_secret_is_refused() -> None:
    for notify in ({"mail": {**MAIL, "password": "plain"}}, {"chats": {"c": {"url": "zalo://token"}}}):
        with pytest.raises(ValueError, match="env:NAME"):
            Config.model_validate({"notify": notify})
