"""Adds decisions about names that no row of an inventory has, each a row, so that history is kept."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Ordered, Utc

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "set_aside_name",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inventory", Ordered, nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("aside", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.Column("who", Ordered, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_set_aside_name"),
    )


def downgrade() -> None:
    op.drop_table("set_aside_name")
