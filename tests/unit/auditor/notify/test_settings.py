"""Who is told: what the configuration must say, and what is said about what it lacks."""

from pathlib import Path
from typing import Any

import pytest

from auditor.config.model import Config
from auditor.notify.model import Chat, Mail, Relay, Webhook
from auditor.notify.settings import setting
from auditor.problems import OperatorError

MAIL = {"server": "[2001:db8::25]:2525", "sender": "auditor@tinh.example", "user": "u", "password": "env:PW"}
SECRET = "một bí mật đủ dài để ký"


def made(notify: dict[str, Any], **environment: str) -> Any:
    return setting(Config.model_validate({"notify": notify}), environment)


def problems(notify: dict[str, Any], **environment: str) -> list[str]:
    with pytest.raises(OperatorError) as caught:
        made(notify, **environment)
    return [str(one) for one in caught.value.problems]


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
    assert found.relay == Relay(
        host="2001:db8::25", port=2525, tls="starttls", sender="auditor@tinh.example", user="u", password="p"
    )
    mail, hook, chat = found.channels
    assert isinstance(mail, Mail)
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
        ({"mail": {**MAIL, "tls": "none"}}, ["notify.mail.tls: a password is never sent without TLS"]),
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


def test_a_plain_secret_is_refused() -> None:
    for notify in ({"mail": {**MAIL, "password": "plain"}}, {"chats": {"c": {"url": "zalo://token"}}}):
        with pytest.raises(ValueError, match="env:NAME"):
            Config.model_validate({"notify": notify})
