"""The HTTPS records of a web host (RFC 9460), with the addresses of the names that they lead to."""

from dataclasses import dataclass

from auditor.facts.dns.names import Lookup, canonical, lookup, own
from auditor.framework.context import Context
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet
from probes.wire import svcb


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsRecords:
    """``found`` is the look-up of the records themselves."""

    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    found: Lookup

    def bindings(self) -> list[tuple[str, svcb.Binding | None]]:
        """Each record as it was found, and what it says; None for one that cannot be understood."""
        return [(record, svcb.read(record)) for record in self.found.records]

    def addresses(self, host: str | None, rtype: str) -> Lookup | None:
        """The addresses of a target; those of the subject itself where the target is the subject."""
        if host is None:
            return None
        if canonical(host) in {self.found.name, *map(canonical, self.found.chain)}:
            return own(self.subject, self.evidence, self.ctx, rtype)
        return lookup(self.evidence, self.ctx, host, rtype, "https-target", authoritative=True)
