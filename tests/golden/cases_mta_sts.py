"""Makes golden cases of ``security.mail.dane-mta-sts``: exchangers as seen by senders that follow a policy."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.dns import NameLookup
from probes.observations.mail import MX_ALIAS, SmtpDialogue
from tests.golden import lab, lab_dnssec
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_mail import OTHER, policy_file, vouched
from tests.golden.lab import ZONE, evidence, look, unanswered
from tests.golden.lab_mail import EXPIRED, GOOD, MX1, ONLY, STRANGE, V4, V6, closed, dialogue, ended, reply

OWN_SIGNED = lab.certificate(MX1, MX1, number=14, signer=14, days=(-10, 300))
SPKI = sha256(OWN_SIGNED.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
ALIAS = f"bi-danh.{ZONE}"
ADDRESSES = (("AAAA", V6), ("A", V4))
NONE = look(f"_25._tcp.{MX1}", "TLSA", "tlsa")
PINNED = look(f"_25._tcp.{MX1}", "TLSA", "tlsa", f"\\# 35 030101{SPKI}", f"\\# 35 030101{'00' * 32}")
ANNOUNCED = (
    look(f"_smtp._tls.{ZONE}", "TXT", "tls-rpt", f'"v=TLSRPTv1; rua=mailto:tls@{ZONE}"'),
    look(f"_mta-sts.{ZONE}", "TXT", "mta-sts", '"v=STSv1; id=20260301;"'),
)


def case(
    code: str,
    about: str,
    *seen: Evidence,
    variant: str = "",
    mode: str = "enforce",
    listed: tuple[NameLookup, ...] = (ONLY, NONE),
    proof: tuple[Observation, ...] = (),
    beside: str = "STS_ENFORCED",
) -> Case:
    policy = policy_file("version: STSv1", f"mode: {mode}", f"mx: *.{ZONE}", "max_age: 604800")
    return Case(
        check="security.mail.dane-mta-sts",
        subject=lab.mail(),
        code=code,
        variant=variant,
        about=about,
        evidence=(evidence("mail_transport", *listed, *ANNOUNCED, policy, *proof, task=ZONE), *seen),
        expect=((beside, None), (code, "certificates")) if "UNTRUSTED" in code else ((code, None),),
        controls=ALL_CONTROLS,
        trust_anchor=lab_dnssec.ANCHOR if proof else "",
    )


def named(seen: Evidence, name: str) -> Evidence:
    """Return the same dialogue with a host of another name."""
    step = seen.steps[0]
    assert isinstance(step, SmtpDialogue)
    return replace(seen, steps=(replace(step, server_name=name),))


def aliases() -> Iterator[Case]:
    """Yield cases of an alias as exchanger: senders first use the TLSA records of its target (RFC 7672 §2.2.2)."""
    leads = lab_dnssec.answer(ZONE, ALIAS, "CNAME", lab_dnssec.sign(lab_dnssec.rrset(ALIAS, "CNAME", f"{MX1}."), ZONE))
    listed = (look(ZONE, "MX", "mx", f"10 {ALIAS}"), look(ALIAS, "TLSA", MX_ALIAS, chain=(MX1,)))
    bare = look(f"_25._tcp.{ALIAS}", "TLSA", "tlsa")
    seen = (named(dialogue(V6, (OWN_SIGNED,)), ALIAS),)
    pinned = vouched(f"3 1 1 {SPKI}", f"3 1 1 {'00' * 32}")

    def one(code: str, about: str, *looks: NameLookup, proof: Sequence[Observation], variant: str) -> Case:
        return case(code, about, *seen, variant=variant, mode="testing", listed=(*listed, *looks), proof=tuple(proof))

    yield one("DANE_VALID", "By the name that it leads to.", bare, PINNED, proof=(*pinned, leads), variant="alias")
    yield one(
        "ALIAS_NOT_COMPARED",
        "To whoever names the host that it leads to, another certificate may be shown.",
        bare,
        look(f"_25._tcp.{MX1}", "TLSA", "tlsa", f"\\# 35 030101{'00' * 32}"),
        proof=(*vouched(f"3 1 1 {'00' * 32}"), leads),
        variant="alias",
    )
    yield one("NOT_VALIDATED", "The alias is not signed.", bare, PINNED, proof=pinned, variant="alias")
    yield one(
        "NO_DNS_ANSWER",
        "Nobody answers there.",
        bare,
        unanswered("TLSA", "tlsa", f"_25._tcp.{MX1}"),
        proof=pinned,
        variant="alias",
    )
    own = look(f"_25._tcp.{ALIAS}", "TLSA", "tlsa", *PINNED.records)
    of_alias = lab_dnssec.rrset(f"_25._tcp.{ALIAS}", "TLSA", f"3 1 1 {SPKI}", f"3 1 1 {'00' * 32}")
    yield one(
        "DANE_VALID",
        "By its own name, where there are none at the other.",
        own,
        NONE,
        proof=(*pinned, lab_dnssec.answer(ZONE, f"_25._tcp.{ALIAS}", "TLSA", lab_dnssec.sign(of_alias, ZONE))),
        variant="alias-own",
    )
    away = f"mx.{OTHER}"
    yield case(
        "STS_SOME_MX",
        "An alias in a zone that is not signed: senders do not heed the records of where it leads.",
        *seen,
        variant="alias",
        mode="testing",
        listed=(
            look(ZONE, "MX", "mx", f"10 {away}"),
            look(away, "TLSA", MX_ALIAS, chain=(MX1,)),
            look(f"_25._tcp.{away}", "TLSA", "tlsa"),
            PINNED,
        ),
        proof=(
            *pinned,
            lab_dnssec.delegation(lab_dnssec.PARENT, OTHER),
            lab_dnssec.answer(OTHER, away, "CNAME", [lab_dnssec.rrset(away, "CNAME", f"{MX1}.")]),
        ),
    )


def errors() -> Iterator[Case]:
    """Yield cases of name servers that answer TLSA with an error: DANE senders hold mail back (RFC 7672 §2.1.3)."""
    name = f"_25._tcp.{MX1}"
    ask = partial(lab.asked, "mail_transport", question=(name, "TLSA"))
    error = ask("2001:db8:a::53", rcode="SERVFAIL")
    failing = (ONLY, unanswered("TLSA", "tlsa", name))
    address = lab_dnssec.rrset(MX1, "AAAA", V6)
    no_a = lab_dnssec.denied(ZONE, MX1, "A", lab_dnssec.nsec(MX1, ZONE, "AAAA RRSIG NSEC"))
    chain = (*lab_dnssec.above(lab_dnssec.ds(ZONE)), lab_dnssec.keys(ZONE))
    signed = (*chain, lab_dnssec.answer(ZONE, MX1, "AAAA", lab_dnssec.sign(address, ZONE)), no_a)
    bogus = (*chain, lab_dnssec.answer(ZONE, MX1, "AAAA", [address]), no_a)
    unsigned = (*lab_dnssec.above(), lab_dnssec.answer(ZONE, MX1, "AAAA", [address]))
    good = dialogue(V6, GOOD)
    for mode in ("testing", "enforce"):
        yield case(
            "TLSA_ERROR",
            "Load balancers that know A and AAAA alone, in a signed zone.",
            *(error, good),
            variant="" if mode == "testing" else mode,
            mode=mode,
            listed=failing,
            proof=signed,
        )
    for variant, about, seen, proof in (
        ("tlsa-insecure", "Senders ask for no TLSA where addresses are not signed.", (error,), unsigned),
        ("tlsa-bogus", "The signatures are missing: the zone's own finding.", (error,), bogus),
        ("tlsa-silent", "One server is silent.", (error, ask("2001:db8:b::53", failure=FailureKind.TIMEOUT)), signed),
        ("tlsa-refused", "A refusal may be a limit.", (error, ask("2001:db8:b::53", rcode="REFUSED")), signed),
    ):
        yield case("NO_DNS_ANSWER", about, *seen, good, variant=variant, listed=failing, proof=proof)


def cases() -> Iterator[Case]:
    yield from aliases()
    yield from errors()
    own_signed = dialogue(V6, (OWN_SIGNED,))
    yield case("STS_UNTRUSTED", "The exchanger signed its certificate itself.", own_signed)
    yield case("STS_UNTRUSTED", "It has run out.", dialogue(V6, EXPIRED), variant="expired")
    yield case("STS_UNTRUSTED", "It is for another name.", dialogue(V6, STRANGE), variant="name")
    shut = closed(V4, FailureKind.TIMEOUT)
    yield case("STS_UNTRUSTED", "Nobody takes mail at the other address.", own_signed, shut, variant="dead")
    yield case(
        "STS_UNTRUSTED",
        "DANE takes the agency's own certificate; senders without DANE do not.",
        own_signed,
        variant="dane",
        listed=(ONLY, PINNED),
        beside="DANE_VALID",
        proof=vouched(f"3 1 1 {SPKI}", f"3 1 1 {'00' * 32}"),
    )
    yield case(
        "TLSA_DIFFERS",
        "Senders refuse it by DANE already: what the policy makes of the certificate would be said twice.",
        own_signed,
        variant="own-signed",
        listed=(ONLY, look(f"_25._tcp.{MX1}", "TLSA", "tlsa", f"\\# 35 030101{'00' * 32}")),
        proof=vouched(f"3 1 1 {'00' * 32}"),
    )
    yield case("STS_SOME_UNTRUSTED", "The other address shows a good one.", own_signed, dialogue(V4))
    later = ended(V4, reply(421))
    yield case("STS_SOME_UNTRUSTED", "The other address put us off.", own_signed, later, variant="put-off")
    alone = dialogue(V6, GOOD[:1])
    yield case("STS_SOME_UNTRUSTED", "Some senders have the intermediate.", alone, variant="intermediate")
    yield case(
        "STS_ENFORCED",
        "The exchanger is an alias: the finding of another check.",
        evidence("dns", *(look(ALIAS, rtype, "mx-address", place, chain=(MX1,)) for rtype, place in ADDRESSES)),
        named(dialogue(V6), ALIAS),
        variant="alias",
        listed=(look(ZONE, "MX", "mx", f"10 {ALIAS}"), look(f"_25._tcp.{ALIAS}", "TLSA", "tlsa")),
    )
    renewed = (dialogue(V6, EXPIRED), dialogue(V6, attempt=2))
    yield case("STS_ENFORCED", "Renewed between two looks.", *renewed, variant="renewed")
    bare = dialogue(V6, (), offers=("SIZE",))
    yield case("STS_ENFORCED", "No STARTTLS: the finding of another check.", bare, variant="no-starttls")
    yield case("STS_TESTING", "Nobody refuses mail yet.", own_signed, variant="own-signed", mode="testing")
