"""Finds the names that records of a subject point to and that do not exist."""

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
"""Roles of TXT lookups below a mail domain.

An alias there that points to a missing name is harmless by itself, and usual where a provider has not created the next
key. If it points into an unregistered domain, the registrant of that domain controls the mail domain's signature or
policy.
"""


_CLOSED = (".gov.vn", ".gov", ".mil", ".int", ".arpa")
"""Suffixes below which only an authority assigns names."""
_REGISTERED = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
"""Matches a label that registries accept: letters, digits and inner hyphens (RFC 5890 §2.3.1)."""


class NameEnd(Enum):
    EXISTS = "it exists"
    GONE = "it does not exist; the registrable domain above it does, or is none that just anybody could register"
    UNOWNED = "not even its registrable domain exists"
    NO_LIST = "it does not exist; of its registrable domain nothing is known without a list of suffixes"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """Holds a name that a record points to, and whether it exists.

    ``rtype``: the type of that record. ``owner``: the record's name if it is not the subject's. ``domain``: the
    registrable domain of ``name``. ``reason``: why it is not known whether the name exists.
    """

    name: str
    rtype: str
    end: NameEnd
    owner: str = ""
    domain: str = ""
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def targets(evidence: EvidenceSet, ctx: Context) -> tuple[NamedTarget, ...]:
    """Return every name that an NS, MX, CNAME or DNAME record pointed to, once for each type of record."""
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
    """Yield the targets of a mail domain's DKIM and DMARC aliases that lie in a domain that does not exist."""
    asked = {(canonical(step.name), step.role) for _, step in evidence.of(NameLookup) if step.role in _OF_MAIL}
    for name, role in sorted(asked, reverse=True):
        look = lookup(evidence, ctx, name, "TXT", role)
        if look.chain:
            target = _ended(canonical(look.chain[-1]), "CNAME", look, evidence, ctx)
            if target.end is NameEnd.UNOWNED:
                yield replace(target, owner=name)


def unowned(evidence: EvidenceSet, ctx: Context) -> frozenset[str]:
    """Return the names in domains that do not exist; they are reported by ``security.dns.dangling``."""
    return frozenset(target.name for target in targets(evidence, ctx) if target.end is NameEnd.UNOWNED)


_RANK = {NameEnd.EXISTS: 0, NameEnd.UNKNOWN: 1, NameEnd.GONE: 2, NameEnd.NO_LIST: 3, NameEnd.UNOWNED: 4}
"""Precedence of the results; a lookup that finds the name outweighs one that does not."""


def _of(look: Lookup, role: str, evidence: EvidenceSet, ctx: Context) -> Iterator[NamedTarget]:
    """Yield the last name of an alias chain, or the name itself if an NS or MX record points to it."""
    if look.chain:
        yield _ended(canonical(look.chain[-1]), "CNAME", look, evidence, ctx)
    elif _ROLES[role] != "CNAME" and not (role == "mx-address" and _is_without_mx(look.name, evidence, ctx)):
        yield _ended(look.name, _ROLES[role], look, evidence, ctx)


def _is_without_mx(name: str, evidence: EvidenceSet, ctx: Context) -> bool:
    """True if a name was looked up as its own exchanger because it has no MX record (RFC 5321 §5.1)."""
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
    """Return the registrable domain of the name that a lookup ended at, if its registry denies it; else empty."""
    if not look.known or look.status is not LookupStatus.NO_SUCH_NAME:
        return ""
    domain = registrable(canonical(look.chain[-1]) if look.chain else look.name, ctx)
    return domain if domain is not None and _is_unowned(domain, look, evidence) else ""


def _is_unowned(domain: str, look: Lookup, evidence: EvidenceSet) -> bool:
    """True if the registry itself denies the domain and would register it for anybody.

    A denial by a server of the domain itself does not count.
    """
    zones = denying(evidence, look.name)
    open_to_all = not domain.endswith(_CLOSED) and bool(_REGISTERED.fullmatch(domain.partition(".")[0]))
    return open_to_all and bool(zones) and all(domain.endswith(f".{zone}") for zone in zones)


def denying(evidence: EvidenceSet, name: str) -> frozenset[str]:
    """Return the zones in which some server denies a name; the root is the empty string.

    Names that the root denies cannot be registered (``.local``, ``.internal``).
    """
    return frozenset(
        canonical(step.zone)
        for _, step in evidence.of(NameLookup)
        if canonical(step.name) == name and step.status is LookupStatus.NO_SUCH_NAME and step.zone
    )
