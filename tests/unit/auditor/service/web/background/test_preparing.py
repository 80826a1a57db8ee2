"""Tests that the data for pages of the latest judgement is read before any request."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.service.config.model import Config
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import JudgementId
from auditor.service.web.app import make_app
from auditor.service.web.background import preparing
from auditor.service.web.background.preparing import keep_prepared, prepared
from auditor.service.web.figures.overview import judgement_before
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.site import SITE, Site
from tests.support import judged, past


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_sqlite(tmp_path / "a.db") as store:
        judged.fill(store)
        past.fill(store)
        yield make_app(Config(), store, secure=False)[SITE]


def test_prepared_knows_problems_and_changes_of_the_latest_judgement(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asyncio.run(prepared(site))
    digest = latest(site)
    assert digest is not None
    assert seen == digest.judgement.id
    before = judgement_before(site, digest)
    assert before is not None
    assert site.digests.has_compared(before.id, digest.judgement.id)
    monkeypatch.setattr(site.problems, "_read", None)  # nothing is read again
    assert site.problems.of(digest)
    site.problems.of(digest, undecided=True)
    assert site.problems.of(site.digests.of(before))


def test_prepared_reads_nothing_of_a_judgement_that_it_saw(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = asyncio.run(prepared(site))
    monkeypatch.setattr(site.problems, "of", None)
    assert asyncio.run(prepared(site, seen)) == seen


async def test_prepared_compiles_every_template_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = await prepared(site)
    monkeypatch.setattr(site.templates, "compile", None)
    for name in site.templates.list_templates():
        site.templates.get_template(name)
    monkeypatch.setattr(site.templates, "list_templates", None)
    assert await prepared(site, JudgementId("another")) == seen


async def test_keep_prepared_looks_at_once_and_ends_with_the_service(site: Site) -> None:
    site.ending.set()
    await keep_prepared(site)
    digest = latest(site)
    assert digest is not None
    assert (digest.judgement.id, False) in site.problems._known


async def test_keep_prepared_goes_on_after_any_error_and_says_it_once_in_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors such as a thread that cannot be started or an unreadable judgement do not end the service."""
    tried: list[float] = []

    async def broken(*_: object) -> None:
        tried.append(asyncio.get_running_loop().time())
        if len(tried) == 3:
            site.ending.set()
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(preparing, "prepared", broken)
    monkeypatch.setattr(preparing, "_BETWEEN", 0.0)
    monkeypatch.setattr(preparing, "_AFTER_ERROR", 0.05)
    await keep_prepared(site)
    assert caplog.text.count("could not be looked at") == 3
    assert tried[2] - tried[0] >= 0.09


def test_prepared_of_an_empty_store_is_nothing(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        assert asyncio.run(prepared(make_app(Config(), store, secure=False)[SITE])) is None
