"""Stores the content shared by findings once, as statements; the table of findings keeps the rest."""

from typing import Any, cast

import sqlalchemy as sa
from alembic import op

from auditor.service.store.sql.judgements import statement_rows

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BEFORE = "finding_before"
_SAID = (
    ("check_id", sa.String(), False),
    ("check_version", sa.SmallInteger(), False),
    ("code", sa.String(), False),
    ("severity", sa.String(), False),
    ("level", sa.String(), False),
    ("level_basis", sa.String(), False),
    ("address", sa.String(), True),
    ("detail", sa.Text(), True),
    ("vantage", sa.String(), False),
    ("reason", sa.String(), True),
    ("args", sa.JSON(), False),
)
"""The columns that move, with their types and whether they may be NULL."""
_INDEXES = {
    "ix_finding_defect": "outcome IN ('fail', 'warn', 'error')",
    "ix_finding_undecided": "outcome = 'inconclusive'",
}
_OWN = ("key", "judgement", "subject", "id", "outcome", "evidence", "waived", "trace", "vantages")
_JSON = frozenset({"args", "evidence", "waived", "vantages"})


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in _SAID),
        sa.PrimaryKeyConstraint("key", name="pk_statement"),
        sa.UniqueConstraint("digest", name="uq_statement_digest"),
    )
    _set_aside("judgement", "subject")
    _create(
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("statement", _KEY, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("waived", sa.JSON()),
        sa.Column("trace", sa.Text()),
        sa.Column("vantages", sa.JSON()),
        sa.ForeignKeyConstraint(["statement"], ["statement.key"], name="fk_finding_statement_statement"),
    )
    _move()
    _end()


def downgrade() -> None:
    _set_aside("judgement", "subject", "statement")
    _create(
        *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in _SAID[:3]),
        sa.Column("outcome", sa.String(), nullable=False),
        *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in _SAID[3:]),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("waived", sa.JSON()),
        sa.Column("trace", sa.Text()),
        sa.Column("vantages", sa.JSON()),
    )
    said = ", ".join(name for name, _, _ in _SAID)
    own, placed = ", ".join(_OWN), ", ".join(f"f.{name}" for name in _OWN)
    found = f"{_BEFORE} f JOIN statement s ON s.key = f.statement"
    op.execute(f"INSERT INTO finding ({own}, {said}) SELECT {placed}, {said} FROM {found} ORDER BY f.key")  # noqa: S608
    _end()
    op.drop_table("statement")


def _set_aside(*referring: str) -> None:
    """Rename the table and free the names of its constraints, which are unique in PostgreSQL."""
    for name in _INDEXES:
        op.drop_index(name, "finding")
    op.rename_table("finding", _BEFORE)
    if _is_postgresql():
        op.execute(f"ALTER SEQUENCE finding_key_seq RENAME TO {_BEFORE}_key_seq")
        constraints = (
            *(f"fk_finding_{name}_{name}" for name in referring),
            "uq_finding_judgement_subject_id",
            "pk_finding",
        )
        for constraint in constraints:
            op.drop_constraint(constraint, _BEFORE)


def _create(*columns: sa.Column[Any] | sa.ForeignKeyConstraint) -> None:
    op.create_table(
        "finding",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("judgement", _KEY, nullable=False),
        sa.Column("subject", _KEY, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["judgement"], ["judgement.key"], name="fk_finding_judgement_judgement"),
        sa.ForeignKeyConstraint(["subject"], ["subject.key"], name="fk_finding_subject_subject"),
        sa.PrimaryKeyConstraint("key", name="pk_finding"),
        sa.UniqueConstraint("judgement", "subject", "id", name="uq_finding_judgement_subject_id"),
    )


def _move() -> None:
    """Copy the findings, and store their shared columns as statements."""
    connection = op.get_bind()
    columns = (*_OWN, *(name for name, _, _ in _SAID))
    read = ", ".join(f"CAST({name} AS TEXT)" if name in _JSON else name for name in columns)
    query = sa.text(f"SELECT {read} FROM {_BEFORE} WHERE key > :after ORDER BY key LIMIT {_AT_ONCE}")  # noqa: S608
    added = (*_OWN, "statement")
    places = ", ".join(f"CAST(:{name} AS JSON)" if name in _JSON and _is_postgresql() else f":{name}" for name in added)
    add = sa.text(f"INSERT INTO finding ({', '.join(added)}) VALUES ({places})")  # noqa: S608  # constants
    after = 0
    while rows := connection.execute(query, {"after": after}).all():
        stated = [cast(statement_rows.Statement, tuple(row[len(_OWN) :])) for row in rows]
        keys = statement_rows.keys(connection, stated)
        connection.execute(
            add,
            [
                dict(zip(added, (*row[: len(_OWN)], keys[statement]), strict=True))
                for row, statement in zip(rows, stated, strict=True)
            ],
        )
        after = rows[-1][0]


def _end() -> None:
    op.drop_table(_BEFORE)
    for name, only in _INDEXES.items():
        op.create_index(name, "finding", ["judgement"], sqlite_where=sa.text(only), postgresql_where=sa.text(only))
    if _is_postgresql():
        op.execute("SELECT setval('finding_key_seq', (SELECT coalesce(max(key), 0) + 1 FROM finding), false)")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
