"""Leaves TLS undecided where a device near the vantage intercepts it and only its own end was seen."""

from dataclasses import replace

from auditor.facts.tls.resigned import Place, own_places
from auditor.framework.check import Check
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.framework.gathered import TlsInspection
from auditor.judging.evidence_guard import rests_on
from auditor.judging.gates import UngradedVerdict
from inventory.model import Network, Subject
from probes.framework.evidence import EvidenceSet, Observation
from probes.observations.mail import PolicyFetch, SmtpDialogue, StartTls
from probes.observations.places import TlsStep

_SESSION = frozenset({StartTls.DONE, StartTls.FAILED})


def excuse(
    check: Check, verdict: Verdict, subject: Subject, evidence: EvidenceSet, ctx: Context
) -> UngradedVerdict | None:
    """Return INCONCLUSIVE for a verdict on TLS that a device near the vantage ended or broke off, else None."""
    by = ctx.vantage.inspection
    if by is None or not check.tls or subject.network is not Network.INTERNET:
        return None
    own = evidence.once((excuse, by), lambda: own_places(evidence, by))
    steps = (step for envelope in rests_on(verdict, evidence) for step in envelope.steps)
    if not any(_is_of_ours(step, own, by) for step in steps):
        return None
    verdict = replace(verdict, code="INSPECTED", args={"issuer": by.name})
    return UngradedVerdict(verdict=verdict, outcome=Outcome.INCONCLUSIVE, reason=Reason.EGR)


def _is_of_ours(step: Observation, own: frozenset[Place], by: TlsInspection) -> bool:
    if not isinstance(step, TlsStep | PolicyFetch | SmtpDialogue):
        return False
    if isinstance(step, SmtpDialogue) and step.starttls not in _SESSION:
        return False
    where = step.address.version, f"tcp/{step.port}"
    return where in by.places and (step.address, step.port) not in own
