"""Check that the measuring point itself has working IPv4 before, during and after a run."""

from collections.abc import Iterator

from auditor.facts import selftest
from auditor.framework.check import CheckScope, VantageKind, check
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.vantage import ControlAnswer, ControlPath, VantageAddress


@check(
    version=2,
    title="Auditor has working IPv4",
    why="Comparing the families needs both: an IPv4 outage of the auditor would read as a site with only IPv6.",
    fix="Restore IPv4 at the measuring point, or declare it IPv6-only.",
    references=("RFC 1122 §3.3",),
    needs=(VantageAddress, ControlAnswer, ControlPath),
    kinds=frozenset(),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.VANTAGE,
    messages=selftest.FAMILY_CODES,
)
def ipv4(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield selftest.family_verdict(evidence, ctx, 4)
    yield from selftest.path_verdicts(evidence, 4)
