"""Defines roles, accounts, sessions and tokens. Plain data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from inventory.model import AgencyId

IDLE = timedelta(hours=8)
"""A session that nobody used for so long is over."""
LIFETIME = timedelta(days=7)
"""However much it is used, a session ends after so long."""
LONGEST_TOKEN = timedelta(days=366)
GRACE = timedelta(minutes=5)
"""So long after the password was asked for again it is not asked for another time in the same session."""
LEEWAY = timedelta(minutes=5)
"""What was begun so far ahead of the clock was begun by a clock that was wrong, or the clock is wrong now."""


class Role(Enum):
    """Roles in ascending order of rights. A viewer may be bound to one agency; the others see all."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, wanted: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(wanted)


class TokenScope(Enum):
    """What a token may be used for, within what its account may do."""

    READ = "read"
    RUN = "run"
    ADMIN = "admin"
    METRICS = "metrics"
    WORKER = "worker"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """``agency`` None: bound to none. ``vouched``: logs in by the OpenID provider, and has no password here. The
    password's hash and the second factor's secret stay in the store."""

    key: int
    name: str
    role: Role
    agency: AgencyId | None
    lang: str
    created: datetime
    disabled: bool = False
    second_factor: bool = False
    vouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """``csrf`` stands in every form of the session's pages. ``proved``: whether the password was asked for again a
    moment ago, so that what is grave need not ask once more."""

    account: Account
    csrf: str
    proved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A session as its owner sees it: when it began and was used last, and from where it began."""

    digest: str
    created: datetime
    seen: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program's key; only its digest is stored."""

    digest: str
    account: str
    name: str
    scopes: frozenset[TokenScope]
    created: datetime
    expires: datetime
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrant:
    """The account of a token, and the rights of that account which the token may use. ``vantage``: the one that a
    worker with this token measures for, empty for none."""

    account: Account
    scopes: frozenset[TokenScope]
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log: who did what, from where, when. ``hash`` chains it to the lines before it."""

    number: int
    time: datetime
    who: str
    address: str
    what: str
    about: str
    hash: str


class AccessError(Exception):
    """Something was refused; ``code`` says what, its words are the pages' business."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
