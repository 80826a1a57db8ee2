"""Tests that driver errors become errors of the store, and that errors which callers distinguish are unchanged."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from auditor.service.store.records import StoreError
from auditor.service.store.sql.explaining import explaining

LOCKED = sqlite3.OperationalError("database is locked")


def explain(error: BaseException | None) -> StoreError:
    return StoreError("explained: {error}", error=str(error))


@pytest.mark.parametrize("error", [LOCKED, OperationalError("SELECT 1", {}, LOCKED)])
def test_explaining_error_of_the_driver_is_explained_by_its_own_words(error: sqlite3.Error | DBAPIError) -> None:
    with pytest.raises(StoreError, match=r"^explained: database is locked$"), explaining(sqlite3.Error, explain):
        raise error


@pytest.mark.parametrize("error", [IntegrityError("INSERT", {}, LOCKED), ValueError("ours"), StoreError("known")])
def test_explaining_other_errors_are_left_alone(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, explaining(sqlite3.Error, explain):
        raise error
    assert raised.value is error
