"""Logs the service and its audits to stderr: one line for each event, with the time in UTC.

Some lines hold data from untrusted clients (a path, the name of a host), so characters that would begin a new line, or
control a reader's terminal, are escaped. Only the traceback of an error of ours takes several lines, which are
indented; as JSON, for programs that collect logs, it is in the line of its event.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any

from auditor.framework.escaping import visible
from auditor.framework.operator_problems import Explained


class OneLineFormatter(logging.Formatter):
    """Formats an event as a line such as ``2026-11-28T05:49:05Z INFO auditor.service.web: message``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # logging's own
        return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's own name
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # logging's own name and type
        """Indent a traceback and escape it: its last lines may hold data from untrusted clients."""
        return "\n".join(f"  {visible(line)}" for line in super().formatException(ei).split("\n"))


_IDS = ("run", "job")
_BOUND: dict[str, str | int] = {}


class TracebackFilter(logging.Filter):
    """Replaces the traceback of an error that explains itself by one line, which is repeated only after a while.

    Periodic work meets such an error every second; a traceback each time would hide the rest of the log.
    """

    AGAIN = 60.0  # seconds

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if not isinstance(error, Explained):
            return True
        record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error}", (), None
        key, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._said.get(key, -self.AGAIN) < self.AGAIN:
            return False
        self._said = {known: then for known, then in self._said.items() if now - then < self.AGAIN} | {key: now}
        return True


class JsonLine(logging.Formatter):
    """Formats an event as one JSON object in ASCII: time, level, logger, event, and the run and job if known.

    Of the fields that a caller attaches to an event only these ids are written, so that nothing else can get into a
    log.
    """

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event: dict[str, str | int] = {"time": when.replace("+00:00", "Z"), "level": record.levelname.lower()}
        event |= {"logger": record.name, "event": record.getMessage(), **_BOUND}
        event |= {name: record.__dict__[name] for name in _IDS if name in record.__dict__}
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(event, default=str)


def bind(**ids: str | int) -> None:
    """Set the run or the job that is added to every further event of this process."""
    _BOUND.update({name: ids[name] for name in _IDS if name in ids})


def log_to_stderr(form: str) -> None:
    """Log from INFO on to standard error as ``text`` or ``json``, without a library's messages about its own steps."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else OneLineFormatter())
    handler.addFilter(TracebackFilter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # twenty lines of migrations for a store that is new
