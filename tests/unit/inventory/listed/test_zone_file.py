"""Names of a zone with an address or an alias are proposed, and directives that cost or open anything refused."""

import pytest

from inventory.listed.model import NotSuchAListError
from inventory.listed.zone_file import read_zone

_ZONE = """$ORIGIN a.example.
$TTL 3600
@ SOA ns.a.example. admin.a.example. 1 1 1 1 1
@ NS ns
@ MX 10 mail
ns A 192.0.2.1
   AAAA 2001:db8::1
www CNAME ns
_dmarc TXT "v=DMARC1"
*.x A 192.0.2.9
"""


def test_read_zone_proposes_the_zone_and_its_names() -> None:
    things = read_zone(_ZONE).all()
    assert [(each.name, each.kind.value, [str(address) for address in each.addresses]) for each in things] == [
        ("a.example", "zone", []),
        ("ns.a.example", "host", ["192.0.2.1", "2001:db8::1"]),
        ("www.a.example", "host", []),
    ]


def test_read_zone_takes_the_origin_that_is_given() -> None:
    assert read_zone("www 60 IN A 192.0.2.1\n", "b.example").all()[1].name == "www.b.example"


@pytest.mark.parametrize(
    "text",
    [
        "$GENERATE 1-6000 h$ A 192.0.2.1\n",
        "( $GENERATE 1-6000 h$ A 192.0.2.1 )\n",
        "$TTL 60\r$GENERATE 1-6000 h$ A 192.0.2.1\n",
        " $include /etc/passwd\n",
        "(\n$INCLUDE /etc/passwd )\n",
        "www A x\n",
        "\0",
    ],
)
def test_read_zone_refuses_what_costs_or_is_no_zone(text: str) -> None:
    with pytest.raises(NotSuchAListError):
        read_zone(text, "a.example")
