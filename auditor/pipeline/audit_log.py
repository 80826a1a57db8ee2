"""Whether the audit log of a store is as it was written: its chain, and what seals say of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.pipeline.sealing import log_head, stored_seal
from auditor.store.chain import Chain, Head
from auditor.store.records import StoreError
from auditor.store.sql import log_rows
from auditor.store.sql.store import SqlStore
from probes.framework.evidence import RunId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """``contradicted``: sealed runs whose seal names a line that is not there so, be it that the log was cut short or
    written anew from its beginning. ``missing``: the head that was asked for is not there either."""

    chain: Chain
    contradicted: tuple[RunId, ...] = ()
    missing: Head | None = None

    @property
    def holds(self) -> bool:
        return self.chain.broken is None and not self.contradicted and self.missing is None


def check_log(store: SqlStore, kept: Head | None = None) -> LogCheck:
    """Reads the whole log. ``kept``: a line's number and hash that somebody noted elsewhere."""
    with store.database.reading() as connection:
        chain = log_rows.check(connection)
        contradicted = tuple(
            run for run, head in _heads(store) if head.number and log_rows.hash_of(connection, head.number) != head.hash
        )
        there = kept is None or log_rows.hash_of(connection, kept.number) == kept.hash
    return LogCheck(chain=chain, contradicted=contradicted, missing=None if there else kept)


def _heads(store: SqlStore) -> Iterator[tuple[RunId, Head]]:
    """What the seals say; one that cannot be read says nothing here, and is told where runs are."""
    for one in store.runs():
        try:
            seal = stored_seal(one.id, store)
        except StoreError:
            continue
        head = None if seal is None else log_head(seal)
        if head is not None:
            yield one.id, head
