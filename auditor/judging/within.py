"""Makes findings of exposure to the Internet INCONCLUSIVE where the vantage stands inside the network itself."""

from dataclasses import replace

from auditor.facts.attribution import is_hidden, is_within
from auditor.framework.check import Check
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.judging.evidence_guard import rests_on
from auditor.judging.gates import UngradedVerdict, code_of, judged_network
from inventory.model import Network, Subject
from probes.framework.evidence import EvidenceSet


def excuse(
    check: Check, verdict: Verdict, subject: Subject, evidence: EvidenceSet, ctx: Context
) -> UngradedVerdict | None:
    """Return INCONCLUSIVE for exposure seen at an address of a prefix in which the vantage stands, else None.

    The exposure is a port or service open to the Internet; the prefix is of one owner, or one that the inventory gives
    to an agency.
    """
    if verdict.code not in check.unauthenticated or judged_network(check, subject, ctx.vantage) is not Network.INTERNET:
        return None
    at = {envelope.endpoint.address for envelope in rests_on(verdict, evidence) if envelope.endpoint is not None}
    at |= set() if verdict.address is None else {verdict.address}
    if any(is_hidden(ctx, evidence, address) for address in at):
        at |= set(subject.addresses)  # the other family's addresses may show that the vantage stands there
    if not any(is_within(ctx, evidence, address) for address in at):
        return None
    undecided = replace(verdict, code=code_of(Reason.VP), args={})
    return UngradedVerdict(verdict=undecided, outcome=Outcome.INCONCLUSIVE, reason=Reason.VP)
