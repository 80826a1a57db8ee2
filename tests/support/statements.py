"""Counts what is asked of a database, to tell what is read together from what is read one after the other."""

from collections.abc import Callable

from sqlalchemy import Engine, event


def statements(work: Callable[[], object]) -> int:
    """Return how many statements some work executes, of whatever database."""
    asked: list[object] = []

    def counted(*args: object) -> None:
        asked.append(args[2])

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        work()
    finally:
        event.remove(Engine, "before_cursor_execute", counted)
    return len(asked)
