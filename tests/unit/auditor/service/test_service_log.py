"""A line of the service's log is one line, in UTC, whatever a stranger sent."""

import logging

import pytest

from auditor.service.service_log import OneLine, log_to_stderr


def test_oneline_text_of_strangers_begins_no_line_and_moves_no_terminal() -> None:
    text = "GET /a\n2026-11-28T00:00:00Z INFO auditor.audit: forged\x1b[2J\u202e"
    record = logging.LogRecord("auditor.service.web", logging.ERROR, "", 0, "a request failed: %s", (text,), None)
    record.created = 1_790_000_000.9
    (line,) = OneLine().format(record).splitlines()
    assert line.startswith("2026-09-21T14:13:20Z ERROR auditor.service.web: a request failed: GET /a\\n2026")
    assert line.isprintable()


def test_log_to_stderr_leaves_out_the_steps_of_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    library = logging.getLogger("alembic")
    monkeypatch.setattr(library, "level", logging.NOTSET)
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    log_to_stderr()
    names = ("alembic.runtime.migration", "auditor.service.web")
    assert [logging.getLogger(name).getEffectiveLevel() for name in names] == [logging.WARNING, logging.INFO]
