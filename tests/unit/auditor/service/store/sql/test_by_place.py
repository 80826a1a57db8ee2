"""Tests that an insert has a placeholder for each value, in each driver's form."""

from pathlib import Path

from sqlalchemy import insert

from auditor.service.store.database import schema
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.by_place import by_place
from auditor.service.store.sql.keys import inserting


def test_values_stand_in_the_order_of_the_table(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store, store.database.writing() as connection:
        written = by_place(connection, insert(schema.note), schema.note)
        connection.exec_driver_sql(written, [("here", "one", b"1"), ("here", "two", b"2")])
        again = by_place(connection, inserting(connection, schema.note), schema.note)
        connection.exec_driver_sql(again, [("here", "one", b"other")])
        rows = connection.exec_driver_sql("SELECT vantage, name, body FROM note ORDER BY name").all()
    assert [tuple(row) for row in rows] == [("here", "one", b"1"), ("here", "two", b"2")]
