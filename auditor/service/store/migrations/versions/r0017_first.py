"""Creates the whole schema of the first released version.

Its tables are repeated here as they were then: ``schema`` changes later, a revision does not.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from auditor.service.store.database.columns import NAMES

revision = "0017"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = sa.MetaData(naming_convention=NAMES)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_JSON = sa.JSON()

_ABORT = "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
_SQLITE = (
    f"CREATE TRIGGER deed_no_update BEFORE UPDATE ON deed {_ABORT}",
    f"CREATE TRIGGER deed_no_delete BEFORE DELETE ON deed {_ABORT}",
    # No trigger for deletion sees what INSERT OR REPLACE takes away.
    f"CREATE TRIGGER deed_no_replace BEFORE INSERT ON deed WHEN NEW.key <= (SELECT max(key) FROM deed) {_ABORT}",  # noqa: S608  # a constant
)
_POSTGRESQL = (
    "CREATE FUNCTION deed_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
    "CREATE TRIGGER deed_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON deed"
    " FOR EACH STATEMENT EXECUTE FUNCTION deed_only_added_to()",
)


def upgrade() -> None:
    connection = op.get_bind()
    _TABLES.create_all(connection)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    _TABLES.drop_all(connection)  # triggers go with their table
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION deed_only_added_to()")


def _table(name: str, *items: sa.schema.SchemaItem, **options: Any) -> None:
    sa.Table(name, _TABLES, *items, **options)


_table(
    "account",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("name", _ORDERED, nullable=False, unique=True),
    sa.Column("password", sa.String(), nullable=False),
    sa.Column("role", sa.String(), nullable=False),
    sa.Column("agency", _ORDERED, nullable=False),
    sa.Column("lang", sa.String(), nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("disabled", sa.Boolean(), nullable=False),
    sa.Column("totp", sa.String()),
    sa.Column("totp_step", sa.BigInteger(), nullable=False),
)

_table(
    "attempt",
    sa.Column("what", _ORDERED, primary_key=True),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("last", _TIME, nullable=False),
)

_table("blob", sa.Column("digest", sa.String(), primary_key=True), sa.Column("body", sa.LargeBinary(), nullable=False))

_table(
    "deed",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("time", _TIME, nullable=False),
    sa.Column("who", _ORDERED, nullable=False),
    sa.Column("address", sa.String(), nullable=False),
    sa.Column("what", sa.String(), nullable=False),
    sa.Column("about", sa.Text(), nullable=False),
    sa.Column("hash", sa.String(), nullable=False),
    sa.Index(None, "time"),
)

_table(
    "inventory",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("name", _ORDERED, nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("made", _TIME, nullable=False),
    sa.Column("who", _ORDERED, nullable=False),
    sa.Column("files", _JSON, nullable=False),
    sa.Column("digest", sa.String(), nullable=False),
    sa.Column("subjects", sa.Integer(), nullable=False),
    sa.UniqueConstraint("name", "number"),
)

_table(
    "job",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("schedule", _ORDERED, nullable=False),
    sa.Column("inventory", _ORDERED, nullable=False),
    sa.Column("wanted", _JSON, nullable=False),
    sa.Column("who", _ORDERED, nullable=False),
    sa.Column("state", sa.String(), nullable=False, index=True),
    sa.Column("due", _TIME, nullable=False),
    sa.Column("requested", _TIME, nullable=False),
    sa.Column("started", _TIME),
    sa.Column("ended", _TIME),
    sa.Column("run", _ORDERED, nullable=False, index=True),
    sa.Column("phase", sa.String(), nullable=False),
    sa.Column("until", _TIME),
    sa.Column("planned", sa.Integer(), nullable=False),
    sa.Column("measured", sa.Integer(), nullable=False),
    sa.Column("judged", sa.Integer(), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("missed", sa.Integer(), nullable=False),
    sa.Column("cancelled_by", _ORDERED, nullable=False),
    sa.Column("problem", _JSON, nullable=False),
    sa.Index(None, "schedule", "key"),
)

_table(
    "note",
    sa.Column("vantage", sa.String(), primary_key=True),
    sa.Column("name", _ORDERED, primary_key=True),
    sa.Column("body", sa.LargeBinary(), nullable=False),
)

_table(
    "run",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("id", _ORDERED, nullable=False, unique=True),
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
)

_table(
    "schedule",
    sa.Column("name", _ORDERED, primary_key=True),
    sa.Column("mark", _TIME, nullable=False),
    sa.Column("paused_by", _ORDERED, nullable=False),
    sa.Column("paused_at", _TIME),
)

_table(
    "track",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("subject", _ORDERED, nullable=False),
    sa.Column("vantage", sa.String(), nullable=False),
    sa.UniqueConstraint("subject", "vantage"),
)

_table(
    "waiver",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("subject", _ORDERED, nullable=False),
    sa.Column("agency", _ORDERED, nullable=False),
    sa.Column("check_id", sa.String(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("owner", sa.Text(), nullable=False),
    sa.Column("until", sa.Date(), nullable=False),
    sa.Column("made", _TIME, nullable=False),
    sa.Column("who", _ORDERED, nullable=False),
    sa.Column("ended", _TIME),
    sa.Column("ended_by", _ORDERED, nullable=False),
)

_table(
    "doubt",
    sa.Column("run", sa.ForeignKey("run.key"), primary_key=True),
    sa.Column("base", _ORDERED, nullable=False),
    sa.Column("areas", _JSON, nullable=False),
    sa.Column("since", _TIME, nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("repeat", _ORDERED, nullable=False),
)

_table(
    "evidence",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("run", sa.ForeignKey("run.key"), nullable=False),
    sa.Column("subject", _ORDERED, nullable=False),
    sa.Column("id", _ORDERED, nullable=False, unique=True),
    sa.Column("probe", sa.String(), nullable=False),
    sa.Column("vantage", sa.String(), nullable=False),
    sa.Column("started", _TIME, nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.Index(None, "run", "subject", "id"),
)

_table(
    "forgotten",
    sa.Column("run", sa.ForeignKey("run.key"), primary_key=True),
    sa.Column("forgotten", _TIME, nullable=False),
)

_table(
    "identity",
    sa.Column("issuer", sa.String(), primary_key=True),
    sa.Column("subject", _ORDERED, primary_key=True),
    sa.Column("account", sa.ForeignKey("account.key"), nullable=False, unique=True),
)

_table(
    "judgement",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("id", sa.String(), nullable=False, unique=True),
    sa.Column("run", sa.ForeignKey("run.key"), nullable=False, index=True),
    sa.Column("catalogue", sa.String(), nullable=False),
    sa.Column("policy", sa.String(), nullable=False),
    sa.Column("reference", sa.String(), nullable=False),
    sa.Column("inventory", sa.String(), nullable=False),
    sa.Column("judged_at", _TIME, nullable=False),
)

_table(
    "notice",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("job", sa.ForeignKey("job.key"), nullable=False),
    sa.Column("channel", sa.String(), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("due", _TIME, nullable=False),
    sa.Column("ended", _TIME),
    sa.Column("said", sa.Text(), nullable=False),
    sa.UniqueConstraint("job", "channel"),
    sa.Index(None, "state", "due"),
)

_table(
    "recovery",
    sa.Column("digest", sa.String(), primary_key=True),
    sa.Column("account", sa.ForeignKey("account.key"), nullable=False, index=True),
)

_table(
    "rolled",
    sa.Column("track", sa.ForeignKey("track.key"), primary_key=True),
    sa.Column("step", sa.Integer(), primary_key=True),
    sa.Column("start", sa.BigInteger(), primary_key=True),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sqlite_with_rowid=False,
)

_table(
    "sample",
    sa.Column("track", sa.ForeignKey("track.key"), primary_key=True),
    sa.Column("time", sa.BigInteger(), primary_key=True),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sqlite_with_rowid=False,
)

_table(
    "series",
    sa.Column("track", sa.ForeignKey("track.key"), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("metric", sa.String(), nullable=False),
    sa.Column("family", sa.SmallInteger(), nullable=False),
    sa.Column("interface", _ORDERED, nullable=False),
    sa.Column("first", sa.BigInteger(), nullable=False),
    sa.UniqueConstraint("track", "metric", "family", "interface"),
)

_table(
    "session",
    sa.Column("digest", sa.String(), primary_key=True),
    sa.Column("account", sa.ForeignKey("account.key"), nullable=False, index=True),
    sa.Column("csrf", sa.String(), nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("seen", _TIME, nullable=False),
    sa.Column("address", sa.String(), nullable=False),
    sa.Column("proved", _TIME),
)

_table(
    "subject",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("run", sa.ForeignKey("run.key"), nullable=False),
    sa.Column("id", _ORDERED, nullable=False),
    sa.Column("kind", sa.String(), nullable=False),
    sa.Column("agency", _ORDERED, nullable=False),
    sa.Column("body", _JSON, nullable=False),
    sa.UniqueConstraint("run", "id"),
    sa.Index(None, "run", "agency", "id"),
)

_table(
    "token",
    sa.Column("digest", sa.String(), primary_key=True),
    sa.Column("account", sa.ForeignKey("account.key"), nullable=False, index=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("scopes", _JSON, nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("expires", _TIME, nullable=False),
)

_table(
    "conditions",
    sa.Column("judgement", sa.ForeignKey("judgement.key"), primary_key=True),
    sa.Column("body", sa.String(), nullable=False),
)

_table(
    "finding",
    sa.Column("key", _KEY, primary_key=True),
    sa.Column("judgement", sa.ForeignKey("judgement.key"), nullable=False),
    sa.Column("subject", sa.ForeignKey("subject.key"), nullable=False),
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
    sa.UniqueConstraint("judgement", "subject", "id"),
)

_table("judging", sa.Column("judgement", sa.ForeignKey("judgement.key"), primary_key=True))

_table(
    "ladder",
    sa.Column("judgement", sa.ForeignKey("judgement.key"), primary_key=True),
    sa.Column("subject", sa.ForeignKey("subject.key"), primary_key=True),
    sa.Column("name", sa.String(), primary_key=True),
    sa.Column("level", sa.SmallInteger(), nullable=False),
    sa.Column("at_least", sa.Boolean(), nullable=False),
    sa.Column("blocked_by", _JSON, nullable=False),
)

_table("measured", sa.Column("subject", sa.ForeignKey("subject.key"), primary_key=True))

_table(
    "owner",
    sa.Column("subject", sa.ForeignKey("subject.key"), primary_key=True),
    sa.Column("owner", _ORDERED, primary_key=True),
)

_table(
    "score",
    sa.Column("judgement", sa.ForeignKey("judgement.key"), primary_key=True),
    sa.Column("subject", sa.ForeignKey("subject.key"), primary_key=True),
    sa.Column("area", sa.String(), primary_key=True),
    sa.Column("score", sa.SmallInteger()),
    sa.Column("coverage", sa.Double()),
    sa.Column("required_fail", sa.Boolean(), nullable=False),
)

_table(
    "seal",
    sa.Column("run", sa.ForeignKey("run.key"), primary_key=True),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.Column("judgement", sa.ForeignKey("judgement.key")),
)

_table(
    "settled",
    sa.Column("judgement", sa.ForeignKey("judgement.key"), primary_key=True),
    sa.Column("subject", sa.ForeignKey("subject.key"), primary_key=True),
    sa.Column("body", _JSON, nullable=False),
)

_table(
    "summary",
    sa.Column("judgement", sa.ForeignKey("judgement.key"), primary_key=True),
    sa.Column("body", sa.String(), nullable=False),
)
