"""Keeps people's handling of problems: state, owner, deadline and comments, with every change; and saved filters.

Nothing here affects a finding, a score or a figure, and nothing is changed or deleted: the last change is valid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from auditor.framework.findings import CheckId
from auditor.service.store.database.account_schema import problem_filter
from auditor.service.store.database.schema import problem_change
from auditor.service.store.records import StoreError
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.keys import upserting
from inventory.model import AgencyId, Network, SubjectId

MOST_FILTERS = 30
"""Selections that one account may keep at most."""


class ProblemState(StrEnum):
    """Lists people's states of a problem; only measurements show whether it still exists."""

    NEW = "new"
    IN_WORK = "in_work"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    FALSE_POSITIVE = "false_positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKey:
    """Names a problem over all runs: one check of one subject in one network."""

    subject: SubjectId
    check: CheckId
    network: Network


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemChange:
    """Holds one change, with all values valid after it. ``agency``: that of the subject at the time."""

    state: ProblemState = ProblemState.NEW
    owner: str = ""
    deadline: date | None = None
    comment: str = ""
    agency: AgencyId | None = None
    made: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChange:
    """Holds a requested change; None leaves a field as it is.

    An empty owner is nobody; ``no_deadline`` removes the deadline.
    """

    state: ProblemState | None = None
    owner: str | None = None
    deadline: date | None = None
    no_deadline: bool = False
    comment: str = ""

    @property
    def is_empty(self) -> bool:
        return self == WantedChange()


class ProblemStates:
    """Keeps changes of problems, and the selections of problems that accounts keep by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self) -> Mapping[ProblemKey, ProblemChange]:
        """Return the last change of every problem that has one."""
        last = select(func.max(problem_change.c.key)).group_by(
            problem_change.c.subject, problem_change.c.check_id, problem_change.c.network
        )
        with self._database.reading() as connection:
            rows = connection.execute(select(problem_change).where(problem_change.c.key.in_(last)))
            return {_key(row): _change(row) for row in rows}

    def history(self, key: ProblemKey) -> tuple[ProblemChange, ...]:
        """Return all changes of one problem, oldest first."""
        with self._database.reading() as connection:
            return _history(connection, key)

    def change(
        self, problems: Mapping[ProblemKey, AgencyId | None], wanted: WantedChange, *, who: str, now: datetime
    ) -> int:
        """Add a change to each of these problems that it affects; return how many. Each comes with its agency."""
        rows = []
        with self._database.writing() as connection:
            for key, agency in problems.items():
                history = _history(connection, key)
                before = history[-1] if history else ProblemChange(made=now, who="")
                state, owner = wanted.state or before.state, before.owner if wanted.owner is None else wanted.owner
                deadline = None if wanted.no_deadline else wanted.deadline or before.deadline
                if wanted.comment or (state, owner, deadline) != (before.state, before.owner, before.deadline):
                    rows.append(
                        {
                            "subject": key.subject,
                            "check_id": key.check,
                            "network": key.network.value,
                            "agency": agency or "",
                            "made": now,
                            "who": who,
                            "state": state.value,
                            "owner": owner,
                            "deadline": deadline,
                            "comment": wanted.comment,
                        }
                    )
            if rows:
                connection.execute(insert(problem_change), rows)
        return len(rows)

    def filters(self, account: int) -> Mapping[str, str]:
        """Return the selections of an account by name, each the query string of the list's address."""
        table = problem_filter
        query = select(table.c.name, table.c.query).where(table.c.account == account).order_by(table.c.name)
        with self._database.reading() as connection:
            return {row.name: row.query for row in connection.execute(query)}

    def keep_filter(self, account: int, name: str, query: str) -> None:
        """Keep a selection, in place of one of the same name. Raises StoreError for one too many."""
        with self._database.writing() as connection:
            table = problem_filter
            others = select(func.count()).where(table.c.account == account, table.c.name != name)
            if connection.execute(others).scalar_one() >= MOST_FILTERS:
                raise StoreError("an account keeps at most {most} selections of problems", most=MOST_FILTERS)
            connection.execute(upserting(connection, table, {"account": account, "name": name}, {"query": query}))

    def drop_filter(self, account: int, name: str) -> None:
        table = problem_filter
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.account == account, table.c.name == name))


def _history(connection: Connection, key: ProblemKey) -> tuple[ProblemChange, ...]:
    table = problem_change
    query = select(table).where(
        table.c.subject == key.subject, table.c.check_id == key.check, table.c.network == key.network.value
    )
    return tuple(map(_change, connection.execute(query.order_by(table.c.key))))


def _key(row: Row[Any]) -> ProblemKey:
    return ProblemKey(subject=SubjectId(row.subject), check=CheckId(row.check_id), network=Network(row.network))


def _change(row: Row[Any]) -> ProblemChange:
    return ProblemChange(
        state=ProblemState(row.state),
        owner=row.owner,
        deadline=row.deadline,
        comment=row.comment,
        agency=AgencyId(row.agency) if row.agency else None,
        made=row.made,
        who=row.who,
    )


def states_seen(history: Sequence[ProblemChange]) -> list[tuple[ProblemState, ProblemChange]]:
    """Pair each change with the state before it."""
    before = [ProblemState.NEW, *(change.state for change in history)]
    return list(zip(before, history, strict=False))
