"""Inventories kept by name with their versions, and accepted defects."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inventory",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("name", _ORDERED, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("who", _ORDERED, nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inventory"),
        sa.UniqueConstraint("name", "number", name="uq_inventory_name_number"),
    )
    op.create_table(
        "waiver",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("subject", _ORDERED, nullable=False),
        sa.Column("agency", _ORDERED, nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("who", _ORDERED, nullable=False),
        sa.Column("ended", _TIME, nullable=True),
        sa.Column("ended_by", _ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_waiver"),
    )


def downgrade() -> None:
    op.drop_table("waiver")
    op.drop_table("inventory")
