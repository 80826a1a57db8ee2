"""Compares the TLS of the addresses of one service: certificates, versions, suites.

A defect of all addresses is the finding of ``security.tls.*``; here only differences count, and only between observed
values: an address with an enumeration that did not come to its end differs from none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.facts import not_judged
from auditor.facts.tls import presented
from auditor.facts.tls.certificate_grades import grade
from auditor.facts.tls.certificates import Certificate
from auditor.facts.tls.support import CURRENT, OBSOLETE, Enumerated
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Verdict
from inventory.model import Subject, written
from probes.framework.evidence import EvidenceId

_ALL = (*CURRENT, *OBSOLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Holds one chain of one address as far as it is compared."""

    address: str
    certificate: Certificate | None
    grade: Outcome
    evidence: EvidenceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviations:
    """Holds the addresses that differ from the others, and the names of the differences; empty where there are none."""

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def leaves(subject: Subject, ctx: Context, found: Sequence[presented.Presented]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(
            address=written(presented.address),
            certificate=served.chain[0] if served.chain else None,
            grade=grade(served, subject.host, ctx),
            evidence=served.evidence,
        )
        for presented in found
        for served in presented.served
    )


def invalid(seen: Sequence[Leaf]) -> Deviations:
    """Return addresses with a certificate that is not valid, while another address serves a valid one."""
    return _graded(seen, Outcome.FAIL)


def lesser(seen: Sequence[Leaf]) -> Deviations:
    """Return addresses with a certificate that gets only a warning, while another address serves a good one."""
    return _graded(seen, Outcome.WARN)


def _graded(seen: Sequence[Leaf], outcome: Outcome) -> Deviations:
    odd = [leaf.address for leaf in seen if leaf.grade is outcome]
    return Deviations(addresses=tuple(dict.fromkeys(odd))) if 0 < len(odd) < len(seen) else Deviations()


def other_certificates(seen: Sequence[Leaf]) -> Deviations:
    others = [leaf.address for leaf in seen if not _same(leaf.certificate, seen[0].certificate)]
    return Deviations(addresses=tuple(dict.fromkeys(others)))


def obsolete(enumerations: Sequence[Enumerated]) -> Deviations:
    """Return addresses that accept an obsolete version which another address was seen to refuse."""
    odd, names = dict[str, None](), list[str]()
    for name in OBSOLETE:
        takers = [enumeration for enumeration in enumerations if enumeration.accepts(name)]
        if any(
            enumeration.support is not None and not enumeration.unsettled(name) and not enumeration.accepts(name)
            for enumeration in enumerations
        ):
            odd |= {written(enumeration.address): None for enumeration in takers}
            names += [name] if takers else []
    return Deviations(addresses=tuple(odd), names=tuple(names))


def versions(enumerations: Sequence[Enumerated]) -> Deviations:
    """Return addresses that accept other current versions than the first, of those that were settled everywhere."""
    settled = [name for name in CURRENT if not any(enumeration.unsettled(name) for enumeration in enumerations)]
    return _others([(enumeration, frozenset(enumeration.accepts(*settled))) for enumeration in enumerations])


def suites(enumerations: Sequence[Enumerated]) -> Deviations:
    """Return addresses that accept other suites than the first does; only where all are known of all."""
    if not all(enumeration.complete(*_ALL) for enumeration in enumerations):
        return Deviations()
    return _others(
        [(enumeration, frozenset(name for v in _versions(enumeration) for name in v)) for enumeration in enumerations]
    )


def unknown(found: Sequence[presented.Presented], enumerated: Sequence[Enumerated]) -> Verdict | None:
    """Return the verdict on the subject if an address's chain or settings are not known; None if all are."""
    accepting = {enumeration.address for enumeration in enumerated if enumeration.support is not None}
    chains = [presented for presented in found if presented.reason is not None]
    settings = [enumeration for enumeration in enumerated if enumeration.reason is not None]
    silent = [presented for presented in found if presented.served and presented.address not in accepting]
    open_still: Sequence[Enumerated | presented.Presented] = (*chains[:1], *settings[:1], *silent[:1])
    if not open_still:
        return None
    first = open_still[0]
    verdict = not_judged.at(first.address, f"tcp/{first.place.port}", first.reason, first.evidence)
    return replace(verdict, address=None)


def unfinished(enumerations: Sequence[Enumerated]) -> Enumerated | None:
    """Return the first enumeration with versions or suites that are not all known."""
    return next((enumeration for enumeration in enumerations if not enumeration.complete(*_ALL)), None)


def ids(found: Sequence[Leaf] | Sequence[Enumerated] | Sequence[presented.Presented]) -> tuple[EvidenceId, ...]:
    """Return all evidence that was read, each once."""
    each = (fact.evidence if isinstance(fact.evidence, tuple) else (fact.evidence,) for fact in found)
    return tuple(dict.fromkeys(id_ for some in each for id_ in some))


def _versions(enumeration: Enumerated) -> list[tuple[str, ...]]:
    return [support.suites for name in _ALL if (support := enumeration.version(name)) is not None]


def _others(sets: Sequence[tuple[Enumerated, frozenset[str]]]) -> Deviations:
    first = sets[0][1] if sets else frozenset()
    others = [(enumeration, has) for enumeration, has in sets if has != first]
    names = sorted({name for _, has in others for name in has ^ first})
    return Deviations(addresses=tuple(written(enumeration.address) for enumeration, _ in others), names=tuple(names))


def _same(certificate: Certificate | None, other: Certificate | None) -> bool:
    """True if both have the same key, or are one authority's certificates of the same dates for two algorithms.

    A server has both of the latter and shows the one that the client prefers.
    """
    if certificate is None or other is None:
        return certificate is other
    dates = (certificate.issuer, certificate.not_before, certificate.not_after) == (
        other.issuer,
        other.not_before,
        other.not_after,
    )
    return certificate.key == other.key or (dates and certificate.algorithm != other.algorithm)
