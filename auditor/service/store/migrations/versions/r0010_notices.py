"""Who is to be told how a job ended, and whether that arrived."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("job", _KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", _TIME, nullable=False),
        sa.Column("ended", _TIME),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_notice"),
        sa.ForeignKeyConstraint(["job"], ["job.key"], name="fk_notice_job_job"),
        sa.UniqueConstraint("job", "channel", name="uq_notice_job_channel"),
    )
    op.create_index("ix_notice_state_due", "notice", ["state", "due"])


def downgrade() -> None:
    op.drop_table("notice")
