"""Declares mail domains with real-world configurations that mislead audits, one each; most behind a real Postfix."""

from containers.rehearsal.model import OUTBOUND, ExchangerSpec, ListenerSpec, MailSpec, MxListing, SmtpBehaviour
from containers.rehearsal.sonlam.keys import RSA_2048

_PUT_OFF = ("ipv6.mail.starttls-parity", "security.mail.starttls", "ipv6.mail.mx-reach", "security.mail.dane-mta-sts")
"""Checks that are undecided for an exchanger that greylists, beside whether it accepts mail."""
_TLS_PUT_OFF = tuple(
    f"security.tls.{text}"
    for text in (
        "cert-chain",
        "cert-expiry",
        "cert-name",
        "cert-strength",
        "ciphers",
        "handshake",
        "kex",
        "known-vulns",
    )
)
"""The same of the host itself, beside the versions of TLS."""

MAIL_ZOO = (
    MailSpec(
        label="thu-khongmx",
        agency="SL-01",
        exchangers=(ExchangerSpec(label="mx1", preference=10, postfix=True),),
        listed=MxListing.IMPLICIT,
        spf=(f"v=spf1 a ip6:{OUTBOUND}/64 -all",),
        sts=(),
        expected={"security.mail.mx": "warn", "ipv6.mail.mx-aaaa": "pass", "security.mail.starttls": "pass"},
    ),
    MailSpec(
        label="thu-bidanh",
        agency="SL-02",
        exchangers=(ExchangerSpec(label="mx1", preference=10, postfix=True),),
        listed=MxListing.ALIAS,
        sts=("enforce", "bi-danh.thu-bidanh.sonlam.gov.vn"),
        expected={"security.mail.mx": "warn"},
    ),
    MailSpec(
        label="thu-maychucu",
        agency="SL-03",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        listed=MxListing.ABSENT,
        sts=(),
        expected={"security.mail.mx": "fail", "ipv6.mail.mx-aaaa": "not_applicable"},
    ),
    MailSpec(
        label="nhanthu-henlai",
        agency="SL-04",
        exchangers=(
            ExchangerSpec(
                label="mx1",
                preference=10,
                postfix=True,
                face=ListenerSpec(smtp=SmtpBehaviour.GREYLISTS),
                expected={"security.tls.versions": "inconclusive"},
                consequences=_TLS_PUT_OFF,
            ),
        ),
        expected={"security.mail.mx": "inconclusive"},
        consequences=_PUT_OFF,
    ),
    MailSpec(
        label="nhanthu-noiky",
        agency="SL-05",
        exchangers=(ExchangerSpec(label="mx1", preference=10, postfix=True),),
        sts=(),
        tlsa=("2 1 1 {authority}",),
        expected={"security.mail.dane-mta-sts": "pass"},
    ),
    MailSpec(
        label="thu-thieucham",
        agency="SL-06",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dmarc=("v=DMARC1 p=reject",),
        expected={"security.mail.dmarc": "fail"},
    ),
    MailSpec(
        label="thu-dinhlien",
        agency="SL-07",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        spf=(f"v=spf1ip6:{OUTBOUND}/64 -all",),
        expected={"security.mail.spf": "fail"},
    ),
    MailSpec(
        label="thu-tenmiencon",
        agency="SL-08",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dmarc=("v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@thu-tenmiencon.sonlam.gov.vn",),
        expected={"security.mail.dmarc": "warn"},
    ),
    MailSpec(
        label="thu-chuyendoi",
        agency="SL-09",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dkim=f"v=DKIM1; t=y; k=rsa; p={RSA_2048}",
        expected={"security.mail.dkim": "warn"},
    ),
)
