"""Defines roles, accounts, sessions and tokens. Plain data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from inventory.model import AgencyId

IDLE = timedelta(hours=8)
"""Time without use after which a session ends."""
LIFETIME = timedelta(days=7)
"""Time after which a session ends even if it is in use."""
LONGEST_TOKEN = timedelta(days=366)
GRACE = timedelta(minutes=5)
"""Time for which a session is not asked for the password again after a proof."""
LEEWAY = timedelta(minutes=5)
"""Tolerance for a start in the future; a later one means that the clock was or is wrong."""


class Role(Enum):
    """Lists the roles in ascending order of rights. A viewer may be bound to one agency; the others see all."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, wanted: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(wanted)


class TokenScope(Enum):
    """Lists the uses of a token, within the rights of its account."""

    READ = "read"
    RUN = "run"
    ADMIN = "admin"
    METRICS = "metrics"
    WORKER = "worker"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Describes an account. ``agency`` None: bound to none.

    ``vouched``: it logs in by the OpenID provider and has no password here. The password's hash and the second factor's
    secret stay in the store.
    """

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
    """Describes a session. ``csrf`` is in every form of its pages.

    ``proved``: the password was entered again a moment ago, so a sensitive action does not ask for it.
    """

    account: Account
    csrf: str
    proved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """Describes a session to its owner: its start, its last use, and the address that it was begun from."""

    digest: str
    created: datetime
    seen: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Describes a program's token; only its digest is stored."""

    digest: str
    account: str
    name: str
    scopes: frozenset[TokenScope]
    created: datetime
    expires: datetime
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrant:
    """Holds the account of a token, and the rights of that account which the token may use.

    ``vantage``: the one that a worker with this token measures for, empty for none.
    """

    account: Account
    scopes: frozenset[TokenScope]
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Describes one line of the audit log: the actor, the address, the action, its subject and the time.

    ``hash`` chains it to the lines before it.
    """

    number: int
    time: datetime
    who: str
    address: str
    what: str
    about: str
    hash: str


class AccessError(Exception):
    """Raised for a refusal; ``code`` names the reason, and the pages word it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
