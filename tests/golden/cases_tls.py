"""Makes golden cases of the checks that read a TLS enumeration, and of the strength of certificates."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from probes.framework.evidence import Evidence, FailureKind
from probes.observations.tls import RenegotiationEnd, Stopped, VersionSupport
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_security import _certificates
from tests.golden.cases_web import DUAL, HTTP_DEFAULT, TWO, undecided_names
from tests.golden.lab import TIMEOUT, V4, V4B, V6, V6B, WEB, names, page, ports, tls
from tests.golden.lab_tls import (
    NOTHING,
    SUITES12,
    SUITES13,
    hellos,
    issuer,
    renegotiation,
    served,
    support,
    version,
    versions,
    weakness,
)
from tests.support import primes

GOOD4 = support(V4)
BOTH = (DUAL, *HTTP_DEFAULT)
CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"
SHA1 = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
DHE = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
STATIC = "TLS_RSA_WITH_AES_128_GCM_SHA256"
TRIPLE = "TLS_RSA_WITH_3DES_EDE_CBC_SHA"
RC4 = "TLS_RSA_WITH_RC4_128_SHA"
EXPORT = "TLS_RSA_EXPORT_WITH_RC4_40_MD5"
DHE_EXPORT = "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"
OWN_PRIME = b"\xff" * 8 + b"x" * 240 + b"\xff" * 8


def frame(check: str, good: str, at: str | None = V4) -> Iterator[Case]:
    """Yield the cases of every enumeration check with nothing to judge; ``good`` is the code ``at`` IPv4."""
    case = partial(Case, check=check, subject=lab.site())
    for undecided_name in undecided_names(check):
        yield Case(
            check=check,
            code=undecided_name.code,
            about=undecided_name.about + " IPv4 is judged all the same.",
            trap=undecided_name.trap,
            subject=undecided_name.subject,
            evidence=(*undecided_name.evidence, *ports(V4, 80, 443), GOOD4),
            expect=((undecided_name.code, "AAAA"), (good, at)),
        )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NO_TLS",
        about="443 is shut over IPv6.",
        evidence=(DUAL, *ports(V4, 80, 443), GOOD4, *ports(V6, 80)),
        expect=((good, at), ("NO_TLS", V6)),
    )
    yield case(
        code="NO_TLS",
        variant="something-else",
        about="On 443 over IPv6 something answers that is no TLS.",
        evidence=(*BOTH, GOOD4, support(V6, failure=FailureKind.PROTOCOL)),
        expect=((good, at), ("NO_TLS", V6)),
    )
    yield case(
        code="HELLOS_REFUSED",
        about="A filter resets every hello of the enumeration over IPv6, and lets a handshake of OpenSSL's in.",
        evidence=(*BOTH, GOOD4, support(V6, failure=FailureKind.RESET), tls(V6, lab.GOOD), page(V6, 200)),
        expect=((good, at), ("HELLOS_REFUSED", V6)),
    )
    yield case(
        code="HELLOS_REFUSED",
        variant="page-alone",
        about="The page came over HTTPS, so TLS there is.",
        evidence=(*BOTH, GOOD4, support(V6, failure=TIMEOUT), page(V6, 200)),
        expect=((good, at), ("HELLOS_REFUSED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The enumeration over IPv6 was cut short before anything was seen.",
        evidence=(*BOTH, GOOD4, support(V6, failure=FailureKind.CUT_SHORT)),
        expect=((good, at), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="silence",
        trap="T5",
        about="443 accepts and stays silent, and nothing showed that answers come through from elsewhere.",
        controls=("tcp/80",),
        evidence=(*BOTH, GOOD4, support(V6, failure=TIMEOUT)),
        expect=((good, at), ("NOT_DECIDED", V6)),
    )
    yield case(
        code=good,
        variant="client-certificate",
        trap="L2",
        about="A server that asks for our certificate answers hellos like any other.",
        evidence=(*BOTH, GOOD4, support(V6, certificate_requested=True)),
        expect=((good, at), *(((good, V6),) if at else ())),
    )
    yield case(
        code="LIMITED",
        trap="W2",
        about="The server had enough before the enumeration came to its end.",
        evidence=(*BOTH, GOOD4, _limited(V6)),
        expect=((good, at), ("LIMITED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-end",
        about="The enumeration took too long; until then nothing bad was seen.",
        evidence=(*BOTH, GOOD4, _limited(V6, Stopped.TIME)),
        expect=((good, at), ("NOT_DECIDED", V6)),
    )
    yield case(
        code=good,
        variant="second-attempt",
        about="Of two attempts the complete one counts.",
        evidence=(*BOTH, GOOD4, _limited(V6), support(V6, attempt=2)),
        expect=((good, at), *(((good, V6),) if at else ())),
    )


def _limited(address: str, stopped: Stopped = Stopped.RATE, *suites: str) -> Evidence:
    version_supports = (
        version("TLSv1.3", *SUITES13[:1], complete=False),
        version("TLSv1.2", *(suites or SUITES12[:1]), complete=False),
        *(version(name, NOTHING) for name in ("TLSv1.1", "TLSv1.0", "SSLv3", "SSLv2")),
    )
    return support(address, version_supports, stopped=stopped, curves=("x25519",), groups=(), compression=None)


def pair(check: str, good: str) -> Callable[..., Case]:
    """Return a maker of cases in which IPv4 is good and IPv6 is as given."""

    def made(code: str, about: str, there: Evidence, *, variant: str = "", trap: str = "T8", policy: str = "") -> Case:
        return Case(
            check=check,
            subject=lab.site(),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            policy=policy,
            evidence=(*BOTH, GOOD4, there),
            expect=((good, V4), (code, V6)),
        )

    return made


def tls_versions() -> Iterator[Case]:
    check, good = "security.tls.versions", "CURRENT"
    yield from frame(check, good)
    seen = pair(check, good)
    yield seen("CURRENT", "1.2 and 1.3.", support(V6))
    yield seen("CURRENT", "1.3 alone.", support(V6, versions(tls12=())), variant="tls13-only", trap="L3")
    yield seen("NO_TLS13", "1.2 alone.", support(V6, versions(tls13=())))
    yield seen("OBSOLETE", "1.0 too.", support(V6, versions(tls10=(SHA1,))))
    yield seen("OBSOLETE_SSL", "SSL 2.0 without any suite.", support(V6, versions(ssl2=("SSL_CK",))), variant="ssl2")
    yield seen("OBSOLETE_SSL", "SSL 3.0 with CBC.", support(V6, versions(tls10=(SHA1,), ssl3=(SHA1,))))
    yield seen(
        "OBSOLETE",
        "1.0 was seen before the server had enough: what was seen stands.",
        support(V6, versions(tls10=(SHA1,), ssl3=(NOTHING,)), stopped=Stopped.RATE),
        variant="limited",
    )
    yield seen("NOTHING_CURRENT", "1.0 alone.", support(V6, versions(tls13=(), tls12=(), tls10=(SHA1,))))


def ciphers() -> Iterator[Case]:
    check, good = "security.tls.ciphers", "STRONG"
    yield from frame(check, good)
    seen = pair(check, good)
    mozilla = '[thresholds."security.tls.ciphers"]\nmozilla_intermediate = 1\n'

    def with12(*more: str, ordered: bool = True) -> tuple[VersionSupport, ...]:
        changed = version("TLSv1.2", *SUITES12, *more, ordered=ordered)
        return tuple(changed if version.version == "TLSv1.2" else version for version in versions())

    yield seen("STRONG", "AEAD with ECDHE.", support(V6))
    yield seen(
        "STRONG",
        "Suites of TLS 1.0 are the finding of versions.",
        support(V6, versions(tls10=(RC4,))),
        variant="old-version",
    )
    yield seen("STRONG", "1.3 alone.", support(V6, versions(tls12=())), variant="tls13-only", trap="L3")
    yield seen("PHASE_OUT", "CBC with SHA-256.", support(V6, with12(CBC)), trap="L6")
    yield seen("PHASE_OUT", "Finite fields.", support(V6, with12(DHE)), variant="dhe")
    yield seen("PHASE_OUT_UNORDERED", "The client chooses.", support(V6, with12(CBC, ordered=False)))
    for suite, word in ((STATIC, "static-rsa"), (RC4, "rc4")):
        yield seen("WEAK", f"{suite}.", support(V6, with12(suite)), variant=word)
    for suite, word in ((SHA1, "cbc-sha1"), (TRIPLE, "3des"), (EXPORT, "export"), (DHE_EXPORT, "dhe-export")):
        yield seen("WEAK_ATTACKED", f"{suite}.", support(V6, with12(suite)), variant=word)
    yield seen(
        "WEAK", "The short tag of CCM_8.", support(V6, with12("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8")), variant="ccm8"
    )
    yield seen("WEAK", "Nobody signs.", support(V6, with12("TLS_DH_anon_WITH_AES_128_GCM_SHA256")), variant="anonymous")
    yield seen("WEAK", "Seen before the server had enough.", _limited(V6, Stopped.RATE, RC4), variant="limited")
    yield seen(
        "WEAK_ATTACKED", "Mozilla's list has no CBC.", support(V6, with12(CBC)), variant="mozilla", policy=mozilla
    )
    yield seen("PHASE_OUT", "Mozilla's list.", support(V6, with12(DHE)), variant="mozilla", policy=mozilla)
    yield seen("NO_CURRENT_VERSION", "1.0 alone.", support(V6, versions(tls13=(), tls12=(), tls10=(RC4,))))


def kex() -> Iterator[Case]:
    check, good = "security.tls.kex", "STRONG"
    yield from frame(check, good)
    seen = pair(check, good)
    prime2048, prime1024 = primes.ffdhe(2048), primes.modp(1024)
    yield seen("STRONG", "X25519 and P-256.", support(V6))
    yield seen("STRONG", "Brainpool.", support(V6, curves=("x25519", "brainpoolP256r1")), variant="brainpool")
    yield seen(
        "STRONG",
        "Finite fields of TLS 1.3 are named groups that no browser asks for.",
        support(V6, groups=("x25519", "ffdhe2048")),
        variant="ffdhe-in-tls13",
    )
    yield seen(
        "STRONG",
        "SHA-224 for a client that knows nothing else, as OpenSSL does by default.",
        support(V6, weak_signatures=("ecdsa_sha224",)),
        variant="sha224-accepted",
    )
    yield seen("HYBRID", "A hybrid group.", support(V6, groups=("X25519MLKEM768", "x25519")))
    yield seen(
        "HYBRID",
        "The draft's hybrid, as older browsers have it.",
        support(V6, groups=("X25519Kyber768Draft00", "x25519")),
        variant="draft",
    )
    yield seen("HYBRID", "ML-KEM alone.", support(V6, groups=("X25519MLKEM768", "MLKEM1024", "x25519")), variant="pure")
    yield seen("FINITE_FIELD", "RFC 7919.", support(V6, primes=(prime2048,)))
    yield seen(
        "FINITE_FIELD",
        "RFC 5114, as Exim brought it along.",
        support(V6, primes=(primes.RFC_5114["modp2048s224"],)),
        variant="rfc5114",
    )
    yield seen(
        "FINITE_FIELD",
        "The prime of an older Postfix whose owner set none.",
        support(V6, primes=primes.SHIPPED["dh2048 (Postfix)"][-1:]),
        variant="shipped",
    )
    yield seen(
        "FINITE_FIELD",
        "The prime of HAProxy up to 2.5, as distributions still have it.",
        support(V6, primes=primes.SHIPPED["dh2048 (HAProxy)"]),
        variant="haproxy",
    )
    yield seen("SMALL_PRIME", "1024 bits.", support(V6, primes=(prime2048, prime1024)))
    yield seen("OWN_PRIME", "2048 bits, nobody's.", support(V6, primes=(OWN_PRIME,)))
    yield seen("SHA224_SIGNATURE", "Best it has.", support(V6, signatures=("rsa_sha224",)))
    yield seen("OLD_HASH_ACCEPTED", "Where asked.", support(V6, weak_signatures=("rsa_sha1",)))
    yield seen("WEAK_SIGNATURE", "Best it has.", support(V6, signatures=("rsa_sha1",), weak_signatures=("rsa_sha1",)))
    yield seen("WEAK_CURVE", "P-224.", support(V6, curves=("secp256r1", "secp224r1")))
    yield seen("OTHER_CURVE", "Bitcoin's curve.", support(V6, curves=("secp256r1", "secp256k1")))
    yield seen(
        "NO_EXCHANGE", "Static RSA alone.", support(V6, versions(tls13=(), tls12=(STATIC,)), curves=(), groups=())
    )
    yield seen(
        "SMALL_PRIME",
        "Seen before the server had enough.",
        support(V6, stopped=Stopped.RATE, primes=(prime1024,)),
        variant="limited",
    )


def handshake() -> Iterator[Case]:
    check, good = "security.tls.handshake", "HARDENED_CLIENT_UNKNOWN"
    yield from frame(check, good)
    seen = pair(check, good)
    bare = partial(
        support,
        V6,
        versions(tls12=()),
        extended_master_secret=None,
        secure_renegotiation=None,
        compression=None,
        heartbeat=None,
    )
    yield seen("HARDENED_CLIENT_UNKNOWN", "All as it should be.", support(V6))
    yield seen(
        "HARDENED_CLIENT_UNKNOWN",
        "1.2 alone has no 0-RTT.",
        support(V6, versions(tls13=()), early_data=None),
        variant="tls12",
    )
    yield seen("HARDENED_0RTT_CLIENT_UNKNOWN", "The session did not come to its end.", support(V6, early_data=None))
    yield from renegotiating()
    yield seen("TLS13_ONLY", "1.3 alone.", bare(), trap="L3")
    yield seen("TLS13_ONLY_0RTT_UNKNOWN", "No end.", bare(early_data=None), trap="L3")
    yield seen("COMPRESSION", "DEFLATE.", support(V6, compression=True))
    yield seen("INSECURE_RENEGOTIATION", "No RFC 5746.", support(V6, secure_renegotiation=False))
    yield seen("EARLY_DATA", "16 kB.", support(V6, early_data=16_384))
    yield seen("NO_EMS", "No RFC 7627.", support(V6, extended_master_secret=False))
    yield seen(
        "HARDENED_CLIENT_UNKNOWN",
        "TLS 1.0 alone need not know the extended master secret: the version is the defect.",
        support(V6, versions(tls13=(), tls12=(), tls10=(SHA1,)), extended_master_secret=False, early_data=None),
        variant="old-version",
    )
    yield seen("SEVERAL", "Two at once.", support(V6, compression=True, extended_master_secret=False))
    yield seen(
        "NO_EMS",
        "Seen before the server had enough.",
        support(V6, stopped=Stopped.RATE, extended_master_secret=False),
        variant="limited",
    )


def renegotiating() -> Iterator[Case]:
    """Yield the cases by the number of renegotiations that a server allowed."""
    refused, limit = RenegotiationEnd.REFUSED, RenegotiationEnd.LIMIT

    def seen(code: str, about: str, *there: Evidence, variant: str = "", trap: str = "") -> Case:
        return Case(
            check="security.tls.handshake",
            subject=lab.site(),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=(*BOTH, GOOD4, renegotiation(V4, 0, refused), *there),
            expect=(("HARDENED", V4), (code, V6)),
        )

    yield seen("HARDENED", "Refused at once.", support(V6), renegotiation(V6, 0, refused))
    yield seen("HARDENED", "Ten are a limit.", support(V6), renegotiation(V6, 10, refused), variant="limited")
    yield seen(
        "HARDENED_0RTT_UNKNOWN",
        "Refused; no early data was asked for.",
        support(V6, early_data=None),
        renegotiation(V6, 0, RenegotiationEnd.UNANSWERED),
    )
    yield seen(
        "RENEGOTIATES",
        "As often as was asked, and again after ten minutes.",
        support(V6),
        renegotiation(V6, 11, limit),
        renegotiation(V6, 11, limit, minutes=10),
    )
    yield seen(
        "HARDENED",
        "It seemed so once, and not ten minutes later: some appliances are like that.",
        support(V6),
        renegotiation(V6, 11, limit),
        renegotiation(V6, 3, refused, minutes=10),
        variant="once",
        trap="L1",
    )
    yield seen(
        "NO_EMS",
        "The graver flaw is said.",
        support(V6, extended_master_secret=False),
        renegotiation(V6, 11, limit),
        variant="beside",
    )


def known_vulns() -> Iterator[Case]:
    check, good = "security.tls.known-vulns", "RULED_OUT"
    yield from frame(check, good)
    seen = pair(check, good)
    case = partial(Case, check=check, subject=lab.site())
    beating = partial(support, heartbeat=True)
    old = versions(tls13=())
    yield seen("RULED_OUT", "No heartbeat, TLS 1.3, exchanges that are forward secret, AEAD.", support(V6))
    yield seen(
        "RULED_OUT",
        "TLS 1.2 and 1.3 with tickets: whoever has 1.3 is years younger than Ticketbleed.",
        support(V6, session_tickets=True),
        variant="tickets",
    )
    yield seen(
        "RULED_OUT",
        "TLS 1.3 alone: these flaws are of older versions.",
        support(V6, versions(tls12=()), heartbeat=None),
        variant="tls13-only",
        trap="L3",
    )
    yield seen(
        "RULED_OUT",
        "Triple DES in a forward secret exchange over TLS 1.0 is not said again here.",
        support(V6, compression=True, primes=(primes.modp(1024),)),
        variant="said-elsewhere",
    )
    yield case(
        code="NONE_FOUND",
        about="The heartbeat is there, and with authorisation it was tried.",
        evidence=(*BOTH, GOOD4, beating(V6), weakness(V6)),
        expect=((good, V4), ("NONE_FOUND", V6)),
    )
    yield case(
        code="NOT_ALLOWED",
        about="Without authorisation nothing is touched; that is said once, for all addresses.",
        evidence=(*BOTH, beating(V4), beating(V6)),
        expect=(("NOT_ALLOWED", None),),
    )
    yield case(
        code="NOT_ALLOWED",
        variant="old-library",
        about="Without TLS 1.3 the change of cipher may come too early, and tickets may bleed.",
        evidence=(*BOTH, GOOD4, support(V6, old, session_tickets=True)),
        expect=((good, V4), ("NOT_ALLOWED", None)),
    )
    yield case(
        code="NOT_TESTED",
        about="Exchanges by the server's RSA key and CBC are accepted: no test of ours is harmless.",
        evidence=(*BOTH, GOOD4, support(V6, versions(tls12=(*SUITES12, STATIC, CBC)))),
        expect=((good, V4), ("NOT_TESTED", V6)),
    )
    yield case(
        code="NOT_TESTED",
        variant="touched",
        about="What could be touched behaved; what is left has no test.",
        evidence=(*BOTH, GOOD4, support(V6, versions(tls13=(), tls12=(STATIC,)), heartbeat=True), weakness(V6)),
        expect=((good, V4), ("NOT_TESTED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="neither",
        about="Touched, but the answers said neither.",
        evidence=(*BOTH, GOOD4, beating(V6), weakness(V6, None, None)),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="VULNERABLE",
        trap="L1",
        about="Heartbleed showed in every try, and again after ten minutes.",
        evidence=(*BOTH, GOOD4, beating(V6), weakness(V6, True, True), weakness(V6, True, True, minutes=10)),
        expect=((good, V4), ("VULNERABLE", V6)),
    )
    yield case(
        code="VULNERABLE",
        variant="limited",
        trap="L1",
        about="It showed, whatever became of the enumeration.",
        evidence=(*BOTH, GOOD4, _limited(V6), weakness(V6, True, True), weakness(V6, True, True, minutes=10)),
        expect=((good, V4), ("VULNERABLE", V6)),
    )
    yield case(
        code="UNCONFIRMED",
        trap="L1",
        about="Seen in one round alone.",
        evidence=(*BOTH, GOOD4, beating(V6), weakness(V6, True, True)),
        expect=((good, V4), ("UNCONFIRMED", V6)),
    )
    yield case(
        code="UNCONFIRMED",
        variant="one-of-two",
        trap="L1",
        about="Seen in one of two tries, and again in one of two.",
        evidence=(*BOTH, GOOD4, beating(V6), weakness(V6, True, False), weakness(V6, False, True, minutes=10)),
        expect=((good, V4), ("UNCONFIRMED", V6)),
    )


def tls_parity() -> Iterator[Case]:
    check = "ipv6.web.tls-parity"
    case = partial(Case, check=check, subject=lab.site())
    shake4, shake6 = tls(V4, lab.GOOD), tls(V6, lab.GOOD)
    opened = (*BOTH, shake4, GOOD4)
    yield from undecided_names(check)
    yield case(
        code="SAME",
        trap="T8",
        about="All four addresses of both families serve the same.",
        evidence=(
            names([V6, V6B], (V4, V4B)),
            *HTTP_DEFAULT,
            *ports(V4B, 80, 443),
            *ports(V6B, 80, 443),
            *(tls(address, lab.GOOD) for address in (V4, V4B, V6, V6B)),
            *(support(address) for address in (V4, V4B, V6, V6B)),
        ),
        expect=(("SAME", None),),
    )
    yield case(
        code="CERTIFICATE_DIFFERS",
        about="Two valid certificates of different keys.",
        evidence=(*opened, tls(V6, (lab.leaf(WEB, number=11, days=(-10, 80)), lab.MIDDLE)), support(V6)),
        expect=(("CERTIFICATE_DIFFERS", None),),
    )
    yield case(
        code="CERTIFICATE_DIFFERS",
        variant="same-dates",
        about="Another key of the same kind and the same dates is another certificate all the same.",
        evidence=(*opened, tls(V6, (lab.leaf(WEB, number=11), lab.MIDDLE)), support(V6)),
        expect=(("CERTIFICATE_DIFFERS", None),),
    )
    alone = lab.leaf(WEB, fetch=True)
    yield case(
        code="LESSER_ON_SOME",
        about="The intermediate is not sent over IPv6, but can be fetched, which the finding of its chain warns of.",
        evidence=(*opened, tls(V6, (alone,)), issuer(V6, alone, lab.MIDDLE), support(V6)),
        expect=(("LESSER_ON_SOME", None),),
    )
    yield case(
        code="LESSER_ON_SOME",
        variant="dates",
        about="The certificate over IPv6 is about to expire.",
        evidence=(*opened, tls(V6, (lab.leaf(WEB, days=(-80, 10)), lab.MIDDLE)), support(V6)),
        expect=(("LESSER_ON_SOME", None),),
    )
    yield case(
        code="VERSIONS_DIFFER",
        about="No TLS 1.3 over IPv6.",
        evidence=(*opened, shake6, support(V6, versions(tls13=()))),
        expect=(("VERSIONS_DIFFER", None),),
    )
    yield case(
        code="SUITES_DIFFER",
        about="One suite less over IPv6; what a browser agrees on is the same.",
        evidence=(*opened, shake6, support(V6, versions(tls12=SUITES12[:1]))),
        expect=(("SUITES_DIFFER", None),),
    )
    yield case(
        code="INVALID_ON_SOME",
        trap="W4",
        about="The second IPv6 address still serves the expired certificate.",
        evidence=(
            TWO,
            *HTTP_DEFAULT,
            *ports(V6B, 80, 443),
            shake4,
            shake6,
            tls(V6B, (lab.leaf(WEB, days=(-90, -1)), lab.MIDDLE)),
            *(support(address) for address in (V4, V6, V6B)),
        ),
        expect=(("INVALID_ON_SOME", None),),
    )
    yield case(
        code="OBSOLETE_ON_SOME",
        about="IPv6 still accepts TLS 1.0, and a browser would never know.",
        evidence=(*opened, shake6, support(V6, versions(tls10=(SHA1,)))),
        expect=(("OBSOLETE_ON_SOME", None),),
    )
    yield case(
        code="SAME",
        variant="obsolete-everywhere",
        about="What is bad everywhere is the finding of security.tls.versions.",
        evidence=(*BOTH, shake4, shake6, support(V4, versions(tls10=(SHA1,))), support(V6, versions(tls10=(SHA1,)))),
        expect=(("SAME", None),),
    )
    yield case(
        code="HANDSHAKE_FAILS_ON_SOME",
        about="The IPv6 listener speaks plain HTTP on 443.",
        evidence=(*opened, tls(V6, (), failure=FailureKind.PROTOCOL), support(V6, failure=FailureKind.PROTOCOL)),
        expect=(("HANDSHAKE_FAILS_ON_SOME", None),),
    )
    yield case(
        code="SAME",
        variant="client-certificate",
        trap="L2",
        about="The server asks for a client certificate and then refuses: its own certificate was seen all the same.",
        evidence=(
            *BOTH,
            tls(V4, lab.GOOD, failure=FailureKind.TLS_ALERT),
            tls(V6, lab.GOOD, failure=FailureKind.TLS_ALERT),
            GOOD4,
            support(V6),
        ),
        expect=(("SAME", None),),
    )
    yield case(
        code="LIMITED",
        about="IPv6 had enough before all suites were known: not said to be the same.",
        evidence=(*opened, shake6, support(V6, stopped=Stopped.RATE)),
        expect=(("LIMITED", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="version-not-settled",
        about="Whether IPv4 accepts TLS 1.0 was not settled, so that IPv6 does is no difference.",
        evidence=(*BOTH, shake4, shake6, support(V4, versions(tls10=(NOTHING,))), support(V6, versions(tls10=(SHA1,)))),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-enumeration",
        about="A handshake alone does not show what else is accepted.",
        evidence=(*opened, shake6),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="ONE_FAMILY",
        trap="W3",
        about="IPv6 alone.",
        evidence=(names([V6], ()), *ports(V6, 80, 443), shake6, support(V6)),
        expect=(("ONE_FAMILY", None),),
    )
    yield case(
        code="ONE_FAMILY",
        variant="shut",
        about="443 is shut over IPv6: port-parity's finding.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6, 80), shake4, GOOD4),
        expect=(("ONE_FAMILY", None),),
    )
    yield case(
        code="ONE_FAMILY",
        variant="two-machines",
        about="443 is shut over IPv6; that two machines of IPv4 differ is no difference between the families.",
        evidence=(
            names([V6], [V4, V4B]),
            *ports(V4, 80, 443),
            *ports(V4B, 80, 443),
            *ports(V6, 80),
            shake4,
            tls(V4B, (lab.leaf(WEB, days=(-90, -1)), lab.MIDDLE)),
            *(support(address) for address in (V4, V4B)),
        ),
        expect=(("ONE_FAMILY", None),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The handshake over IPv6 was never made.",
        evidence=opened,
        expect=(("NOT_DECIDED", None),),
    )


def large_hello() -> Iterator[Case]:
    check = "ipv6.web.large-hello"
    case = partial(Case, check=check, subject=lab.site(), controls=(*ALL_CONTROLS, "large-hello"))
    four = hellos(V4)
    for undecided_name in undecided_names(check):
        yield replace(
            undecided_name,
            about=undecided_name.about + " IPv4 is judged all the same.",
            controls=(*ALL_CONTROLS, "large-hello"),
            evidence=(*undecided_name.evidence, *ports(V4, 80, 443), four),
            expect=((undecided_name.code, "AAAA"), ("ANSWERED", None)),
        )
    yield case(
        code="ANSWERED",
        about="Both, at every address.",
        evidence=(*BOTH, four, hellos(V6)),
        expect=(("ANSWERED", None),),
    )
    yield case(
        code="ANSWERED",
        variant="second-look",
        trap="L1",
        about="Ten minutes later the large one is answered.",
        evidence=(*BOTH, four, hellos(V6, TIMEOUT), hellos(V6, minutes=10)),
        expect=(("ANSWERED", None),),
    )
    yield case(
        code="DEAF",
        about="Over both families the large one alone gets no answer, at both looks.",
        evidence=(*BOTH, *twice(V4, FailureKind.RESET), *twice(V6, TIMEOUT)),
        expect=(("DEAF", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="limited",
        about="The large one was never sent: its connections were refused, and the small one's was not.",
        evidence=(*BOTH, four, *twice(V6, FailureKind.REFUSED)),
        expect=(("NOT_DECIDED", V6), ("ANSWERED", None)),
    )
    yield case(
        code="DEAF_FAMILY",
        about="Over IPv6 alone.",
        evidence=(*BOTH, four, *twice(V6, TIMEOUT)),
        expect=(("DEAF_FAMILY", "IPv6"),),
    )
    yield case(
        code="DEAF_FAMILY",
        variant="alert",
        controls=ALL_CONTROLS,
        about="An alert is an answer of theirs, and needs no other host to prove the way.",
        evidence=(*BOTH, four, *twice(V6, FailureKind.TLS_ALERT)),
        expect=(("DEAF_FAMILY", "IPv6"),),
    )
    yield case(
        code="SOME_DEAF",
        about="One of two addresses over IPv6.",
        evidence=(TWO, *HTTP_DEFAULT, *ports(V6B, 80, 443), four, hellos(V6), *twice(V6B, TIMEOUT)),
        expect=(("SOME_DEAF", None),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        controls=ALL_CONTROLS,
        about="No large hello of ours was answered over IPv6 by anybody: it may be our own path.",
        evidence=(*BOTH, four, *twice(V6, TIMEOUT)),
        expect=(("NOT_DECIDED", V6), ("ANSWERED", None)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="reset-unproven",
        trap="T5",
        controls=ALL_CONTROLS,
        about="A reset may come from a filter on our own side.",
        evidence=(*BOTH, four, *twice(V6, FailureKind.RESET)),
        expect=(("NOT_DECIDED", V6), ("ANSWERED", None)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="not-asked",
        trap="R3",
        about="No hello was sent over IPv6.",
        evidence=(*BOTH, four),
        expect=(("NOT_DECIDED", V6), ("ANSWERED", None)),
    )
    yield case(
        code="NO_HTTPS",
        about="Neither hello is answered anywhere: other checks say so.",
        evidence=(*BOTH, hellos(V4, TIMEOUT, TIMEOUT), hellos(V6, FailureKind.RESET, FailureKind.RESET)),
        expect=(("NO_HTTPS", None),),
    )
    yield case(
        code="NO_HTTPS",
        variant="shut",
        about="443 is shut.",
        evidence=(DUAL, *ports(V4, 80), *ports(V6, 80)),
        expect=(("NO_HTTPS", None),),
    )


def twice(address: str, failure: FailureKind) -> tuple[Evidence, Evidence]:
    """Return evidence of two looks in which the large hello fails and the small one is answered."""
    return hellos(address, failure), hellos(address, failure, minutes=11)


def _edwards(*, without: bool | None) -> Evidence:
    return support(V6, without_edwards=without)


def cert_strength() -> Iterator[Case]:
    check, good = "security.tls.cert-strength", "STRONG"
    yield from _certificates(check, good)

    def seen(code: str, about: str, *chain: bytes, variant: str = "") -> Case:
        return Case(
            check=check,
            subject=lab.site(),
            code=code,
            about=about,
            variant=variant,
            trap="T8",
            evidence=(*BOTH, tls(V4, lab.GOOD), tls(V6, chain)),
            expect=((good, V4), (code, V6)),
        )

    yield seen("STRONG", "RSA of 3072 bits.", *served("rsa3072"), variant="rsa")
    for variant, code, about, beside in (
        ("", "EDWARDS_ALONE", "Who takes no EdDSA, as browsers do not, is refused.", (_edwards(without=False),)),
        ("ed25519", "STRONG", "Ed25519, and another one for browsers.", (_edwards(without=True),)),
        ("ed25519-earlier", "STRONG", "An earlier probe did not ask for another one.", (_edwards(without=None),)),
        ("ed25519-unasked", "NOT_DECIDED", "Whether browsers are refused was not asked.", ()),
    ):
        edwards = seen(code, about, *served("ed25519"), variant=variant)
        yield replace(edwards, evidence=(*edwards.evidence, *beside))
    yield seen("STRONG", "A root in the chain is not judged.", *served("p256", "sha1-root"), variant="root")
    yield seen("RSA_2048", "RSA of 2048 bits.", *served("rsa2048"))
    yield seen("WEAK_KEY", "RSA of 1024 bits.", *served("rsa1024"))
    yield seen("WEAK_KEY", "P-192.", *served("p192"), variant="curve")
    yield seen("WEAK_KEY", "DSA.", *served("dsa"), variant="dsa")
    yield seen("WEAK_SIGNATURE", "SHA-1 under the leaf.", *served("sha1"))
    yield seen(
        "STRONG_WEAKER_ABOVE", "SHA-1 under the intermediate: the authority's choice.", *served("p256", "sha1-middle")
    )
    yield seen("OTHER_KEY", "A key for key agreement only.", *served("x25519"))


def cases() -> Iterator[Case]:
    for group in (tls_versions, ciphers, kex, handshake, known_vulns, cert_strength, tls_parity, large_hello):
        yield from group()
