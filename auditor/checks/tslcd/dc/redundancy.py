"""Check that a data centre is connected to the gateway by two fibre channels in two directions."""

from collections.abc import Iterator

from auditor.facts.tslcd import channels, points, redundancy
from auditor.framework.check import VantageKind, check, inconclusive
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet


@check(
    version=2,
    title="Data centre has two fibre channels in two directions to the gateway",
    problem="Data centre has only one channel to the gateway",
    problems={"ONE_UP": "Only one channel port of the data centre is up"},
    why="All shared systems of the province stand in its data centre; one cut line must not take all of them away.",
    fix="Order a second fibre route.",
    references=("điểm a, điểm b khoản 4 Điều 5 Thông tư số 06/2026/TT-BKHCN",),
    needs=redundancy.NEEDS,
    kinds=frozenset({Kind.DATACENTRE}),
    vantage=frozenset({VantageKind.INV, VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    messages={
        **redundancy.CODES,
        "MEDIUM_UNKNOWN": inconclusive(
            "{name} has {count:n} {count/channel/channels} on record; which of them are fibre is not declared.",
            fix="Declare what the channels are made of in the column tags (medium=fibre, or one each in their order).",
            reason=Reason.INV,
        ),
    },
)
def dc_redundancy(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    count, media = len(channels.declared(subject)), channels.media(subject)
    row = points.row(evidence)
    if not count or not row:
        yield points.says_of(subject, "NO_CHANNELS", row)
    elif count >= redundancy.NEEDED and len(media) < count:
        yield points.says_of(subject, "MEDIUM_UNKNOWN", row, count=count)
    else:
        fibres = media.count(channels.FIBRE) if count >= redundancy.NEEDED else count
        yield redundancy.judge(subject, evidence, ctx, fibres)
