"""Check that every commune-level unit in force has exactly one primary connection point on record.

Only declared facts. An inventory that lists no connection point at all shows nothing about any unit.
"""

from collections.abc import Iterator

from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.rows import DeclaredPoint, DeclaredUnit

COMMUNE = "commune"


@check(
    version=1,
    title="Commune has one registered TSLCD connection point",
    problem="Commune has no registered TSLCD connection point",
    problems={
        "INCOMPLETE": "Record of the connection point is incomplete",
        "SEVERAL": "Commune has several primary connection points",
    },
    why="Every commune committee has to be on TSLCD; one without a record has no fault desk, no capacity and no owner.",
    fix="Register the connection point with CBĐTW (Mẫu số 01, before 31 January) and complete its row.",
    references=("điểm a khoản 3 Điều 5 Thông tư số 06/2026/TT-BKHCN", "Điều 10 Thông tư số 06/2026/TT-BKHCN"),
    needs=(DeclaredUnit,),
    kinds=frozenset({Kind.UNIT}),
    vantage=frozenset({VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    others=frozenset({"point", "points"}),
    messages={
        "REGISTERED": passed("{name} has its connection point {point} on record, with everything asked for."),
        "INCOMPLETE": warn(
            "{name} has its connection point {point} on record, but {columns/this column is/these columns are} empty:"
            " {columns:list}."
        ),
        "SEVERAL": warn(
            "{name} has {count:n} primary connection {count/point/points} on record: {points:list}; there is to be"
            " one.",
            fix="Keep one primary point at the main office; mark each other one with the tag secondary.",
        ),
        "NO_RECORD": fail("{name} has no TSLCD connection point on record."),
        "NO_LIST": inconclusive(
            "The inventory has no connection point in force of anybody, so it does not tell about {name}.",
            fix="Put the list of connection points into the inventory.",
            reason=Reason.INV,
        ),
        "NOT_COMMUNE": not_applicable("{name} is not a commune-level unit."),
    },
)
def registered(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    envelope, unit = next(evidence.of(DeclaredUnit), (None, None))
    if envelope is None or unit is None:
        yield Verdict(code="NO_LIST", args={"name": subject.name})
    else:
        yield _judge(subject.name, unit, envelope.id)


def _judge(name: str, unit: DeclaredUnit, evidence: EvidenceId) -> Verdict:
    def said(code: str, **args: str | int | tuple[str, ...]) -> Verdict:
        return Verdict(code=code, args={"name": name, **args}, evidence=(evidence,))

    primary = [point for point in unit.points if not point.secondary]
    if unit.level != COMMUNE:
        return said("NOT_COMMUNE")
    if not unit.listed:
        return said("NO_LIST")
    if not primary:
        return said("NO_RECORD")
    if len(primary) > 1:
        return said("SEVERAL", count=len(primary), points=tuple(sorted(point.subject for point in primary)))
    empty = _empty(primary[0])
    if empty:
        return said("INCOMPLETE", point=primary[0].subject, columns=empty)
    return said("REGISTERED", point=primary[0].subject)


def _empty(point: DeclaredPoint) -> tuple[str, ...]:
    """Return the columns without a value, by their names in the inventory."""
    columns = {
        "device": point.device,
        "channel": point.channel,
        "bandwidth_mbps": point.bandwidth_mbps,
        "provider": point.provider,
        "ipv4/ipv6": point.addresses,
        "site": point.site,
        "activated": point.activated,
    }
    return tuple(column for column, value in columns.items() if not value)
