"""Declares mail domains whose exchangers have one defect each, most of them a real Postfix; a healthy one first."""

from containers.rehearsal.model import Certificate, Clients, Exchanger, Listener, Mail, Smtp, Tls
from containers.rehearsal.sonlam.encryption import OLD

MAIL_HOSTS = (
    Mail(
        label="nhanthu-khoahoc",
        agency="SL-KHCN",
        exchangers=(
            Exchanger(label="mx1", preference=10, postfix=True),
            Exchanger(label="mx2", preference=20, postfix=True),
        ),
    ),
    Mail(
        label="nhanthu-nongnghiep",
        agency="SL-NNMT",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True, face_v6=Listener(smtp=Smtp.NO_STARTTLS)),),
        expected={"ipv6.mail.starttls-parity": "fail", "security.mail.starttls": "warn"},
    ),
    Mail(
        label="nhanthu-tuphap",
        agency="SL-TP",
        exchangers=(
            Exchanger(label="mx1", preference=10, postfix=True, face_v6=Listener(certificate=Certificate.OTHER_GOOD)),
        ),
        expected={"ipv6.mail.starttls-parity": "warn"},
    ),
    Mail(
        label="nhanthu-dantoc",
        agency="SL-DTTG",
        exchangers=(
            Exchanger(label="mx1", preference=10, postfix=True, face_v6=Listener(certificate=Certificate.EXPIRED)),
        ),
        expected={"ipv6.mail.starttls-parity": "warn"},
    ),
    Mail(
        label="nhanthu-suoimay",
        agency="SL-01",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True, face=Listener(smtp=Smtp.NO_STARTTLS)),),
        expected={"security.mail.starttls": "fail"},
    ),
    Mail(
        label="nhanthu-khetrang",
        agency="SL-02",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True, face_v6=Listener(smtp=Smtp.CLOSED)),),
        expected={"ipv6.mail.mx-reach": "fail"},
    ),
    Mail(
        label="nhanthu-doithong",
        agency="SL-03",
        exchangers=(Exchanger(label="mx1", preference=10, silent_v6=True),),
        expected={"ipv6.mail.mx-reach": "fail"},
    ),
    Mail(
        label="nhanthu-banlua",
        agency="SL-04",
        exchangers=(
            Exchanger(label="mx1", preference=10),
            Exchanger(label="mx2", preference=20, face_v6=Listener(smtp=Smtp.REJECTS)),
        ),
        expected={"ipv6.mail.mx-reach": "warn"},
    ),
    Mail(
        label="nhanthu-deosuong",
        agency="SL-05",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True),),
        authorised=True,
    ),
    Mail(
        label="nhanthu-caugo",
        agency="SL-06",
        exchangers=(
            Exchanger(label="mx1", preference=10, postfix=True, face=Listener(smtp=Smtp.RELAYS)),
            Exchanger(label="mx2", preference=20, postfix=True),
        ),
        authorised=True,
        expected={"security.mail.open-relay": "fail"},
    ),
    Mail(
        label="nhanthu-thacbac",
        agency="SL-07",
        exchangers=(Exchanger(label="mx1", preference=10),),
        clients=Clients.BOTH,
    ),
    Mail(
        label="nhanthu-rungvau",
        agency="SL-08",
        exchangers=(Exchanger(label="mx1", preference=10),),
        clients=Clients.V4_ONLY,
        expected={"ipv6.mail.client-endpoints": "fail"},
    ),
    Mail(
        label="nhanthu-langtre",
        agency="SL-09",
        exchangers=(Exchanger(label="mx1", preference=10, postfix=True),),
        sts=(),
        tlsa=("3 1 1 {key}", f"3 1 1 {'00' * 32}"),
        expected={"security.mail.dane-mta-sts": "pass"},
    ),
    Mail(
        label="nhanthu-benngoc",
        agency="SL-10",
        exchangers=(
            Exchanger(
                label="mx1",
                preference=10,
                postfix=True,
                face=Listener(tls=Tls.OLD_VERSIONS),
                expected={"security.tls.versions": "fail"},
                consequences=OLD,
            ),
        ),
    ),
    Mail(
        label="nhanthu-hanggio",
        agency="SL-11",
        exchangers=(Exchanger(label="mx1", preference=10),),
        clients=Clients.BOTH,
        clients_tls=Tls.OLD_VERSIONS,
        expected={"security.tls.versions": "fail"},
        consequences=OLD,
    ),
)
