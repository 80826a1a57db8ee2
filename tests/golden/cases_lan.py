"""Makes golden cases of ``security.ipv6.rogue-ra``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Address, IPv6Network

from inventory.model import DeclaredFacts, Subject
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.link import AdvertisedDhcpServer, AdvertisedRouter, AnnouncedPrefix, LanWatch
from tests.golden.case import Case
from tests.golden.lab import evidence
from tests.golden.lab_snmp import router

SITE, OURS, STRANGER = "xa-ea-sup", "fe80::1", "fe80::bad"
MAC, BAD_MAC = "02:00:00:00:00:01", "02:00:00:00:0b:ad"
GATEWAY = ("lan=ge-0/0/3", f"ra={OURS}")


def heard(*found: AdvertisedRouter | AdvertisedDhcpServer, failure: FailureKind | None = None) -> Evidence:
    step = LanWatch(
        site=SITE,
        interface="eth1",
        seconds=6.0,
        solicited=failure is None,
        routers=tuple(one for one in found if isinstance(one, AdvertisedRouter)),
        servers=tuple(one for one in found if isinstance(one, AdvertisedDhcpServer)),
        failure=None if failure is None else Failure(kind=failure),
    )
    return evidence("lan", step, task=f"lan:{SITE}")


def advert(
    source: str = OURS, mac: str = MAC, prefix: str = "2001:db8:c9:64::/64", lifetime: int = 1800
) -> AdvertisedRouter:
    announced = AnnouncedPrefix(prefix=IPv6Network(prefix), on_link=True, autonomous=True, valid=86400, preferred=14400)
    return AdvertisedRouter(source=IPv6Address(source), mac=mac, lifetime=lifetime, prefixes=(announced,))


def rogue_ra() -> Iterator[Case]:
    check = "security.ipv6.rogue-ra"

    def row(*tags: str) -> Subject:
        return replace(router(tags=tags), declared=DeclaredFacts(site=SITE))

    case = partial(Case, check=check, subject=row(*GATEWAY), lan_of=SITE)
    rogue = advert(STRANGER, BAD_MAC, "fd00:bad::/64")
    server = AdvertisedDhcpServer(source=IPv6Address(STRANGER), mac=BAD_MAC, duid="0004")
    yield case(
        code="DECLARED",
        about="The declared router, and nobody else.",
        evidence=(heard(advert()),),
        expect=(("DECLARED", None),),
    )
    yield case(
        code="DECLARED",
        variant="by-mac",
        about="A router that is declared by its MAC address is the DHCPv6 relay too.",
        subject=row("lan=ge-0/0/3", "ra=02-00-00-00-00-01", "no-dhcpv6"),
        evidence=(heard(advert("fe80::7"), replace(server, mac=MAC)),),
        expect=(("DECLARED", None),),
    )
    yield case(
        code="ROGUE",
        about="A router that nobody declared is the way out for everybody who believes it.",
        evidence=(heard(advert(), rogue),),
        expect=(("ROGUE", None),),
    )
    yield case(
        code="ROGUE",
        variant="alone",
        about="The stranger alone was heard: that the declared router is silent does not excuse it.",
        evidence=(heard(rogue),),
        expect=(("ROGUE", None),),
    )
    yield case(
        code="UNDECLARED",
        about="A stranger that announces a prefix of the network, with a lifetime of 0.",
        evidence=(heard(advert(), advert(STRANGER, BAD_MAC, lifetime=0)),),
        expect=(("UNDECLARED", None),),
    )
    told = row(*GATEWAY, "ra-prefix=2001:db8:c9::/48")
    yield case(
        code="FOREIGN_PREFIX",
        about="A stranger that is no default router, but hands out addresses of a prefix that is none of the site's.",
        subject=told,
        evidence=(heard(advert(), replace(rogue, lifetime=0)),),
        expect=(("FOREIGN_PREFIX", None),),
    )
    yield case(
        code="DECLARED",
        variant="prefix",
        about="The prefix lies within what is declared.",
        subject=told,
        evidence=(heard(advert()),),
        expect=(("DECLARED", None),),
    )
    yield case(
        code="VIRTUAL_NOT_DECLARED",
        about="Two routers with VRRP: the master advertises the virtual address, the inventory names its own.",
        subject=told,
        evidence=(heard(advert("fe80::200:5eff:fe00:201", "00:00:5e:00:02:01")),),
        expect=(("VIRTUAL_NOT_DECLARED", None),),
    )
    yield case(
        code="FOREIGN_PREFIX",
        variant="virtual",
        about="A shared address does not excuse a prefix that is none of the site's.",
        subject=told,
        evidence=(heard(advert("fe80::200:5eff:fe00:201", "00:00:5e:00:02:01", "2001:db8:bad::/64")),),
        expect=(("FOREIGN_PREFIX", None),),
    )
    old = AnnouncedPrefix(prefix=IPv6Network("2001:db8:aaaa:64::/64"), on_link=True, autonomous=True)
    moved = replace(advert(), prefixes=(*advert().prefixes, old))
    for variant, valid in (("withdrawn", 0), ("deprecated", 7_200)):
        yield case(
            code="DECLARED",
            variant=variant,
            about="The declared router takes the prefix back that the site had before it was renumbered.",
            subject=told,
            evidence=(heard(replace(moved, prefixes=(*advert().prefixes, replace(old, valid=valid)))),),
            expect=(("DECLARED", None),),
        )
    yield case(
        code="FOREIGN_PREFIX",
        variant="before",
        about="The declared router still hands out addresses of a prefix that the site has no longer.",
        subject=told,
        evidence=(heard(replace(moved, prefixes=(replace(old, valid=86_400, preferred=14_400),))),),
        expect=(("FOREIGN_PREFIX", None),),
    )
    yield case(
        code="PREFIX_NOT_DECLARED",
        about="A unique local prefix beside the global one, as many routers make one up themselves.",
        subject=told,
        evidence=(heard(replace(moved, prefixes=(*advert().prefixes, *advert(prefix="fd00:1:2:3::/64").prefixes))),),
        expect=(("PREFIX_NOT_DECLARED", None),),
    )
    relay = replace(server, source=IPv6Address("fe80::5"), mac="02:00:00:00:00:05")
    yield case(
        code="DECLARED",
        variant="relayed",
        about="A switch relays for the declared server, whose DUID is of its MAC address.",
        subject=row(*GATEWAY, "dhcpv6-server=02:00:00:00:00:09"),
        evidence=(heard(advert(), replace(relay, duid="000100012a3b4c5d020000000009")),),
        expect=(("DECLARED", None),),
    )
    yield case(
        code="ROGUE_DHCP",
        variant="relayed",
        about="What a switch relays comes from another server than the declared one.",
        subject=row(*GATEWAY, "dhcpv6-server=02:00:00:00:00:09"),
        evidence=(heard(advert(), replace(relay, duid="000100012a3b4c5d020000000bad")),),
        expect=(("ROGUE_DHCP", None),),
    )
    yield case(
        code="ROGUE_DHCP",
        about="A DHCPv6 server answers where none must be.",
        subject=row(*GATEWAY, "no-dhcpv6"),
        evidence=(heard(advert(), server),),
        expect=(("ROGUE_DHCP", None),),
    )
    yield case(
        code="DHCP_NOT_DECLARED",
        about="A DHCPv6 server answers, of which the inventory says nothing either way.",
        evidence=(heard(advert(), server),),
        expect=(("DHCP_NOT_DECLARED", None),),
    )
    yield case(
        code="NOT_DECLARED",
        about="Nobody declared who is a router there, so nobody can be accused.",
        subject=row("lan=ge-0/0/3"),
        evidence=(heard(advert(), rogue),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="NOTHING_HEARD",
        about="Not even the declared router was heard: silence proves nothing.",
        evidence=(heard(),),
        expect=(("NOTHING_HEARD", None),),
    )
    yield case(
        code="NOT_WATCHED",
        about="No right to listen.",
        evidence=(heard(failure=FailureKind.NO_PERMISSION),),
        expect=(("NOT_WATCHED", None),),
    )
    yield case(
        code="ELSEWHERE",
        about="Two routers stand at the site; its network is judged once.",
        lan_of=f"{SITE}=rt-khac",
        evidence=(heard(advert(), rogue),),
        expect=(("ELSEWHERE", None),),
    )


def cases() -> Iterator[Case]:
    yield from rogue_ra()
