"""The inventory's declarations of user networks are read for each site."""

from inventory.model import DeclaredFacts, Kind, Subject, SubjectId
from inventory.user_networks import lans, sender


def row(name: str, *tags: str, site: str = "xa-a", kind: Kind = Kind.ROUTER) -> Subject:
    return Subject(
        id=SubjectId(name), kind=kind, kinds=frozenset({kind}), name=name, tags=tags, declared=DeclaredFacts(site=site)
    )


def test_the_words_of_all_rows_of_a_site_are_put_together() -> None:
    found = lans(
        [
            row("cu", "wan=eth0"),
            row("rt-1", "ra=FE80::0001", "ra-prefix=2001:db8:1::/48", "ra=nonsense"),
            row("rt-2", "ra=02-00-00-00-00-0A", "no-dhcpv6"),
            row("may", "ra=fe80::9", kind=Kind.HOST),
            row("xa", site="xa-b"),
            row("khong", site=""),
        ]
    )
    assert set(found) == {"xa-a", "xa-b"}
    assert found["xa-a"].owner == "rt-1"
    assert found["xa-a"].routers == {"fe80::1", "02:00:00:00:00:0a"}
    assert list(map(str, found["xa-a"].prefixes)) == ["2001:db8:1::/48"]
    assert found["xa-a"].no_dhcp
    assert found["xa-b"].owner == "xa"


def test_sender_is_a_link_local_or_mac_address() -> None:
    assert sender("2001:db8::1") is None
    assert sender("fe80::1%eth0") is None
    assert sender("02:00:00:00:00") is None
