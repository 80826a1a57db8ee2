"""Checks and hashes passwords: argon2id with the library's own parameters (RFC 9106 §4)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from auditor.service.accounts.model import AccessError
from auditor.service.accounts.weak_passwords import is_guessable

SHORTEST, LONGEST = 12, 256
"""Bounds of a password in characters (NIST SP 800-63B §3.1.1.2: length counts, composition does not)."""

_HASHER = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$YsmXsTUg9dGENNb6eqdEXw$qJaXIDSBc5/agvIKKJdgZW7P/teuLJIPI/MPdBqPT3A"
"""The hash of random octets, verified for an account that does not exist, so that the time reveals nothing.
Written down, because computing one takes a tenth of the start of the service."""


def must_be_good(password: str, name: str) -> None:
    """Raise AccessError for a password that is too short, too long or easy to guess."""
    if len(password) < SHORTEST:
        raise AccessError("PASSWORD_TOO_SHORT")
    if len(password) > LONGEST:
        raise AccessError("PASSWORD_TOO_LONG")
    if len(set(password)) < 5 or is_guessable(password, [name]):
        raise AccessError("PASSWORD_TOO_SIMPLE")


def hashed(password: str, name: str) -> str:
    """Hash a new password. Raises AccessError if it is not good enough."""
    must_be_good(password, name)
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Compare a password with its hash; it takes as long if the account does not exist (``stored`` None)."""
    try:
        _HASHER.verify(stored or _NOBODY, password[: LONGEST + 1])
        return stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_stale(stored: str) -> bool:
    """True if the hash has older parameters; it is renewed at the next login."""
    return _HASHER.check_needs_rehash(stored)


def hashed_again(password: str) -> str:
    """Hash an existing password with the present parameters."""
    return _HASHER.hash(password)
