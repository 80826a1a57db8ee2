"""Tests that an error with one notice delays no other, and that no secret gets into the log."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.service.notify import notifier as module
from auditor.service.notify import sending
from auditor.service.notify.model import (
    Channel,
    MailRecipient,
    MailRelay,
    Notice,
    NotifySettings,
    NotifyWhen,
    Undelivered,
)
from auditor.service.notify.notifier import PAUSES, Notifier
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest, JobState
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from tests.unit.auditor.service.scheduler.doubts import Hands

MAIL = MailRecipient(key="mail:so", agency=None, lang="vi", when=NotifyWhen.ALWAYS, address="cntt@so.example")
OTHER = Channel(key="webhook:tinh", agency=None, lang="en", when=NotifyWhen.ALWAYS)
RELAY = MailRelay(host="127.0.0.1", port=1, tls="starttls", sender="auditor@tinh.example")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        yield made


@pytest.mark.parametrize("relay", [replace(RELAY, ca_file="/nowhere/ca.pem"), replace(RELAY, host="x" * 70)])
async def test_notifier_unsendable_mail_does_not_block_others(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, relay: MailRelay
) -> None:
    hands, told, send = Hands(), list[str](), sending.send
    jobs = JobQueue(store.database, hands)
    job = jobs.start(AuditRequest(inventory="tinh"), "lan", "::1")
    jobs.take(job.id)
    jobs.end(job.id, JobState.FAILED, {"vi": "hỏng", "en": "broken"})

    async def sent(notice: Notice, channel: Channel, setting: NotifySettings, now: object) -> None:
        if isinstance(channel, MailRecipient):
            await send(notice, channel, setting, hands.now)
        told.append(channel.key)

    monkeypatch.setattr(module, "send", sent)
    monkeypatch.setattr("socket.getfqdn", lambda: "auditor.tinh.example")
    notifier = Notifier(NotifySettings(channels=(MAIL, OTHER), relay=relay), store, hands)
    for pause in (*PAUSES, PAUSES[-1]):
        await notifier.look()
        hands.on(seconds=pause.total_seconds())
    assert told == [OTHER.key]
    with store.database.reading() as connection:
        states = connection.exec_driver_sql("SELECT channel, state FROM notice ORDER BY channel").all()
    assert [tuple(state) for state in states] == [(MAIL.key, "given_up"), (OTHER.key, "sent")]


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise, before Python 3.13
@pytest.mark.parametrize("url", ["tgrm://SECRET/1", "slack://SECRET/SECRET", "https://chat.example/hooks/SECRET"])
def test_send_invalid_url_is_not_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Undelivered, match="does not know"):
        sending._chat("a", "b", url)
    assert "SECRET" not in caplog.text
    assert not logging.getLogger("apprise").disabled
