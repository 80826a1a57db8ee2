"""Lists a domain's mail exchangers with addresses, best first; without MX the domain itself (RFC 5321 §5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.dns import names
from auditor.facts.dns.names import Lookup, canonical, lookup, rejection
from auditor.facts.mail.spf import sends_nothing
from auditor.framework.check import Message
from auditor.framework.context import Context
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import LookupStatus
from probes.observations.mail import SmtpDialogue

MX_TESTED = 10
"""Number of exchangers that are tested, the first by preference."""
PORT = 25

NO_EXCHANGERS: Mapping[str, Message] = {**not_judged.NULL_MX, **not_judged.NO_MX}
"""Messages of checks of a domain's exchangers if there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanger:
    """Holds one exchanger; ``usable``: whether it has a usable IPv6 address, None if its lookup is not known."""

    preference: int
    name: str
    a: Lookup
    aaaa: Lookup
    usable: bool | None

    @property
    def literal(self) -> bool:
        """True if the MX record holds an address in place of a host name."""
        return names.address(self.name.strip("[]").removeprefix("ipv6:")) is not None

    @property
    def homeless(self) -> bool:
        """True if the name is known to have neither IPv6 nor IPv4 addresses."""
        pair = (self.a, self.aaaa)
        return all(look.known for look in pair) and not any(look.records for look in pair)

    @property
    def unknown(self) -> Lookup | None:
        """The unknown lookup without which its IPv6 cannot be judged, None if there is none.

        That is the lookup of AAAA, or of A if the name is said not to exist, as servers without support for AAAA
        answer.
        """
        gone = self.aaaa.status is LookupStatus.NO_SUCH_NAME
        return next((look for look in (self.aaaa, *([self.a] if gone else [])) if not look.known), None)

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        return (*self.aaaa.v6, *self.a.v4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Holds a mail domain with its exchangers.

    ``null``: the domain declares that it takes no mail (RFC 7505); ``contrary``: it does so besides real exchangers.
    ``implicit``: there is no MX record and the domain's own addresses take its mail.
    """

    mx: Lookup
    null: bool = False
    contrary: bool = False
    implicit: bool = False
    exchangers: tuple[Exchanger, ...] = ()


def mail(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Mail:
    """Return the subject as a mail domain."""
    mx = lookup(evidence, ctx, subject.host or subject.name, "MX", "mx")
    listed = sorted({pair for record in mx.records if (pair := _parsed(record)) is not None})
    named = [(preference, name) for preference, name in listed if name]
    best: dict[str, int] = {}
    for preference, name in named:
        best.setdefault(name, preference)
    exchangers = tuple(_exchanger(subject, evidence, ctx, name, best[name]) for name in list(best)[:MX_TESTED])
    if mx.known and not mx.records:
        exchangers = _implicit(subject, evidence, ctx, mx.name)
    null = bool(listed) and not named
    contrary = bool(named) and len(named) < len(listed)
    return Mail(mx=mx, null=null, contrary=contrary, implicit=bool(exchangers and not named), exchangers=exchangers)


def own_host(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Exchanger:
    """Return the domain itself as a host that might take its mail."""
    return _exchanger(subject, evidence, ctx, canonical(subject.host or subject.name), 0)


def _implicit(subject: Subject, evidence: EvidenceSet, ctx: Context, domain: str) -> tuple[Exchanger, ...]:
    """Return the domain itself if one of its addresses sends a greeting and its SPF does not deny all mail."""
    if sends_nothing(evidence, ctx, domain):
        return ()
    own = own_host(subject, evidence, ctx)
    greeted = {step.address for _, step in evidence.of(SmtpDialogue) if step.port == PORT and step.greeted}
    return (own,) if greeted & set(own.addresses) else ()


def _exchanger(subject: Subject, evidence: EvidenceSet, ctx: Context, name: str, preference: int) -> Exchanger:
    a, aaaa = (_addresses(evidence, ctx, name, rtype) for rtype in ("A", "AAAA"))
    usable = any(rejection(subject, address, ctx) is None for address in aaaa.v6) if aaaa.known else None
    return Exchanger(preference=preference, name=name, a=a, aaaa=aaaa, usable=usable)


def _addresses(evidence: EvidenceSet, ctx: Context, name: str, rtype: str) -> Lookup:
    """Return the lookup of an exchanger's addresses; a domain that is also a host was looked up in that role."""
    look = lookup(evidence, ctx, name, rtype, "mx-address")
    return look if look.evidence else lookup(evidence, ctx, name, rtype, "host")


def _parsed(record: str) -> tuple[int, str] | None:
    """Return ``10 mx.example`` as (10, "mx.example"); the name of a Null MX is empty."""
    preference, _, name = record.strip().partition(" ")
    return (int(preference), canonical(name.strip())) if preference.isascii() and preference.isdigit() else None
