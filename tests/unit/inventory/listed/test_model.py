"""Subjects already in the inventory are not proposed, and a list proposes a bounded number of them."""

from ipaddress import ip_address

from inventory.listed.model import MOST, ListedThings, not_known
from inventory.loader import load_sent
from inventory.model import Kind


def test_not_known_leaves_out_names_and_addresses_of_the_inventory() -> None:
    rows = "name,kind,ipv4\na.example,portal,\nR1,router,192.0.2.1\nz.example,zone,\n"
    things = ListedThings("hosts")
    things.add("A.example", Kind.HOST)
    things.add("other", Kind.HOST, ip_address("192.0.2.1"))
    things.add("z.example", Kind.ZONE)
    things.add("z.example", Kind.HOST)
    things.add("new", Kind.HOST, ip_address("192.0.2.2"))
    subjects = load_sent([("a.csv", rows.encode())]).inventory.subjects
    assert [(each.name, each.kind) for each in not_known(things.all(), subjects)] == [
        ("z.example", Kind.HOST),
        ("new", Kind.HOST),
    ]


def test_add_beyond_the_most_is_only_counted() -> None:
    things = ListedThings("hosts")
    for number in range(MOST + 3):
        things.add(f"h{number}", Kind.HOST)
    assert (len(things.all()), things.more) == (MOST, 3)
