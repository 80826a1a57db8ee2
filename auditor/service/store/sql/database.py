"""Declares what every part of the store asks of a database, whichever it is."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection


class Database(Protocol):
    """Transactions of one database. Both join the write transaction that the thread is in, if it is in one; to begin
    one, who asks ``at_once`` is refused."""

    def writing(self) -> AbstractContextManager[Connection]: ...

    def reading(self) -> AbstractContextManager[Connection]: ...

    def stamp(self) -> int:
        """Another number after anything was committed; what was read after the number was asked for, and before it is
        another one, still holds."""
        ...

    def secure(self) -> None: ...

    def close(self) -> None: ...
