"""Logs the service and its audits to stderr: one line for each event, with the time in UTC.

What strangers send stands in some lines (a path, the name of a host), so whatever would begin a line of its own, or
move a reader's terminal, is escaped. Only the traceback of an error of ours takes several lines.
"""

import logging
import sys
from datetime import UTC, datetime

from auditor.framework.escaping import visible


class OneLine(logging.Formatter):
    """``2026-11-28T05:49:05Z INFO auditor.service.web: what is said``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # logging's own
        return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's own name
        return visible(super().formatMessage(record))


def log_to_stderr() -> None:
    """Log from INFO on to standard error, but for what a library tells of its own steps."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # twenty lines of migrations for a store that is new
