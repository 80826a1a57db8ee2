"""Accounts of the service, their sessions and tokens, failed logins and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON()


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("name", _ORDERED, nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("agency", _ORDERED, nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("totp", sa.String(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )
    _held("session", sa.Column("csrf", sa.String(), nullable=False), _time("created"), _time("seen"))
    _held(
        "token",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        _time("created"),
        _time("expires"),
    )
    _create_records()


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, _TIME, nullable=False)


def _held(table: str, *columns: sa.Column[object]) -> None:
    """What somebody holds, by its digest."""
    op.create_table(
        table,
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account", _KEY, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("digest", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name=f"fk_{table}_account_account"),
    )
    op.create_index(f"ix_{table}_account", table, ["account"])


def _create_records() -> None:
    op.create_table(
        "deed",
        sa.Column("key", _KEY, nullable=False),
        _time("time"),
        sa.Column("who", _ORDERED, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_deed"),
    )
    op.create_index("ix_deed_time", "deed", ["time"])
    op.create_table(
        "attempt",
        sa.Column("what", _ORDERED, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _time("last"),
        sa.PrimaryKeyConstraint("what", name="pk_attempt"),
    )


def downgrade() -> None:
    for table in ("attempt", "deed", "token", "session", "account"):
        op.drop_table(table)
