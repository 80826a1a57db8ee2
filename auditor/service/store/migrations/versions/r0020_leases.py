"""Adds the batches that workers of other vantages lease, and the vantage that a worker's token is for."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0017"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON()
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("run", _ORDERED, nullable=False),
        sa.Column("vantage", _ORDERED, nullable=False),
        sa.Column("subjects", _JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("worker", _ORDERED, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("since", _TIME, nullable=True),
        sa.Column("heard", _TIME, nullable=True),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_batch"),
    )
    op.create_index("ix_batch_run", "batch", ["run"])
    op.create_index("ix_batch_vantage_state", "batch", ["vantage", "state"])
    op.create_table(
        "token_vantage",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("vantage", _ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_token_vantage"),
        sa.ForeignKeyConstraint(["token"], ["token.digest"], name="fk_token_vantage_token_token", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("token_vantage")
    op.drop_table("batch")
