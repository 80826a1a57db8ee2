"""Adds indexes that find the defects and the inconclusive findings of a judgement without reading all findings."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ONLY = {
    "ix_finding_defect": "outcome IN ('fail', 'warn', 'error')",
    "ix_finding_undecided": "outcome = 'inconclusive'",
}


def upgrade() -> None:
    for name, only in _ONLY.items():
        op.create_index(name, "finding", ["judgement"], sqlite_where=sa.text(only), postgresql_where=sa.text(only))


def downgrade() -> None:
    for name in _ONLY:
        op.drop_index(name, "finding")
