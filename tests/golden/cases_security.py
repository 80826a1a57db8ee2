"""Makes golden cases of ``security.tls.*`` and ``security.http.*``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.framework.siblings import beside
from probes.observations.certificates import OtherCertificate
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.web import HttpExchange
from tests.golden import lab, lab_tls
from tests.golden.case import FULL_SIZE, Case
from tests.golden.cases_web import DUAL, HTTP_DEFAULT, UNREADABLE, undecided_names
from tests.golden.lab import (
    REFUSED,
    TIMEOUT,
    V4,
    V4B,
    V6,
    WEB,
    ZONE,
    answer,
    http,
    leaf,
    look,
    names,
    page,
    ports,
    tcp,
    tls,
)

GOOD4 = tls(V4, lab.GOOD)
IDN = "xn--tnh-dlz.example"


def _certificates(
    check: str, good: str, chain: Sequence[Certificate] = lab.GOOD, more: Sequence[Evidence] = ()
) -> Iterator[Case]:
    """Yield the cases of every certificate check without a certificate to judge; ``good`` is the code for ``chain``."""
    good4, good6 = (tls(V4, chain), *more[:1]), (tls(V6, chain), *more[1:])
    case = partial(Case, check=check, subject=lab.site())
    for one in undecided_names(check):
        yield Case(
            check=check,
            code=one.code,
            about=one.about + " IPv4 is judged all the same.",
            trap=one.trap,
            subject=one.subject,
            evidence=(*one.evidence, *ports(V4, 80, 443), *good4),
            expect=((one.code, "AAAA"), (good, V4)),
        )
    yield case(
        code="NO_ADDRESS",
        about="The name has no address at all.",
        evidence=(names((), ()),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="NO_TLS",
        about="443 is shut over IPv6.",
        evidence=(DUAL, *ports(V4, 80, 443), *good4, *ports(V6, 80)),
        expect=((good, V4), ("NO_TLS", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The handshake over IPv6 was cut short.",
        evidence=(DUAL, *HTTP_DEFAULT, *good4, tls(V6, (), failure=FailureKind.CUT_SHORT)),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="UNREADABLE",
        about="What IPv6 serves is no certificate; the finding is cert-chain's.",
        evidence=(DUAL, *HTTP_DEFAULT, *good4, tls(V6, (b"\x30\x03\x02\x01\x01",))),
        expect=((good, V4), ("UNREADABLE", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="hellos-answered",
        about="Hellos are answered over IPv6 and OpenSSL is reset: TLS there is, behind a filter.",
        evidence=(DUAL, *HTTP_DEFAULT, *good4, tls(V6, (), failure=FailureKind.RESET), lab_tls.support(V6)),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code=good,
        variant="client-certificate",
        trap="L2",
        about="The handshake ends with an alert because we have no client certificate; the server's own was seen.",
        evidence=(DUAL, *HTTP_DEFAULT, *good4, tls(V6, chain, failure=FailureKind.TLS_ALERT), *more[1:]),
        expect=((good, V4), (good, V6)),
    )
    yield case(
        code="U_V4",
        trap="T7",
        gated=True,
        families=frozenset({6}),
        about="A sick family of the auditor takes its own addresses out, not those of the other.",
        evidence=(DUAL, *HTTP_DEFAULT, *good4, *good6),
        expect=(("U_V4", V4), (good, V6)),
    )


def _pair(chain: Sequence[Certificate]) -> tuple[Evidence, ...]:
    """Return evidence in which IPv4 serves a good chain and IPv6 serves ``chain``, read once per address (trap T8)."""
    return (DUAL, *HTTP_DEFAULT, GOOD4, tls(V6, chain))


def cert_chain() -> Iterator[Case]:
    check = "security.tls.cert-chain"
    case = partial(Case, check=check, subject=lab.site(), trap="T8")
    yield from _certificates(check, "TRUSTED")

    def bad(code: str, about: str, *chain: Certificate, variant: str = "") -> Case:
        return case(
            code=code, variant=variant, about=about, evidence=_pair(chain), expect=(("TRUSTED", V4), (code, V6))
        )

    yield case(
        code="TRUSTED",
        about="The full chain on both addresses.",
        evidence=_pair(lab.GOOD),
        expect=(("TRUSTED", V4), ("TRUSTED", V6)),
    )
    yield bad(
        "TRUSTED",
        "An expired leaf under a good chain is cert-expiry's finding.",
        leaf(WEB, days=(-90, -1)),
        lab.MIDDLE,
        variant="expired-leaf",
    )
    yield bad(
        "TRUSTED",
        "An intermediate that was renewed after the leaf expired is valid: only the leaf has expired.",
        leaf(WEB, days=(-90, -10)),
        lab.certificate("Lab Intermediate", "Lab Root", number=4, signer=1, days=(-5, 1000), ca=True),
        variant="renewed-intermediate",
    )
    yield bad(
        "EXPIRED_INTERMEDIATE",
        "Leaf and intermediate have expired, at no moment valid together.",
        leaf(WEB, days=(-90, -10)),
        lab.certificate("Lab Intermediate", "Lab Root", number=4, signer=1, days=(-5, -1), ca=True),
        variant="expired-leaf",
    )
    yield bad(
        "TRUSTED", "Another name is cert-name's finding.", leaf("other.example"), lab.MIDDLE, variant="other-name"
    )
    yield bad(
        "DECLARED_ROOT",
        "The agency's own authority, declared for this audit.",
        leaf(WEB, issuer="National Root", signer=2),
    )
    yield bad("INCOMPLETE", "The intermediate is not sent.", leaf(WEB))
    yield from _fetched(case)
    yield from _disputed(bad)
    yield bad(
        "INCOMPLETE",
        "An intermediate of another certificate is sent; that its issuer can be fetched helps nobody.",
        leaf(WEB),
        lab.certificate("Other Intermediate", "Lab Root", number=20, signer=1, days=(-9, 99), ca=True, fetch=True),
        variant="other-intermediate",
    )
    yield bad("SELF_SIGNED", "Signed by itself.", leaf(WEB, issuer="server", signer=10))
    yield bad(
        "UNTRUSTED",
        "A complete chain to a root that nobody trusts.",
        leaf(WEB, issuer="Stranger Root", signer=3),
        lab.STRANGER,
    )
    yield bad("EXPIRED_INTERMEDIATE", "The intermediate has expired.", leaf(WEB), lab.OLD_MIDDLE)
    yield bad("BROKEN", "The signature is not the intermediate's.", leaf(WEB, signer=3), lab.MIDDLE)
    yield bad("BROKEN", "Made for clients only.", leaf(WEB, client=True), lab.MIDDLE, variant="not-for-servers")
    yield case(
        code="NO_ROOTS",
        about="Without a trust store nothing is called untrusted.",
        trust_roots=False,
        evidence=_pair((leaf(WEB, issuer="server", signer=10),)),
        expect=(("NO_ROOTS", V4), ("NO_ROOTS", V6)),
    )
    yield case(
        code="SELF_SIGNED",
        variant="one-of-two-attempts",
        trap="W4",
        about="Behind one address two servers take turns; the worse certificate counts.",
        evidence=(*_pair(lab.GOOD), tls(V6, (leaf(WEB, issuer="server", signer=10),), attempt=2)),
        expect=(("TRUSTED", V4), ("SELF_SIGNED", V6)),
    )


def _fetched(case: Callable[..., Case]) -> Iterator[Case]:
    """Yield cases of chains that lack an intermediate and name the address to fetch it from."""
    alone = leaf(WEB, fetch=True)
    private = leaf(WEB, issuer="Stranger Root", signer=3, fetch=True)

    def seen(code: str, about: str, fetch: Evidence | None, *chain: Certificate, variant: str = "") -> Case:
        there = () if fetch is None else (fetch,)
        return case(
            code=code,
            variant=variant,
            about=about,
            evidence=(*_pair(chain), *there),
            expect=(("TRUSTED", V4), (code, V6)),
        )

    issuer = lab_tls.issuer
    yield seen(
        "INCOMPLETE_FETCHABLE",
        "The intermediate is not sent; fetched, it leads to a trusted root.",
        issuer(V6, alone, lab.MIDDLE),
        alone,
    )
    yield seen(
        "INCOMPLETE_FETCHABLE",
        "The root is sent, and not the intermediate below it, which can be fetched.",
        issuer(V6, alone, lab.MIDDLE),
        alone,
        lab.ROOT,
        variant="root-sent",
    )
    yield seen(
        "INCOMPLETE", "What is fetched leads nowhere.", issuer(V6, alone, lab.NATIONAL), alone, variant="other-fetched"
    )
    yield seen("INCOMPLETE", "Nothing is there to fetch.", issuer(V6, alone), alone, variant="nothing-fetched")
    yield seen("INCOMPLETE", "Where to fetch it refuses.", issuer(V6, alone, failure=REFUSED), alone, variant="refused")
    yield seen(
        "UNTRUSTED",
        "What is fetched is a root that nobody trusts.",
        issuer(V6, private, lab.STRANGER),
        private,
        variant="fetched",
    )
    yield seen(
        "INCOMPLETE_UNTRIED",
        "We could not go where it is to be fetched.",
        issuer(V6, alone, failure=FailureKind.OUT_OF_SCOPE),
        alone,
    )


def _usage(allowed: str) -> x509.KeyUsage:
    """Return a key usage that allows only one use."""
    uses = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{use: use == allowed for use in uses})


def _disputed(bad: Callable[..., Case]) -> Iterator[Case]:
    """Yield cases of chains that two verifiers, or a verifier and RFC 5280, judge differently."""

    def middle(*more: tuple[x509.ExtensionType, bool]) -> Certificate:
        return lab.certificate(
            "Lab Intermediate", "Lab Root", number=4, signer=1, days=(-1000, 1000), ca=True, more=more
        )

    here = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")]))
    names = x509.NameConstraints([x509.DNSName(ZONE), here], None)
    yield bad(
        "VERIFIERS_DIFFER",
        "The intermediate is constrained to names of directories too, which OpenSSL and browsers know.",
        leaf(WEB),
        middle((names, True)),
    )
    yield bad(
        "VERIFIERS_DIFFER",
        "A policy is required by a critical extension.",
        leaf(WEB),
        middle((x509.InhibitAnyPolicy(0), True)),
        variant="policies",
    )
    yield bad(
        "BROKEN",
        "The intermediate may not sign certificates, by its own word.",
        leaf(WEB),
        middle((_usage("digital_signature"), True)),
        variant="no-signer",
    )
    clients = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    anybody = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
    yield bad(
        "BROKEN",
        "The intermediate issues for clients alone, by its own word.",
        leaf(WEB),
        middle((clients, False)),
        variant="issuer-for-clients",
    )
    yield bad(
        "TRUSTED",
        "The intermediate issues for anything, which OpenSSL refuses and browsers do not.",
        leaf(WEB),
        middle((anybody, False)),
        variant="issuer-for-anything",
    )
    yield bad(
        "BROKEN",
        "The key of the leaf may sign certificates and nothing else.",
        leaf(WEB, more=((_usage("key_cert_sign"), True),)),
        lab.MIDDLE,
        variant="no-handshakes",
    )


def cert_name() -> Iterator[Case]:
    check = "security.tls.cert-name"
    case = partial(Case, check=check, subject=lab.site(), trap="T8")
    yield from _certificates(check, "MATCHES")

    def seen(code: str, about: str, *names: str, variant: str = "") -> Case:
        chain = (leaf(*names), lab.MIDDLE)
        return case(
            code=code, variant=variant, about=about, evidence=_pair(chain), expect=(("MATCHES", V4), (code, V6))
        )

    yield seen("MATCHES", "Among other names, in capitals.", "other.example", WEB.upper())
    yield seen("MATCHES", "A wildcard stands for one label.", "*.tinh-a.example", variant="wildcard")
    yield seen("MISMATCH", "A wildcard stands for one label, not for none.", f"*.{WEB}")
    yield seen("MISMATCH", "A wildcard is a whole label.", "w*.tinh-a.example", variant="partial-wildcard")
    yield seen("SIBLING_ONLY", "Only the name without www.", "tinh-a.example")

    def other(*found: str) -> NameLookup:
        return lab.look(ZONE, "A", "sibling", *found)

    def nobodys(*found: str, status: LookupStatus | None = None) -> NameLookup:
        return lab.look(beside(ZONE), "A", "wildcard", *found, status=status)

    gone, open_ = nobodys(status=LookupStatus.NO_SUCH_NAME), nobodys(status=LookupStatus.NO_ANSWER)
    for variant, looks, code in (
        ("", (other(V4),), "SIBLING_MISSING"),
        ("no-wildcard", (other(V4), gone), "SIBLING_MISSING"),
        ("other-wildcard", (other(V4), nobodys(V4B)), "SIBLING_MISSING"),
        ("sibling-of-a-wildcard", (other(V4), nobodys(V4)), "MATCHES"),
        ("sibling-perhaps-of-a-wildcard", (other(V4), open_), "MATCHES"),
        ("sibling-elsewhere", (other(V4B),), "MATCHES"),
        ("no-sibling", (other(),), "MATCHES"),
    ):
        yield case(
            code=code,
            variant=variant,
            about=f"The name without www leads to {', '.join(looks[0].records) or 'nowhere'}.",
            evidence=(
                lab.evidence("dns", lab.look(WEB, "A", "host", V4), lab.look(WEB, "AAAA", "host"), *looks),
                *ports(V4, 80, 443),
                GOOD4,
            ),
            expect=((code, V4),),
        )
    yield case(
        code="FILTER",
        about="The page over IPv6 is a filter's, and so is the certificate that came with it.",
        evidence=(*_pair((leaf("filter.example"), lab.MIDDLE)), page(V6, 429)),
        expect=(("MATCHES", V4), ("FILTER", V6)),
    )
    body = b"<script>location='https://portal.example/'</script>"
    leading = replace(answer(V6, 200), body=body, body_size=len(body), leads_to="https://portal.example/")
    yield case(
        code="FILTER",
        variant="jump",
        about="A page that shows nothing leads to a stranger's portal, with the certificate of a stranger.",
        evidence=(*_pair((leaf("filter.example"), lab.MIDDLE)), http(V6, leading)),
        expect=(("MATCHES", V4), ("FILTER", V6)),
    )
    yield seen("NO_NAMES", "No subject alternative name; the common name does not count (RFC 9525).")
    yield case(
        code="BY_ADDRESS",
        about="Listed by address.",
        subject=lab.site(host=None, name=V6, addresses=(ip_address(V6),)),
        evidence=(*ports(V6, 80, 443), tls(V6, lab.GOOD)),
        expect=(("BY_ADDRESS", None),),
    )


def cert_expiry() -> Iterator[Case]:
    check = "security.tls.cert-expiry"
    case = partial(Case, check=check, subject=lab.site(), trap="T8")
    yield from _certificates(check, "VALID")

    def seen(code: str, about: str, days: tuple[int, int], *, variant: str = "", policy: str = "") -> Case:
        chain = (leaf(WEB, days=days), lab.MIDDLE)
        return case(
            code=code,
            variant=variant,
            about=about,
            policy=policy,
            evidence=_pair(chain),
            expect=(("VALID", V4), (code, V6)),
        )

    yield seen("VALID", "22 days are left.", (-60, 22))
    yield seen("VALID", "A six-day certificate with three days left.", (-3, 3), variant="short-lived")
    yield seen("VALID", "One of 45 days, on the day that its client renews it.", (-30, 15), variant="renewed")
    yield seen("EXPIRES_SOON", "21 days are left.", (-80, 21))
    yield seen("EXPIRES_SOON", "A six-day certificate with a day left.", (-5, 1), variant="short-lived")
    yield seen(
        "EXPIRES_SOON",
        "The operator wants 30 days.",
        (-100, 25),
        variant="policy",
        policy='[thresholds."security.tls.cert-expiry"]\nwarn_days = 30\n',
    )
    old, new = (lab_tls.served(kind)[0] for kind in ("rsa2048-expired", "rsa2048"))
    for variant, code, about, others in (
        ("", "OTHER_KIND_EXPIRED", "The certificate with an RSA key, which old clients get, was forgotten.", (old,)),
        ("both-kinds", "VALID", "The certificate with an RSA key is good as well.", (new,)),
        (
            "other-server",
            "VALID",
            "Many hellos got an expired certificate with a key of the same kind, as of a filter.",
            (leaf(WEB, days=(-60, -1), number=11).public_bytes(Encoding.DER),),
        ),
    ):
        several = [
            OtherCertificate(address=ip_address(V6), port=443, server_name=WEB, chain=(der,))
            for der in (lab.GOOD[0].public_bytes(Encoding.DER), *others)
        ]
        beside = lab.evidence("tls_support", *several, task=f"{V6}#443", endpoint=lab.at(V6, 443))
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(*_pair(lab.GOOD), beside),
            expect=(("VALID", V4), (code, V6)),
        )
    yield seen("EXPIRED", "Expired yesterday.", (-60, -1))
    yield seen("NOT_YET_VALID", "Valid from tomorrow.", (1, 60))


def https_exists() -> Iterator[Case]:
    check = "security.http.https-exists"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(
        code="OFFERED",
        about="An answer over HTTPS, whatever its status.",
        evidence=(DUAL, *HTTP_DEFAULT, page(V4, 200), page(V6, 404)),
        expect=(("OFFERED", None),),
    )
    yield case(
        code="OFFERED",
        variant="one-family",
        about="HTTPS over IPv4 alone is port-parity's finding.",
        evidence=(DUAL, *ports(V4, 80, 443), page(V4, 200), *ports(V6, 80)),
        expect=(("OFFERED", None),),
    )
    for variant, about, said in (
        ("client-certificate", "Whoever has no certificate of their own is sent away behind the handshake.", (GOOD4,)),
        (
            "client-certificate-before",
            "The handshake fails for it: that it was asked for shows in the enumeration.",
            (lab_tls.support(V4, certificate_requested=True),),
        ),
    ):
        alert = "TLSV13_ALERT_CERTIFICATE_REQUIRED" if GOOD4 in said else "SSLV3_ALERT_HANDSHAKE_FAILURE"
        refused = Failure(kind=FailureKind.TLS_ALERT, detail=alert)
        asked = HttpExchange(address=ip_address(V4), port=443, url=f"https://{WEB}/", failure=refused)
        yield case(
            code="OFFERED",
            variant=variant,
            trap="L2",
            about=about,
            evidence=(names(), *ports(V4, 80, 443), *said, lab.http(V4, asked), page(V4, 200, port=80)),
            expect=(("OFFERED", None),),
        )
    for variant, about, detail, done in (
        (
            "optional",
            "A certificate is requested, and who has none is let in: the alert is of the site.",
            "",
            "TLSv1.2",
        ),
        ("name", "The alert is about the name, though a certificate is requested too.", "UNRECOGNIZED_NAME", ""),
    ):
        refused = Failure(
            kind=FailureKind.TLS_ALERT, detail=f"TLSV1_{detail}" if detail else "SSLV3_ALERT_HANDSHAKE_FAILURE"
        )
        asked = HttpExchange(address=ip_address(V4), port=443, url=f"https://{WEB}/", failure=refused)
        let_in = (tls(V4, lab.GOOD, version=done),) if done else ()
        yield case(
            code="PAGE_WITHHELD",
            variant=variant,
            about=about,
            evidence=(
                names(),
                *ports(V4, 80, 443),
                lab_tls.support(V4, certificate_requested=True),
                *let_in,
                lab.http(V4, asked),
                page(V4, 200, port=80),
            ),
            expect=(("PAGE_WITHHELD", None),),
        )
    yield case(
        code="NO_TLS",
        variant="alert",
        about="443 is open and refuses the name: nobody said that a certificate of ours would help.",
        evidence=(names(), *ports(V4, 80, 443), page(V4, None, failure=FailureKind.TLS_ALERT), page(V4, 200, port=80)),
        expect=(("NO_TLS", None),),
    )
    yield case(
        code="NO_TLS",
        about="Plain HTTP answers, 443 is shut everywhere.",
        evidence=(DUAL, *ports(V4, 80), *ports(V6, 80), page(V4, 200, port=80), page(V6, 200, port=80)),
        expect=(("NO_TLS", None),),
    )
    yield case(
        code="PAGE_WITHHELD",
        about="TLS on 443, and inside what nobody can read as HTTP.",
        evidence=(
            names(),
            *ports(V4, 80, 443),
            GOOD4,
            page(V4, None, failure=FailureKind.PROTOCOL),
            page(V4, 200, port=80),
        ),
        expect=(("PAGE_WITHHELD", None),),
    )
    yield case(
        code="PAGE_WITHHELD",
        variant="enumeration-alone",
        about="A filter resets one handshake; the enumeration of the run completed others.",
        evidence=(
            names(),
            *ports(V4, 80, 443),
            page(V4, None, failure=FailureKind.RESET),
            lab_tls.support(V4),
            page(V4, 200, port=80),
        ),
        expect=(("PAGE_WITHHELD", None),),
    )
    yield case(
        code="PAGE_WITHHELD",
        variant="both-reset",
        about="Requests are reset on both ports; the chain was presented.",
        evidence=(
            names(),
            *ports(V4, 80, 443),
            GOOD4,
            page(V4, None, failure=FailureKind.RESET),
            page(V4, None, failure=FailureKind.RESET, port=80),
        ),
        expect=(("PAGE_WITHHELD", None),),
    )
    yield case(
        code="UNDECIDED",
        trap="T5",
        about="443 is silent, and nothing showed that 443 leaves the vantage.",
        controls=("tcp/80",),
        evidence=(names(), *ports(V4, 80, shut=TIMEOUT), page(V4, 200, port=80)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="NOTHING_ANSWERS",
        about="Neither port is open: reach's finding.",
        evidence=(DUAL, *ports(V4), *ports(V6)),
        expect=(("NOTHING_ANSWERS", None),),
    )


def _dead_targets(case: Callable[..., Case], base: tuple[Evidence, ...]) -> Iterator[Case]:
    """Yield cases of plain HTTP that leads to HTTPS of another host, which does or does not answer."""
    host = "portal.tinh-b.example"
    url, at4, at6 = f"https://{host}/", "203.0.113.5", "2001:db8:b::5"
    first, here, there = answer(V4, 301, port=80, location=url), look(host, "A", "redirect", at4), answer(at4, 200)
    here6, nowhere = look(host, "AAAA", "redirect", at6), look(host, "AAAA", "redirect")
    there = replace(there, url=url, hop=1)
    gone = tuple(look(host, kind, "redirect", status=LookupStatus.NO_SUCH_NAME) for kind in ("A", "AAAA"))
    refused, silent, unseen = (
        replace(there, status=None, failure=lab.why(kind))
        for kind in (REFUSED, FailureKind.TIMEOUT, FailureKind.OUT_OF_SCOPE)
    )
    for variant, code, about, steps in (
        ("", "TARGET_GONE", "The host does not exist.", gone),
        ("no-address", "TARGET_GONE", "It has no address.", (look(host, "A", "redirect"), nowhere)),
        ("", "TARGET_MUTE", "It refuses HTTPS.", (here, nowhere, refused)),
        (
            "target-silent",
            "OTHER_HOST",
            "Silence that was heard of nobody else proves nothing.",
            (here, nowhere, silent),
        ),
        ("target-unseen", "OTHER_HOST", "It may not be asked.", (here, nowhere, unseen)),
        (
            "target-unknown",
            "OTHER_HOST",
            "Nobody answers for its name.",
            (lab.unanswered("A", "redirect", host), nowhere),
        ),
        ("target-over-ipv6", "OTHER_HOST", "It may be there over IPv6, which was not asked.", (here, here6, refused)),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(*base, http(V4, first, *steps, port=80)),
            controls=() if variant == "target-silent" else ("tcp/443",),
            expect=((code, V4),),
        )
    both = http(V4, first, here, here6, refused, port=80)
    other = replace(refused, address=ip_address(at6))
    came = replace(there, address=ip_address(at6))
    for variant, code, about, last in (
        ("both", "TARGET_MUTE", "It refuses over both families.", other),
        ("target-by-family", "OTHER_HOST", "It answers over IPv6.", came),
    ):
        over6 = http(V6, answer(V6, 301, port=80, location=url), here, here6, last, port=80)
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, *HTTP_DEFAULT, page(V4, 200), page(V6, 200), both, over6),
            expect=((code, V4), (code, V6)),
        )


def https_forced() -> Iterator[Case]:
    check = "security.http.https-forced"
    case = partial(Case, check=check, subject=lab.site())
    base = (names(), *ports(V4, 80, 443), page(V4, 200))
    for one in undecided_names(check):
        yield Case(
            check=check,
            code=one.code,
            about=one.about + " IPv4 is judged all the same.",
            trap=one.trap,
            subject=one.subject,
            evidence=(*one.evidence, tcp(V4, 443), tcp(V4, 80, REFUSED), page(V4, 200)),
            expect=((one.code, "AAAA"), ("PORT_CLOSED", V4)),
        )

    def seen(
        code: str,
        about: str,
        status: int | None,
        location: str | None = None,
        *,
        failure: FailureKind | None = None,
        variant: str = "",
        trap: str = "",
    ) -> Case:
        first = answer(V4, status, port=80, location=location, failure=failure)
        return case(
            code=code,
            variant=variant,
            trap=trap,
            about=about,
            evidence=(*base, http(V4, first, port=80)),
            expect=((code, V4),),
        )

    yield seen("REDIRECTS", "301 to the same host.", 301, f"https://{WEB}/")
    yield Case(
        check=check,
        subject=lab.site(host=IDN, name=IDN),
        code="REDIRECTS",
        variant="idn",
        about="The target is the same host, written in letters.",
        evidence=(
            names(name=IDN),
            *ports(V4, 80, 443),
            http(V4, answer(V4, 200, url=f"https://{IDN}/")),
            http(V4, answer(V4, 301, port=80, url=f"http://{IDN}/", location="https://tỉnh.example/"), port=80),
        ),
        expect=(("REDIRECTS", V4),),
    )
    yield seen("TEMPORARY", "302 to the same host.", 302, f"https://{WEB}/")
    yield seen("OTHER_HOST", "To the name without www.", 301, "https://tinh-a.example/")
    yield from _dead_targets(case, base)
    yield seen("TO_HTTP", "To plain HTTP.", 301, f"http://{WEB}/vi/")
    yield seen("CONTENT", "The page itself.", 200)
    to_https = answer(V4, 301, port=80, location=f"https://{WEB}/")
    in_clear, on_the_way = f"http://{WEB}/portal?id=4711", (("Strict-Transport-Security", "max-age=31536000"),)
    for variant, code, about, headers in (
        ("", "BACK_TO_HTTP", "Behind HTTPS an application writes its redirects with http:.", ()),
        ("hsts", "REDIRECTS", "The same, and browsers keep to HTTPS by HSTS.", on_the_way),
    ):
        back = answer(V4, 302, hop=1, location=in_clear, headers=headers)
        ends = answer(V4, 200, port=80, hop=2, url=in_clear)
        yield case(
            code=code,
            variant=f"{variant}-on-the-way" if variant else "",
            about=about,
            evidence=(*base, http(V4, to_https, back, ends, port=80)),
            expect=((code, V4),),
        )
    elsewhere = answer(V4, 200, port=8080, hop=1, url=f"http://{WEB}:8080/")
    yield case(
        code="BACK_TO_HTTP",
        variant="port-closed",
        about="Port 80 is shut, and HTTPS leads to the application's own port.",
        evidence=(
            *(names(), tcp(V4, 443), tcp(V4, 80, REFUSED)),
            http(V4, answer(V4, 302, location=f"http://{WEB}:8080/"), elsewhere),
        ),
        expect=(("BACK_TO_HTTP", V4),),
    )
    there, theirs = "http://cu.tinh-b.example/trang-chu?id=4711", "https://cu.tinh-b.example/"
    to_it = answer(V4, 301, hop=1, location=there)
    kept = answer(V4, 302, hop=1, location=theirs, headers=())
    by_them = answer(V4, 302, hop=2, url=theirs, location=there)
    keeps = (("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),)
    for variant, code, about, steps in (
        ("", "ON_TO_HTTP", "HTTPS leads to the page of another host in clear text.", (to_it,)),
        ("their-own", "REDIRECTS", "That host's own HTTPS does: it is for that host to mend.", (kept, by_them)),
        (
            "their-hsts",
            "REDIRECTS",
            "Browsers keep to HTTPS at that host by HSTS, which came on the way.",
            (kept, replace(by_them, location=f"https://{WEB}/", headers=keeps), replace(to_it, hop=3)),
        ),
    ):
        ends = answer(V4, 200, port=80, hop=len(steps) + 1, url=there)
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(*base, http(V4, to_https, *steps, ends, port=80)),
            expect=((code, V4),),
        )
    wants_tls = b"<h2>HTTP Error 403.4 - Forbidden: SSL is required to view this resource.</h2>"
    turned_away = replace(answer(V4, 403, port=80), body=wants_tls, body_size=len(wants_tls))
    yield case(
        code="ERROR",
        variant="iis",
        about="IIS that demands TLS turns plain HTTP away, and is no filter.",
        evidence=(*base, http(V4, turned_away, port=80)),
        expect=(("ERROR", V4),),
    )
    yield seen("ERROR", "Nothing is there under this name.", 404)
    yield seen("ERROR", "The back end is broken.", 502, variant="back-end")
    yield seen("ERROR", "The application broke.", 500, variant="application")
    yield seen(
        "LIMITED", "503 in clear text alone may be meant for the auditor.", 503, variant="unavailable", trap="W2"
    )
    yield seen(
        "NOT_DECIDED", "The auditor cut its own visit short.", None, failure=FailureKind.CUT_SHORT, variant="cut-short"
    )
    yield case(
        code="ERROR",
        variant="out-of-service",
        about="503 at every port over both families is the site's own state.",
        evidence=(
            *(DUAL, *ports(V4, 80, 443), *ports(V6, 80, 443)),
            *(page(address, 503, port=port) for address in (V4, V6) for port in (80, 443)),
        ),
        expect=(("ERROR", V4), ("ERROR", V6)),
    )
    proxied = seen("ERROR", "A proxy near the vantage got no answer from port 80.", 502, variant="proxied")
    undecided = tuple(("NOT_DECIDED" if code == "ERROR" else code, where) for code, where in proxied.expect)
    yield replace(proxied, code="NOT_DECIDED", accepted_here=("tcp/80",), expect=undecided)
    yield seen("ERROR", "A balancer that takes nothing in clear text.", 400, variant="bad-request")
    yield seen("ERROR", "It asks for TLS.", 426, variant="upgrade")
    form = replace(
        answer(V4, 404, port=80), body=b"<h1>404</h1><form action=/tim-kiem><input name=q></form>", body_size=57
    )
    yield case(
        code="CONTENT",
        variant="error-with-a-form",
        about="An error page of the site's own, in which citizens type.",
        evidence=(*base, http(V4, form, port=80)),
        expect=(("CONTENT", V4),),
    )
    yield case(
        code="NOT_HTTP",
        about="Something is answered that nobody can read as HTTP.",
        evidence=(*base, http(V4, replace(answer(V4, None, port=80), failure=UNREADABLE), port=80)),
        expect=(("NOT_HTTP", V4),),
    )
    numbered = lab.site(host=None, name="portal-1", addresses=(ip_address(V6),))
    to_itself = answer(V6, 301, port=80, url=f"http://[{V6}]/", location="https://[2001:DB8:A:0::10]/")
    yield Case(
        check=check,
        code="REDIRECTS",
        variant="by-address",
        about="A site that is listed by address has that address as its host, however it is written.",
        subject=numbered,
        evidence=(*ports(V6, 80, 443), http(V6, answer(V6, 200, url=f"https://[{V6}]/")), http(V6, to_itself, port=80)),
        expect=(("REDIRECTS", V6),),
    )
    yield Case(
        check=check,
        code="HTTPS_ALONE",
        about="The inventory declares HTTPS alone.",
        subject=lab.site(services=lab.services(("https", 443))),
        evidence=base,
        expect=(("HTTPS_ALONE", None),),
    )
    yield seen("CONTENT", "A redirect without a target leads nowhere.", 301, variant="no-location")
    yield seen("NOT_SERVED", "The connection is reset.", None, failure=FailureKind.RESET)
    yield case(
        code="UNANSWERED",
        trap="W2",
        about="Requests end without an answer on both ports: what is served to others there is not known.",
        evidence=(
            names(),
            *ports(V4, 80, 443),
            GOOD4,
            page(V4, None, failure=FailureKind.PROTOCOL),
            page(V4, None, failure=FailureKind.PROTOCOL, port=80),
        ),
        expect=(("UNANSWERED", V4),),
    )
    yield replace(seen("TARPIT", "Accepted, then silence.", None, failure=TIMEOUT), controls=FULL_SIZE)
    yield seen("LIMITED", "429.", 429)
    yield seen("LIMITED", "403 may be a filter that knows the auditor.", 403, variant="filter", trap="W2")
    yield case(
        code="PORT_CLOSED",
        about="Port 80 is shut over IPv4 and silent over IPv6, where the transport is known to work.",
        evidence=(
            DUAL,
            tcp(V4, 443),
            tcp(V4, 80, REFUSED),
            page(V4, 200),
            tcp(V6, 443),
            tcp(V6, 80, TIMEOUT),
            page(V6, 200),
        ),
        expect=(("PORT_CLOSED", V4), ("PORT_CLOSED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence passes only where it is proven.",
        controls=("tcp/443",),
        evidence=(names(), tcp(V4, 443), tcp(V4, 80, TIMEOUT), page(V4, 200)),
        expect=(("NOT_DECIDED", V4),),
    )
    yield case(
        code="CONTENT",
        variant="second-address",
        trap="W4",
        about="Only the second address was forgotten.",
        evidence=(
            names((), (V4, V4B)),
            *ports(V4, 80, 443),
            *ports(V4B, 80, 443),
            page(V4, 200),
            page(V4B, 200),
            http(V4, answer(V4, 308, port=80, location=f"https://{WEB}/"), port=80),
            page(V4B, 200, port=80),
        ),
        expect=(("REDIRECTS", V4), ("CONTENT", V4B)),
    )
    yield case(
        code="UNDECIDED",
        about="Whether there is HTTPS is not known.",
        evidence=(names(), tcp(V4, 443, FailureKind.CUT_SHORT), tcp(V4, 80), page(V4, 200, port=80)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="NO_HTTPS",
        about="There is no HTTPS: https-exists' finding.",
        evidence=(names(), *ports(V4, 80), page(V4, 200, port=80)),
        expect=(("NO_HTTPS", None),),
    )


def cases() -> Iterator[Case]:
    for group in (cert_chain, cert_name, cert_expiry, https_exists, https_forced):
        yield from group()
