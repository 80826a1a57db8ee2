"""Adds packs of evidence, and makes an envelope's id unique within its run and subject.

Evidence stored before keeps its rows, which are read as well; subjects measured from now on are packed.
"""

import json
import zlib
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import NAMES, Ordered, Utc
from auditor.service.store.evidence.evidence_pack import unpack

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FOUND_BY = ["run", "subject", "id"]


def upgrade() -> None:
    op.create_table(
        "evidence_pack",
        sa.Column("subject", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name="pk_evidence_pack"),
        sa.ForeignKeyConstraint(["subject"], ["subject.key"], name="fk_evidence_pack_subject_subject"),
    )
    op.drop_index("ix_evidence_run_subject_id", "evidence")
    with op.batch_alter_table("evidence", naming_convention=NAMES) as batch:
        batch.drop_constraint("uq_evidence_id", type_="unique")
        batch.drop_column("vantage")
        batch.drop_column("started")
        batch.create_unique_constraint("uq_evidence_run_subject_id", _FOUND_BY)


def downgrade() -> None:
    with op.batch_alter_table("evidence", naming_convention=NAMES) as batch:
        batch.drop_constraint("uq_evidence_run_subject_id", type_="unique")
        batch.add_column(sa.Column("vantage", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("started", Utc, nullable=False, server_default="1970-01-01 00:00:00"))
        batch.create_unique_constraint("uq_evidence_id", ["id"])
    op.create_index("ix_evidence_run_subject_id", "evidence", _FOUND_BY)
    _unpack(op.get_bind())
    op.drop_table("evidence_pack")


def _unpack(connection: sa.Connection) -> None:
    """Give each packed envelope a row of its own again."""
    rows = sa.table("evidence", *(sa.column(name) for name in ("run", "subject", "id", "probe", "vantage", "body")))
    rows.append_column(sa.column("started", Utc))
    subject = sa.table("subject", sa.column("key"), sa.column("run"), sa.column("id", Ordered))
    pack = sa.table("evidence_pack", sa.column("subject"), sa.column("body"))
    packs = sa.select(subject.c.run, subject.c.id, pack.c.body).join(pack, pack.c.subject == subject.c.key)
    for run, of, body in connection.execute(packs).fetchall():
        for envelope in unpack(body):
            fields = json.loads(envelope.data)
            row = {
                "run": run,
                "subject": of,
                "id": envelope.id,
                "probe": envelope.probe,
                "body": zlib.compress(envelope.data),
            }
            started = datetime.fromisoformat(fields["started"])
            connection.execute(sa.insert(rows), row | {"vantage": fields["vantage"], "started": started})
