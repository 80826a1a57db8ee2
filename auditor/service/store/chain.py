"""Chains the lines of the audit log: each line's hash is over the hash of the line before it and the line itself.

Who alters a line, takes one out or puts one between has to make every later hash again, and then the last one is not
what the service's log, a seal or a note kept elsewhere says. How a line is hashed never changes: old ones are checked.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

START = ""
"""What stands for the hash before the first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line as it is hashed: who did what, from where, when. ``number`` counts from 1."""

    number: int
    time: datetime
    who: str
    address: str
    what: str
    about: str

    def hash_after(self, before: str) -> str:
        """``sha256:`` and 64 hex digits."""
        time = self.time.astimezone(UTC).isoformat(timespec="microseconds")
        fields = [before, self.number, time, self.who, self.address, self.what, self.about]
        return "sha256:" + hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLine:
    """The last line of an audit log: its number and its hash; 0 and nothing of an empty one."""

    number: int = 0
    hash: str = START


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLogChain:
    """What reading an audit log from its beginning showed. ``broken`` is the number of the first line that does not
    follow from the ones before it, None where all do."""

    head: LastLine
    lines: int
    broken: int | None = None
