"""Tests that a run and the pages are the same with PostgreSQL as the store as with SQLite."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.service.store.url import open_store
from auditor.service.web.pages.reports import periods
from containers.rehearsal.lab import Rehearsal
from tests.integration.test_serve import paths
from tests.support import audits, judged, kept, past
from tests.support.audits import ENVIRONMENT, PROGRAM, CommandResult, auditor
from tests.support.postgresql import Server
from tests.support.ready import Ready
from tests.support.serving import GOOD, Served, serving
from tests.support.stores import DATABASES, new_store, store_url

pytest_plugins = ("tests.support.rehearsal", "tests.support.pages")

SUBJECTS = ("cong", "xaydung", "nongnghiep", "benngoc", "thacbac", "thu-yte", "giaothong", "khuyencong")
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,}")
"""Tokens of forms and nonces of scripts, which differ each time."""
_MINUTE = re.compile(r"\b\d\d:\d\d\b")
"""The time of a login: it may be a minute later in the second store."""
_TELL_THE_LOGIN = {"/account", "/accounts"}

_DIGEST = re.compile("sha256:[0-9a-f]{64}")  # the inventory's covers the path of a file, which differs
_COMMANDS = (("runs", "list"), ("report", judged.RUN, "--format", "json"), ("inventory", "list"))
_NEW_EACH_TIME = {"/account/second-factor", "/audit-log"}  # a new secret; the time of login in seconds


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database(empty=True) as made:
        yield made


def _command(folder: Path, *words: object) -> CommandResult:
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    return CommandResult(code=done.returncode, out=done.stdout, err=done.stderr, seconds=0.0)


def test_audit_on_postgresql_finds_and_counts_what_it_does_on_sqlite(lab: Rehearsal, tmp_path: Path, url: str) -> None:
    rows = audits.inventory(lab, tmp_path / "inventory.csv", {f"{label}.sonlam.gov.vn" for label in SUBJECTS})
    stores = {"sqlite": f"sqlite:///{tmp_path / 'runs.db'}", "postgresql": url}
    of = {
        kind: auditor(lab, "audit", rows, "--profile", "quick", "--timeout", 3, "--store", store, "--format", "json")
        for kind, store in stores.items()
    }
    assert of["postgresql"].code == of["sqlite"].code == audits.FINDINGS
    documents = {kind: said.document for kind, said in of.items()}
    audits.assert_same(*documents.values())


def test_commands_over_postgresql_say_what_they_say_over_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    said: list[list[tuple[int, str]]] = []
    for kind in DATABASES:
        with store_url(request, tmp_path, kind) as url:
            with open_store(url) as store:
                judged.fill(store)
                past.fill(store)
                kept.keep(store)
            calls = (_command(tmp_path, *words, "--store", url) for words in _COMMANDS)
            said.append([(call.code, _DIGEST.sub("…", call.out)) for call in calls])
            looked = _command(tmp_path, "doctor", "--store", url, "--lang", "en")
            assert "Traceback" not in looked.err
            assert looked.code in (audits.OK, audits.INCOMPLETE)  # the vantage of a test may lack anything
    assert {code for code, _ in said[0]} <= {audits.OK, audits.FINDINGS, audits.INCOMPLETE}
    assert said[0] == said[1]


async def _texts(served: Served, run: str, subject: str) -> dict[str, tuple[int, str]]:
    browser = served.browser()
    assert await browser.log_in(served.admin().name, GOOD) == 303
    found = {}
    for path in paths(run, subject, judged.AGENCY):
        status, text, headers = await browser.get(path)
        if headers.get("Content-Type", "").startswith("text/html"):
            told = _SECRET.sub("…", text)
            found[path] = (status, _MINUTE.sub("…", told) if path in _TELL_THE_LOGIN else told)
    return found


async def test_pages_over_postgresql_say_what_they_say_over_sqlite(
    request: pytest.FixtureRequest, tmp_path: Path, cheap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "PATIENCE", None)  # on a busy machine one of two reports may not be ready
    texts = []
    for kind in DATABASES:
        with new_store(request, tmp_path, kind) as store:
            judged.fill(store)
            past.fill(store)
            kept.keep(store)
            async with serving(store) as served:
                texts.append(await _texts(served, judged.RUN, judged.OURS))
    assert len(texts[0]) > 20
    assert {path: status for path, (status, _) in texts[1].items() if status >= 500} == {}
    others = [path for path in texts[0] if texts[0][path] != texts[1][path]]
    assert set(others) <= _NEW_EACH_TIME


def test_password_of_the_url_is_shown_by_no_command(tmp_path: Path, postgresql: Server, program: Ready) -> None:
    secret = "rat-bi-mat"
    for url in (f"postgresql://an:{secret}@/nowhere?host={postgresql.folder}", f"postgresql://an:{secret}@[::1]:9/x"):
        for words in (("doctor",), ("config", "show"), ("runs", "list"), ("serve",), ("backup", "x.dump")):
            said = program.run((*words, "--store", url), ENVIRONMENT, tmp_path)
            assert secret not in said.stdout + said.stderr, words
            assert "Traceback" not in said.stderr


def test_open_store_is_usable_by_a_process_with_an_empty_environment(url: str) -> None:
    with open_store(url) as store:
        assert store.runs() == ()
