"""Runs migrations for Alembic on a connection in a transaction, both given by ``migrate``; there is no offline mode."""

from alembic import context

from auditor.service.store.database import account_schema, schema

TABLES = schema.run.metadata
assert account_schema.account.metadata is TABLES


def _ours(name: str | None, kind: str, parents: object) -> bool:
    """True if the table is ours: the job queue may share the PostgreSQL database, but migrates its own tables."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    include_name=_ours,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is around all of it
)
context.run_migrations()
