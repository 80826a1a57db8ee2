"""Collects the TLS policies of a mail domain: DANE of each exchanger, MTA-STS, TLS reports."""

from dataclasses import dataclass

from auditor.facts.dns.dnssec.trust import TrustState
from auditor.facts.dns.dnssec.vouching import Vouched, vouched
from auditor.facts.dns.names import canonical, lookup
from auditor.facts.mail.dane import Dane, Fit, dane
from auditor.facts.mail.exchangers import Mail
from auditor.facts.mail.mta_sts import MtaStsState as StsState
from auditor.facts.mail.mta_sts import Sts, policy_of
from auditor.facts.mail.mx_certificates import MxCertificates, mx_certificates
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.wire.mail.mta_sts import reports_to

_NOWHERE = ("–",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Holds the policies that keep mail to a domain encrypted.

    ``mx``: the DNSSEC status of the list of exchangers. ``reports``: the recipients of TLS reports, a dash if there are
    none. ``bare``: exchangers that the policy does not cover. ``shown``: the certificates of the exchangers, if a
    policy is in mode enforce.
    """

    hosts: tuple[Dane, ...]
    mx: Vouched
    sts: Sts
    reports: tuple[str, ...]
    bare: tuple[str, ...]
    shown: tuple[MxCertificates, ...]
    evidence: tuple[EvidenceId, ...]

    @property
    def enforcing(self) -> bool:
        return self.sts.policy is not None and self.sts.policy.mode == "enforce"

    @property
    def enforced(self) -> bool:
        """True if a policy in force covers every exchanger."""
        return self.enforcing and not self.bare

    @property
    def open(self) -> bool:
        """True if the policy is not known."""
        return self.sts.unknown is not None or self.sts.state is StsState.UNKNOWN

    @property
    def refusing(self) -> bool:
        """True if the policy makes senders refuse the certificates of all exchangers, so that no mail arrives."""
        refused = [exchanger.refused for exchanger in self.shown if not exchanger.dead]
        return bool(refused) and all(refused)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The exchangers at which the policy makes senders refuse a certificate, or may make them refuse it."""
        return tuple(exchanger.exchanger for exchanger in self.shown if exchanger.doubtful)

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
    enforcing = sts.policy is not None and sts.policy.mode == "enforce"
    shown = tuple(mx_certificates(evidence, ctx, exchanger) for exchanger in mail.exchangers) if enforcing else ()
    of_hosts = (*(host.evidence for host in hosts), *(exchanger.evidence for exchanger in shown))
    groups = (mail.mx.evidence, mx.evidence, sts.evidence, reports.evidence, *of_hosts)
    return Protection(
        hosts=hosts,
        mx=mx,
        sts=sts,
        reports=reports_to(reports.records) or _NOWHERE,
        bare=tuple(host.exchanger for host in hosts if not covers(host.exchanger)),
        shown=shown,
        evidence=tuple(dict.fromkeys(id_ for group in groups for id_ in group)),
    )
