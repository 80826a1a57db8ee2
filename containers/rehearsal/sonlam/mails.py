"""Declares mail domains, a healthy one first."""

from containers.rehearsal.model import MISNAMED, NAMELESS, OUTBOUND_ELSEWHERE, SELECTOR, ExchangerSpec, MailSpec
from containers.rehearsal.sonlam.keys import RSA_512, RSA_1024

NO_MAIL_OVER_V6 = ("ipv6.mail.mx-reach", "ipv6.mail.starttls-parity")

MAILS = (
    MailSpec(
        label="thudientu",
        agency="SL-VP",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10, postfix=True),
            ExchangerSpec(label="mx2", preference=20, postfix=True),
        ),
    ),
    MailSpec(
        label="thu-yte",
        agency="SL-YT",
        exchangers=(
            ExchangerSpec(label="mx1", preference=10, v6=False),
            ExchangerSpec(label="mx2", preference=20, v6=False),
        ),
        expected={"ipv6.mail.mx-aaaa": "fail"},
        consequences=NO_MAIL_OVER_V6,
    ),
    MailSpec(
        label="thu-giaoduc",
        agency="SL-GD",
        exchangers=(ExchangerSpec(label="mx1", preference=10), ExchangerSpec(label="mx2", preference=20, v6=False)),
        expected={"ipv6.mail.mx-aaaa": "warn"},
        consequences=NO_MAIL_OVER_V6,
    ),
    MailSpec(
        label="thu-taichinh",
        agency="SL-TC",
        exchangers=(ExchangerSpec(label="mx1", preference=10, v6=False), ExchangerSpec(label="mx2", preference=20)),
        expected={"ipv6.mail.mx-aaaa": "fail"},
        consequences=NO_MAIL_OVER_V6,
    ),
    MailSpec(
        label="khongthu", agency="SL-TTR", exchangers=(), tags="", expected={"ipv6.mail.mx-aaaa": "not_applicable"}
    ),
    MailSpec(
        label="thu-xaydung",
        agency="SL-XD",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        spf=("v=spf1 mx +all",),
        expected={"security.mail.spf": "fail"},
    ),
    MailSpec(
        label="thu-noivu",
        agency="SL-NV",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        spf=("v=spf1 mx -all", "v=spf1 mx ~all"),
        expected={"security.mail.spf": "fail"},
        consequences=("ipv6.mail.spf-ip6",),
    ),
    MailSpec(
        label="thu-congthuong",
        agency="SL-CT",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        spf=("v=spf1 " + "a:mx1.thu-congthuong.sonlam.gov.vn " * 11 + "-all",),
        expected={"security.mail.spf": "fail"},
        consequences=("ipv6.mail.spf-ip6",),
    ),
    MailSpec(
        label="thu-vanhoa",
        agency="SL-VH",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        tags=f"sender={OUTBOUND_ELSEWHERE}25 dkim={SELECTOR}",
        expected={"ipv6.mail.spf-ip6": "fail"},
    ),
    MailSpec(
        label="thu-suoimay",
        agency="SL-01",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dmarc=("v=DMARC1; p=none; rua=mailto:dmarc@thu-suoimay.sonlam.gov.vn",),
        expected={"security.mail.dmarc": "warn"},
    ),
    MailSpec(
        label="thu-khetrang",
        agency="SL-02",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dmarc=(),
        expected={"security.mail.dmarc": "fail"},
    ),
    MailSpec(
        label="thu-doithong",
        agency="SL-03",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dmarc=("v=DMARC1; p=rejekt",),
        expected={"security.mail.dmarc": "fail"},
    ),
    MailSpec(
        label="thu-banlua",
        agency="SL-04",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dkim="",
        expected={"security.mail.dkim": "fail"},
    ),
    MailSpec(
        label="thu-deosuong",
        agency="SL-05",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dkim=f"v=DKIM1; k=rsa; p={RSA_512}",
        expected={"security.mail.dkim": "fail"},
    ),
    MailSpec(
        label="thu-caugo",
        agency="SL-06",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dkim=f"v=DKIM1; k=rsa; p={RSA_1024}",
        expected={"security.mail.dkim": "warn"},
    ),
    MailSpec(
        label="thu-thacbac",
        agency="SL-07",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        dkim="v=DKIM1; p=",
        expected={"security.mail.dkim": "fail"},
    ),
    MailSpec(
        label="thu-rungvau",
        agency="SL-08",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        tags=f"sender={NAMELESS} dkim={SELECTOR}",
        expected={"security.mail.sender-ptr": "fail"},
    ),
    MailSpec(
        label="thu-nahong",
        agency="SL-09",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        tags=f"sender={MISNAMED} dkim={SELECTOR}",
        expected={"security.mail.sender-ptr": "warn"},
    ),
    MailSpec(
        label="thu-benngoc",
        agency="SL-10",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        sts=("testing", "*"),
        expected={"security.mail.dane-mta-sts": "warn"},
    ),
    MailSpec(
        label="thu-hanggio",
        agency="SL-11",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        sts=("enforce", "mx1.thu-naxanh.sonlam.gov.vn"),
        expected={"security.mail.dane-mta-sts": "fail"},
    ),
    MailSpec(
        label="thu-dongche",
        agency="SL-12",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        tlsa=(f"3 1 1 {'00' * 32}",),
        expected={"security.mail.dane-mta-sts": "fail"},
    ),
    MailSpec(
        label="thu-tuphap",
        agency="SL-TP",
        exchangers=(ExchangerSpec(label="mx1", preference=10),),
        sts=(),
        expected={"security.mail.dane-mta-sts": "warn"},
    ),
)
