"""Chains the lines of the audit log: each line's hash is over the hash of the line before it and the line itself.

Altering, removing or inserting a line requires every later hash to be computed again, and then the last one differs
from that in the service's log, in a seal or in a note kept elsewhere. The method of hashing a line never changes, so
that old lines can be checked.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

START = ""
"""The text in place of a hash before the first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """Holds the hashed fields of one line: actor, action, address and time. ``number`` counts from 1."""

    number: int
    time: datetime
    who: str
    address: str
    what: str
    about: str

    def hash_after(self, before: str) -> str:
        """Return ``sha256:`` and 64 hex digits over the hash ``before`` and this line."""
        time = self.time.astimezone(UTC).isoformat(timespec="microseconds")
        fields = [before, self.number, time, self.who, self.address, self.what, self.about]
        return "sha256:" + hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLine:
    """Holds the number and the hash of an audit log's last line; 0 and empty for an empty log."""

    number: int = 0
    hash: str = START


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLogChain:
    """Holds the result of reading an audit log from its beginning.

    ``broken``: the number of the first line that does not follow from the ones before it; None if all do.
    """

    head: LastLine
    lines: int
    broken: int | None = None
