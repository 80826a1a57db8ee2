"""Where the addresses of one service differ in TLS: in certificates, in versions, in suites.

What is bad everywhere is the finding of ``security.tls.*``; here only differences count, and only between what was
seen: an address whose enumeration did not come to its end differs from nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.context import Context
from auditor.facts import tls
from auditor.facts.certificates import Certificate, Trust, covers, has_roots, trust
from auditor.facts.tls_support import CURRENT, OBSOLETE, Enumerated
from inventory.model import Subject, written
from probes.framework.evidence import EvidenceId

_ANCHORED = frozenset({Trust.TRUSTED, Trust.DECLARED})
_ALL = (*CURRENT, *OBSOLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One chain of one address as far as it is compared."""

    address: str
    certificate: Certificate | None
    valid: bool
    evidence: EvidenceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Addresses that differ from the others, and what makes the difference; empty where there is none."""

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def leaves(subject: Subject, ctx: Context, found: Sequence[tls.Presented]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(
            address=written(one.address),
            certificate=served.chain[0] if served.chain else None,
            valid=bool(served.chain) and _valid(subject, ctx, served.chain or ()),
            evidence=served.evidence,
        )
        for one in found
        for served in one.served
    )


def invalid(seen: Sequence[Leaf]) -> Odd:
    """Addresses with a certificate that is not valid, while another address serves a valid one."""
    bad = [one.address for one in seen if not one.valid]
    return Odd(addresses=tuple(dict.fromkeys(bad))) if 0 < len(bad) < len(seen) else Odd()


def other_certificates(seen: Sequence[Leaf]) -> Odd:
    others = [one.address for one in seen if not _same(one.certificate, seen[0].certificate)]
    return Odd(addresses=tuple(dict.fromkeys(others)))


def obsolete(found: Sequence[Enumerated]) -> Odd:
    """Addresses that accept an obsolete version which another address was seen to refuse."""
    odd, names = dict[str, None](), list[str]()
    for name in OBSOLETE:
        takers = [one for one in found if one.accepts(name)]
        if any(one.support is not None and not one.unsettled(name) and not one.accepts(name) for one in found):
            odd |= {written(one.address): None for one in takers}
            names += [name] if takers else []
    return Odd(addresses=tuple(odd), names=tuple(names))


def versions(found: Sequence[Enumerated]) -> Odd:
    """Addresses that accept other current versions than the first does, of those that were settled everywhere."""
    settled = [name for name in CURRENT if not any(one.unsettled(name) for one in found)]
    return _others([(one, frozenset(one.accepts(*settled))) for one in found])


def suites(found: Sequence[Enumerated]) -> Odd:
    """Addresses that accept other suites than the first does; only where all are known of all."""
    if not all(one.complete(*_ALL) for one in found):
        return Odd()
    return _others([(one, frozenset(name for v in _versions(one) for name in v)) for one in found])


def unknown(found: Sequence[tls.Presented], enumerated: Sequence[Enumerated]) -> Enumerated | tls.Presented | None:
    """The first address of which it is not known what it serves or accepts; ``reason`` says why where it does."""
    accepting = {one.address for one in enumerated if one.support is not None}
    chains = [one for one in found if one.reason is not None]
    settings = [one for one in enumerated if one.reason is not None]
    silent = [one for one in found if one.served and one.address not in accepting]
    without_chain = chains[0] if chains else None
    without_settings = settings[0] if settings else None
    return without_chain or without_settings or (silent[0] if silent else None)


def unfinished(found: Sequence[Enumerated]) -> Enumerated | None:
    """The first whose versions and suites are not all known."""
    return next((one for one in found if not one.complete(*_ALL)), None)


def _versions(one: Enumerated) -> list[tuple[str, ...]]:
    return [support.suites for name in _ALL if (support := one.version(name)) is not None]


def _others(sets: Sequence[tuple[Enumerated, frozenset[str]]]) -> Odd:
    first = sets[0][1] if sets else frozenset()
    others = [(one, has) for one, has in sets if has != first]
    names = sorted({name for _, has in others for name in has ^ first})
    return Odd(addresses=tuple(written(one.address) for one, _ in others), names=tuple(names))


def _valid(subject: Subject, ctx: Context, chain: Sequence[Certificate]) -> bool:
    """Without roots only name and dates are compared; then nobody is called untrusted."""
    leaf, roots, declared = chain[0], ctx.reference.trust_roots, ctx.reference.declared_roots
    in_time = leaf.not_before <= ctx.now <= leaf.not_after
    named = subject.host is None or covers(leaf, subject.host)
    return (
        in_time and named and (not has_roots(roots + declared) or trust(chain, roots, declared, ctx.now) in _ANCHORED)
    )


def _same(one: Certificate | None, other: Certificate | None) -> bool:
    """The same key, or one authority's certificate of the same dates (a pair of keys for two algorithms)."""
    if one is None or other is None:
        return one is other
    dates = (one.issuer, one.not_before, one.not_after) == (other.issuer, other.not_before, other.not_after)
    return one.key == other.key or dates
