"""The audit log is only added to: the database itself refuses anything else."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER deed_no_{what} BEFORE {what.upper()} ON deed"
                " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER deed_no_{what}")
