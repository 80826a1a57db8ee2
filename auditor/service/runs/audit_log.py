"""Verifies that the audit log of a store is unchanged: by its chain, and by the lines that seals record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.service.runs.sealing import log_head, stored_seal
from auditor.service.store.api import DatabaseStore
from auditor.service.store.chain import AuditLogChain, LastLine
from auditor.service.store.records import StoreError
from auditor.service.store.sql.accounts import log_rows
from probes.framework.evidence import RunId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """Holds the result of verifying the audit log.

    ``contradicted`` are sealed runs with a seal that records a line which the log does not have, because the log was
    cut short or rewritten. ``unsealed`` are runs with another seal than the log records. ``missing`` is the head that
    was asked for, if the log does not have it.
    """

    chain: AuditLogChain
    contradicted: tuple[RunId, ...] = ()
    unsealed: tuple[RunId, ...] = ()
    missing: LastLine | None = None

    @property
    def holds(self) -> bool:
        return self.chain.broken is None and not self.contradicted and not self.unsealed and self.missing is None


def check_log(store: DatabaseStore, kept: LastLine | None = None) -> LogCheck:
    """Verify the whole log. ``kept`` is the number and hash of a line that somebody noted elsewhere."""
    with store.database.reading() as connection:
        chain = log_rows.check(connection)
        contradicted = tuple(
            run for run, head in _heads(store) if head.number and log_rows.hash_of(connection, head.number) != head.hash
        )
        there = kept is None or log_rows.hash_of(connection, kept.number) == kept.hash
    return LogCheck(
        chain=chain, contradicted=contradicted, unsealed=tuple(_unsealed(store)), missing=None if there else kept
    )


def sealed_roots(store: DatabaseStore) -> Mapping[RunId, Sequence[str]]:
    """Return the digests of the seals that the audit log records, by run, in the order in which they were made."""
    with store.database.reading() as connection:
        rows = log_rows.of_kind(connection, "run_sealed")
    found: dict[RunId, list[str]] = {}
    for row in rows:
        run, _, rest = str(row.about).partition(" ")
        found.setdefault(RunId(run), []).append(rest.partition(" ")[0])
    return found


def _every(store: DatabaseStore) -> Iterator[RunId]:
    """Yield all runs, including the members of rounds: each may be sealed by itself."""
    for run in store.runs():
        yield from (run.id, *run.members)


def _unsealed(store: DatabaseStore) -> Iterator[RunId]:
    known = set(_every(store))
    for run, roots in sealed_roots(store).items():
        if run in known and not _is_sealed_as(run, roots, store):
            yield run


def _is_sealed_as(run: RunId, roots: Sequence[str], store: DatabaseStore) -> bool:
    try:
        seal = stored_seal(run, store)
    except StoreError:
        return False
    return seal is not None and {seal.get("root")} == set(roots)


def _heads(store: DatabaseStore) -> Iterator[tuple[RunId, LastLine]]:
    """Yield the log head that each seal records; an unreadable seal is skipped, and reported where runs are shown."""
    for run in _every(store):
        try:
            seal = stored_seal(run, store)
        except StoreError:
            continue
        head = None if seal is None else log_head(seal)
        if head is not None:
            yield run, head
