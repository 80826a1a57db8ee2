"""Reads and writes rows of accounts, sessions, tokens and failed logins, each function within a transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select, update

from auditor.service.store.database.account_schema import (
    account,
    attempt,
    identity,
    recovery,
    session,
    token,
    token_vantage,
)
from auditor.service.store.sql.keys import upserting

Values = Mapping[str, object]
_elsewhere = identity.alias()
_VOUCHED = exists().where(_elsewhere.c.account == account.c.key).label("vouched")
_ACCOUNT = (*account.c, _VOUCHED)


def add_account(connection: Connection, values: Values) -> int:
    """Add an account and return its key; a name that is taken is an IntegrityError."""
    made = connection.execute(insert(account).values(dict(values)))
    (key,) = made.inserted_primary_key or (0,)
    return int(key)


def accounts(connection: Connection) -> list[Row[tuple[object, ...]]]:
    return list(connection.execute(select(*_ACCOUNT).order_by(account.c.name)))


def count_accounts(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(account)).scalar_one()


def account_named(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(*_ACCOUNT).where(account.c.name == name)).one_or_none()


def account_with(connection: Connection, name: str, password: str) -> Row[tuple[object, ...]] | None:
    """Return the account of this name if this is the hash of its password; otherwise None."""
    wanted = select(*_ACCOUNT).where(account.c.name == name, account.c.password == password)
    return connection.execute(wanted).one_or_none()


def change_account(connection: Connection, key: int, values: Values) -> None:
    connection.execute(update(account).where(account.c.key == key).values(dict(values)))


def add_session(connection: Connection, values: Values) -> None:
    connection.execute(insert(session).values(dict(values)))


def session_of(connection: Connection, digest: str) -> Row[tuple[object, ...]] | None:
    """Return the account's columns with ``csrf``, ``began``, ``seen`` and ``proved`` of the session."""
    columns = (*_ACCOUNT, session.c.csrf, session.c.created.label("began"), session.c.seen, session.c.proved)
    wanted = select(*columns).join(session, session.c.account == account.c.key).where(session.c.digest == digest)
    return connection.execute(wanted).one_or_none()


def sessions_of(connection: Connection, key: int) -> list[Row[tuple[object, ...]]]:
    """Return the sessions of one account, the latest begun first."""
    wanted = select(session).where(session.c.account == key).order_by(session.c.created.desc(), session.c.digest)
    return list(connection.execute(wanted))


def end_other_sessions(connection: Connection, key: int, kept: str, only: str = "") -> None:
    """Delete the sessions of one account except ``kept``, or only the session ``only``."""
    wanted = session.c.digest == only if only else session.c.digest != kept
    connection.execute(delete(session).where(session.c.account == key, wanted))


def touch_session(connection: Connection, digest: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.digest == digest).values(seen=now))


def end_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(session).where(session.c.digest == digest))


def end_sessions(connection: Connection, key: int) -> None:
    connection.execute(delete(session).where(session.c.account == key))


def forget_sessions(connection: Connection, idle: datetime, begun: datetime, ahead: datetime) -> int:
    """Delete sessions last used or begun before these times, or used after ``ahead``; return their number."""
    over = (session.c.seen < idle) | (session.c.created < begun) | (session.c.seen > ahead)
    return connection.execute(delete(session).where(over)).rowcount


def prove_session(connection: Connection, digest: str, new: str, now: datetime) -> int:
    """Replace the digest of a session by ``new`` and mark it as proved; return the number of sessions, 0 or 1."""
    wanted = update(session).where(session.c.digest == digest).values(digest=new, proved=now)
    return connection.execute(wanted).rowcount


_TOKENS = (
    select(token, token_vantage.c.vantage, account.c.name.label("owner"))
    .join(account, token.c.account == account.c.key)
    .outerjoin(token_vantage, token_vantage.c.token == token.c.digest)
)


def add_token(connection: Connection, values: Values, vantage: str) -> None:
    """Add a token; ``vantage`` is empty for one that is bound to none."""
    connection.execute(insert(token).values(dict(values)))
    if vantage:
        connection.execute(insert(token_vantage).values(token=values["digest"], vantage=vantage))


def token_of(connection: Connection, digest: str) -> Row[tuple[object, ...]] | None:
    """Return the account's columns with ``scopes``, ``issued``, ``expires`` and ``vantage`` of the token."""
    columns = (*_ACCOUNT, token.c.scopes, token.c.created.label("issued"), token.c.expires, token_vantage.c.vantage)
    bound = select(*columns).join(token, token.c.account == account.c.key)
    wanted = bound.outerjoin(token_vantage, token_vantage.c.token == token.c.digest)
    return connection.execute(wanted.where(token.c.digest == digest)).one_or_none()


def tokens(connection: Connection) -> list[Row[tuple[object, ...]]]:
    return list(connection.execute(_TOKENS.order_by(token.c.created)))


def tokens_over(connection: Connection, since: datetime, until: datetime) -> list[Row[tuple[object, ...]]]:
    """Return the tokens that expired after ``since``, and by ``until``."""
    return list(connection.execute(_TOKENS.where(token.c.expires > since, token.c.expires <= until)))


def revoke_tokens(connection: Connection, key: int) -> int:
    """Delete all tokens of one account; return their number."""
    return connection.execute(delete(token).where(token.c.account == key)).rowcount


def revoke_token(connection: Connection, digest: str) -> None:
    connection.execute(delete(token).where(token.c.digest == digest))


def replace_recovery(connection: Connection, key: int, digests: Iterable[str]) -> None:
    """Replace all recovery codes of one account."""
    connection.execute(delete(recovery).where(recovery.c.account == key))
    rows = [{"digest": digest, "account": key} for digest in digests]
    if rows:
        connection.execute(insert(recovery), rows)


def use_recovery(connection: Connection, key: int, digest: str) -> bool:
    """Delete a recovery code; True if it existed."""
    used = delete(recovery).where(recovery.c.account == key, recovery.c.digest == digest)
    return connection.execute(used).rowcount == 1


def count_recovery(connection: Connection, key: int) -> int:
    wanted = select(func.count()).select_from(recovery).where(recovery.c.account == key)
    return connection.execute(wanted).scalar_one()


def account_of_identity(connection: Connection, issuer: str, subject: str) -> Row[tuple[object, ...]] | None:
    wanted = select(*_ACCOUNT).join(identity, identity.c.account == account.c.key)
    wanted = wanted.where(identity.c.issuer == issuer, identity.c.subject == subject)
    return connection.execute(wanted).one_or_none()


def add_identity(connection: Connection, key: int, issuer: str, subject: str) -> None:
    connection.execute(insert(identity).values(account=key, issuer=issuer, subject=subject))


def failures(connection: Connection, what: str) -> tuple[int, datetime] | None:
    row = connection.execute(select(attempt.c.failures, attempt.c.last).where(attempt.c.what == what)).one_or_none()
    return None if row is None else (row[0], row[1])


def set_failures(connection: Connection, what: str, number: int, now: datetime) -> None:
    connection.execute(upserting(connection, attempt, {"what": what}, {"failures": number, "last": now}))


def forget_failures_before(connection: Connection, moment: datetime) -> None:
    connection.execute(delete(attempt).where(attempt.c.last < moment))


def forget_failures_of(connection: Connection, name: str) -> int:
    """Delete the failures for one name, from any network: those of logins and of proofs, but not those of browsers.

    Returns the number of rows.
    """
    by_network = [attempt.c.what.startswith(f"{kind} ", autoescape=True) for kind in ("pair", "proof")]
    ending = select(attempt.c.what).where(or_(*by_network), attempt.c.what.endswith(f" {name}", autoescape=True))
    # Another name may end with this one, after a space.
    of_network = [what for what in connection.scalars(ending) if what.split(" ", 2)[2] == name]
    return connection.execute(delete(attempt).where(attempt.c.what.in_([f"name {name}", *of_network]))).rowcount


def forget_failures(connection: Connection, what: str) -> None:
    connection.execute(delete(attempt).where(attempt.c.what == what))
