"""The lines of the audit log are chained by hashes, and none is replaced.

Lines from before are chained as they are found; a line of its own says up to which one that was done.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from auditor.service.store.chain import Head, Line
from auditor.service.store.columns import Utc

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_FIELDS = ("time", "who", "address", "what", "about")
_AT_ONCE = 1_000


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        _drop_triggers("update", "delete")
    op.drop_index("ix_deed_time", "deed")
    op.rename_table("deed", "deed_before")
    _create(sa.Column("hash", sa.String(), nullable=False))
    _chain()
    op.drop_table("deed_before")
    if is_sqlite:
        _create_triggers()
        op.execute(
            "CREATE TRIGGER deed_no_replace BEFORE INSERT ON deed WHEN NEW.key <= (SELECT max(key) FROM deed)"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        )


def _create(*more: sa.Column[str]) -> None:
    op.create_table(
        "deed",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", _ORDERED, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("key", name="pk_deed"),
    )
    op.create_index("ix_deed_time", "deed", ["time"])


def _table(name: str, *more: str) -> sa.TableClause:
    texts = (sa.column(each, sa.Text()) for each in (*_FIELDS[1:], *more))
    return sa.table(name, sa.column("key", _KEY), sa.column("time", Utc()), *texts)


def _chain() -> None:
    connection, old, new = op.get_bind(), _table("deed_before"), _table("deed", "hash")
    last = Head()
    while rows := connection.execute(
        sa.select(old).where(old.c.key > last.number).order_by(old.c.key).limit(_AT_ONCE)
    ).all():
        lines = []
        for row in rows:
            line = Line(number=row.key, **{name: getattr(row, name) for name in _FIELDS})
            last = Head(number=line.number, hash=line.hash_after(last.hash))
            lines.append(_values(line, last.hash))
        connection.execute(sa.insert(new), lines)
    if last.number:
        said = Line(
            number=last.number + 1,
            time=datetime.now(UTC),
            who="",
            address="",
            what="log_chained",
            about=f"{last.number}",
        )
        connection.execute(sa.insert(new), [_values(said, said.hash_after(last.hash))])


def _values(line: Line, hashed: str) -> dict[str, object]:
    return {"key": line.number, "hash": hashed, **{name: getattr(line, name) for name in _FIELDS}}


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        _drop_triggers("update", "delete", "replace")
    op.drop_index("ix_deed_time", "deed")
    op.rename_table("deed", "deed_after")
    _create()
    old, names = _table("deed_after"), ("key", *_FIELDS)
    kept = sa.select(*(old.c[name] for name in names)).where(old.c.what != "log_chained")
    op.execute(sa.insert(_table("deed")).from_select(names, kept))
    op.drop_table("deed_after")
    if is_sqlite:
        _create_triggers()


def _drop_triggers(*kinds: str) -> None:
    for kind in kinds:
        op.execute(f"DROP TRIGGER deed_no_{kind}")


def _create_triggers() -> None:
    for what in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER deed_no_{what} BEFORE {what.upper()} ON deed"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        )
