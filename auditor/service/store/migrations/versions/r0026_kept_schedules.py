"""Adds schedules that people make in the pages."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Ordered, Utc

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_schedule",
        sa.Column("name", Ordered, nullable=False),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("inventory", Ordered, nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("who", Ordered, nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kept_schedule"),
    )


def downgrade() -> None:
    op.drop_table("kept_schedule")
