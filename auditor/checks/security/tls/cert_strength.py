"""Check the key and the signature algorithm of the server's own certificate.

Those above it are the authority's choice, which the owner cannot change: a weaker one there is only noted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from auditor.facts import not_judged
from auditor.facts.targets import for_each
from auditor.facts.tls import presented
from auditor.facts.tls.certificates import Certificate
from auditor.facts.tls.support import enumerated
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_WORST_FIRST = ("WEAK_KEY", "WEAK_SIGNATURE", "OTHER_KEY", "RSA_2048", "STRONG_WEAKER_ABOVE", "STRONG")
_BROKEN = frozenset({"sha1", "md5", "md4", "md2"})
_EDWARDS = frozenset({"Ed25519", "Ed448"})
_RSA_FAIL, _RSA_WARN, _EC_FAIL = 2048, 3072, 256


@check(
    version=4,
    title="Key and signature strength",
    problem="Certificate has a weak key",
    problems={
        "RSA_2048": "Certificate key is shorter than recommended",
        "EDWARDS_ALONE": "Certificate has a kind of key that browsers do not take",
        "OTHER_KEY": "Certificate has an unusual kind of key",
        "WEAK_SIGNATURE": "Certificate is signed with a broken algorithm",
    },
    why="An attacker who can compute the key of a certificate, or forge a signature under it, can pass for the "
    "service.",
    fix="Have the certificate issued anew for an ECDSA P-256 key (or RSA of 3072 bits or more), signed with SHA-256.",
    references=("NCSC-NL TLS guidelines 2025-05", "Internet.nl cert_pubkey, cert_signature", "RFC 9155"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake),
    beside=(TlsSupport,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **presented.NO_CERTIFICATE,
        "STRONG": passed("Key and signature of the certificate on {address} are strong: {key}."),
        "STRONG_WEAKER_ABOVE": passed(
            "Key and signature of the certificate on {address} are strong: {key}. A certificate above it is weaker"
            " ({subject}), which is for its authority to change."
        ),
        "RSA_2048": warn("On {address} the certificate of {subject} has an RSA key of {bits} bits; 3072 are advised."),
        "EDWARDS_ALONE": warn(
            "{address} has a certificate with an {key} key alone, and refuses clients that take no such key: browsers"
            " are among them, and many mail servers.",
            fix="Have a certificate for an ECDSA P-256 key (or RSA of 3072 bits or more) issued; one for {key} may"
            " stand beside it.",
        ),
        "OTHER_KEY": warn(
            "On {address} the certificate of {subject} has a key of an unusual kind, which was not judged."
        ),
        "WEAK_KEY": fail("On {address} the certificate of {subject} has a weak key: {key}."),
        "WEAK_SIGNATURE": fail(
            "On {address} the certificate of {subject} is signed with {algorithm}, which is broken."
        ),
    },
)
def cert_strength(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(presented.targets(subject, evidence, ctx, verified=False), partial(_judge, evidence, ctx))


@dataclass(frozen=True, slots=True)
class _Key:
    """Holds a key's name and ``grade``, a code of this check."""

    grade: str
    name: str
    bits: int = 0


def _judge(evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented) -> Verdict:
    if (alone := _edwards_alone(evidence, ctx, presented_facts)) is not None:
        return alone
    verdicts = [_say(presented_facts, served) for served in presented_facts.served]
    return min(verdicts, key=lambda verdict: (_WORST_FIRST.index(verdict.code), str(verdict.args)))


def _edwards_alone(evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented) -> Verdict | None:
    """Return the verdict on a place that may have no certificate for clients without EdDSA; None where it has one."""
    keys = [(served.evidence, _key(served.chain[0]).name) for served in presented_facts.served if served.chain]
    if not all(name in _EDWARDS for _, name in keys):
        return None
    place, accepts = presented_facts.place, enumerated(evidence, ctx, presented_facts.place)
    ids = tuple(dict.fromkeys((*(id_ for id_, _ in keys), *accepts.evidence)))
    if accepts.support is None:
        undecided = not_judged.at(place.address, f"tcp/{place.port}", accepts.reason or Reason.CUT, ids)
        return replace(undecided, detail=place.detail)
    if accepts.support.without_edwards is not False:
        return None
    return presented_facts.say("EDWARDS_ALONE", *ids, key=keys[0][1])


def _say(presented_facts: presented.Presented, served: presented.Served) -> Verdict:
    chain = served.chain or ()
    leaf, key = chain[0], _key(chain[0])
    broken, above = _broken_hash(leaf), _weaker_above(chain)
    if key.grade == "WEAK_KEY":
        return presented_facts.say("WEAK_KEY", served.evidence, subject=leaf.subject, key=key.name)
    if broken:
        return presented_facts.say("WEAK_SIGNATURE", served.evidence, subject=leaf.subject, algorithm=broken)
    if key.grade == "OTHER_KEY":
        return presented_facts.say("OTHER_KEY", served.evidence, subject=leaf.subject)
    if key.grade == "RSA_2048":
        return presented_facts.say("RSA_2048", served.evidence, subject=leaf.subject, bits=key.bits)
    if above is not None:
        return presented_facts.say("STRONG_WEAKER_ABOVE", served.evidence, key=key.name, subject=above.subject)
    return presented_facts.say("STRONG", served.evidence, key=key.name)


def _weaker_above(chain: Sequence[Certificate]) -> Certificate | None:
    """Return the first certificate above the leaf that is too weak for a leaf; roots are trusted as they are."""
    others = (certificate for certificate in chain[1:] if not certificate.self_issued)
    return next(
        (certificate for certificate in others if _broken_hash(certificate) or _key(certificate).grade != "STRONG"),
        None,
    )


def _key(certificate: Certificate) -> _Key:
    key = certificate.parsed.public_key()
    match key:
        case rsa.RSAPublicKey():
            weak = key.key_size < _RSA_FAIL
            grade = "WEAK_KEY" if weak else "RSA_2048" if key.key_size < _RSA_WARN else "STRONG"
            return _Key(grade, f"RSA {key.key_size}", key.key_size)
        case ec.EllipticCurvePublicKey():
            return _Key("WEAK_KEY" if key.key_size < _EC_FAIL else "STRONG", f"ECDSA {key.curve.name}", key.key_size)
        case ed25519.Ed25519PublicKey():
            return _Key("STRONG", "Ed25519")
        case ed448.Ed448PublicKey():
            return _Key("STRONG", "Ed448")
        case dsa.DSAPublicKey():
            return _Key("WEAK_KEY", f"DSA {key.key_size}", key.key_size)
        case _:
            return _Key("OTHER_KEY", type(key).__name__)


def _broken_hash(certificate: Certificate) -> str:
    """Return the name of a broken hash under the certificate's signature; empty where there is none."""
    try:
        hashed = certificate.parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:  # so old that the library does not know it any more: MD2, MD5
        name = str(getattr(certificate.parsed.signature_algorithm_oid, "_name", "")).lower()
        return next((text.upper() for text in sorted(_BROKEN) if name.startswith(text)), "")
    return hashed.name.upper() if hashed is not None and hashed.name in _BROKEN else ""
