"""Figures of a judgement, kept as they were when it was made."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "summary",
        sa.Column("judgement", _KEY, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("judgement", name="pk_summary"),
        sa.ForeignKeyConstraint(["judgement"], ["judgement.key"], name="fk_summary_judgement_judgement"),
    )


def downgrade() -> None:
    op.drop_table("summary")
