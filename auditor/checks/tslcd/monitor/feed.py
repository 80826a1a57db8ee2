"""Check that CBĐTW's monthly data about the province's connections arrived in time and agree with ours.

Tables that an operator imported are compared with our own samples of the month, site by site. Without one of the last
month the data centre's row decides: ``cbdtw=YYYY-MM:YYYY-MM-DD`` (month, day received), ``cbdtw=YYYY-MM:none`` where it
never came, ``cbdtw=no-right`` where it is not granted yet, ``cbdtw-differ=SHARE`` (sites that differ, 0 to 1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from auditor.facts.moments import day_of
from auditor.facts.tslcd import points
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.feed import FeedSite, MonthlyFeed
from probes.observations.rows import RowPosition

_GAPS = ("availability_gap", "load_gap")
"""Thresholds, as shares, above which two figures of one site differ."""

_DUE_DAY = 5
_ROUNDED = 1e-9
_ID = "tslcd.monitor.feed"
_NO_RIGHT, _NEVER = "no-right", "none"
"""Words of the tag ``cbdtw`` in place of a day: the data are not granted, or never came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed:
    """Holds the data about one month: ``due`` on the fifth of the next one, ``received`` None where they never came."""

    month: str
    due: date
    received: date | None


@check(
    version=4,
    title="CBĐTW monitoring data is received and reconciled",
    problem="Monitoring data of CBĐTW differ from our measurements",
    problems={"LATE": "Monitoring data of CBĐTW arrived late", "NOT_RECEIVED": "Monitoring data of CBĐTW are missing"},
    why="The operator's own numbers are the second witness of every outage and every bill.",
    fix="Request the monitoring right from CBĐTW, and compare the data every month.",
    references=("khoản 2 Điều 9 Thông tư số 06/2026/TT-BKHCN", "khoản 3 Điều 9 Thông tư số 06/2026/TT-BKHCN"),
    needs=(RowPosition, MonthlyFeed),
    kinds=frozenset({Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    others=frozenset({"sites"}),
    messages={
        "IN_TIME": passed(
            "The data of CBĐTW for {month:month} arrived on {received:date} and differ from our own at"
            " {differ:percent} of the sites."
        ),
        "LATE": warn(
            "The data of CBĐTW for {month:month} arrived on {received:date}, {days:n} {days/day/days} after they were"
            " due."
        ),
        "DIFFERS": warn("The data of CBĐTW for {month:month} differ from our own at {differ:percent} of the sites."),
        "DIFFERS_MUCH": fail(
            "The data of CBĐTW for {month:month} differ from our own at {differ:percent} of the sites."
        ),
        "NOT_RECEIVED": warn(
            "The data of CBĐTW for {month:month} were due on {due:date} and did not arrive by {last:date}.",
            fix="Ask CBĐTW for the data: sending them before the fifth is its duty.",
        ),
        "NOT_COMPARED": inconclusive(
            "The data of CBĐTW for {month:month} arrived on {received:date}, but of none of their {count:n}"
            " {count/site/sites} are there enough samples of our own to compare.",
            fix="Let the sampling run for the whole month, and name sites as the inventory does.",
            reason=Reason.SMPL,
        ),
        "NO_RIGHT": not_applicable("The right to share CBĐTW's monitoring has not been granted yet."),
        "NOT_DECLARED": inconclusive(
            "The inventory does not say whether the data of CBĐTW for the last month were received and compared.",
            fix="Name CBĐTW's table under reference.cbdtw, or write it into the column tags of the data centre"
            " (cbdtw=YYYY-MM:YYYY-MM-DD cbdtw-differ=SHARE).",
            reason=Reason.INV,
        ),
    },
)
def feed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    row, values = points.row(evidence), subject.tag_values("cbdtw")
    every = [(envelope.id, step) for envelope, step in evidence.of(MonthlyFeed)]
    day, late = day_of(evidence, {*row, *(id_ for id_, _ in every)}, ctx), ctx.policy.threshold(_ID, "late_days")
    feeds = [one for text in values if (one := _feed(text)) is not None and _is_last(one.due, day, late)]
    last = max(feeds, key=lambda feed: feed.due, default=None)
    tables = [(id_, step) for id_, step in every if _is_last(_due(step.month), day, late)]
    id_, table = max(tables, key=lambda table: table[1].month, default=(None, None))
    if id_ is not None and table is not None and (last is None or _due(table.month) >= last.due):
        yield _of_table(subject, ctx, id_, table)
    elif row and _NO_RIGHT in values:
        yield points.says_of(subject, "NO_RIGHT", row)
    elif not row or last is None:
        yield points.says_of(subject, "NOT_DECLARED", row)
    else:
        code, args = _judge(subject, ctx, last)
        yield points.says_of(subject, code, row, args, month=last.month)


def _judge(subject: Subject, ctx: Context, last: _Feed) -> tuple[str, dict[str, Arg]]:
    late = 0 if last.received is None else max(0, (last.received - last.due).days)
    most = ctx.policy.threshold(_ID, "late_days")
    if last.received is None or late > most:
        return "NOT_RECEIVED", _overdue(last.due, most)
    differ = _share(next(iter(subject.tag_values("cbdtw-differ")), ""))
    return ("NOT_DECLARED", {}) if differ is None else _grade(ctx, last.received, late, differ)


def _of_table(subject: Subject, ctx: Context, id_: EvidenceId, table: MonthlyFeed) -> Verdict:
    """Return the verdict on a table: the sites that differ, of those that were measured here too."""
    month, due = f"{table.month:%Y-%m}", _due(table.month)
    late = max(0, (table.received - due).days)
    most = ctx.policy.threshold(_ID, "late_days")
    if late > most:
        return points.says_of(subject, "NOT_RECEIVED", (id_,), _overdue(due, most), month=month)
    bounds = {name: ctx.policy.threshold(_ID, name) for name in _GAPS}
    told = _compared(table, bounds)
    if not told:
        args: dict[str, Arg] = {"received": table.received.isoformat(), "count": len(table.sites)}
        return points.says_of(subject, "NOT_COMPARED", (id_,), args, month=month)
    differing = tuple(site for site, differs in told.items() if differs)
    code, shown = _grade(ctx, table.received, late, len(differing) / len(told))
    more: dict[str, Arg] = {"compared": len(told), "sites": differing}
    return points.says_of(subject, code, (id_,), {**shown, **more}, month=month)


def _grade(ctx: Context, received: date, late: int, differ: float) -> tuple[str, dict[str, Arg]]:
    shown: dict[str, Arg] = {"received": received.isoformat(), "differ": round(differ, 4)}
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
    except ValueError:
        return None
    return _Feed(month=month, due=_due(first), received=received)


def _due(month: date) -> date:
    """Return the fifth of the month after (TT 06/2026 Đ9.3)."""
    return date(month.year + month.month // 12, month.month % 12 + 1, _DUE_DAY)


def _is_last(due_on: date, day: date, late: float) -> bool:
    """True if data due on a day are of the last month that can be required on ``day``.
    Those of the next month may still arrive for as long as they are only late."""
    return due_on <= day <= _due(due_on) + timedelta(days=late)


def _overdue(due_on: date, late: float) -> dict[str, Arg]:
    """Return the day on which data were due, and the last day on which they would only have been late."""
    return {"due": due_on.isoformat(), "last": (due_on + timedelta(days=late)).isoformat()}


def _share(text: str) -> float | None:
    """Return a share as a tag has it; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _compared(table: MonthlyFeed, bounds: Mapping[str, float]) -> Mapping[str, bool]:
    """Return, for each site that both sides report on, whether their data differ."""
    pairs = ((feed_site.site, _differs(feed_site, bounds)) for feed_site in table.sites)
    return {site: differs for site, differs in pairs if differs is not None}


def _differs(feed_site: FeedSite, bounds: Mapping[str, float]) -> bool | None:
    pairs = (
        (feed_site.theirs.availability, feed_site.ours.availability, _GAPS[0]),
        (feed_site.theirs.load, feed_site.ours.load, _GAPS[1]),
    )
    gaps = [
        abs(theirs - ours) > bounds[name] + _ROUNDED
        for theirs, ours, name in pairs
        if theirs is not None and ours is not None
    ]
    if feed_site.theirs.up is not None and feed_site.ours.up is not None:
        gaps.append(feed_site.theirs.up is not feed_site.ours.up)
    return any(gaps) if gaps else None
