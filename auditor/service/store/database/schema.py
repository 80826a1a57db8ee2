"""Defines the tables, for SQLite and PostgreSQL. A change here needs a revision in ``migrations``.

Runs, subjects and judgements have numbers for keys inside the database, so that a million findings stay small; their
ids are columns. No column of a unique constraint that must distinguish rows is nullable: NULLs are never equal.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from auditor.service.store.database.columns import Instant, Json, Key, Ordered, Utc, metadata

blob = Table("blob", metadata, Column("digest", String, primary_key=True), Column("body", LargeBinary, nullable=False))

run = Table(
    "run",
    metadata,
    Column("key", Key, primary_key=True),
    Column("id", Ordered, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("started", Utc, nullable=False),
    Column("finished", Utc),
    Column("state", String, nullable=False),
    Column("version", String, nullable=False),
    Column("profile", String, nullable=False),
    Column("options", Text, nullable=False),
    *(Column(name, String, nullable=False) for name in ("inventory", "reference", "policy", "vantage")),
    Column("networks", Json, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("run", ForeignKey("run.key"), primary_key=True),
    Column("forgotten", Utc, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("run", ForeignKey("run.key"), primary_key=True),
    Column("round", ForeignKey("run.key"), nullable=False, index=True),
)

doubt = Table(
    "doubt",
    metadata,
    Column("run", ForeignKey("run.key"), primary_key=True),
    Column("base", Ordered, nullable=False),  # ids of runs, as in job
    Column("areas", Json, nullable=False),
    Column("since", Utc, nullable=False),
    Column("state", String, nullable=False),
    Column("repeat", Ordered, nullable=False),  # empty: none decided
)

subject = Table(
    "subject",
    metadata,
    Column("key", Key, primary_key=True),
    Column("run", ForeignKey("run.key"), nullable=False),
    Column("id", Ordered, nullable=False),
    Column("kind", String, nullable=False),
    Column("agency", Ordered, nullable=False),  # empty: of no agency
    Column("body", Json, nullable=False),
    UniqueConstraint("run", "id"),
    Index(None, "run", "agency", "id"),
)

owner = Table(
    "owner",
    metadata,
    Column("subject", ForeignKey("subject.key"), primary_key=True),
    Column("owner", Ordered, primary_key=True),
)

measured = Table("measured", metadata, Column("subject", ForeignKey("subject.key"), primary_key=True))

evidence = Table(
    "evidence",
    metadata,
    Column("key", Key, primary_key=True),
    Column("run", ForeignKey("run.key"), nullable=False),
    Column("subject", Ordered, nullable=False),  # no reference: the vantage's self-test has no subject row
    Column("id", Ordered, nullable=False),
    Column("probe", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("run", "subject", "id"),
)

# The evidence of measured subjects; other evidence has rows of its own.
evidence_pack = Table(
    "evidence_pack",
    metadata,
    Column("subject", ForeignKey("subject.key"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, in the order in which they were made
    Column("body", LargeBinary, nullable=False),  # see evidence_pack
)

judgement = Table(
    "judgement",
    metadata,
    Column("key", Key, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("run", ForeignKey("run.key"), nullable=False, index=True),
    Column("catalogue", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("inventory", String, nullable=False),
    Column("judged_at", Utc, nullable=False),
)

# The content of findings, each statement once: from audit to audit almost all of them are the same.
statement = Table(
    "statement",
    metadata,
    Column("key", Key, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # over the other columns; see statement_rows
    Column("check_id", String, nullable=False),
    Column("check_version", SmallInteger, nullable=False),
    Column("code", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("level", String, nullable=False),
    Column("level_basis", String, nullable=False),
    Column("address", String),
    Column("detail", Text),
    Column("vantage", String, nullable=False),
    Column("reason", String),
    Column("args", Json, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("key", Key, primary_key=True),
    Column("judgement", ForeignKey("judgement.key"), nullable=False),
    Column("subject", ForeignKey("subject.key"), nullable=False),
    Column("id", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("statement", ForeignKey("statement.key"), nullable=False),
    Column("evidence", Json, nullable=False),
    Column("waived", Json),
    Column("trace", Text),
    Column("vantages", Json),  # NULL: only one vantage measured
    UniqueConstraint("judgement", "subject", "id"),
)

# Small indexes over the few findings with these outcomes; only a query with the same condition uses them.
DEFECT, UNDECIDED = "outcome IN ('fail', 'warn', 'error')", "outcome = 'inconclusive'"
for _name, _only in (("ix_finding_defect", DEFECT), ("ix_finding_undecided", UNDECIDED)):
    # Only SQLite: PostgreSQL gets them by migrations, and its option here would load its dialect at each start.
    Index(_name, finding.c.judgement, sqlite_where=text(_only))

# Judgements that are not complete yet.
judging = Table("judging", metadata, Column("judgement", ForeignKey("judgement.key"), primary_key=True))

summary = Table(
    "summary",
    metadata,
    Column("judgement", ForeignKey("judgement.key"), primary_key=True),
    Column("body", String, nullable=False),  # the digest of a blob
)

conditions = Table(
    "conditions",
    metadata,
    Column("judgement", ForeignKey("judgement.key"), primary_key=True),
    Column("body", String, nullable=False),  # the digest of a blob
)

settled = Table(
    "settled",
    metadata,
    Column("judgement", ForeignKey("judgement.key"), primary_key=True),
    Column("subject", ForeignKey("subject.key"), primary_key=True),
    Column("body", Json, nullable=False),
)

score = Table(
    "score",
    metadata,
    Column("judgement", ForeignKey("judgement.key"), primary_key=True),
    Column("subject", ForeignKey("subject.key"), primary_key=True),
    Column("area", String, primary_key=True),
    Column("score", SmallInteger),
    Column("coverage", Double),
    Column("required_fail", Boolean, nullable=False),
)

ladder = Table(
    "ladder",
    metadata,
    Column("judgement", ForeignKey("judgement.key"), primary_key=True),
    Column("subject", ForeignKey("subject.key"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("level", SmallInteger, nullable=False),
    Column("at_least", Boolean, nullable=False),
    Column("blocked_by", Json, nullable=False),
)

track = Table(
    "track",
    metadata,
    Column("key", Key, primary_key=True),
    Column("subject", Ordered, nullable=False),
    Column("vantage", String, nullable=False),
    UniqueConstraint("subject", "vantage"),
)

series = Table(
    "series",
    metadata,
    Column("track", ForeignKey("track.key"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("metric", String, nullable=False),
    Column("family", SmallInteger, nullable=False),  # 0: of no family
    Column("interface", Ordered, nullable=False),  # empty: of the subject as a whole
    Column("first", Instant, nullable=False),
    UniqueConstraint("track", "metric", "family", "interface"),
)

sample = Table(
    "sample",
    metadata,
    Column("track", ForeignKey("track.key"), primary_key=True),
    Column("time", Instant, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # see frames
    sqlite_with_rowid=False,
)

sample_day = Table(
    "sample_day",
    metadata,
    Column("track", ForeignKey("track.key"), primary_key=True),
    Column("start", Instant, primary_key=True),  # midnight of UTC
    Column("body", LargeBinary, nullable=False),  # see frame_days
    sqlite_with_rowid=False,
)

rolled = Table(
    "rolled",
    metadata,
    Column("track", ForeignKey("track.key"), primary_key=True),
    Column("step", Integer, primary_key=True),  # seconds
    Column("start", Instant, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

note = Table(
    "note",
    metadata,
    Column("vantage", String, primary_key=True),
    Column("name", Ordered, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

seal = Table(
    "seal",
    metadata,
    Column("run", ForeignKey("run.key"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("judgement", ForeignKey("judgement.key")),  # the one that was sealed last; NULL where that is not known
)

job = Table(
    "job",
    metadata,
    Column("key", Key, primary_key=True),
    Column("schedule", Ordered, nullable=False),  # empty: somebody asked
    Column("inventory", Ordered, nullable=False),
    Column("wanted", Json, nullable=False),
    Column("who", Ordered, nullable=False),  # a name, as in deed
    Column("state", String, nullable=False, index=True),
    Column("due", Utc, nullable=False),
    Column("requested", Utc, nullable=False),
    Column("started", Utc),
    Column("ended", Utc),
    Column("run", Ordered, nullable=False, index=True),  # empty: not begun; no reference, the run is made later
    Column("phase", String, nullable=False),
    Column("until", Utc),
    *(Column(name, Integer, nullable=False) for name in ("planned", "measured", "judged", "attempts", "missed")),
    Column("cancelled_by", Ordered, nullable=False),  # empty: nobody
    Column("problem", Json, nullable=False),  # by language
    Index(None, "schedule", "key"),
)

schedule = Table(
    "schedule",
    metadata,
    Column("name", Ordered, primary_key=True),
    Column("mark", Utc, nullable=False),
    Column("paused_by", Ordered, nullable=False),  # empty: not paused
    Column("paused_at", Utc),
)

# Schedules that people made in the pages.
kept_schedule = Table(
    "kept_schedule",
    metadata,
    Column("name", Ordered, primary_key=True),
    Column("cron", String, nullable=False),
    Column("inventory", Ordered, nullable=False),
    Column("profile", String, nullable=False),
    Column("who", Ordered, nullable=False),  # a name, as in deed
    Column("made", Utc, nullable=False),
)

kept_inventory = Table(
    "inventory",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", Ordered, nullable=False),
    Column("number", Integer, nullable=False),  # from 1; the last one is audited
    Column("made", Utc, nullable=False),
    Column("who", Ordered, nullable=False),
    Column("files", Json, nullable=False),
    Column("digest", String, nullable=False),  # of a blob
    Column("subjects", Integer, nullable=False),
    UniqueConstraint("name", "number"),
)

waiver = Table(
    "waiver",
    metadata,
    Column("key", Key, primary_key=True),
    Column("subject", Ordered, nullable=False),  # empty: of an agency
    Column("agency", Ordered, nullable=False),  # empty: of a subject
    Column("check_id", String, nullable=False),  # or a prefix of ids
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("made", Utc, nullable=False),
    Column("who", Ordered, nullable=False),
    Column("ended", Utc),
    Column("ended_by", Ordered, nullable=False),
)

# Changes of a problem's handling by people, over all runs; the last row of a problem is valid.
problem_change = Table(
    "problem_change",
    metadata,
    Column("key", Key, primary_key=True),
    Column("subject", Ordered, nullable=False),
    Column("check_id", String, nullable=False),
    Column("network", String, nullable=False),
    Column("agency", Ordered, nullable=False),  # of the subject at that time; empty: none
    Column("made", Utc, nullable=False),
    Column("who", Ordered, nullable=False),  # a name, as in deed
    Column("state", String, nullable=False),
    Column("owner", Text, nullable=False),  # empty: nobody
    Column("deadline", Date),
    Column("comment", Text, nullable=False),  # on this change
    Index(None, "subject", "check_id", "network"),
)

notice = Table(
    "notice",
    metadata,
    Column("key", Key, primary_key=True),
    Column("job", ForeignKey("job.key"), nullable=False),
    Column("channel", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Utc, nullable=False),
    Column("ended", Utc),
    Column("said", Text, nullable=False),
    UniqueConstraint("job", "channel"),
    Index(None, "state", "due"),
)

# Subjects of a run that a worker of its vantage measures together; see ``leases``.
batch = Table(
    "batch",
    metadata,
    Column("key", Key, primary_key=True),
    Column("run", Ordered, nullable=False, index=True),
    Column("vantage", Ordered, nullable=False),
    Column("subjects", Json, nullable=False),
    Column("state", String, nullable=False),
    Column("worker", Ordered, nullable=False),  # empty: nobody's yet
    Column("attempt", Integer, nullable=False),
    Column("since", Utc),
    Column("heard", Utc),
    Column("delivered", BigInteger, nullable=False),  # bytes
    Index(None, "vantage", "state"),
)
