"""Counts the statements sent to a database, to distinguish reading in one query from reading row by row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Collect the statements executed meanwhile on any database, except BEGIN."""
    asked: list[str] = []

    def counted(*args: object) -> None:
        if args[2] != "BEGIN":
            asked.append(str(args[2]))

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", counted)


def statements(work: Callable[[], object]) -> int:
    """Return how many statements some work executes."""
    with counted_statements() as asked:
        work()
    return len(asked)
