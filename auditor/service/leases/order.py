"""Defines the order that a worker gets with a lease: everything it needs to measure a batch except its own secrets.

It travels as JSON. The run and the subjects are written as in the header of an evidence file. A worker answers with the
lines of such a file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.service.leases.model import LeaseKey, LeaseLost
from auditor.service.store.evidence import journal
from auditor.service.store.records import RunRecord
from inventory.dataclass_json import decode
from inventory.model import Subject, SubjectId

BAD_ORDER = (ValueError, KeyError, TypeError, AttributeError, RecursionError, LeaseLost)
"""The errors that reading an order from another program may raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Describes one batch to measure.

    ``known`` are derived subjects of the run that were measured already; they only gain owners. ``selftests``: how
    often the run's vantage was tested before, so that no test replaces another. ``allow`` and ``deny`` are the centre's
    scope: the worker keeps to it and to its own. ``kinds`` are the kinds of observations that the centre can read, with
    their versions.
    """

    key: LeaseKey
    since: datetime
    run: RunRecord
    subjects: tuple[Subject, ...]
    known: tuple[SubjectId, ...] = ()
    selftests: int = 0
    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    kinds: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        return {
            "lease": str(self.key),
            "since": self.since.isoformat(),
            "header": json.loads(journal.header(self.run, self.subjects)),
            "known": list(self.known),
            "selftests": self.selftests,
            "allow": None if self.allow is None else list(self.allow),
            "deny": list(self.deny),
            "kinds": dict(self.kinds),
        }


def read_order(fields: Mapping[str, Any]) -> Order:
    """Read an order that ``Order.to_json`` wrote. Raises one of ``BAD_ORDER`` for anything else."""
    header = fields["header"]
    since = datetime.fromisoformat(fields["since"])
    if since.tzinfo is None:
        raise ValueError("since: a time without a zone")
    return Order(
        key=LeaseKey.parse(fields["lease"]),
        since=since,
        run=journal.read_header(header),
        subjects=tuple(decode(Subject, subject) for subject in header["subjects"]),
        known=tuple(SubjectId(_text(subject)) for subject in fields["known"]),
        selftests=_count(fields["selftests"]),
        allow=None if fields["allow"] is None else tuple(map(_text, fields["allow"])),
        deny=tuple(map(_text, fields["deny"])),
        kinds={_text(kind): _count(version) for kind, version in fields["kinds"].items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {value!r:.40}")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"expected a number, not {value!r:.40}")
    return value
