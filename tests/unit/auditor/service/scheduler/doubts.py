"""Holds runs of twelve subjects in a store: a usual run, one with very many changes, and the result of a repeat."""

from datetime import UTC, datetime, timedelta

from auditor.framework.findings import Outcome
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import RunRecord
from inventory.model import Kind
from tests.unit.auditor.stored import Brief, Held, put, row

P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
CHECK, AREA = "ipv6.web.aaaa", "ipv6.web"
SUBJECTS = tuple(row(f"w{number:02}.tinh.vn", Kind.PORTAL, "S1") for number in range(12))
MANY, FEW = 4, 3
"""Numbers of twelve subjects: more than thirty per cent, and less."""


def held(
    store: DatabaseStore, name: str, failing: int, *, days: int, repeats: str = "", otherwise: Outcome = P
) -> RunRecord:
    """Store a judged run in which the first ``failing`` subjects fail and the others have the outcome ``otherwise``."""
    said = {
        str(one.id): [Brief(check=CHECK, outcome=F if number < failing else otherwise)]
        for number, one in enumerate(SUBJECTS)
    }
    return put(store, Held(name=name, days=days, findings=said, subjects=SUBJECTS, repeats=repeats))


class Hands:
    """Returns the time of a simulated clock."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **later: float) -> None:
        self.now += timedelta(**later)
