"""Adds links by which a person without an account reads one report."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Ordered, Utc

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("judgement", sa.String(), nullable=False),
        sa.Column("agency", Ordered, nullable=False),
        sa.Column("who", Ordered, nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.Column("expires", Utc, nullable=False),
        sa.Column("ended", Utc, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_share"),
        sa.UniqueConstraint("digest", name="uq_share_digest"),
    )


def downgrade() -> None:
    op.drop_table("share")
