"""What an address that shows no page is told, by what IPv4 shows of the same site: codes of ``ipv6.web.http-ok``."""

from dataclasses import replace

from auditor.facts.dns import names
from auditor.facts.dns.names import lookup
from auditor.facts.web.ipv4 import OverIpv4
from auditor.facts.web.visits import Page, Visit
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from probes.framework.evidence import EvidenceSet, FailureKind

_CODES = {Page.FAILED: "FAILED", Page.OFF_FAMILY: "LEADS_OFF_IPV6"}


def defect(found: Visit, ipv4: OverIpv4) -> str:
    """The code for an address that shows no page, by what IPv4 shows."""
    code = _CODES.get(found.page, "ERROR")
    silent = found.final.failure is not None and found.final.failure.kind is FailureKind.TIMEOUT
    code = "TIMES_OUT" if code == "FAILED" and silent else code
    if ipv4.works:
        return code
    if not ipv4.exists:
        return code if found.page is Page.OFF_FAMILY else f"{code}_IPV6_ONLY"
    return "ERROR_ALIKE" if code == "ERROR" else "FAILED_ALIKE"


def unless_gone(evidence: EvidenceSet, ctx: Context, said: Verdict, ipv4: OverIpv4) -> Verdict:
    """That a redirect leads off IPv6 is another check's finding, unless what it leads to is there for nobody."""
    target = str(said.args["target"])
    over4 = lookup(evidence, ctx, target, "A", "redirect")
    if ipv4.works or over4.v4 or not over4.known or names.address(target) is not None:
        return said
    return replace(said, code="FAILED_IPV6_ONLY", args={"address": said.args["address"]})
