"""Check that the vantage itself has working IPv4 before, during and after a run."""

from collections.abc import Iterator

from auditor.facts import selftest
from auditor.facts.nat64 import nat64_prefixes
from auditor.framework.check import CheckScope, VantageKind, check, not_applicable
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.vantage import ControlAnswer, ControlPath, LimitHit, ResolverFact, VantageAddress


@check(
    version=5,
    title="Vantage has working IPv4",
    problem="Vantage has no working IPv4",
    problems={
        "POINT_FAILED": "IPv4 of the vantage failed for a time",
        "FULL_SIZE_LOST": "Full-size IPv4 packets are lost near the vantage",
        "NEIGHBOURS_FULL": "Vantage has no room for its IPv4 neighbours",
        "LOSSY": "IPv4 packets are lost near the vantage",
    },
    why="Comparing the families needs both: an IPv4 outage of the auditor would read as a site with only IPv6.",
    fix="Restore IPv4 at the vantage, or put it behind NAT64 with DNS64 where its network has only IPv6.",
    references=("RFC 1122 §3.3",),
    needs=(VantageAddress, ControlAnswer, ControlPath, LimitHit, ResolverFact),
    kinds=frozenset(),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.VANTAGE,
    messages={
        **selftest.FAMILY_CODES,
        "IPV6_ONLY": not_applicable(
            "The vantage has only IPv6 and reaches IPv4 through NAT64 ({prefixes:list}), as its network means it to. "
            "Nothing about IPv4 is decided from here."
        ),
    },
)
def ipv4(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    verdict, prefixes = selftest.family_verdict(evidence, ctx, 4), nat64_prefixes(evidence)
    if verdict.code == "NO_ROUTE" and prefixes:
        yield Verdict(code="IPV6_ONLY", args={"prefixes": tuple(map(str, prefixes))}, evidence=verdict.evidence)
        return
    yield verdict
    yield from selftest.path_verdicts(evidence, 4)
