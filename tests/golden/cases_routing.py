"""Makes golden cases of routing: ``security.routing.*`` and ``ipv6.path.prefix-announced``."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address

from inventory.model import DeclaredFacts, Network
from probes.framework.evidence import Evidence
from probes.observations.dns import LookupStatus
from probes.observations.routing import Announcement, Authorisation, DatedBy, RouteOrigin, Table
from probes.observations.snmp import SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden import lab, lab_forging, lab_snmp
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, unread
from tests.golden.cases_device_addresses import routed
from tests.golden.lab import NOW, V4, V6, at, evidence, look, names

OWN, PROVIDER, STRANGER = 64500, 64501, 64666
PREFIX = "2001:db8:a::/48"
ANNOUNCED = (Announcement(prefix=PREFIX, origin=OWN), Announcement(prefix="2001:db8::/32", origin=PROVIDER))
ALLOWED = (Authorisation(prefix="2001:db8::/32", max_length=48, asn=OWN),)
DUAL = names(v6=(V6,), v4=())
BOTH = names(v6=(V6,))


def table(name: str, *, hours: float = 3, rows: int = 200_000) -> Table:
    return Table(
        source=name,
        digest=f"sha256:{'ab' * 32}",
        taken=NOW - timedelta(hours=hours),
        dated_by=DatedBy.CONTENT,
        rows=rows,
    )


ROUTES, ROAS = table("pfx2as.gz"), table("roas.json")


def origin(
    announced: Sequence[Announcement] = ANNOUNCED,
    allowed: Sequence[Authorisation] = ALLOWED,
    *,
    address: str = V6,
    routes: Table | None = ROUTES,
    roas: Table | None = ROAS,
    probe: str = "route_origin",
) -> Evidence:
    step = RouteOrigin(
        address=ip_address(address),
        routes=routes,
        announcements=tuple(announced),
        roas=roas,
        authorisations=tuple(allowed),
    )
    return evidence(probe, step, task=address, endpoint=at(address, None))


def vrp(prefix: str, max_length: int, asn: int) -> Authorisation:
    return Authorisation(prefix=prefix, max_length=max_length, asn=asn)


def by(origin: int | None, prefix: str = PREFIX, seen: int | None = None) -> Announcement:
    return Announcement(prefix=prefix, origin=origin, seen=seen)


def unanswered(check: str) -> Iterator[Case]:
    """Yield the cases of both checks for names without an answer or without addresses."""
    case = partial(Case, check=check, subject=lab.site())
    silent = evidence("dns", look(lab.WEB, "A", "host"), lab.unanswered("AAAA", "host", lab.WEB), task=lab.WEB)
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody answers for the name.",
        evidence=(silent,),
        expect=(("NO_DNS_ANSWER", f"{lab.WEB} AAAA"),),
    )
    torn = evidence(
        "dns",
        look(lab.WEB, "A", "host"),
        look(lab.WEB, "AAAA", "host", V6),
        look(lab.WEB, "AAAA", "host", status=LookupStatus.NO_DATA),
        task=lab.WEB,
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Some servers have the address, some say there is none; what is known of it is said.",
        evidence=(torn, origin()),
        subject=lab.site(declared=DeclaredFacts(expected_asn=(OWN,))),
        expect=(("DNS_CONTRADICTS", f"{lab.WEB} AAAA"), ("VALID" if check.endswith("rpki") else "EXPECTED", V6)),
    )
    half = evidence("dns", look(lab.WEB, "A", "host"), task=lab.WEB)
    yield case(
        code="DNS_NOT_ASKED",
        about="The look-up was cut short.",
        evidence=(half,),
        expect=(("DNS_NOT_ASKED", f"{lab.WEB} AAAA"),),
    )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names(v4=()),), expect=(("NO_ADDRESS", None),))
    local = "fd00:510a:1::80"
    yield case(
        code="NOT_PUBLIC",
        about="A unique local address is of no table.",
        evidence=(names(v6=(local,), v4=()), origin((), (), address=local)),
        expect=(("NOT_PUBLIC", local),),
    )
    yield case(
        code="NOT_PUBLIC",
        variant="tslcd",
        about="A point of TSLCD stands in no table of the Internet, whatever its address.",
        subject=lab.site(network=Network.TSLCD),
        networks=frozenset({Network.INTERNET, Network.TSLCD}),
        evidence=(DUAL, origin(())),
        expect=(("NOT_PUBLIC", V6),),
    )
    yield case(
        code="NO_ROUTES",
        about="No table is configured.",
        evidence=(DUAL, origin((), routes=None)),
        expect=(("NO_ROUTES", "NO_ROUTES"),),
    )
    yield case(
        code="OLD_ROUTES",
        about="The table is of the day before yesterday: what it shows may long have changed.",
        evidence=(DUAL, origin((by(STRANGER),), routes=table("pfx2as.gz", hours=25))),
        expect=(("OLD_ROUTES", "OLD_ROUTES"),),
    )
    yield case(
        code="OLD_ROUTES",
        variant="later",
        about="A table from long after the evidence says nothing of that time.",
        evidence=(DUAL, origin((by(STRANGER),), routes=table("pfx2as.gz", hours=-25))),
        expect=(("OLD_ROUTES", "OLD_ROUTES"),),
    )


def rpki() -> Iterator[Case]:
    check = "security.routing.rpki"
    yield from unanswered(check)
    then = table("then", hours=80)
    yield Case(
        check=check,
        code="VALID",
        variant="resumed-later",
        trap="N7",
        about="Tables that were of the same hour when they were asked, in a run that was resumed days later.",
        subject=lab.site(),
        evidence=(DUAL, replace(origin(routes=then, roas=then), started=NOW - timedelta(hours=79))),
        expect=(("VALID", V6),),
    )

    def said(
        code: str,
        about: str,
        announced: Sequence[Announcement],
        *allowed: Authorisation,
        variant: str = "",
        trap: str = "",
        roas: Table | None = ROAS,
    ) -> Case:
        return Case(
            check=check,
            subject=lab.site(),
            code=code,
            variant=variant,
            trap=trap,
            about=about,
            evidence=(DUAL, origin(announced, allowed, roas=roas)),
            expect=((code, code if code in ("NO_ROAS", "OLD_ROAS") else V6),),
        )

    yield said(
        "VALID",
        "RFC 6811: a VRP covers the route, its AS is the origin, the length is allowed.",
        ANNOUNCED,
        vrp("2001:db8::/32", 48, OWN),
    )
    yield said(
        "VALID",
        "One matching VRP is enough, whatever others say.",
        (by(OWN),),
        vrp(PREFIX, 48, STRANGER),
        vrp(PREFIX, 48, OWN),
        variant="one-of-two",
    )
    yield said(
        "VALID",
        "Less specific routes do not count: packets go to the most specific.",
        (by(OWN), by(STRANGER, "2001:db8::/32")),
        vrp(PREFIX, 48, OWN),
        variant="less-specific",
    )
    yield said(
        "VALID",
        "A leak that 2 % see, below a route that all see, is no route of the Internet.",
        (by(STRANGER, "2001:db8:a:1::/64", 2), by(OWN, seen=100)),
        vrp(PREFIX, 48, OWN),
        variant="leak",
    )
    thirds = tuple(by(origin, "2001:db8:a::/48", 33) for origin in (OWN, OWN + 1, OWN + 2))
    yield said(
        "INVALID_BESIDE",
        "Three AS share the peers between them (anycast), and one of them is not allowed.",
        (*thirds, by(OWN, "2001:db8::/32", 100)),
        vrp("2001:db8::/32", 32, OWN),
        *(vrp("2001:db8:a::/48", 48, origin) for origin in (OWN, OWN + 1)),
        variant="anycast",
    )
    yield said("NOT_FOUND", "No VRP covers the route.", ANNOUNCED)
    yield said(
        "NOT_FOUND",
        "A VRP of a more specific prefix does not cover the route.",
        (by(OWN, "2001:db8::/32"),),
        vrp(PREFIX, 48, OWN),
        variant="more-specific-roa",
    )
    yield said("INVALID_ORIGIN", "Another AS than the ROA's.", (by(STRANGER),), vrp(PREFIX, 48, OWN))
    yield said(
        "INVALID_BESIDE",
        "Two origins, one of them without a matching VRP.",
        (by(OWN), by(STRANGER)),
        vrp(PREFIX, 48, OWN),
    )
    yield said(
        "INVALID_ORIGIN",
        "Two origins, neither with a matching VRP.",
        (by(OWN + 1), by(STRANGER)),
        vrp(PREFIX, 48, OWN),
        variant="both-of-two",
    )
    yield said(
        "INVALID_ORIGIN",
        "AS 0 says that nobody may announce it, also not AS 0.",
        (by(0),),
        vrp(PREFIX, 128, 0),
        variant="as0",
    )
    yield said("INVALID_LENGTH", "The right AS, longer than maxLength.", (by(OWN),), vrp("2001:db8::/32", 32, OWN))
    several = vrp("2001:db8::/32", 32, OWN), vrp("2001:db8::/32", 40, OWN)
    yield said("INVALID_LENGTH", "The longest that is allowed is named.", (by(OWN),), *several, variant="several")
    yield said("INVALID_SET", "An AS_SET matches no VRP.", (by(None),), vrp(PREFIX, 48, OWN))
    yield said("NOT_ANNOUNCED", "No route: no origin to validate.", (), vrp(PREFIX, 48, OWN))
    yield said("NO_ROAS", "No export is configured.", ANNOUNCED, roas=None)
    yield said("OLD_ROAS", "An old export.", (by(STRANGER),), vrp(PREFIX, 48, OWN), roas=table("roas.csv", hours=30))
    yield said(
        "SMALL_ROAS", "A torn file: that no ROA is in it proves nothing.", ANNOUNCED, roas=table("roas.csv", rows=12)
    )
    yield said(
        "VALID",
        "A ROA in a small export counts all the same.",
        ANNOUNCED,
        *ALLOWED,
        variant="small",
        roas=table("roas.csv", rows=12),
    )
    yield Case(
        check=check,
        code="VALID",
        variant="both-families",
        about="Each address by itself.",
        subject=lab.site(),
        evidence=(BOTH, origin(), origin((by(STRANGER, "198.51.100.0/24"),), (), address=V4)),
        expect=(("VALID", V6), ("NOT_FOUND", V4)),
    )
    server = "2001:db8:d1::53"
    yield Case(
        check=check,
        code="VALID",
        variant="name-server",
        about="The addresses of a zone's name servers.",
        subject=lab.zone(),
        evidence=(
            lab.delegated({f"ns1.{lab.ZONE}": (server,)}, look(f"ns1.{lab.ZONE}", "A", "ns-address")),
            origin(address=server, probe="server_origin"),
        ),
        expect=(("VALID", server),),
    )


def prefix_announced() -> Iterator[Case]:
    check = "ipv6.path.prefix-announced"
    yield from unanswered(check)
    expecting = lab.site(declared=DeclaredFacts(expected_asn=(OWN,)))

    def said(code: str, about: str, *announced: Announcement, variant: str = "", routes: Table = ROUTES) -> Case:
        return Case(
            check=check,
            subject=expecting,
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, origin(announced, routes=routes)),
            expect=((code, V6),),
        )

    yield said("EXPECTED", "The expected AS announces a /48.", *ANNOUNCED)
    yield said("EXPECTED", "Nine in ten peers see it.", by(OWN, seen=90), variant="seen")
    yield said(
        "EXPECTED",
        "A stranger's leak of a /64 that 3 % see is nobody's route.",
        by(STRANGER, "2001:db8:a:1::/64", 3),
        by(OWN, seen=97),
        variant="leak",
    )
    halves = (by(OWN, seen=55), by(STRANGER, seen=43))
    yield said("EXPECTED", "Two AS share the peers between them (anycast).", *halves, variant="shared")
    yield said("PARTLY_SEEN", "Two thirds see it.", by(OWN, seen=67))
    yield said("PARTLY_SEEN", "Only some see it, and no other prefix covers it.", by(OWN, seen=20), variant="few")
    yield said("MORE_SPECIFIC", "A /56 of its own.", by(OWN, "2001:db8:a::/56"), by(OWN))
    yield said("NOT_ANNOUNCED", "A whole table without it.")
    yield said("NOT_ANNOUNCED", "A default route announces nothing.", by(OWN, "::/0"), variant="default-route")
    yield said("SMALL_ROUTES", "A torn table: what it lacks says nothing.", routes=table("pfx2as", rows=120))
    yield said("UNEXPECTED", "A stranger announces it.", by(STRANGER))
    yield said("OTHER_BESIDE", "The expected AS, and a service against attacks beside it.", by(OWN), by(STRANGER))
    yield replace(
        said("EXPECTED", "Both are in the inventory.", by(OWN), by(STRANGER), variant="several"),
        subject=lab.site(declared=DeclaredFacts(expected_asn=(OWN, STRANGER))),
    )
    yield replace(
        said(
            "EXPECTED", "One of two announces it: the other steps in when there is an attack.", by(OWN), variant="one"
        ),
        subject=lab.site(declared=DeclaredFacts(expected_asn=(STRANGER, OWN))),
    )
    yield replace(said("ORIGIN_NOT_RECORDED", "The inventory expects no AS.", by(OWN)), subject=lab.site())


def antispoof() -> Iterator[Case]:
    check = "security.routing.antispoof"
    column = oids.CISCO_URPF_CHECK
    lan, wan, v4, v6 = lab_snmp.CORE, lab_snmp.UPLINK, 1, 2
    speaks_v6 = lab_snmp.walk(oids.IPV6_INTERFACE_ENTRY, {oids.IPV6_INTERFACE_ENABLE: {(lan,): 1, (wan,): 1}})
    cut = lab_snmp.polled(*lab_snmp.INTERFACES, lab_snmp.walk(column, stopped="failure"))
    yield from unread(check, cut)

    def said(
        code: str, about: str, rows: dict[Oid, int], *beside: SnmpWalk, variant: str = "", tags: tuple[str, ...] = ()
    ) -> Case:
        shown = lab_snmp.polled(*lab_snmp.INTERFACES, speaks_v6, lab_snmp.walk(column, {column: dict(rows)}), *beside)
        return Case(
            check=check,
            controls=CONTROLS,
            subject=lab_snmp.router(tags=tags),
            code=code,
            variant=variant,
            about=about,
            evidence=(shown,),
            expect=((code, None),),
        )

    yield said("VALIDATED", "Strict on the LAN, both families.", {(lan, v4): 1, (lan, v6): 1}, tags=("lan=ge-0/0/3",))
    yield said("PARTLY", "IPv4 alone is checked.", {(lan, v4): 1})
    yield said(
        "PARTLY",
        "The uplink is checked, the declared LAN is not.",
        {(wan, v4): 1, (wan, v6): 1},
        variant="other-interface",
        tags=("lan=ge-0/0/3",),
    )
    yield said("LOOSE", "Loose on IPv6.", {(lan, v4): 1, (lan, v6): 2})
    strict: dict[Oid, int] = {(lan, v4): 1, (lan, v6): 1}
    yield said(
        "VALIDATED",
        "Loose on the uplink, over one family: the office has two ways out.",
        {**strict, (wan, v4): 2},
        variant="loose-uplink",
        tags=("lan=ge-0/0/3", "wan=ge-0/0/2"),
    )
    yield said(
        "VALIDATED",
        "Loose where the default route leads out, whatever is declared.",
        {**strict, (wan, v4): 2},
        *routed(1),
        variant="default-route",
    )
    yield said(
        "NOT_READ",
        "The interface may be the declared uplink, whose description the device's view hides.",
        {(wan, v4): 2, (wan, v6): 2},
        variant="hidden-name",
        tags=("wan=Kênh chính",),
    )
    yield said(
        "UPLINKS_ALONE", "Loose on the uplink, nothing elsewhere.", {(wan, v4): 2, (wan, v6): 2}, tags=("wan=ge-0/0/2",)
    )
    yield said(
        "VALIDATED",
        "A network without IPv4.",
        {(lan, v6): 1},
        lab_snmp.address_table(("2001:db8:a:9::1", lan)),
        variant="v6-only",
        tags=("lan=ge-0/0/3",),
    )
    yield said(
        "VALIDATED",
        "A LAN without IPv4, behind an uplink with both.",
        {(lan, v6): 1},
        lab_snmp.address_table(("2001:db8:a:9::1", lan), ("192.0.2.2", wan)),
        variant="v6-only-lan",
        tags=("lan=ge-0/0/3",),
    )
    yield said(
        "VALIDATED",
        "A row whose index is not that of the table says nothing.",
        {**strict, (lan, v4, 7): 2},
        variant="odd-row",
    )
    yield said(
        "VALIDATED",
        "The declared name is none of its interfaces'; what is checked is strict.",
        strict,
        variant="unknown-name",
        tags=("lan=ge-9/9/9",),
    )
    yield said(
        "VALIDATED",
        "A default route that throws packets away leads out nowhere.",
        strict,
        *routed(1, interface=lan, kind=2),
        variant="reject-route",
    )
    yield said("NO_AGENT", "No row: it is off, or the device is of another maker.", {})
    yield from lab_forging.forged(check, said("VALIDATED", "", strict, tags=("lan=ge-0/0/3",)))


def cases() -> Iterator[Case]:
    yield from antispoof()
    yield from rpki()
    yield from prefix_announced()
