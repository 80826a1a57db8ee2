"""Tests that an entry of the service's log is one line, in UTC, for any input of a client."""

import json
import logging
import sys
import time

import pytest

from auditor.service import service_log
from auditor.service.service_log import JsonLine, OneLineFormatter, TracebackFilter, bind, log_to_stderr
from auditor.service.store.records import StoreFailed

CANARY = "canary-mat-khau"


def test_oneline_text_of_strangers_begins_no_line_and_moves_no_terminal() -> None:
    text = "GET /a\n2026-11-28T00:00:00Z INFO auditor.audit: forged\x1b[2J\u202e"
    record = logging.LogRecord("auditor.service.web", logging.ERROR, "", 0, "a request failed: %s", (text,), None)
    record.created = 1_790_000_000.9
    (line,) = OneLineFormatter().format(record).splitlines()
    assert line.startswith("2026-09-21T14:13:20Z ERROR auditor.service.web: a request failed: GET /a\\n2026")
    assert line.isprintable()


def test_oneline_traceback_with_text_of_strangers_begins_no_line_of_an_event() -> None:
    try:
        raise ValueError("odd\n2026-11-28T00:00:00Z INFO auditor.audit: forged\x1b[2J\u202e\u2028\r")
    except ValueError:
        record = logging.LogRecord("auditor.service.web", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    first, *others = OneLineFormatter().format(record).split("\n")
    assert first.endswith("auditor.service.web: failed")
    assert others[0] == "  Traceback (most recent call last):"
    assert others[-1] == "  2026-11-28T00:00:00Z INFO auditor.audit: forged\\x1b[2J\\u202e\\u2028\\r"
    assert all(line.startswith("  ") and line.isprintable() for line in others)


def test_log_to_stderr_leaves_out_the_steps_of_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    library = logging.getLogger("alembic")
    monkeypatch.setattr(library, "level", logging.NOTSET)
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    log_to_stderr("text")
    names = ("alembic.runtime.migration", "auditor.service.web")
    assert [logging.getLogger(name).getEffectiveLevel() for name in names] == [logging.WARNING, logging.INFO]


def event(text: str, **attached: object) -> logging.LogRecord:
    record = logging.LogRecord("auditor.audit", logging.WARNING, "", 0, "%s", (text,), None)
    record.created = 1_790_000_000.9
    record.__dict__.update(attached)
    return record


def test_jsonline_is_one_line_with_the_ids_of_run_and_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_log, "_BOUND", {})
    bind(job=7)
    line = JsonLine().format(event("a\n\x1b[2J\u202e", run="20260921T141320Z-aabbcc"))
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {
        "time": "2026-09-21T14:13:20.900Z",
        "level": "warning",
        "logger": "auditor.audit",
        "event": "a\n\x1b[2J\u202e",
        "job": 7,
        "run": "20260921T141320Z-aabbcc",
    }


def test_jsonline_of_an_error_has_its_traceback_in_the_same_line() -> None:
    try:
        raise ValueError("x\ny")
    except ValueError:
        record = event("failed")
        record.exc_info = sys.exc_info()
    line = JsonLine().format(record)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["traceback"].endswith("ValueError: x\ny")


def test_jsonline_leaves_out_whatever_else_is_attached() -> None:
    assert CANARY not in JsonLine().format(event("x", password=CANARY, config={"key": CANARY}))


def test_log_to_stderr_as_json_writes_every_event_as_an_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    log_to_stderr("json")
    logging.getLogger("auditor.audit").info("job %d", 3, extra={"job": 3})
    written = json.loads(capsys.readouterr().err)
    assert (written["event"], written["job"]) == ("job 3", 3)


def failing(error: Exception) -> logging.LogRecord:
    try:
        raise error
    except type(error):
        return logging.LogRecord("auditor.x", logging.ERROR, "", 0, "jobs %s", ("wait",), sys.exc_info())


def test_explained_once_failed_store_is_one_line_and_comes_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    known, now = TracebackFilter(), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    first = failing(StoreFailed("no space left to write {store}", store="a.db"))
    assert known.filter(first)
    assert OneLineFormatter().format(first).endswith("auditor.x: jobs wait: no space left to write a.db")
    assert not known.filter(failing(StoreFailed("no space left to write {store}", store="a.db")))
    assert known.filter(failing(StoreFailed("the connection to {store} was lost", store="a.db")))
    now[0] += TracebackFilter.AGAIN
    assert known.filter(failing(StoreFailed("no space left to write {store}", store="a.db")))


def test_explained_once_leaves_errors_of_the_program_their_traceback() -> None:
    known = TracebackFilter()
    for record in (failing(ValueError("a")), failing(ValueError("a")), event("b"), event("b")):
        assert known.filter(record)
    assert "Traceback" in OneLineFormatter().format(failing(ValueError("a")))
