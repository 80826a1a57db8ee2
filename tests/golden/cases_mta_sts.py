"""Golden cases of ``security.mail.dane-mta-sts``: what exchangers show to senders that follow a policy."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from tests.golden import lab, lab_dnssec
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_mail import policy_file, vouched
from tests.golden.lab import ZONE, evidence, look
from tests.golden.lab_mail import EXPIRED, GOOD, MX1, ONLY, STRANGE, V4, V6, closed, dialogue, ended, reply

OWN_SIGNED = lab.certificate(MX1, MX1, number=14, signer=14, days=(-10, 300))
SPKI = sha256(OWN_SIGNED.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
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
    """The same dialogue with a host by another name."""
    step = seen.steps[0]
    assert isinstance(step, SmtpDialogue)
    return replace(seen, steps=(replace(step, server_name=name),))


def cases() -> Iterator[Case]:
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
    alias = "bi-danh." + ZONE
    yield case(
        "STS_ENFORCED",
        "The exchanger is an alias: the finding of another check.",
        evidence("dns", *(look(alias, rtype, "mx-address", place, chain=(MX1,)) for rtype, place in ADDRESSES)),
        named(dialogue(V6), alias),
        variant="alias",
        listed=(look(ZONE, "MX", "mx", f"10 {alias}"), look(f"_25._tcp.{alias}", "TLSA", "tlsa")),
    )
    renewed = (dialogue(V6, EXPIRED), dialogue(V6, attempt=2))
    yield case("STS_ENFORCED", "Renewed between two looks.", *renewed, variant="renewed")
    bare = dialogue(V6, (), offers=("SIZE",))
    yield case("STS_ENFORCED", "No STARTTLS: the finding of another check.", bare, variant="no-starttls")
    yield case("STS_TESTING", "Nobody refuses mail yet.", own_signed, variant="own-signed", mode="testing")
