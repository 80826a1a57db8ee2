"""Check the groups, Diffie-Hellman primes and signatures of the key exchange.

Finite fields are judged where the server picks the prime (TLS 1.2 and before); in TLS 1.3 they are named groups that no
browser requests; they are recorded, and no defect, as with Internet.nl. Signatures before TLS 1.2 are SHA-1 by
protocol: ``versions``' finding. SHA-1 for a client that offers nothing else warns; SHA-1 although better was offered
fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.targets import for_each
from auditor.facts.tls import support as tls_support
from auditor.facts.tls.support import Enumerated
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake
from probes.wire.tls import groups

_GOOD = ("x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "brainpool")
_POST_QUANTUM = ("MLKEM", "Kyber")
"""Parts of the names of groups that resist quantum computers, by themselves or together with a curve (RFC 10024)."""

_WEAK = ("secp160", "secp192", "secp224", "sect163", "sect193")


@dataclass(frozen=True, slots=True)
class _Exchanges:
    """Holds the observed key exchanges, sorted. ``primes`` are pairs of size and well-known name."""

    primes: tuple[tuple[int, str], ...]
    weak_curves: tuple[str, ...]
    other_curves: tuple[str, ...]
    post_quantum: bool
    named: tuple[str, ...]


_BROKEN_HASHES = ("sha1", "md5")
_SMALLEST_PRIME = 2048


@check(
    version=5,
    title="Strong key-exchange parameters",
    problem="Key exchange is weak",
    problems={
        "FINITE_FIELD": "Key exchange to be phased out is accepted",
        "OTHER_CURVE": "Key exchange over curves that are not recommended",
        "SHA224_SIGNATURE": "Key exchange is signed with an old hash",
        "OLD_HASH_ACCEPTED": "Key exchange is signed with an old hash",
        "WEAK_SIGNATURE": "Key exchange is signed with a weak hash",
        "OWN_PRIME": "Key exchange uses a prime of no standard",
    },
    why="An attacker who breaks the key exchange reads everything that follows it, even years later; small or "
    "home-made Diffie-Hellman primes and old curves can be broken.",
    fix="Use named curves only (X25519, P-256, P-384), and switch finite-field Diffie-Hellman off.",
    references=("NCSC-NL TLS guidelines 2025-05", "RFC 7919", "RFC 9325 §4.4", "RFC 9155", "RFC 10024"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsSupport),
    beside=(TlsHandshake,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **tls_support.FRAME,
        "STRONG": passed("{address} exchanges keys only over good groups: {groups:list}."),
        "HYBRID": passed(
            "{address} exchanges keys only over good groups, one of them safe from quantum computers: {groups:list}."
        ),
        "FINITE_FIELD": warn(
            "{address} also exchanges keys over {groups/a finite field/finite fields}: {groups:list}, which"
            " {groups/is/are} to be phased out."
        ),
        "OTHER_CURVE": warn(
            "{address} also exchanges keys over {groups/a curve/curves} without recommendation: {groups:list}."
        ),
        "SHA224_SIGNATURE": warn(
            "{address} signs the key exchange with {signatures:list}, although better was offered."
        ),
        "OLD_HASH_ACCEPTED": warn(
            "{address} signs the key exchange with {signatures:list} for a client that offers nothing better.",
            fix="Remove SHA-1 and MD5 from the signature algorithms of the server (SignatureAlgorithms in OpenSSL).",
        ),
        "WEAK_SIGNATURE": fail(
            "{address} signs the key exchange with {signatures:list}, although better was offered.",
            fix="Update the TLS library and allow only signatures with SHA-256 or better.",
        ),
        "WEAK_CURVE": fail("{address} exchanges keys over {groups/a weak curve/weak curves}: {groups:list}."),
        "OWN_PRIME": fail(
            "{address} exchanges keys over a Diffie-Hellman prime of {bits} bits that stands in no standard, and that"
            " no known server software is shipped with: it was probably made on the server itself."
        ),
        "SMALL_PRIME": fail(
            "{address} exchanges keys over a Diffie-Hellman prime of only {bits} bits; up to 1024 bits it can be"
            " broken (LOGJAM)."
        ),
        "NO_EXCHANGE": not_applicable(
            "{address} accepts no ephemeral key exchange that could be judged: see the finding about cipher suites."
        ),
    },
)
def kex(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(tls_support.targets(subject, evidence, ctx), _judge)


def _judge(enumeration: Enumerated) -> Verdict:
    support = enumeration.support
    assert support is not None
    seen = _exchanges(support)
    return _fail(enumeration, support, seen) or _lesser(enumeration, support, seen)


def _fail(enumeration: Enumerated, support: TlsSupport, seen: _Exchanges) -> Verdict | None:
    broken = tuple(signature for signature in support.signatures if signature.endswith(_BROKEN_HASHES))
    own = [size for size, name in seen.primes if not name]
    if seen.primes and seen.primes[0][0] < _SMALLEST_PRIME:
        return enumeration.say("SMALL_PRIME", bits=seen.primes[0][0])
    if own:
        return enumeration.say("OWN_PRIME", bits=own[0])
    if broken:
        return enumeration.say("WEAK_SIGNATURE", signatures=broken)
    if seen.weak_curves:
        return enumeration.say("WEAK_CURVE", groups=seen.weak_curves)
    return None


def _lesser(enumeration: Enumerated, support: TlsSupport, seen: _Exchanges) -> Verdict:
    sha224 = tuple(signature for signature in support.signatures if signature.endswith("sha224"))
    accepted = tuple(
        weak_signature for weak_signature in support.weak_signatures if weak_signature.endswith(_BROKEN_HASHES)
    )
    if not enumeration.whole:
        return enumeration.unfinished()
    if seen.primes:
        return enumeration.say("FINITE_FIELD", groups=tuple(name for _, name in seen.primes))
    if sha224:
        return enumeration.say("SHA224_SIGNATURE", signatures=sha224)
    if accepted:
        return enumeration.say("OLD_HASH_ACCEPTED", signatures=accepted)
    if seen.other_curves:
        return enumeration.say("OTHER_CURVE", groups=seen.other_curves)
    if not seen.named:
        return enumeration.say("NO_EXCHANGE")
    return enumeration.say("HYBRID" if seen.post_quantum else "STRONG", groups=seen.named)


def _exchanges(support: TlsSupport) -> _Exchanges:
    curves = tuple(dict.fromkeys((*support.groups, *support.curves)))
    elliptic = tuple(curve for curve in curves if not curve.startswith("ffdhe"))
    weak = tuple(text for text in elliptic if text.startswith(_WEAK))
    other = tuple(text for text in elliptic if text not in weak and not (text.startswith(_GOOD) or _post_quantum(text)))
    primes = tuple(sorted((groups.bits(prime), groups.prime_name(prime)) for prime in support.primes))
    return _Exchanges(primes, weak, other, any(map(_post_quantum, curves)), elliptic)


def _post_quantum(group: str) -> bool:
    return any(part in group for part in _POST_QUANTUM)
