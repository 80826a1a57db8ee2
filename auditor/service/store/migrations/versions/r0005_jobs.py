"""What the service is asked to audit, and what it remembers of its schedules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("schedule", _ORDERED, nullable=False),
        sa.Column("inventory", _ORDERED, nullable=False),
        sa.Column("wanted", _JSON, nullable=False),
        sa.Column("who", _ORDERED, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due", _TIME, nullable=False),
        sa.Column("requested", _TIME, nullable=False),
        sa.Column("started", _TIME, nullable=True),
        sa.Column("ended", _TIME, nullable=True),
        sa.Column("run", _ORDERED, nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("until", _TIME, nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("cancelled_by", _ORDERED, nullable=False),
        sa.Column("problem", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_job"),
    )
    op.create_index("ix_job_state", "job", ["state"])
    op.create_index("ix_job_run", "job", ["run"])
    op.create_index("ix_job_schedule_key", "job", ["schedule", "key"])
    op.create_table(
        "schedule",
        sa.Column("name", _ORDERED, nullable=False),
        sa.Column("mark", _TIME, nullable=False),
        sa.Column("paused_by", _ORDERED, nullable=False),
        sa.Column("paused_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_schedule"),
    )


_COUNTS = ("planned", "measured", "judged", "attempts", "missed")


def downgrade() -> None:
    op.drop_table("schedule")
    op.drop_table("job")
