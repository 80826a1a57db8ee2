"""Keep what each judgement was made under: the health of the vantage, and what each subject was taken to be."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "conditions",
        sa.Column("judgement", _KEY, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("judgement", name="pk_conditions"),
        sa.ForeignKeyConstraint(["judgement"], ["judgement.key"], name="fk_conditions_judgement_judgement"),
    )
    op.create_table(
        "settled",
        sa.Column("judgement", _KEY, nullable=False),
        sa.Column("subject", _KEY, nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("judgement", "subject", name="pk_settled"),
        sa.ForeignKeyConstraint(["judgement"], ["judgement.key"], name="fk_settled_judgement_judgement"),
        sa.ForeignKeyConstraint(["subject"], ["subject.key"], name="fk_settled_subject_subject"),
    )


def downgrade() -> None:
    op.drop_table("settled")
    op.drop_table("conditions")
