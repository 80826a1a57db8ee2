"""The first schema. Revisions are written by hand and never changed once released."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _runs()
    _subjects()
    _evidence()
    _judgements()
    _findings()
    _scores()
    _series()


def downgrade() -> None:
    for table in (
        "sample_day",
        "sample_hour",
        "sample",
        "series",
        "ladder",
        "score",
        "finding",
        "judgement",
        "evidence",
        "measured",
        "owner",
        "subject",
        "run",
        "blob",
    ):
        op.drop_table(table)


def _key() -> sa.Column[int]:
    return sa.Column("key", _KEY, nullable=False)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.key"], name=f"fk_{table}_{column}_{target}")


def _runs() -> None:
    op.create_table(
        "blob",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_blob"),
    )
    op.create_table(
        "run",
        _key(),
        sa.Column("id", _ORDERED, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("finished", _TIME),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("inventory", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("networks", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_run"),
        sa.UniqueConstraint("id", name="uq_run_id"),
    )


def _subjects() -> None:
    op.create_table(
        "subject",
        _key(),
        sa.Column("run", _KEY, nullable=False),
        sa.Column("id", _ORDERED, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agency", _ORDERED, nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_subject"),
        _refers("subject", "run", "run"),
        sa.UniqueConstraint("run", "id", name="uq_subject_run_id"),
    )
    op.create_index("ix_subject_run_agency_id", "subject", ["run", "agency", "id"])
    op.create_table(
        "owner",
        sa.Column("subject", _KEY, nullable=False),
        sa.Column("owner", _ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("subject", "owner", name="pk_owner"),
        _refers("owner", "subject", "subject"),
    )
    op.create_table(
        "measured",
        sa.Column("subject", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_measured"),
        _refers("measured", "subject", "subject"),
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        _key(),
        sa.Column("run", _KEY, nullable=False),
        sa.Column("subject", _ORDERED, nullable=False),
        sa.Column("id", _ORDERED, nullable=False),
        sa.Column("probe", sa.String(), nullable=False),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_evidence"),
        _refers("evidence", "run", "run"),
        sa.UniqueConstraint("id", name="uq_evidence_id"),
    )
    op.create_index("ix_evidence_run_subject_id", "evidence", ["run", "subject", "id"])


def _judgements() -> None:
    op.create_table(
        "judgement",
        _key(),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run", _KEY, nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("inventory", sa.String(), nullable=False),
        sa.Column("judged_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_judgement"),
        _refers("judgement", "run", "run"),
        sa.UniqueConstraint("id", name="uq_judgement_id"),
    )
    op.create_index("ix_judgement_run", "judgement", ["run"])


def _findings() -> None:
    op.create_table(
        "finding",
        _key(),
        sa.Column("judgement", _KEY, nullable=False),
        sa.Column("subject", _KEY, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("check_version", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("level_basis", sa.String(), nullable=False),
        sa.Column("address", sa.String()),
        sa.Column("detail", sa.Text()),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("args", _JSON, nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("waived", _JSON),
        sa.Column("trace", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_finding"),
        _refers("finding", "judgement", "judgement"),
        _refers("finding", "subject", "subject"),
        sa.UniqueConstraint("judgement", "subject", "id", name="uq_finding_judgement_subject_id"),
    )


def _scores() -> None:
    _of_subject(
        "score",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("score", sa.SmallInteger()),
        sa.Column("coverage", sa.Double()),
        sa.Column("required_fail", sa.Boolean(), nullable=False),
    )
    _of_subject(
        "ladder",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("at_least", sa.Boolean(), nullable=False),
        sa.Column("blocked_by", _JSON, nullable=False),
    )


def _of_subject(table: str, name: sa.Column[str], *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("judgement", _KEY, nullable=False),
        sa.Column("subject", _KEY, nullable=False),
        name,
        *columns,
        sa.PrimaryKeyConstraint("judgement", "subject", name.name, name=f"pk_{table}"),
        _refers(table, "judgement", "judgement"),
        _refers(table, "subject", "subject"),
    )


def _series() -> None:
    op.create_table(
        "series",
        _key(),
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
        _refers("sample", "series", "series"),
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
            _refers(table, "series", "series"),
            sqlite_with_rowid=False,
        )
