"""Judgements that are being made, so that nobody takes a part of one for the whole."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "judging",
        sa.Column("judgement", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("judgement", name="pk_judging"),
        sa.ForeignKeyConstraint(["judgement"], ["judgement.key"], name="fk_judging_judgement_judgement"),
    )


def downgrade() -> None:
    op.drop_table("judging")
