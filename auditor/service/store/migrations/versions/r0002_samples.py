"""Samples of a subject and a time in one row, roll-ups likewise, and what the sampler remembers.

The tables of before are dropped: nothing of that version ever filled them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("sample_day", "sample_hour", "sample", "series"):
        op.drop_table(table)
    op.create_table(
        "track",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("subject", _ORDERED, nullable=False),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_track"),
        sa.UniqueConstraint("subject", "vantage", name="uq_track_subject_vantage"),
    )
    op.create_table(
        "series",
        sa.Column("track", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("family", sa.SmallInteger(), nullable=False),
        sa.Column("interface", _ORDERED, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("track", "number", name="pk_series"),
        sa.UniqueConstraint("track", "metric", "family", "interface", name="uq_series_track_metric_family_interface"),
        _of_track("series"),
    )
    _create_samples()
    op.create_table(
        "note",
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("name", _ORDERED, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("vantage", "name", name="pk_note"),
    )


def _create_samples() -> None:
    op.create_table(
        "sample",
        sa.Column("track", _KEY, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("track", "time", name="pk_sample"),
        _of_track("sample"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rolled",
        sa.Column("track", _KEY, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("track", "step", "start", name="pk_rolled"),
        _of_track("rolled"),
        sqlite_with_rowid=False,
    )


def _of_track(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["track"], ["track.key"], name=f"fk_{table}_track_track")


def downgrade() -> None:
    for table in ("note", "rolled", "sample", "series", "track"):
        op.drop_table(table)
    op.create_table(
        "series",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("subject", _ORDERED, nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("family", sa.SmallInteger(), nullable=False),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("interface", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_series"),
        sa.UniqueConstraint(
            "subject",
            "metric",
            "family",
            "vantage",
            "interface",
            name="uq_series_subject_metric_family_vantage_interface",
        ),
    )
    op.create_table(
        "sample",
        sa.Column("series", _KEY, nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("quality", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("series", "time", name="pk_sample"),
        sa.ForeignKeyConstraint(["series"], ["series.key"], name="fk_sample_series_series"),
        sqlite_with_rowid=False,
    )
    for table in ("sample_hour", "sample_day"):
        op.create_table(
            table,
            sa.Column("series", _KEY, nullable=False),
            sa.Column("start", _TIME, nullable=False),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in ("count", "gaps", "vantage", "maintenance")),
            *(sa.Column(name, sa.Double()) for name in ("total", "minimum", "maximum", "median", "p95")),
            sa.PrimaryKeyConstraint("series", "start", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["series"], ["series.key"], name=f"fk_{table}_series_series"),
            sqlite_with_rowid=False,
        )
