"""Compare the TLS of the addresses of one service: certificates, versions, suites.

What is bad everywhere is the finding of ``security.tls.*``; here only differences count, and only between what was
seen: an address whose enumeration did not come to its end differs from nobody.
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
    """One chain of one address as far as it is compared."""

    address: str
    certificate: Certificate | None
    grade: Outcome
    evidence: EvidenceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Addresses that differ from the others, and what makes the difference; empty where there is none."""

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def leaves(subject: Subject, ctx: Context, found: Sequence[presented.Presented]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(
            address=written(one.address),
            certificate=served.chain[0] if served.chain else None,
            grade=grade(served, subject.host, ctx),
            evidence=served.evidence,
        )
        for one in found
        for served in one.served
    )


def invalid(seen: Sequence[Leaf]) -> Odd:
    """Addresses with a certificate that is not valid, while another address serves a valid one."""
    return _graded(seen, Outcome.FAIL)


def lesser(seen: Sequence[Leaf]) -> Odd:
    """Addresses with a certificate that is only warned of, while another address serves one that is good."""
    return _graded(seen, Outcome.WARN)


def _graded(seen: Sequence[Leaf], outcome: Outcome) -> Odd:
    odd = [one.address for one in seen if one.grade is outcome]
    return Odd(addresses=tuple(dict.fromkeys(odd))) if 0 < len(odd) < len(seen) else Odd()


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


def unknown(found: Sequence[presented.Presented], enumerated: Sequence[Enumerated]) -> Verdict | None:
    """The verdict, on the subject, where it is not known of an address what it serves or accepts."""
    accepting = {one.address for one in enumerated if one.support is not None}
    chains = [one for one in found if one.reason is not None]
    settings = [one for one in enumerated if one.reason is not None]
    silent = [one for one in found if one.served and one.address not in accepting]
    open_still: Sequence[Enumerated | presented.Presented] = (*chains[:1], *settings[:1], *silent[:1])
    if not open_still:
        return None
    one = open_still[0]
    said = not_judged.at(one.address, f"tcp/{one.place.port}", one.reason, one.evidence)
    return replace(said, address=None)


def unfinished(found: Sequence[Enumerated]) -> Enumerated | None:
    """The first whose versions and suites are not all known."""
    return next((one for one in found if not one.complete(*_ALL)), None)


def ids(found: Sequence[Leaf] | Sequence[Enumerated] | Sequence[presented.Presented]) -> tuple[EvidenceId, ...]:
    """All that was looked at, each once."""
    each = (one.evidence if isinstance(one.evidence, tuple) else (one.evidence,) for one in found)
    return tuple(dict.fromkeys(id_ for some in each for id_ in some))


def _versions(one: Enumerated) -> list[tuple[str, ...]]:
    return [support.suites for name in _ALL if (support := one.version(name)) is not None]


def _others(sets: Sequence[tuple[Enumerated, frozenset[str]]]) -> Odd:
    first = sets[0][1] if sets else frozenset()
    others = [(one, has) for one, has in sets if has != first]
    names = sorted({name for _, has in others for name in has ^ first})
    return Odd(addresses=tuple(written(one.address) for one, _ in others), names=tuple(names))


def _same(one: Certificate | None, other: Certificate | None) -> bool:
    """The same key; or one authority's certificates of the same dates for two algorithms, of which a server has both
    and shows the one that the client likes better."""
    if one is None or other is None:
        return one is other
    dates = (one.issuer, one.not_before, one.not_after) == (other.issuer, other.not_before, other.not_after)
    return one.key == other.key or (dates and one.algorithm != other.algorithm)
