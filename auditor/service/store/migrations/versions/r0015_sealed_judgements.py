"""Which judgement of a sealed run was sealed: that one is shown, whatever is judged later."""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEAL = sa.table("seal", sa.column("run", _KEY), sa.column("body", sa.LargeBinary()), sa.column("judgement", _KEY))
_BEFORE = sa.table("seal_before", sa.column("run", _KEY), sa.column("body", sa.LargeBinary()))
_JUDGEMENT = sa.table(
    "judgement",
    sa.column("key", _KEY),
    sa.column("id", sa.String()),
    sa.column("run", _KEY),
    sa.column("judged_at", sa.DateTime()),
)


def upgrade() -> None:
    op.rename_table("seal", "seal_before")
    _create(
        sa.Column("judgement", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["judgement"], ["judgement.key"], name="fk_seal_judgement_judgement"),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(_BEFORE)).all():
        connection.execute(sa.insert(_SEAL).values(run=row.run, body=row.body, judgement=_last(row.run, row.body)))
    op.drop_table("seal_before")


def _last(run: int, body: bytes) -> int | None:
    """The last judgement that a seal names; None of one that cannot be read."""
    try:
        named = set(json.loads(zlib.decompress(body))["judgements"])
    except (zlib.error, ValueError, LookupError, TypeError):
        return None
    of_run = sa.select(_JUDGEMENT).where(_JUDGEMENT.c.run == run).order_by(_JUDGEMENT.c.judged_at, _JUDGEMENT.c.key)
    found = [row.key for row in op.get_bind().execute(of_run) if row.id in named]
    return found[-1] if found else None


def _create(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "seal",
        sa.Column("run", _KEY, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("run", name="pk_seal"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_seal_run_run"),
    )


def downgrade() -> None:
    op.rename_table("seal", "seal_before")
    _create()
    kept = sa.select(_BEFORE.c.run, _BEFORE.c.body)
    op.execute(sa.insert(_SEAL).from_select(["run", "body"], kept))
    op.drop_table("seal_before")
