"""When somebody last showed in a session that they know the password.

Sessions are made anew: whoever is logged in while the service is brought up to date logs in again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _sessions(sa.Column("proved", _TIME, nullable=True))


def downgrade() -> None:
    _sessions()


def _sessions(*more: sa.Column[object]) -> None:
    op.drop_table("session")
    op.create_table(
        "session",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account", _KEY, nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("seen", _TIME, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name="fk_session_account_account"),
    )
    op.create_index("ix_session_account", "session", ["account"])
