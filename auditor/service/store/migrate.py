"""Brings a database to the schema of this version. Alembic is loaded only when there is something to do: it is slow."""

from sqlalchemy import Connection, inspect, text

from auditor.service.store.records import StoreError

REVISIONS = ("0017", "0020", "0021", "0022", "0023", "0024", "0025", "0026", "0027", "0028", "0029", "0030")
"""Every released revision, oldest first; the last one is what ``schema`` says."""

_TABLE = "alembic_version"
_OURS = {"run", "evidence", "finding"}  # in every revision


def revision(connection: Connection) -> str | None:
    """The revision of a database, None where there is none yet."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar_one_or_none()  # noqa: S608  # a constant
    return None if found is None else str(found)


def is_current(connection: Connection, *, name: str) -> bool:
    """Whether nothing is to be done. Raises StoreError for a database of another program, or of a newer version."""
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
    """All missing revisions, in the transaction that ``connection`` is in, after looking again."""
    if not is_current(connection, name=name):
        move(connection, REVISIONS[-1])


def move(connection: Connection, target: str) -> None:
    """To any revision, up or down; ``base`` is before the first."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "auditor.service.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = [None, *REVISIONS]
    down = target == "base" or known.index(revision(connection)) > known.index(target)
    (command.downgrade if down else command.upgrade)(config, target)
