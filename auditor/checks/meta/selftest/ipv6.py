"""Check that the vantage itself has working IPv6 before, during and after a run."""

from collections.abc import Iterator

from auditor.facts import selftest
from auditor.framework.check import CheckScope, VantageKind, check
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.vantage import ControlAnswer, ControlPath, LimitHit, VantageAddress


@check(
    version=4,
    title="Vantage has working native IPv6",
    problem="Vantage has no working IPv6",
    problems={
        "POINT_FAILED": "IPv6 of the vantage failed for a time",
        "FULL_SIZE_LOST": "Full-size IPv6 packets are lost near the vantage",
        "NEIGHBOURS_FULL": "Vantage has no room for its IPv6 neighbours",
        "LOSSY": "IPv6 packets are lost near the vantage",
        "DETOUR": "IPv6 from the vantage takes a detour",
    },
    why="Without working IPv6 of its own the auditor would report healthy services as broken, or broken ones as fine.",
    fix="Give the vantage native IPv6 with its own prefix; do not run it in a container network without IPv6.",
    references=("RFC 6724", "RFC 8504 §6.6"),
    needs=(VantageAddress, ControlAnswer, ControlPath, LimitHit),
    kinds=frozenset(),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.VANTAGE,
    messages={**selftest.FAMILY_CODES, **selftest.DETOUR},
)
def ipv6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield selftest.family_verdict(evidence, ctx, 6)
    yield from selftest.path_verdicts(evidence, 6)
