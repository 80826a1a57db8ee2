"""Tests which recipients learn of which runs: also of an unchanged run that lacks a vantage."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.notify.composing import compose
from auditor.service.notify.model import JobEnd, JobEvent, MailRecipient, NotifySettings, NotifyWhen
from auditor.service.notify.wording import paragraphs
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import RunState
from auditor.service.store.sql.store import SqlStore
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Held, put_round

WHOLE = {"hub": RunState.FINISHED, "hue": RunState.FINISHED}
ENDED = JobEvent(
    job=1, ending=JobEnd.FINISHED, inventory="tinh", ended=datetime(2026, 9, 1, tzinfo=UTC), run=RunId("r2")
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put_round(made, Held(name="r1"), WHOLE)
        yield made


def _told_to(store: SqlStore, agency: str | None) -> str | None:
    code = None if agency is None else AgencyId(agency)
    mail = MailRecipient(key="mail:x", agency=code, lang="en", when=NotifyWhen.WORSE, address="x@so.example")
    told = compose(ENDED, mail, NotifySettings(), store)
    return None if told is None else "\n".join(paragraphs(told, Texts("en")))


def test_who_is_told_what_became_worse_is_told_of_a_missing_vantage(store: SqlStore) -> None:
    put_round(store, Held(name="r2", days=1), {**WHOLE, "hue": RunState.INTERRUPTED})
    assert "Not everything was measured from hue" in (_told_to(store, None) or "")
    assert _told_to(store, "S1") is None


def test_nobody_is_told_of_a_whole_round_without_changes(store: SqlStore) -> None:
    put_round(store, Held(name="r2", days=1), WHOLE)
    assert _told_to(store, None) is None
