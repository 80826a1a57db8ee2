"""Since when the evidence of a run is kept no more."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "forgotten",
        sa.Column("run", _KEY, nullable=False),
        sa.Column("forgotten", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_forgotten"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_forgotten_run_run"),
    )


def downgrade() -> None:
    op.drop_table("forgotten")
