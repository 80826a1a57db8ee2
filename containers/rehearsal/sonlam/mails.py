"""Mail domains, a healthy one first."""

from containers.rehearsal.model import MISNAMED, NAMELESS, OUTBOUND_ELSEWHERE, SELECTOR, Exchanger, Mail
from containers.rehearsal.sonlam.keys import RSA_512, RSA_1024

NO_MAIL_OVER_V6 = ("ipv6.mail.mx-reach", "ipv6.mail.starttls-parity")

MAILS = (
    Mail(
        label="thudientu",
        agency="SL-VP",
        exchangers=(
            Exchanger(label="mx1", preference=10, postfix=True),
            Exchanger(label="mx2", preference=20, postfix=True),
        ),
    ),
    Mail(
        label="thu-yte",
        agency="SL-YT",
        exchangers=(
            Exchanger(label="mx1", preference=10, v6=False),
            Exchanger(label="mx2", preference=20, v6=False),
        ),
        expected={"ipv6.mail.mx-aaaa": "fail"},
        consequences=NO_MAIL_OVER_V6,
    ),
    Mail(
        label="thu-giaoduc",
        agency="SL-GD",
        exchangers=(Exchanger(label="mx1", preference=10), Exchanger(label="mx2", preference=20, v6=False)),
        expected={"ipv6.mail.mx-aaaa": "warn"},
        consequences=NO_MAIL_OVER_V6,
    ),
    Mail(
        label="thu-taichinh",
        agency="SL-TC",
        exchangers=(Exchanger(label="mx1", preference=10, v6=False), Exchanger(label="mx2", preference=20)),
        expected={"ipv6.mail.mx-aaaa": "fail"},
        consequences=NO_MAIL_OVER_V6,
    ),
    Mail(
        label="khongthu",
        agency="SL-TTR",
        exchangers=(),
        tags="",
        expected={"ipv6.mail.mx-aaaa": "not_applicable"},
    ),
    Mail(
        label="thu-xaydung",
        agency="SL-XD",
        exchangers=(Exchanger(label="mx1", preference=10),),
        spf=("v=spf1 mx +all",),
        expected={"security.mail.spf": "fail"},
    ),
    Mail(
        label="thu-noivu",
        agency="SL-NV",
        exchangers=(Exchanger(label="mx1", preference=10),),
        spf=("v=spf1 mx -all", "v=spf1 mx ~all"),
        expected={"security.mail.spf": "fail"},
        consequences=("ipv6.mail.spf-ip6",),
    ),
    Mail(
        label="thu-congthuong",
        agency="SL-CT",
        exchangers=(Exchanger(label="mx1", preference=10),),
        spf=("v=spf1 " + "a:mx1.thu-congthuong.sonlam.gov.vn " * 11 + "-all",),
        expected={"security.mail.spf": "fail"},
        consequences=("ipv6.mail.spf-ip6",),
    ),
    Mail(
        label="thu-vanhoa",
        agency="SL-VH",
        exchangers=(Exchanger(label="mx1", preference=10),),
        tags=f"sender={OUTBOUND_ELSEWHERE}25 dkim={SELECTOR}",
        expected={"ipv6.mail.spf-ip6": "fail"},
    ),
    Mail(
        label="thu-suoimay",
        agency="SL-01",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dmarc=("v=DMARC1; p=none; rua=mailto:dmarc@thu-suoimay.sonlam.gov.vn",),
        expected={"security.mail.dmarc": "warn"},
    ),
    Mail(
        label="thu-khetrang",
        agency="SL-02",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dmarc=(),
        expected={"security.mail.dmarc": "fail"},
    ),
    Mail(
        label="thu-doithong",
        agency="SL-03",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dmarc=("v=DMARC1; p=rejekt",),
        expected={"security.mail.dmarc": "fail"},
    ),
    Mail(
        label="thu-banlua",
        agency="SL-04",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dkim="",
        expected={"security.mail.dkim": "fail"},
    ),
    Mail(
        label="thu-deosuong",
        agency="SL-05",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dkim=f"v=DKIM1; k=rsa; p={RSA_512}",
        expected={"security.mail.dkim": "fail"},
    ),
    Mail(
        label="thu-caugo",
        agency="SL-06",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dkim=f"v=DKIM1; k=rsa; p={RSA_1024}",
        expected={"security.mail.dkim": "warn"},
    ),
    Mail(
        label="thu-thacbac",
        agency="SL-07",
        exchangers=(Exchanger(label="mx1", preference=10),),
        dkim="v=DKIM1; p=",
        expected={"security.mail.dkim": "fail"},
    ),
    Mail(
        label="thu-rungvau",
        agency="SL-08",
        exchangers=(Exchanger(label="mx1", preference=10),),
        tags=f"sender={NAMELESS} dkim={SELECTOR}",
        expected={"security.mail.sender-ptr": "fail"},
    ),
    Mail(
        label="thu-nahong",
        agency="SL-09",
        exchangers=(Exchanger(label="mx1", preference=10),),
        tags=f"sender={MISNAMED} dkim={SELECTOR}",
        expected={"security.mail.sender-ptr": "warn"},
    ),
    Mail(
        label="thu-benngoc",
        agency="SL-10",
        exchangers=(Exchanger(label="mx1", preference=10),),
        sts=("testing", "*"),
        expected={"security.mail.dane-mta-sts": "warn"},
    ),
    Mail(
        label="thu-hanggio",
        agency="SL-11",
        exchangers=(Exchanger(label="mx1", preference=10),),
        sts=("enforce", "mx1.thu-naxanh.sonlam.gov.vn"),
        expected={"security.mail.dane-mta-sts": "fail"},
    ),
    Mail(
        label="thu-dongche",
        agency="SL-12",
        exchangers=(Exchanger(label="mx1", preference=10),),
        tlsa=(f"3 1 1 {'00' * 32}",),
        expected={"security.mail.dane-mta-sts": "fail"},
    ),
    Mail(
        label="thu-tuphap",
        agency="SL-TP",
        exchangers=(Exchanger(label="mx1", preference=10),),
        sts=(),
        expected={"security.mail.dane-mta-sts": "warn"},
    ),
)
