"""Opens transactions over two engines of one database: one that writes, one that only reads."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine

from auditor.service.store.at_hand import may_wait
from auditor.service.store.sql import log_rows


class Transactions(ABC):
    """Opens transactions, or joins the write transaction that the thread is in."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader
        self._turn = threading.RLock()  # threads of this process take turns here, without waiting in the database
        self._mine = threading.local()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction, or a part of the one this thread is in already."""
        current = self._current()
        if current is not None:
            self._be_the_only_writer(current)
            yield current
            return
        may_wait()
        with self._turn, self._begun() as connection:
            self._be_the_only_writer(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction; inside this thread's write transaction, that one."""
        current = self._current()
        if current is not None:
            yield current
            return
        may_wait()
        with self._explained(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """A new write transaction of this thread. Lines of the audit log are announced once it is committed."""
        with self._explained(), self._writer.connect() as connection:
            self._mine.connection = connection
            try:
                with connection.begin():
                    yield connection
                    self._before_commit(connection)
            except BaseException:
                log_rows.taken(connection)  # none of it was committed
                raise
            finally:
                self._mine.connection = None
            added = log_rows.taken(connection)
        self._committed()
        log_rows.announce(added)

    def _current(self) -> Connection | None:
        current: Connection | None = getattr(self._mine, "connection", None)
        return current

    def _be_the_only_writer(self, connection: Connection) -> None:  # noqa: B027  # not every database has to be asked
        """Wait until no other program is in ``writing``, for the rest of the transaction."""

    def _before_commit(self, connection: Connection) -> None:  # noqa: B027
        """Do what belongs to the transaction at its end."""

    def _committed(self) -> None:  # noqa: B027
        """Take note that something was committed here."""

    @abstractmethod
    def _explained(self) -> AbstractContextManager[None]:
        """Turn errors of the database into StoreError; an IntegrityError is the caller's business."""
