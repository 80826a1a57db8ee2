"""What a DMARC record comes to: how strong its policy is, whom it leaves open, and records that were only meant."""

from auditor.facts.dns.names import lookup
from auditor.facts.mail.misspelt import meant
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceSet
from probes.wire.dmarc import Dmarc, climb
from probes.wire.misspelt import dmarc_slip


def meant_near(evidence: EvidenceSet, ctx: Context, name: str) -> tuple[str, str, str] | None:
    """The code, the place and the text of the first record that was meant as DMARC, of the domain or above it."""
    for place in climb(name):
        found = meant(lookup(evidence, ctx, f"_dmarc.{place}", "TXT", "dmarc").records, dmarc_slip)
        if found is not None:
            return found[0], place, found[1]
    return None


def open_tags(said: Dmarc) -> tuple[str, ...]:
    """The tags that leave subdomains open: those that exist, those that do not, or both."""
    if said.record is None:
        return ()
    pairs = (("sp=none", said.record.sp), ("np=none", said.record.np))
    return tuple(tag for tag, value in pairs if value == "none")


def strength(policy: str, *, testing: bool) -> str:
    """In test mode every policy counts as the next weaker one (RFC 9989 §4.7)."""
    if policy == "none":
        return "POLICY_NONE"
    if testing:
        return "REJECT_IN_TEST" if policy == "reject" else "QUARANTINE_IN_TEST"
    return "ENFORCED"
