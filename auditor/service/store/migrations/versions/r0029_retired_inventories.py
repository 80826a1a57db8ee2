"""Adds decisions to retire or reinstate an inventory, each a row, so that history is kept."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Ordered, Utc

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inventory_retirement",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.Column("who", Ordered, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inventory_retirement"),
    )


def downgrade() -> None:
    op.drop_table("inventory_retirement")
