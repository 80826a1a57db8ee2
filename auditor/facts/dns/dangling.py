"""Find the names that records of a subject lead to and that do not exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from auditor.facts.dns.names import Lookup, canonical, lookup
from auditor.facts.web.suffixes import registrable
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup

_ROLES = {"ns-address": "NS", "mx-address": "MX", "host": "CNAME", "sibling": "CNAME"}
_OF_MAIL = frozenset({"dkim", "dmarc"})
"""Texts below a mail domain. That an alias there leads nowhere is no danger by itself, and usual where a provider has
not made the next key; in a domain that nobody owns it hands somebody the domain's signature or policy."""


_CLOSED = (".gov.vn", ".gov", ".mil", ".int", ".arpa")
"""Suffixes below which nobody but an authority gets a name."""
_REGISTERED = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
"""A label that registries take: letters, digits and hyphens inside (RFC 5890 §2.3.1)."""


class NameEnd(Enum):
    EXISTS = "it exists"
    GONE = "it does not exist; the registrable domain above it does, or is none that just anybody could register"
    UNOWNED = "not even its registrable domain exists"
    NO_LIST = "it does not exist; of its registrable domain nothing is known without a list of suffixes"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """``rtype`` of the record that leads there, ``owner`` its name where that is not the subject's. ``domain``: the
    registrable one. ``reason``: why it is not known."""

    name: str
    rtype: str
    end: NameEnd
    owner: str = ""
    domain: str = ""
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def targets(evidence: EvidenceSet, ctx: Context) -> tuple[NamedTarget, ...]:
    """Return every name that an NS, MX, CNAME or DNAME record led to, once for each type of record."""
    asked = {(canonical(step.name), step.role) for _, step in evidence.of(NameLookup) if step.role in _ROLES}
    targets_by_pair: dict[tuple[str, str], NamedTarget] = {}
    for name, role in sorted(asked):
        looks = [lookup(evidence, ctx, name, rtype, role) for rtype in ("A", "AAAA")]
        for look in looks:
            for target in _of(look, role, evidence, ctx):
                key = (target.name, target.rtype)
                if key not in targets_by_pair or _RANK[target.end] < _RANK[targets_by_pair[key].end]:
                    targets_by_pair[key] = target
    lapsed = {(target.name, target.rtype): target for target in _lapsed(evidence, ctx)}
    found = {**lapsed, **targets_by_pair}
    return tuple(found[key] for key in sorted(found))


def _lapsed(evidence: EvidenceSet, ctx: Context) -> Iterator[NamedTarget]:
    """What aliases of a mail domain's keys and policy lead to, where nobody owns its domain."""
    asked = {(canonical(step.name), step.role) for _, step in evidence.of(NameLookup) if step.role in _OF_MAIL}
    for name, role in sorted(asked, reverse=True):
        look = lookup(evidence, ctx, name, "TXT", role)
        if look.chain:
            target = _ended(canonical(look.chain[-1]), "CNAME", look, evidence, ctx)
            if target.end is NameEnd.UNOWNED:
                yield replace(target, owner=name)


def unowned(evidence: EvidenceSet, ctx: Context) -> frozenset[str]:
    """The names in domains that do not exist: that they are missing is the finding of ``security.dns.dangling``."""
    return frozenset(target.name for target in targets(evidence, ctx) if target.end is NameEnd.UNOWNED)


_RANK = {NameEnd.EXISTS: 0, NameEnd.UNKNOWN: 1, NameEnd.GONE: 2, NameEnd.NO_LIST: 3, NameEnd.UNOWNED: 4}
"""One look that finds the name outweighs another that does not."""


def _of(look: Lookup, role: str, evidence: EvidenceSet, ctx: Context) -> Iterator[NamedTarget]:
    """Yield the name itself where a record names it, and where an alias ends."""
    if look.chain:
        yield _ended(canonical(look.chain[-1]), "CNAME", look, evidence, ctx)
    elif _ROLES[role] != "CNAME" and not (role == "mx-address" and _is_without_mx(look.name, evidence, ctx)):
        yield _ended(look.name, _ROLES[role], look, evidence, ctx)


def _is_without_mx(name: str, evidence: EvidenceSet, ctx: Context) -> bool:
    """True if a name was asked for its addresses as its own exchanger, because it has no MX record (RFC 5321 §5.1)."""
    mx = lookup(evidence, ctx, name, "MX", "mx")
    return mx.known and not mx.records


def _ended(name: str, rtype: str, look: Lookup, evidence: EvidenceSet, ctx: Context) -> NamedTarget:
    if not look.known:
        return NamedTarget(name=name, rtype=rtype, end=NameEnd.UNKNOWN, reason=look.reason, evidence=look.evidence)
    if look.status is not LookupStatus.NO_SUCH_NAME:
        return NamedTarget(name=name, rtype=rtype, end=NameEnd.EXISTS, evidence=look.evidence)
    domain = registrable(name, ctx)
    end = NameEnd.GONE
    if domain is None:
        end = NameEnd.NO_LIST
    elif _is_unowned(domain, look, evidence):
        end = NameEnd.UNOWNED
    return NamedTarget(name=name, rtype=rtype, end=end, domain=domain or "", evidence=look.evidence)


def unowned_domain(look: Lookup, evidence: EvidenceSet, ctx: Context) -> str:
    """Return the registrable domain of what a look-up led to, where its registry denies it; else empty."""
    if not look.known or look.status is not LookupStatus.NO_SUCH_NAME:
        return ""
    domain = registrable(canonical(look.chain[-1]) if look.chain else look.name, ctx)
    return domain if domain is not None and _is_unowned(domain, look, evidence) else ""


def _is_unowned(domain: str, look: Lookup, evidence: EvidenceSet) -> bool:
    """True if the registry itself denies the name that a look-up led to, and not a server of its domain, and would give
    the domain to anybody."""
    zones = denying(evidence, look.name)
    open_to_all = not domain.endswith(_CLOSED) and bool(_REGISTERED.fullmatch(domain.partition(".")[0]))
    return open_to_all and bool(zones) and all(domain.endswith(f".{zone}") for zone in zones)


def denying(evidence: EvidenceSet, name: str) -> frozenset[str]:
    """The zones whose servers deny a name; empty text for the root, below which nobody can register what it denies
    (``.local``, ``.internal``)."""
    return frozenset(
        canonical(step.zone)
        for _, step in evidence.of(NameLookup)
        if canonical(step.name) == name and step.status is LookupStatus.NO_SUCH_NAME and step.zone
    )
