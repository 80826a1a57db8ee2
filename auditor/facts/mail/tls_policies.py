"""Collects the TLS policies of a mail domain: DANE of each exchanger, MTA-STS, TLS reports."""

from dataclasses import dataclass

from auditor.facts.dns.dnssec.trust import TrustState
from auditor.facts.dns.dnssec.vouching import Vouched, vouched
from auditor.facts.dns.names import canonical, lookup
from auditor.facts.mail.dane import Dane, Fit, dane
from auditor.facts.mail.exchangers import Mail
from auditor.facts.mail.mta_sts import MtaStsState as StsState
from auditor.facts.mail.mta_sts import Sts, policy_of
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.wire.mta_sts import reports_to

_NOWHERE = ("–",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Holds the policies that keep mail to a domain encrypted.

    ``mx``: what DNSSEC says of the list of exchangers. ``reports``: where TLS reports go, a dash for nowhere.

    ``bare``: exchangers that the policy does not cover.
    """

    hosts: tuple[Dane, ...]
    mx: Vouched
    sts: Sts
    reports: tuple[str, ...]
    bare: tuple[str, ...]
    evidence: tuple[EvidenceId, ...]

    @property
    def enforcing(self) -> bool:
        return self.sts.policy is not None and self.sts.policy.mode == "enforce"

    @property
    def enforced(self) -> bool:
        """Whether a policy in force covers every exchanger."""
        return self.enforcing and not self.bare

    @property
    def open(self) -> bool:
        """Whether the policy is not known."""
        return self.sts.unknown is not None or self.sts.state is StsState.UNKNOWN

    def those(self, *fits: Fit, vouched: frozenset[TrustState] = frozenset(TrustState)) -> tuple[Dane, ...]:
        return tuple(host for host in self.hosts if host.fit in fits and host.vouched.state in vouched)


def protection(evidence: EvidenceSet, ctx: Context, mail: Mail) -> Protection:
    name = mail.mx.name
    domains = (name, *map(canonical, mail.mx.chain))
    mx = vouched(evidence, ctx, domains, "MX")
    known = () if mx.state is TrustState.INSECURE else domains
    hosts = tuple(dane(evidence, ctx, canonical(exchanger.name), known) for exchanger in mail.exchangers)
    sts = policy_of(evidence, ctx, name)
    reports = lookup(evidence, ctx, f"_smtp._tls.{name}", "TXT", "tls-rpt")
    covers = (lambda host: False) if sts.policy is None else sts.policy.covers
    groups = (mail.mx.evidence, mx.evidence, sts.evidence, reports.evidence, *(host.evidence for host in hosts))
    return Protection(
        hosts=hosts,
        mx=mx,
        sts=sts,
        reports=reports_to(reports.records) or _NOWHERE,
        bare=tuple(host.exchanger for host in hosts if not covers(host.exchanger)),
        evidence=tuple(dict.fromkeys(id_ for group in groups for id_ in group)),
    )
