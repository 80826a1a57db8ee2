"""Check that systems of level 4 or 5 are connected by two channels in two physical directions."""

from collections.abc import Iterator

from auditor.facts.tslcd import channels, points, redundancy
from auditor.framework.check import VantageKind, check, not_applicable
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet

_FROM_LEVEL = 4


@check(
    version=2,
    title="Level 4–5 systems have two channels in two physical directions",
    problem="Level 4–5 system has only one channel",
    problems={"ONE_UP": "Only one channel port is up"},
    why="A system of level 4 or 5 must not be cut off by one excavator.",
    fix="Order a second channel in another physical direction.",
    references=("điểm c khoản 3 Điều 5 Thông tư số 06/2026/TT-BKHCN", "khoản 3 Điều 14 Thông tư số 06/2026/TT-BKHCN"),
    needs=redundancy.NEEDS,
    kinds=WEB_KINDS | {Kind.CONNECTION_POINT, Kind.HOST},
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.INV, VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    messages={
        **redundancy.CODES,
        "NOT_NEEDED": not_applicable("{name} is not declared to be of level 4 or 5; one channel is enough."),
    },
)
def channel_redundancy(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    count = len(channels.declared(subject))
    if (subject.declared.security_level or 0) < _FROM_LEVEL:
        yield points.says_of(subject, "NOT_NEEDED", points.row(evidence))
    elif not count or not points.row(evidence):
        yield points.says_of(subject, "NO_CHANNELS", points.row(evidence))
    else:
        yield redundancy.judge(subject, evidence, ctx, count)
