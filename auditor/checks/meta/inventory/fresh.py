"""Check that the inventory is dated, authorised, and was compared with the network."""

from collections.abc import Iterator

from auditor.framework.check import CheckScope, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.inventory import InventoryReview

_CHECK = "meta.inventory.fresh"


@check(
    version=1,
    title="Inventory is dated, authorised and reconciled",
    problem="Inventory is out of date",
    problems={
        "AGING": "Inventory has not been reviewed for a while",
        "SOME_GONE": "Inventory holds names that no longer exist",
        "MANY_GONE": "Inventory holds names that no longer exist",
        "INCOMPLETE": "Inventory rows lack required fields",
    },
    why="A report is only as good as the list behind it: what was forgotten is not audited, and what is long gone is"
    " reported as broken.",
    fix="Compare the inventory with what is there every quarter, and write the day into [reference] reconciled.",
    references=("khoản 5 Điều 7, Điều 10 Thông tư số 06/2026/TT-BKHCN", "CIS Controls v8 1-2"),
    needs=(InventoryReview,),
    kinds=frozenset(),
    vantage=frozenset({VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.RUN,
    messages={
        "FRESH": passed("The inventory ({rows:n} {rows/row/rows}) is complete and was compared on {reconciled:date}."),
        "AGING": warn(
            "The inventory was last compared with what is there on {reconciled:date}, {days:n} {days/day/days} ago."
        ),
        "SOME_GONE": warn(
            "The DNS no longer knows {count:n} of {rows:n} {rows/name/names} of the inventory: {names:list}."
        ),
        "INCOMPLETE": warn(
            "{count:n} of {rows:n} {rows/row/rows} of the inventory {count/lacks/lack} fields that every row should"
            " have: {subjects:list}.",
            fix="Fill in agency, valid_from and authorisation for every row.",
        ),
        "OLD": fail(
            "The inventory was last compared with what is there on {reconciled:date}, {days:n} {days/day/days} ago."
        ),
        "MANY_GONE": fail(
            "The DNS no longer knows {count:n} of {rows:n} {rows/name/names} of the inventory: {names:list}."
        ),
        "NOT_RECORDED": inconclusive(
            "When the inventory was last compared with what is there is not recorded.",
            fix="Write the day into [reference] reconciled.",
            reason=Reason.INV,
        ),
        "NO_ROWS": not_applicable("The inventory has no row that is in force."),
    },
)
def fresh(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    pairs = [(envelope.id, step) for envelope, step in evidence.of(InventoryReview)]
    if not pairs or not pairs[0][1].rows:
        yield Verdict(code="NO_ROWS", evidence=tuple(id_ for id_, _ in pairs[:1]))
    else:
        id_, review = pairs[0]
        yield _judge(id_, review, ctx)


def _judge(id_: EvidenceId, review: InventoryReview, ctx: Context) -> Verdict:
    """Return the worst verdict; a defect stands whether or not a day is recorded."""

    def limit(name: str) -> float:
        return ctx.policy.threshold(_CHECK, name)

    share = len(review.gone) / review.rows
    gone: dict[str, Arg] = {"count": len(review.gone), "rows": review.rows, "names": review.gone}
    days = None if review.reconciled is None else (review.day - review.reconciled).days
    dated: dict[str, Arg] = (
        {} if review.reconciled is None else {"reconciled": review.reconciled.isoformat(), "days": days or 0}
    )
    if share > limit("most_gone"):
        return Verdict(code="MANY_GONE", args=gone, evidence=(id_,))
    if days is not None and days > limit("fail_days"):
        return Verdict(code="OLD", args=dated, evidence=(id_,))
    if days is not None and days > limit("warn_days"):
        return Verdict(code="AGING", args=dated, evidence=(id_,))
    if review.gone:
        return Verdict(code="SOME_GONE", args=gone, evidence=(id_,))
    if review.incomplete:
        args: dict[str, Arg] = {"count": len(review.incomplete), "rows": review.rows, "subjects": review.incomplete}
        return Verdict(code="INCOMPLETE", args=args, evidence=(id_,))
    if review.reconciled is None:
        return Verdict(code="NOT_RECORDED", evidence=(id_,))
    return Verdict(
        code="FRESH", args={"rows": review.rows, "reconciled": review.reconciled.isoformat()}, evidence=(id_,)
    )
