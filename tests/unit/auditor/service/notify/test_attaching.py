"""Tests reports attached to a mail: those of the recipient's agency, as far as they fit, and of sound runs only."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.config.model import Config
from auditor.service.notify import attaching
from auditor.service.notify.attaching import KeptAttachments, attachments
from auditor.service.notify.composing import compose
from auditor.service.notify.model import JobEnd, JobEvent, MailRecipient, MailRelay, NotifySettings, NotifyWhen
from auditor.service.notify.settings import setting
from auditor.service.notify.wording import letter
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, judge, put

RUN = RunId("r1")
FAILS = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]
SETTING = NotifySettings()
RELAY = MailRelay(host="127.0.0.1", port=1, tls="starttls", sender="auditor@tinh.example")
MAIL = MailRecipient(
    key="mail:s1",
    agency=AgencyId("S1"),
    lang="vi",
    when=NotifyWhen.ALWAYS,
    address="cntt@so.example",
    reports=("letter", "csv", "xlsx"),
)
ENDED = JobEvent(job=1, ending=JobEnd.FINISHED, inventory="tinh", ended=datetime(2026, 9, 1, tzinfo=UTC), run=RUN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name=RUN, findings={"www.tinh.vn": FAILS, "xa.tinh.vn": FAILS}, scored=True))
        yield made


def test_attachments_are_of_the_recipient_s_agency_only(store: SqlStore) -> None:
    letter, table, book = attachments(RUN, MAIL, SETTING, store)
    assert [letter.name, table.name, book.name] == ["r1-cong-van-s1.docx", "r1-findings.csv", "r1-findings.xlsx"]
    assert (b"www.tinh.vn" in table.body, b"xa.tinh.vn" in table.body) == (True, False)
    for packed in (letter, book):
        with zipfile.ZipFile(io.BytesIO(packed.body)) as archive:
            texts = b"".join(map(archive.read, archive.namelist()))
        assert (b"xa.tinh.vn" in texts, "Xã Một".encode() in texts) == (False, False)


def test_attachments_too_large_are_left_out(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(attachments(RUN, MAIL, SETTING, store)[1].body)
    monkeypatch.setattr(attaching, "LARGEST", size)
    assert [each.name for each in attachments(RUN, MAIL, SETTING, store)] == ["r1-findings.csv"]


def test_compose_attaches_reports_of_a_finished_run(store: SqlStore) -> None:
    told = compose(ENDED, MAIL, SETTING, store)
    assert told is not None
    mail = letter(told, MAIL, RELAY, Texts("vi"))
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names == ["r1-cong-van-s1.docx", "r1-findings.csv", "r1-findings.xlsx"]
    assert mail.get_body(("plain",)) is not None


def test_compose_without_reports_attaches_nothing(store: SqlStore) -> None:
    told = compose(ENDED, replace(MAIL, reports=()), SETTING, store)
    assert told is not None
    assert told.attachments == ()


def test_setting_of_a_letter_to_nobody_is_refused() -> None:
    recipients = {"a": {"address": "a@b.example", "reports": ["letter"]}}
    mail = {"server": "mail.example", "sender": "x@b.example"}
    config = Config.model_validate({"notify": {"mail": mail, "recipients": recipients}})
    with pytest.raises(Exception, match="letter"):
        setting(config, {})


def test_kept_attachments_are_of_the_latest_judgement(store: SqlStore) -> None:
    kept = KeptAttachments()
    first = kept.of(RUN, MAIL, SETTING, store)
    assert kept.of(RUN, replace(MAIL, key="mail:other", address="x@so.example"), SETTING, store) is first
    assert kept.of(RUN, replace(MAIL, lang="en"), SETTING, store) is not first
    judge(store, store.run(RUN), Held(name=RUN, findings={}, scored=True), number=2)
    assert [each.name for each in kept.of(RUN, MAIL, SETTING, store)] == ["r1-findings.csv", "r1-findings.xlsx"]


def test_kept_attachments_are_bounded(store: SqlStore) -> None:
    kept, other = KeptAttachments(most=1), replace(MAIL, reports=("csv",))
    first = kept.of(RUN, MAIL, SETTING, store)
    assert kept.of(RUN, MAIL, SETTING, store) is first
    kept.of(RUN, other, SETTING, store)
    assert kept.of(RUN, MAIL, SETTING, store) is not first
