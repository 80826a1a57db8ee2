"""Declares mail domains with real-world configurations that mislead audits, one each; most behind a real Postfix."""

from containers.rehearsal.model import OUTBOUND, Exchanger, Listed, Listener, Mail, Smtp
from containers.rehearsal.sonlam.keys import RSA_2048

_PUT_OFF = ("ipv6.mail.starttls-parity", "security.mail.starttls", "ipv6.mail.mx-reach", "security.mail.dane-mta-sts")
"""What an exchanger that puts everybody off leaves undecided, beside whether it takes mail."""
_TLS_PUT_OFF = tuple(
    f"security.tls.{one}"
    for one in ("cert-chain", "cert-expiry", "cert-name", "cert-strength", "ciphers", "handshake", "kex", "known-vulns")
)
"""The same of the host itself, beside the versions of TLS."""

MAIL_ZOO = (
    Mail(
        label="thu-khongmx",
        agency="SL-01",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True),),
        listed=Listed.IMPLICIT,
        spf=(f"v=spf1 a ip6:{OUTBOUND}/64 -all",),
        sts=(),
        expected={"security.mail.mx": "warn", "ipv6.mail.mx-aaaa": "pass", "security.mail.starttls": "pass"},
    ),
    Mail(
        label="thu-bidanh",
        agency="SL-02",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True),),
        listed=Listed.ALIAS,
        sts=("enforce", "bi-danh.thu-bidanh.sonlam.gov.vn"),
        expected={"security.mail.mx": "warn"},
    ),
    Mail(
        label="thu-maychucu",
        agency="SL-03",
        exchangers=(Exchanger(label="mx1", preference=10),),
        listed=Listed.ABSENT,
        sts=(),
        expected={"security.mail.mx": "fail", "ipv6.mail.mx-aaaa": "not_applicable"},
    ),
    Mail(
        label="nhanthu-henlai",
        agency="SL-04",
        exchangers=(
            Exchanger(
                label="mx1",
                preference=10,
                postfix=True,
                face=Listener(smtp=Smtp.GREYLISTS),
                expected={"security.tls.versions": "inconclusive"},
                consequences=_TLS_PUT_OFF,
            ),
        ),
        expected={"security.mail.mx": "inconclusive"},
        consequences=_PUT_OFF,
    ),
    Mail(
        label="nhanthu-noiky",
        agency="SL-05",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True),),
        sts=(),
        tlsa=("2 1 1 {authority}",),
        expected={"security.mail.dane-mta-sts": "pass"},
    ),
    Mail(
        label="thu-thieucham",
        agency="SL-06",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dmarc=("v=DMARC1 p=reject",),
        expected={"security.mail.dmarc": "fail"},
    ),
    Mail(
        label="thu-dinhlien",
        agency="SL-07",
        exchangers=(Exchanger(label="mx1", preference=10),),
        spf=(f"v=spf1ip6:{OUTBOUND}/64 -all",),
        expected={"security.mail.spf": "fail"},
    ),
    Mail(
        label="thu-tenmiencon",
        agency="SL-08",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dmarc=("v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@thu-tenmiencon.sonlam.gov.vn",),
        expected={"security.mail.dmarc": "warn"},
    ),
    Mail(
        label="thu-chuyendoi",
        agency="SL-09",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dkim=f"v=DKIM1; t=y; k=rsa; p={RSA_2048}",
        expected={"security.mail.dkim": "warn"},
    ),
)
