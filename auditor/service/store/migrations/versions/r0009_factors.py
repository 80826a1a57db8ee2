"""Recovery codes of the second factor, who an account is elsewhere, and from where a session began."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _sessions(sa.Column("address", sa.String(), nullable=False))
    op.create_table(
        "recovery",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_recovery"),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name="fk_recovery_account_account"),
    )
    op.create_index("ix_recovery_account", "recovery", ["account"])
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", _ORDERED, nullable=False),
        sa.Column("account", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identity"),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name="fk_identity_account_account"),
        sa.UniqueConstraint("account", name="uq_identity_account"),
    )


def downgrade() -> None:
    op.drop_table("identity")
    op.drop_table("recovery")
    _sessions()


def _sessions(*more: sa.Column[object]) -> None:
    """Made anew: whoever is logged in while the service is brought up to date logs in again."""
    op.drop_table("session")
    op.create_table(
        "session",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account", _KEY, nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("seen", _TIME, nullable=False),
        *more,
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name="fk_session_account_account"),
    )
    op.create_index("ix_session_account", "session", ["account"])
