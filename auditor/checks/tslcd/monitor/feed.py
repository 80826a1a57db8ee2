"""``tslcd.monitor.feed``: CBĐTW's monthly data about the province's connections arrived in time and agree with ours.

Declared facts of the data centre's row: ``cbdtw=YYYY-MM:YYYY-MM-DD`` (month, day received), ``cbdtw=YYYY-MM:none``
where it never came, ``cbdtw=no-right`` where the right is not granted yet, and ``cbdtw-differ=SHARE`` (sites that
differ, 0 to 1). A row without these says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from auditor.check import Place, check, says
from auditor.context import Context
from auditor.facts import points
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.rows import DeclaredRow

_ID = "tslcd.monitor.feed"
_DUE_DAY = 5
_NO_RIGHT, _NEVER = "no-right", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed:
    """The data about one month: ``due`` on the fifth of the next one, ``received`` None where they never came."""

    month: str
    due: date
    received: date | None


@check(
    version=1,
    title="CBĐTW monitoring data is received and reconciled",
    why="The operator's own numbers are the second witness of every outage and every bill.",
    fix="Request the monitoring right from CBĐTW, and compare the data every month.",
    references=("TT 06/2026/TT-BKHCN Đ9.2", "TT 06/2026/TT-BKHCN Đ9.3"),
    needs=(DeclaredRow,),
    kinds=frozenset({Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({Place.INV}),
    clearance=Clearance.PASSIVE,
    messages={
        "IN_TIME": says(
            Outcome.PASS,
            "The data of CBĐTW for {month} arrived on {received:date} and differ from our own at {differ:percent} of"
            " the sites.",
        ),
        "LATE": says(
            Outcome.WARN, "The data of CBĐTW for {month} arrived on {received:date}, {days:n} days after they were due."
        ),
        "DIFFERS": says(
            Outcome.WARN, "The data of CBĐTW for {month} differ from our own at {differ:percent} of the sites."
        ),
        "DIFFERS_MUCH": says(
            Outcome.FAIL, "The data of CBĐTW for {month} differ from our own at {differ:percent} of the sites."
        ),
        "NOT_RECEIVED": says(Outcome.FAIL, "The data of CBĐTW for {month} were due on {due:date} and did not arrive."),
        "NO_RIGHT": says(Outcome.NOT_APPLICABLE, "The right to share CBĐTW's monitoring has not been granted yet."),
        "NOT_DECLARED": says(
            Outcome.INCONCLUSIVE,
            "The inventory does not say whether the data of CBĐTW for the last month were received and compared.",
            fix="Write it into the column tags of the data centre (cbdtw=YYYY-MM:YYYY-MM-DD cbdtw-differ=SHARE).",
            reason=Reason.INV,
        ),
    },
)
def feed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    row, values = points.row(evidence), subject.tag_values("cbdtw")
    found = [one for text in values if (one := _feed(text)) is not None and one.due <= ctx.now.date()]
    last = max(found, key=lambda one: one.due, default=None)
    if not row:
        yield points.says_of(subject, "NOT_DECLARED")
    elif _NO_RIGHT in values:
        yield points.says_of(subject, "NO_RIGHT", row)
    elif last is None:
        yield points.says_of(subject, "NOT_DECLARED", row)
    else:
        code, args = _judge(subject, ctx, last)
        yield points.says_of(subject, code, row, args, month=last.month)


def _judge(subject: Subject, ctx: Context, last: _Feed) -> tuple[str, dict[str, Arg]]:
    late = 0 if last.received is None else max(0, (last.received - last.due).days)
    if last.received is None or late > ctx.policy.threshold(_ID, "late_days"):
        return "NOT_RECEIVED", {"due": last.due.isoformat()}
    differ = _share(next(iter(subject.tag_values("cbdtw-differ")), ""))
    if differ is None:
        return "NOT_DECLARED", {}
    shown: dict[str, Arg] = {"received": last.received.isoformat(), "differ": differ}
    if differ > ctx.policy.threshold(_ID, "fail_differ"):
        return "DIFFERS_MUCH", shown
    if late:
        return "LATE", {**shown, "days": late}
    return ("DIFFERS" if differ > ctx.policy.threshold(_ID, "warn_differ") else "IN_TIME"), shown


def _feed(text: str) -> _Feed | None:
    month, _, day = text.partition(":")
    try:
        first = date.fromisoformat(f"{month}-01")
        received = None if day == _NEVER else date.fromisoformat(day)
        due = date(first.year + first.month // 12, first.month % 12 + 1, _DUE_DAY)
    except ValueError:
        return None
    return _Feed(month=month, due=due, received=received)


def _share(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
