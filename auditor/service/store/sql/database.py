"""Declares what every part of the store asks of a database, whichever it is."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Database(Protocol):
    """Transactions of one database. All join the write transaction that the thread is in, if it is in one; to begin
    one, who asks ``at_once`` is refused."""

    @property
    def name(self) -> str:
        """How messages call it."""
        ...

    @property
    def path(self) -> Path:
        """Where files that belong to the store stand (its keys, its lock): beside this path, named after it."""
        ...

    @property
    def url(self) -> str | None:
        """Return the URL by which another process opens the same database without our folder and environment.

        None where that is not enough. It may hold a password.
        """
        ...

    def writing(self, *, told: bool = True) -> "AbstractContextManager[Connection]":
        """Return a transaction with which no other one of these overlaps: what it read holds until it ends.

        ``told`` False: nothing that pages remember until ``stamp`` changes rests on what is written.
        """
        ...

    def appending(self) -> "AbstractContextManager[Connection]":
        """A transaction that only adds rows under ids of their own, such as evidence: it need not wait for others.
        ``stamp`` does not tell of them."""
        ...

    def reading(self) -> "AbstractContextManager[Connection]": ...

    def stamp(self) -> int:
        """Another number after anything was committed that is told of (see ``writing``); what was read after the number
        was asked for, and before it is another one, still holds.

        A running audit and its judging commit several times a second what no page shows before they end.
        """
        ...

    def commits(self) -> int:
        """Another number after anything at all was committed."""
        ...

    def claim(self) -> bool:
        """True if this is the one service that looks after the store's jobs, as far as the database can tell; it stays
        so until ``release`` or the end of the program."""
        ...

    def release(self) -> None: ...

    def secure(self) -> None: ...

    def close(self) -> None: ...
