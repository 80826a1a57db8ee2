"""Declares the interface of a database that every part of the store uses."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Database(Protocol):
    """Opens transactions of one database.

    All join the write transaction that the thread is in, if it is in one; to begin a new one inside ``at_once`` raises
    MustWait.
    """

    @property
    def name(self) -> str:
        """The name of the database in messages."""
        ...

    @property
    def path(self) -> Path:
        """The path beside which files of the store (its keys, its lock) are kept, named after it."""
        ...

    @property
    def url(self) -> str | None:
        """The URL by which another process opens the same database without our folder and environment.

        None if that is not enough. It may hold a password.
        """
        ...

    def writing(self, *, told: bool = True) -> "AbstractContextManager[Connection]":
        """Begin a transaction that no other one of these overlaps: the data it read stays valid until it ends.

        ``told`` False: the written data affects nothing that pages cache until ``stamp`` changes.
        """
        ...

    def appending(self) -> "AbstractContextManager[Connection]":
        """Begin a transaction that only adds rows under ids of their own, such as evidence, without waiting for others.

        It does not change ``stamp``.
        """
        ...

    def reading(self) -> "AbstractContextManager[Connection]": ...

    def stamp(self) -> int:
        """Return a number that changes with every commit that is ``told`` (see ``writing``).

        Data read after this call is valid as long as the number stays the same. A running audit and its judging commit
        several times a second data that no page shows before they end.
        """
        ...

    def commits(self) -> int:
        """Return a number that changes with every commit."""
        ...

    def claim(self) -> bool:
        """True if this is the only service that runs the store's jobs, as far as the database can tell.

        It stays so until ``release`` or the end of the program.
        """
        ...

    def release(self) -> None: ...

    def secure(self) -> None: ...

    def close(self) -> None: ...
