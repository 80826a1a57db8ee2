"""Adds rounds: the round of each run, and the results of other vantages with a finding."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON()


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("run", _KEY, nullable=False),
        sa.Column("round", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_member"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_member_run_run"),
        sa.ForeignKeyConstraint(["round"], ["run.key"], name="fk_member_round_run"),
    )
    op.create_index("ix_member_round", "member", ["round"])
    op.add_column("finding", sa.Column("vantages", _JSON))


def downgrade() -> None:
    op.drop_column("finding", "vantages")
    op.drop_table("member")
