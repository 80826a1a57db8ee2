"""Adds declared values that belong to a period and not to a run, each entry a row, so that corrections keep history."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Ordered, Utc

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "declared_value",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("framework", Ordered, nullable=False),
        sa.Column("requirement", Ordered, nullable=False),
        sa.Column("item", Ordered, nullable=False),
        sa.Column("respondent", Ordered, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.Column("who", Ordered, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_declared_value"),
    )


def downgrade() -> None:
    op.drop_table("declared_value")
