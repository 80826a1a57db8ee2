"""Brings a database to the schema of this version.

Alembic is loaded only if there is something to do, because it is slow. A new SQLite database gets its tables at once,
in a fraction of the time that all revisions take one after another; tests check that both give the same. PostgreSQL has
functions besides its tables, which the revisions create.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ClauseElement, Connection, create_mock_engine, inspect, text

from auditor.service.store.database import account_schema, schema
from auditor.service.store.records import StoreError

REVISIONS = ("0017", "0020", "0021", "0022", "0023", "0024", "0025", "0026", "0027", "0028", "0029", "0030", "0031")
"""The released revisions, oldest first; the last one matches the tables in ``schema``."""

_TABLE = "alembic_version"
_VERSIONS = f"""CREATE TABLE {_TABLE} (
\tversion_num VARCHAR(32) NOT NULL,
\tCONSTRAINT {_TABLE}_pkc PRIMARY KEY (version_num)
)"""
assert account_schema.account.metadata is schema.run.metadata  # all tables are known once both are imported
_OURS = {"run", "evidence", "finding"}  # in every revision


def revision(connection: Connection) -> str | None:
    """Return the revision of a database; None if it has none yet."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar_one_or_none()  # noqa: S608  # a constant
    return None if found is None else str(found)


def is_current(connection: Connection, *, name: str) -> bool:
    """True if the schema is current. Raises StoreError for a database of another program, or of a newer version."""
    tables = set(inspect(connection).get_table_names()) - {_TABLE}
    if tables and not tables >= _OURS:
        raise StoreError("{store} is a database of another program; name another place with --store", store=name)
    found = revision(connection)
    if found is None:
        return False
    if found < REVISIONS[0]:
        raise StoreError(
            "{store} was written before the first release (its schema is {found}, this version knows {known} and later)"
            "; move that file away or name another place with --store, then audit again",
            store=name,
            found=found,
            known=REVISIONS[0],
        )
    if found not in REVISIONS:
        raise StoreError(
            "{store} was written by a newer version (its schema is {found}, this version knows up to {known});"
            " use that version, or another store",
            store=name,
            found=found,
            known=REVISIONS[-1],
        )
    return found == REVISIONS[-1]


def upgrade(connection: Connection, *, name: str) -> None:
    """Apply all missing revisions, in the transaction of ``connection``, after checking again."""
    if is_current(connection, name=name):
        return
    if connection.dialect.name == "sqlite" and not inspect(connection).get_table_names():
        for statement in _statements():
            connection.exec_driver_sql(statement)
    else:
        move(connection, REVISIONS[-1])


@cache
def _statements() -> Sequence[str]:
    """Return the statements that create the tables in an empty SQLite database; cached, as building them is slow."""
    made: list[str] = []

    def write(statement: ClauseElement, *_: object, **__: object) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("sqlite://", write)
    schema.run.metadata.create_all(engine, checkfirst=False)
    return [*made, _VERSIONS, f"INSERT INTO {_TABLE} VALUES ('{REVISIONS[-1]}')"]  # noqa: S608  # constants


def move(connection: Connection, target: str) -> None:
    """Migrate to any revision, up or down; ``base`` is before the first."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "auditor.service.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = [None, *REVISIONS]
    down = target == "base" or known.index(revision(connection)) > known.index(target)
    (command.downgrade if down else command.upgrade)(config, target)
