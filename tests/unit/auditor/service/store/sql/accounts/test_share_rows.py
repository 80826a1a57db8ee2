"""Tests rows of shared links: found by the hash of their secret, the latest first, ended once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.accounts import share_rows

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def values(digest: str) -> dict[str, object]:
    return {
        "digest": digest,
        "password": "$argon2id$",
        "run": "r1",
        "judgement": "r1.1",
        "agency": "",
        "who": "lan",
        "made": NOW,
        "expires": NOW + timedelta(days=7),
        "ended": None,
    }


def test_share_rows_are_found_and_ended(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store, store.database.writing() as connection:
        first, second = share_rows.add(connection, values("a")), share_rows.add(connection, values("b"))
        assert [row.key for row in share_rows.every(connection)] == [second, first]
        share_rows.end(connection, first, NOW)
        by_digest, by_key = share_rows.of_digest(connection, "a"), share_rows.of_key(connection, second)
        assert by_digest is not None
        assert by_key is not None
        assert (by_digest.ended, by_key.ended) == (NOW, None)
        assert share_rows.of_digest(connection, "c") is None
