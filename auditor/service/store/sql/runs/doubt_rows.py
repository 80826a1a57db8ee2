"""Reads and writes rows of doubtful runs, each function within a transaction."""

from typing import Any

from sqlalchemy import Connection, Row, update

from auditor.figures.comparison import Credibility
from auditor.service.store.database.schema import doubt as _DOUBT
from auditor.service.store.records import Doubt
from auditor.service.store.sql.keys import inserting, run_key
from probes.framework.evidence import RunId

COLUMNS = tuple(each.label(f"doubt_{each.name}") for each in _DOUBT.c)
"""The columns that a query for runs adds for ``doubt``."""


def add(connection: Connection, run: RunId, doubt: Doubt) -> bool:
    """Record a doubt about a run; False if it was in doubt before, as a run is doubted only once."""
    values = {
        "run": run_key(connection, run),
        "base": doubt.base,
        "areas": list(doubt.areas),
        "since": doubt.since,
        "state": doubt.state.value,
        "repeat": doubt.repeat or "",
    }
    adding = inserting(connection, _DOUBT).execution_options(preserve_rowcount=True)
    return connection.execute(adding, values).rowcount == 1


def settle(connection: Connection, run: RunId, state: Credibility, repeat: RunId | None) -> bool:
    """Record the decision about a run; False if no decision is awaited."""
    waiting = _DOUBT.c.run == run_key(connection, run), _DOUBT.c.state == Credibility.WAITING.value
    changed = update(_DOUBT).where(*waiting).values(state=state.value, repeat=repeat or "")
    return connection.execute(changed).rowcount == 1


def doubt(row: Row[Any]) -> Doubt | None:
    """Return the doubt of a row that was read with ``COLUMNS``; None if there is none."""
    if row.doubt_run is None:
        return None
    return Doubt(
        base=RunId(row.doubt_base),
        areas=tuple(row.doubt_areas),
        since=row.doubt_since,
        state=Credibility(row.doubt_state),
        repeat=RunId(row.doubt_repeat) if row.doubt_repeat else None,
    )
