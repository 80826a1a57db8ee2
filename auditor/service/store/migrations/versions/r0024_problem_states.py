"""Adds people's changes of problems, each a row, and the selections of problems that accounts keep by name."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Ordered, Utc

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "problem_change",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("subject", Ordered, nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("agency", Ordered, nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.Column("who", Ordered, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_problem_change"),
    )
    op.create_index("ix_problem_change_subject_check_id_network", "problem_change", ["subject", "check_id", "network"])
    op.create_table(
        "problem_filter",
        sa.Column("account", _KEY, nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name="fk_problem_filter_account_account"),
        sa.PrimaryKeyConstraint("account", "name", name="pk_problem_filter"),
    )


def downgrade() -> None:
    op.drop_table("problem_filter")
    op.drop_table("problem_change")
