"""Opens transactions over two engines of one database: one that writes, one that only reads."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine

from auditor.service.store.at_hand import may_wait
from auditor.service.store.sql.accounts import log_rows


class Transactions(ABC):
    """Opens transactions, or joins the write transaction that the thread is in."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader
        self._turn = threading.RLock()  # threads of this process take turns here, without waiting in the database
        self._mine = threading.local()

    @contextmanager
    def writing(self, *, told: bool = True) -> Iterator[Connection]:
        """Begin a write transaction, or join the one this thread is in, which is ``told`` if any part is."""
        current = self._current()
        if current is not None:
            self._mine.told |= told
            self._be_the_only_writer(current)
            yield current
            return
        may_wait()
        with self._turn, self._begun(told=told) as connection:
            self._be_the_only_writer(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a read transaction, or join this thread's write transaction."""
        current = self._current()
        if current is not None:
            yield current
            return
        may_wait()
        with self._explained(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _begun(self, *, told: bool) -> Iterator[Connection]:
        """Begin a new write transaction of this thread; lines of the audit log are announced once it is committed."""
        with self._explained(), self._writer.connect() as connection:
            self._mine.connection, self._mine.told = connection, told
            try:
                with connection.begin():
                    yield connection
                    told = self._mine.told
                    self._before_commit(connection, told=told)
            except BaseException:
                log_rows.taken(connection)  # none of it was committed
                raise
            finally:
                self._mine.connection = None
            added = log_rows.taken(connection)
        self._committed(told=told)
        log_rows.announce(added)

    def _current(self) -> Connection | None:
        current: Connection | None = getattr(self._mine, "connection", None)
        return current

    def _be_the_only_writer(self, connection: Connection) -> None:  # noqa: B027  # not every database has to be asked
        """Wait until no other program is in ``writing``, for the rest of the transaction."""

    @abstractmethod
    def _before_commit(self, connection: Connection, *, told: bool) -> None:
        """Finish the transaction before its commit; ``stamp`` must change if it is ``told``."""

    def _committed(self, *, told: bool) -> None:  # noqa: B027
        """Note that something was committed here."""

    @abstractmethod
    def _explained(self) -> AbstractContextManager[None]:
        """Turn errors of the database into StoreError; an IntegrityError is left to the caller."""
