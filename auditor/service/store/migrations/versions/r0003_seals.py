"""Seals of runs: what a run held when it was made official."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("run", _KEY, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_seal"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_seal_run_run"),
    )


def downgrade() -> None:
    op.drop_table("seal")
