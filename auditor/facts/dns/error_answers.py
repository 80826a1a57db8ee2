"""Detects name servers that answer questions of one type with an error, as servers do that know only A and AAAA."""

from dataclasses import dataclass

from auditor.facts.dns.error_limits import passing_errors
from auditor.facts.dns.exchanges import heard
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange

_ERRORS = frozenset({"FORMERR", "SERVFAIL", "NOTIMP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswers:
    """Holds the error codes with which every server that was asked answered."""

    rcodes: tuple[str, ...]
    evidence: tuple[EvidenceId, ...]


def error_answers(evidence: EvidenceSet, ctx: Context, name: str, rtype: str) -> ErrorAnswers | None:
    """Return the error codes if every answer of the name servers was an error, else None.

    A refusal does not count, because it may be a limit for this vantage, nor does an error that a server gives only at
    times. Silence does not count, because the question may be lost.
    """
    wanted = canonical(name)
    servers = {
        step.server
        for _, step in evidence.of(DnsExchange)
        if step.qtype == rtype and not step.recursion_desired and canonical(step.qname) == wanted
    }
    asked = [one for server in servers for one in heard(evidence, ctx, server, (wanted, rtype), "udp")]
    rcodes = tuple(sorted({one.rcode for one in asked}))
    if not rcodes or not _ERRORS.issuperset(rcodes):
        return None
    if any(one.rcode in passing_errors(evidence, one.step.server) for one in asked):
        return None
    return ErrorAnswers(rcodes=rcodes, evidence=tuple(sorted({one.evidence for one in asked})))
