"""Check that a system that is connected to TSLCD has an approved security level, reviewed in time.

Only declared facts: column ``security_level``, tags ``level-decision=NUMBER`` and ``level-review=YYYY-MM-DD``. An empty
cell shows nothing: only ``level-decision=none`` declares that there is no decision.
"""

from collections.abc import Iterator
from datetime import date

from auditor.facts.moments import day_of
from auditor.facts.tslcd import points
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.rows import RowPosition

_NONE = "none"
_SECRETS, _LEVEL_OF_SECRETS = "state-secrets", 3


@check(
    version=1,
    title="Connected information systems have an approved security level",
    problem="System has no approved security level",
    problems={
        "REVIEW_OVERDUE": "Review of the security level is overdue",
        "TOO_LOW": "Security level is too low for state secrets",
    },
    why="What the level asks for is protected accordingly; a system without one is protected by nobody's rule.",
    fix="Prepare the level dossier and have it approved.",
    references=(
        "khoản 2 Điều 8 Thông tư số 06/2026/TT-BKHCN",
        "Nghị định số 85/2016/NĐ-CP",
        "Luật An ninh mạng 116/2025/QH15",
    ),
    needs=(RowPosition,),
    kinds=WEB_KINDS | {Kind.DATACENTRE, Kind.HOST},
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    messages={
        "APPROVED": passed(
            "{name} is of level {level:n} by decision {decision}; its next review is due {review:date}."
        ),
        "REVIEW_OVERDUE": warn(
            "{name} is of level {level:n} by decision {decision}, but its review was due on {review:date}.",
            fix="Have the level reviewed and write down the next date.",
        ),
        "NO_DECISION": fail("By its own declaration {name} has no approved security level."),
        "TOO_LOW": fail("{name} is declared to carry state secrets and is of level {level:n}; at least 3 is needed."),
        "NOT_DECLARED": inconclusive(
            "The inventory does not have the level of {name}, the decision and the date of its next review.",
            fix="Write them into the columns security_level and tags (level-decision=NUMBER level-review=YYYY-MM-DD).",
            reason=Reason.INV,
        ),
    },
)
def level(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    row = points.row(evidence)
    approved = subject.declared.security_level
    decision = next(iter(subject.tag_values("level-decision")), "")
    review = day(next(iter(subject.tag_values("level-review")), ""))
    if not row:
        yield points.says_of(subject, "NOT_DECLARED")
    elif decision.casefold() == _NONE:
        yield points.says_of(subject, "NO_DECISION", row)
    elif approved is None or not decision or review is None:
        yield points.says_of(subject, "NOT_DECLARED", row)
    elif subject.has_tag(_SECRETS) and approved < _LEVEL_OF_SECRETS:
        yield points.says_of(subject, "TOO_LOW", row, level=approved)
    else:
        code = "APPROVED" if review >= day_of(evidence, row, ctx) else "REVIEW_OVERDUE"
        yield points.says_of(subject, code, row, level=approved, decision=decision, review=review.isoformat())


def day(text: str) -> date | None:
    """Return a date as the tags have it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
