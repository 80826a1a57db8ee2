"""Declares mail domains with one defect in each exchanger, most of them a real Postfix; a healthy one first."""

from containers.rehearsal.model import (
    CertificateKind,
    Clients,
    ExchangerSpec,
    ListenerSpec,
    MailSpec,
    SmtpBehaviour,
    TlsSetup,
)
from containers.rehearsal.sonlam.encryption import OLD

MAIL_HOSTS = (
    MailSpec(
        label="nhanthu-khoahoc",
        agency="SL-KHCN",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10, postfix=True),
            ExchangerSpec(label="mx2", preference=20, postfix=True),
        ),
    ),
    MailSpec(
        label="nhanthu-nongnghiep",
        agency="SL-NNMT",
        exchangers=(
            ExchangerSpec(
                label="mx1", preference=10, postfix=True, face_v6=ListenerSpec(smtp=SmtpBehaviour.NO_STARTTLS)
            ),
        ),
        expected={"ipv6.mail.starttls-parity": "fail", "security.mail.starttls": "warn"},
    ),
    MailSpec(
        label="nhanthu-tuphap",
        agency="SL-TP",
        exchangers=(
            ExchangerSpec(
                label="mx1", preference=10, postfix=True, face_v6=ListenerSpec(certificate=CertificateKind.OTHER_GOOD)
            ),
        ),
        expected={"ipv6.mail.starttls-parity": "warn"},
    ),
    MailSpec(
        label="nhanthu-dantoc",
        agency="SL-DTTG",
        exchangers=(
            ExchangerSpec(
                label="mx1", preference=10, postfix=True, face_v6=ListenerSpec(certificate=CertificateKind.EXPIRED)
            ),
        ),
        expected={"ipv6.mail.starttls-parity": "warn", "security.mail.dane-mta-sts": "warn"},
    ),
    MailSpec(
        label="nhanthu-suoimay",
        agency="SL-01",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10, postfix=True, face=ListenerSpec(smtp=SmtpBehaviour.NO_STARTTLS)),
        ),
        expected={"security.mail.starttls": "fail"},
    ),
    MailSpec(
        label="nhanthu-khetrang",
        agency="SL-02",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10, postfix=True, face_v6=ListenerSpec(smtp=SmtpBehaviour.CLOSED)),
        ),
        expected={"ipv6.mail.mx-reach": "fail"},
    ),
    MailSpec(
        label="nhanthu-doithong",
        agency="SL-03",
        exchangers=(ExchangerSpec(label="mx1", preference=10, silent_v6=True),),
        expected={"ipv6.mail.mx-reach": "fail"},
    ),
    MailSpec(
        label="nhanthu-banlua",
        agency="SL-04",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10),
            ExchangerSpec(label="mx2", preference=20, face_v6=ListenerSpec(smtp=SmtpBehaviour.REJECTS)),
        ),
        expected={"ipv6.mail.mx-reach": "warn"},
    ),
    MailSpec(
        label="nhanthu-deosuong",
        agency="SL-05",
        exchangers=(ExchangerSpec(label="mx1", preference=10, postfix=True),),
        authorised=True,
    ),
    MailSpec(
        label="nhanthu-caugo",
        agency="SL-06",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10, postfix=True, face=ListenerSpec(smtp=SmtpBehaviour.RELAYS)),
            ExchangerSpec(label="mx2", preference=20, postfix=True),
        ),
        authorised=True,
        expected={"security.mail.open-relay": "fail"},
    ),
    MailSpec(
        label="nhanthu-thacbac",
        agency="SL-07",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        clients=Clients.BOTH,
    ),
    MailSpec(
        label="nhanthu-rungvau",
        agency="SL-08",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        clients=Clients.V4_ONLY,
        expected={"ipv6.mail.client-endpoints": "fail"},
    ),
    MailSpec(
        label="nhanthu-langtre",
        agency="SL-09",
        exchangers=(ExchangerSpec(label="mx1", preference=10, postfix=True),),
        sts=(),
        tlsa=("3 1 1 {key}", f"3 1 1 {'00' * 32}"),
        expected={"security.mail.dane-mta-sts": "pass"},
    ),
    MailSpec(
        label="nhanthu-benngoc",
        agency="SL-10",
        exchangers=(
            ExchangerSpec(
                label="mx1",
                preference=10,
                postfix=True,
                face=ListenerSpec(tls=TlsSetup.OLD_VERSIONS),
                expected={"security.tls.versions": "fail"},
                consequences=OLD,
            ),
        ),
    ),
    MailSpec(
        label="nhanthu-hanggio",
        agency="SL-11",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        clients=Clients.BOTH,
        clients_tls=TlsSetup.OLD_VERSIONS,
        expected={"security.tls.versions": "fail"},
        consequences=OLD,
    ),
)
