"""Adds a table for packed samples of whole days; existing samples are packed when they are rolled up."""

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import Instant
from auditor.service.store.samples import frame_days, frames

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_DAY = sa.table("sample_day", sa.column("track", sa.BigInteger()), sa.column("body", sa.LargeBinary()))
_SAMPLE = sa.table(
    "sample", sa.column("track", sa.BigInteger()), sa.column("time", Instant), sa.column("body", sa.LargeBinary())
)


def upgrade() -> None:
    op.create_table(
        "sample_day",
        sa.Column("track", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["track"], ["track.key"], name="fk_sample_day_track_track"),
        sa.PrimaryKeyConstraint("track", "start", name="pk_sample_day"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Unpack the days into rows; where a later row exists for a packed time, the two are merged."""
    connection = op.get_bind()
    for track, body in connection.execute(sa.select(_DAY.c.track, _DAY.c.body)).all():
        day = frame_days.unpack(body)
        here = (_SAMPLE.c.track == track, _SAMPLE.c.time >= day[0][0], _SAMPLE.c.time <= day[-1][0])
        found = connection.execute(sa.select(_SAMPLE.c.time, _SAMPLE.c.body).where(*here))
        beside = {row.time: row.body for row in found}
        rows = {
            **beside,
            **{time: frames.merged(frame, beside[time]) if time in beside else frame for time, frame in day},
        }
        connection.execute(_SAMPLE.delete().where(*here))
        connection.execute(
            _SAMPLE.insert(), [{"track": track, "time": time, "body": frame} for time, frame in rows.items()]
        )
    op.drop_table("sample_day")
