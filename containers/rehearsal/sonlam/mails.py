"""Mail domains, a healthy one first."""

from containers.rehearsal.model import Exchanger, Mail

NO_MAIL_OVER_V6 = ("ipv6.mail.mx-reach", "ipv6.mail.starttls-parity")

MAILS = (
    Mail(
        label="thudientu",
        agency="SL-VP",
        exchangers=(Exchanger(label="mx1", preference=10), Exchanger(label="mx2", preference=20)),
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
        expected={"ipv6.mail.mx-aaaa": "not_applicable"},
    ),
)
