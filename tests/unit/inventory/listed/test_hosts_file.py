"""Lines of a hosts file become machines with all their addresses."""

from ipaddress import ip_address

from inventory.listed.hosts_file import read_hosts
from tests.support.growth import linear


def test_read_hosts_gathers_the_addresses_of_a_name() -> None:
    text = (
        "127.0.0.1 localhost\n::1 localhost\nfe80::1%eth0 x\n10.0.0.1 web.a.example web # note\n"
        "2001:db8::1\tweb.a.example.\nbroken x\n10.0.0.9\n"
    )
    assert [each.row() for each in read_hosts(text).all()] == [
        {
            "name": "web.a.example",
            "kind": "host",
            "ipv4": "10.0.0.1",
            "ipv6": "2001:db8::1",
            "fqdn": "web.a.example",
            "note": "hosts",
        }
    ]


def test_read_hosts_of_one_name_with_many_addresses_takes_as_long_as_of_many_names() -> None:
    assert linear(lambda size: read_hosts("".join(f"{ip_address(2**24 + n)} h\n" for n in range(size))), 10_000)
