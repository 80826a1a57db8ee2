"""Runs in which so much changed at once that the vantage is blamed first, and what a repeat said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "doubt",
        sa.Column("run", _KEY, nullable=False),
        sa.Column("base", _ORDERED, nullable=False),
        sa.Column("areas", _JSON, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("repeat", _ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_doubt"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_doubt_run_run"),
    )


def downgrade() -> None:
    op.drop_table("doubt")
