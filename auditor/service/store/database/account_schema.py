"""Defines the tables of accounts, the audit log, declared values and decisions about inventories.

A change here needs a revision in ``migrations``, as in ``schema``.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
    text,
)

from auditor.service.store.database.columns import Json, Key, Ordered, Utc, metadata

# Values declared for a period; the last row of an item, respondent and day is valid.
declared_value = Table(
    "declared_value",
    metadata,
    Column("key", Key, primary_key=True),
    Column("framework", Ordered, nullable=False),
    Column("requirement", Ordered, nullable=False),
    Column("item", Ordered, nullable=False),  # empty: the value of the requirement itself
    Column("respondent", Ordered, nullable=False),  # empty: the one that the source names
    Column("period", String, nullable=False),
    Column("value", Double, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("signatory", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("made", Utc, nullable=False),
    Column("who", Ordered, nullable=False),
)

# Decisions about names that a run found and no row has; the last row of a name is valid.
set_aside_name = Table(
    "set_aside_name",
    metadata,
    Column("key", Key, primary_key=True),
    Column("inventory", Ordered, nullable=False),
    Column("name", Ordered, nullable=False),
    Column("kind", String, nullable=False),
    Column("aside", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made", Utc, nullable=False),
    Column("who", Ordered, nullable=False),
)

# Decisions to retire or reinstate an inventory; the last row of a name is valid.
inventory_retirement = Table(
    "inventory_retirement",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", Ordered, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("made", Utc, nullable=False),
    Column("who", Ordered, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", Ordered, nullable=False, unique=True),
    Column("password", String, nullable=False),  # argon2id, with its parameters and salt
    Column("role", String, nullable=False),
    Column("agency", Ordered, nullable=False),  # empty: of none, sees all
    Column("lang", String, nullable=False),
    Column("created", Utc, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("totp", String),  # the shared secret of the second factor, encrypted (accounts.keys); NULL: none
    Column("totp_step", BigInteger, nullable=False),  # the last time step used, so that no code works twice
)

session = Table(
    "session",
    metadata,
    Column("digest", String, primary_key=True),  # SHA-256 of the browser's secret
    Column("account", ForeignKey("account.key"), nullable=False, index=True),
    Column("csrf", String, nullable=False),
    Column("created", Utc, nullable=False),
    Column("seen", Utc, nullable=False),
    Column("address", String, nullable=False),  # from which it was begun
    Column("proved", Utc),  # when the password was last asked for again and was right
)

recovery = Table(
    "recovery",
    metadata,
    Column("digest", String, primary_key=True),  # SHA-256 of a code that replaces the second factor once
    Column("account", ForeignKey("account.key"), nullable=False, index=True),
)

identity = Table(
    "identity",
    metadata,
    Column("issuer", String, primary_key=True),  # the provider (OpenID Connect Core §2, iss and sub)
    Column("subject", Ordered, primary_key=True),
    Column("account", ForeignKey("account.key"), nullable=False, unique=True),
)

token = Table(
    "token",
    metadata,
    Column("digest", String, primary_key=True),  # SHA-256 of the program's secret
    Column("account", ForeignKey("account.key"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
)

# The vantage that a worker with this token measures for.
token_vantage = Table(
    "token_vantage",
    metadata,
    Column("token", ForeignKey("token.digest", ondelete="CASCADE"), primary_key=True),
    Column("vantage", Ordered, nullable=False),
)

# Selections of problems that an account keeps.
problem_filter = Table(
    "problem_filter",
    metadata,
    Column("account", ForeignKey("account.key"), primary_key=True),
    Column("name", Ordered, primary_key=True),
    Column("query", Text, nullable=False),  # the query string of the list's address
)

# Links by which a person without an account reads one report.
share = Table(
    "share",
    metadata,
    Column("key", Key, primary_key=True),
    Column("digest", String, nullable=False, unique=True),  # SHA-256 of the link's secret
    Column("password", String, nullable=False),  # as of accounts
    Column("run", String, nullable=False),
    Column("judgement", String, nullable=False),
    Column("agency", Ordered, nullable=False),  # empty: of everything
    Column("who", Ordered, nullable=False),  # a name, as in deed
    Column("made", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("ended", Utc),  # when it was withdrawn
)

deed = Table(
    "deed",
    metadata,
    Column("key", Key, primary_key=True),
    Column("time", Utc, nullable=False),
    Column("who", Ordered, nullable=False),  # a name, not a reference: it stays when the account goes
    Column("address", String, nullable=False),
    Column("what", String, nullable=False),
    Column("about", Text, nullable=False),
    Column("hash", String, nullable=False),  # see ``chain``
    Index(None, "time"),
)


def _only_added_to(_: Table, connection: Connection, **__: object) -> None:
    if connection.dialect.name == "sqlite":
        for what in ("update", "delete"):
            connection.execute(
                text(
                    f"CREATE TRIGGER deed_no_{what} BEFORE {what.upper()} ON deed"
                    " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
                )
            )
        # INSERT OR REPLACE deletes rows without firing the trigger for deletion.
        connection.execute(
            text(
                "CREATE TRIGGER deed_no_replace BEFORE INSERT ON deed WHEN NEW.key <= (SELECT max(key) FROM deed)"
                " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
            )
        )
    else:
        connection.exec_driver_sql(
            "CREATE FUNCTION deed_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER deed_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON deed"
            " FOR EACH STATEMENT EXECUTE FUNCTION deed_only_added_to()"
        )


event.listen(deed, "after_create", _only_added_to)

attempt = Table(
    "attempt",
    metadata,
    Column("what", Ordered, primary_key=True),  # a name, a network, both, or a browser (accounts.login_backoff)
    Column("failures", Integer, nullable=False),
    Column("last", Utc, nullable=False),
)
