"""Check that every address of both families serves the same TLS.

A defect at every address is the finding of ``security.tls.*``; here only differences count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.tls import parity, support
from auditor.facts.tls import presented as tls
from auditor.facts.tls.parity import Deviations, Leaf, ids
from auditor.facts.tls.support import Enumerated
from auditor.facts.web.visits import https_port
from auditor.framework.check import FamilyClaim, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.certificates import IssuerFetch
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake


@check(
    version=9,
    title="TLS is the same over IPv4 and IPv6",
    problem="TLS differs between the website's addresses",
    problems={
        "CERTIFICATE_DIFFERS": "Certificates differ between the website's addresses",
        "LESSER_ON_SOME": "Some addresses serve a certificate with a warning",
        "INVALID_ON_SOME": "Some addresses serve an invalid certificate",
        "OBSOLETE_ON_SOME": "Some addresses accept obsolete TLS versions",
        "HANDSHAKE_FAILS_ON_SOME": "TLS fails on some addresses",
    },
    why="An IPv6 listener that was set up apart keeps old certificates and old protocols unnoticed, because most "
    "checks are made over IPv4.",
    fix="Deploy the same certificate and the same TLS settings on every IPv4 and IPv6 listener.",
    references=("RFC 9325", "Internet.nl https (tests one address of each family only)"),
    needs=(NameLookup, TcpConnect, TlsHandshake, TlsSupport, IssuerFetch),
    kinds=WEB_KINDS,
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/443"}),
    clock=True,
    tls=True,
    excused_by={
        "INVALID_ON_SOME": frozenset({"tcp"}),
        "OBSOLETE_ON_SOME": frozenset({"tcp"}),
        "HANDSHAKE_FAILS_ON_SOME": frozenset({"tcp"}),
    },
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "SAME": passed(
            "All IPv4 and IPv6 addresses ({count:n}) serve the same certificate and accept the same TLS versions and "
            "cipher suites."
        ),
        "CERTIFICATE_DIFFERS": warn(
            "Not all addresses serve the same certificate; another one is served on {addresses:list}."
        ),
        "LESSER_ON_SOME": warn(
            "The certificate on {addresses:list} is one to be warned of, while other addresses serve a good one: see"
            " the findings about its chain and its dates."
        ),
        "VERSIONS_DIFFER": warn(
            "Not all addresses accept the same TLS versions; {addresses:list} {addresses/differs/differ} from the"
            " others in {versions:list}."
        ),
        "SUITES_DIFFER": warn(
            "Not all addresses accept the same cipher suites; {addresses:list} {addresses/differs/differ} from the"
            " others in {suites:list}."
        ),
        "INVALID_ON_SOME": fail(
            "The certificate on {addresses:list} is not valid, while other addresses serve a valid one."
        ),
        "OBSOLETE_ON_SOME": fail(
            "{addresses:list} {addresses/accepts/accept} an obsolete TLS version ({versions:list}) that other"
            " addresses refuse."
        ),
        "HANDSHAKE_FAILS_ON_SOME": fail(
            "On {addresses:list} the TLS handshake fails, while it succeeds on other addresses."
        ),
        "LIMITED": support.FRAME["LIMITED"],
        "ONE_FAMILY": not_applicable("{name} offers HTTPS over only one of IPv4 and IPv6, or over neither."),
    },
)
def tls_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    unknown = next((look for look in looks if not look.known), None)
    if unknown is not None:
        yield not_judged.dns(unknown)
    elif not (looks[1].v4 and usable_v6(subject, evidence, ctx) and https_port(subject)):
        yield Verdict(code="ONE_FAMILY", args={"name": looks[0].name})
    else:
        presented = tls.everywhere(subject, evidence, ctx)
        enumerated = support.everywhere(subject, evidence, ctx)
        yield _compare(subject, ctx, presented, enumerated)


def _compare(subject: Subject, ctx: Context, found: Sequence[tls.Presented], listed: Sequence[Enumerated]) -> Verdict:
    seen = parity.leaves(subject, ctx, found)
    answering = [enumeration for enumeration in listed if enumeration.support is not None]
    return (
        _one_family(
            subject,
            [presented for presented in found if presented.served or presented.failed or presented.reason is not None],
            found,
            seen,
        )
        or _defect(found, seen, answering)
        or parity.unknown(found, listed)
        or _one_family(subject, [presented for presented in found if presented.served], found, seen)
        or _difference(seen, answering)
    )


def _defect(found: Sequence[tls.Presented], seen: Sequence[Leaf], answering: Sequence[Enumerated]) -> Verdict | None:
    """Return a defect that one address has and another lacks, or None; it stands even if other facts are unknown."""
    invalid, obsolete = parity.invalid(seen), parity.obsolete(answering)
    failing = [presented for presented in found if presented.failed]
    if invalid.addresses:
        return _say("INVALID_ON_SOME", invalid, ids(seen))
    if obsolete.addresses:
        return _say("OBSOLETE_ON_SOME", obsolete, ids(answering), "versions")
    if failing and seen:
        odd = Deviations(addresses=tuple(written(presented.address) for presented in failing))
        return _say("HANDSHAKE_FAILS_ON_SOME", odd, (*ids(seen), *ids(failing)))
    return None


def _one_family(
    subject: Subject, among: Sequence[tls.Presented], found: Sequence[tls.Presented], seen: Sequence[Leaf]
) -> Verdict | None:
    """Return ONE_FAMILY if ``among`` has only one family, so that nothing can differ from the other; else None."""
    if len({presented.address.version for presented in among}) == 2:
        return None
    every = tuple(dict.fromkeys((*ids(seen), *ids([presented for presented in found if not presented.served]))))
    return Verdict(code="ONE_FAMILY", args={"name": subject.host or subject.name}, evidence=every)


def _difference(seen: Sequence[Leaf], answering: Sequence[Enumerated]) -> Verdict:
    every = (*ids(seen), *ids(answering))
    certificates = parity.other_certificates(seen)
    versions, suites = parity.versions(answering), parity.suites(answering)
    lesser = parity.lesser(seen)
    if lesser.addresses:
        return _say("LESSER_ON_SOME", lesser, ids(seen))
    if certificates.addresses:
        return _say("CERTIFICATE_DIFFERS", certificates, ids(seen))
    if versions.addresses:
        return _say("VERSIONS_DIFFER", versions, ids(answering), "versions")
    if suites.addresses:
        return _say("SUITES_DIFFER", suites, ids(answering), "suites")
    open_still = parity.unfinished(answering)
    if open_still is not None:
        return replace(open_still.unfinished(), address=None)
    return Verdict(
        code="SAME", args={"count": len({leaf.address for leaf in seen})}, evidence=tuple(dict.fromkeys(every))
    )


def _say(code: str, odd: Deviations, evidence: tuple[EvidenceId, ...], names: str = "") -> Verdict:
    args = {"addresses": odd.addresses, **({names: odd.names} if names else {})}
    return Verdict(code=code, args=args, evidence=tuple(dict.fromkeys(evidence)))
