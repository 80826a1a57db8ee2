"""``ipv6.web.tls-parity``: every address of both families serves the same TLS.

What is bad everywhere is the finding of ``security.tls.*``; here only differences count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.check import Claim, check, says
from auditor.context import Context
from auditor.facts import tls, undecided
from auditor.facts.certificates import Certificate, Trust, covers, has_roots, trust
from auditor.facts.names import own, usable_v6
from auditor.facts.web import https_port
from auditor.findings import Outcome, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_OBSOLETE = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
_ANCHORED = frozenset({Trust.TRUSTED, Trust.DECLARED})


@check(
    version=1,
    title="TLS is the same on both families",
    why="An IPv6 listener that was set up apart keeps old certificates and old protocols unnoticed, because"
    " whoever looks mostly looks over IPv4.",
    fix="Deploy the same certificate and the same TLS settings on every listener of both families.",
    references=("RFC 9325", "Internet.nl https (tests one address of each family only)"),
    needs=(NameLookup, TcpConnect, TlsHandshake),
    kinds=WEB_KINDS,
    claims=Claim.BOTH,
    transports=frozenset({"tcp/443"}),
    messages={
        **undecided.DNS_CODES,
        **undecided.NOT_DECIDED,
        "SAME": says(
            Outcome.PASS, "All addresses of both families ({count:n}) serve the same certificate and TLS settings."
        ),
        "CERTIFICATE_DIFFERS": says(
            Outcome.WARN, "Not all addresses serve the same certificate; another one is served on {addresses:list}."
        ),
        "SETTINGS_DIFFER": says(
            Outcome.WARN,
            "Not all addresses agree on the same TLS version and cipher suite; others are used on {addresses:list}.",
        ),
        "INVALID_ON_SOME": says(
            Outcome.FAIL,
            "The certificate on {addresses:list} is not valid, while other addresses serve a valid one.",
        ),
        "OBSOLETE_ON_SOME": says(
            Outcome.FAIL,
            "An obsolete TLS version is used on {addresses:list}, while other addresses use a current one.",
        ),
        "HANDSHAKE_FAILS_ON_SOME": says(
            Outcome.FAIL, "On {addresses:list} the TLS handshake fails, while it succeeds on other addresses."
        ),
        "ONE_FAMILY": says(Outcome.NOT_APPLICABLE, "{name} offers HTTPS over one family alone, or over none."),
    },
)
def tls_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    unknown = next((look for look in looks if not look.known), None)
    if unknown is not None:
        yield undecided.dns(unknown)
    elif not (looks[1].v4 and usable_v6(subject, evidence, ctx) and https_port(subject)):
        yield Verdict(code="ONE_FAMILY", args={"name": looks[0].name})
    else:
        yield _compare(subject, ctx, tls.everywhere(subject, evidence, ctx))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One chain of one address as far as it is compared."""

    address: str
    leaf: Certificate | None
    valid: bool
    obsolete: bool
    settings: tuple[str | None, str | None]
    evidence: EvidenceId


def _compare(subject: Subject, ctx: Context, found: Sequence[tls.Presented]) -> Verdict:
    seen = [_look(subject, ctx, str(one.address), served) for one in found for served in one.served]
    all_ids = tuple(dict.fromkeys(one.evidence for one in seen))

    def differ(code: str, those: Sequence[_Seen]) -> Verdict:
        addresses = tuple(dict.fromkeys(one.address for one in those))
        return Verdict(code=code, args={"addresses": addresses}, evidence=all_ids)

    invalid = [one for one in seen if not one.valid]
    obsolete = [one for one in seen if one.obsolete]
    failing = [one for one in found if one.failed]
    if 0 < len(invalid) < len(seen):
        return differ("INVALID_ON_SOME", invalid)
    if 0 < len(obsolete) < len(seen):
        return differ("OBSOLETE_ON_SOME", obsolete)
    if failing and seen:
        ids = (*all_ids, *(id_ for one in failing for id_ in one.evidence))
        addresses = tuple(str(one.address) for one in failing)
        return Verdict(
            code="HANDSHAKE_FAILS_ON_SOME", args={"addresses": addresses}, evidence=tuple(dict.fromkeys(ids))
        )
    unknown = next((one for one in found if one.reason is not None), None)
    if unknown is not None:
        verdict = undecided.at(unknown.address, f"tcp/{unknown.port}", unknown.reason, unknown.evidence)
        return replace(verdict, address=None)
    if len({one.address.version for one in found if one.served}) < 2:
        return Verdict(code="ONE_FAMILY", args={"name": subject.host or subject.name}, evidence=all_ids)
    others = [one for one in seen if not _same(one.leaf, seen[0].leaf)]
    if others:
        return differ("CERTIFICATE_DIFFERS", others)
    others = [one for one in seen if one.settings != seen[0].settings]
    if others:
        return differ("SETTINGS_DIFFER", others)
    return Verdict(code="SAME", args={"count": len({one.address for one in seen})}, evidence=all_ids)


def _look(subject: Subject, ctx: Context, address: str, served: tls.Served) -> _Seen:
    shake, chain = served.handshake, served.chain or ()
    return _Seen(
        address=address,
        leaf=chain[0] if chain else None,
        valid=bool(chain) and _valid(subject, ctx, chain),
        obsolete=shake.version in _OBSOLETE,
        settings=(shake.version, shake.cipher),
        evidence=served.evidence,
    )


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
