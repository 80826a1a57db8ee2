"""Makes golden cases of ``security.ipv6.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.path import SourceRoute, TunnelEntry
from probes.wire.snmp import oids
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_device import CONTROLS, unread
from tests.golden.cases_device_addresses import neighbour_table
from tests.golden.cases_ports import EVERY_PORT, swept
from tests.golden.cases_web import CONTRADICTION, CUT, DUAL, NO_ANSWER, undecided_names
from tests.golden.lab import REFUSED, TIMEOUT, V4, V6, at, evidence, look, names, unanswered, why
from tests.golden.lab_snmp import (
    ADDRESSES,
    CORE,
    INTERFACES,
    MANAGED,
    NO_LEGACY,
    SYSTEM,
    UPLINK,
    address_table,
    polled,
    router,
    scalars,
    walk,
)

OWNED = lab.site(clearance=Clearance.INTRUSIVE)
BOTH = frozenset(Network)
PASSED = (*ALL_CONTROLS, "routing-header-0", "proto-41", "gre", "udp/3544")
intrusive = partial(Case, subject=OWNED, clearance=Clearance.INTRUSIVE, networks=BOTH)


def routed(answer: str | None = None, failure: FailureKind | None = None) -> Evidence:
    error = {"icmp": (4, 0), "arrived": (128, 0), "reply": (129, 0)}.get(answer or "", (None, None))
    step = SourceRoute(
        address=ip_address(V6),
        answer=answer,
        type=error[0],
        code=error[1],
        failure=why(failure),
        source=None if answer is None else ip_address(V6),
    )
    return evidence("source_route", step, task=V6, endpoint=at(V6, None))


def rh0() -> Iterator[Case]:
    check = "security.ipv6.rh0"
    case = partial(intrusive, check=check, controls=PASSED)
    for undecided_name in undecided_names(check):
        yield replace(undecided_name, subject=OWNED, clearance=Clearance.INTRUSIVE, networks=BOTH)
    yield case(
        code="REFUSES",
        about="Parameter Problem about the routing type (RFC 5095 §3).",
        evidence=(DUAL, routed("icmp")),
        expect=(("REFUSES", V6),),
    )
    yield case(
        code="IGNORES",
        about="The host answers the echo request itself.",
        evidence=(DUAL, routed("reply")),
        expect=(("IGNORES", V6),),
    )
    yield case(
        code="DROPS",
        about="Silence, and a control of ours said something about such a packet.",
        evidence=(DUAL, routed(failure=TIMEOUT)),
        expect=(("DROPS", V6),),
    )
    yield case(
        code="FORWARDS",
        about="Our own packet came back.",
        evidence=(DUAL, routed("arrived")),
        expect=(("FORWARDS", V6),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence, and nothing shows that such packets leave here at all.",
        evidence=(DUAL, routed(failure=TIMEOUT)),
        controls=ALL_CONTROLS,
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-right",
        about="No right to send crafted packets.",
        evidence=(DUAL, routed(failure=FailureKind.NO_PERMISSION)),
        expect=(("NOT_DECIDED", V6),),
    )


def entry(address: str, **answers: str | FailureKind) -> Evidence:
    """Return the result of each protocol (``proto_41`` is 6in4); the others were refused by an ICMP error."""
    wanted = ("proto-41", "gre", *(("teredo",) if ":" not in address else ()))
    steps = []
    for protocol in wanted:
        text = answers.get(protocol.replace("-", "_"), REFUSED if protocol == "teredo" else "icmp")
        failure = text if isinstance(text, FailureKind) else None
        answer = None if isinstance(text, FailureKind) else text
        steps.append(TunnelEntry(address=ip_address(address), protocol=protocol, answer=answer, failure=why(failure)))
    return evidence("tunnel_entry", *steps, task=address, endpoint=at(address, None))


def tunnel_endpoints() -> Iterator[Case]:
    check = "security.ipv6.tunnel-endpoints"
    case = partial(intrusive, check=check, controls=PASSED)
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT)):
        yield case(
            code=code,
            about="The AAAA is not known.",
            evidence=(looks, entry(V4)),
            expect=((code, "AAAA"), ("NONE", V4)),
        )
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another says that there is none.",
        evidence=(CONTRADICTION, entry(V4), entry(V6)),
        expect=(("DNS_CONTRADICTS", "AAAA"), ("NONE", V4)),
    )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NONE",
        about="Errors about every packet.",
        evidence=(DUAL, entry(V4), entry(V6)),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    silence = {"proto_41": TIMEOUT, "gre": TIMEOUT, "teredo": TIMEOUT}
    yield case(
        code="NONE",
        variant="silent",
        about="Silence, and controls of ours said something about such packets.",
        evidence=(DUAL, entry(V4, **silence), entry(V6, **silence)),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    yield case(
        code="DECAPSULATES",
        about="Our own packet came out of a 6in4 tunnel.",
        evidence=(DUAL, entry(V4, proto_41="arrived"), entry(V6)),
        expect=(("DECAPSULATES", V4), ("NONE", V6)),
    )
    yield case(
        code="DECAPSULATES",
        variant="declared",
        about="A tunnel that is declared, and takes packets from anybody all the same.",
        subject=lab.site(clearance=Clearance.INTRUSIVE, tags=("tunnel=tun0",)),
        evidence=(DUAL, entry(V4), entry(V6, gre="arrived")),
        expect=(("DECLARED", V4), ("DECAPSULATES", V6)),
    )
    yield case(
        code="TEREDO",
        about="A router advertisement of a Teredo server.",
        evidence=(DUAL, entry(V4, teredo="reply"), entry(V6)),
        expect=(("TEREDO", V4), ("NONE", V6)),
    )
    yield case(
        code="DECLARED",
        about="The end of a declared tunnel that takes nothing from strangers.",
        subject=lab.site(clearance=Clearance.INTRUSIVE, tags=("tunnel=tun0",)),
        evidence=(DUAL, entry(V4, **silence), entry(V6)),
        expect=(("DECLARED", V4), ("DECLARED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence over GRE, and nothing shows that GRE leaves here.",
        evidence=(DUAL, entry(V4), entry(V6, gre=TIMEOUT)),
        controls=(*ALL_CONTROLS, "proto-41"),
        expect=(("NONE", V4), ("NOT_DECIDED", V6)),
    )


HOST = "rt-lon.tinh-a.example"
LINK_LOCAL = address_table(("fe80::1", UPLINK, 5, 1))


def plain(**changes: object) -> Subject:
    return replace(router(tags=("ipv4-only",)), **changes)  # type: ignore[arg-type]


def unintended() -> Iterator[Case]:
    check = "security.ipv6.unintended"
    off = scalars({oids.IPV6_FORWARDING: 2})
    case = partial(Case, check=check, controls=(*EVERY_PORT, "udp/161"), subject=plain())
    for one in unread(check, polled(SYSTEM, *INTERFACES, address_table(stopped="failure"))):
        if one.code == "NOT_MANAGED":
            unmanaged = plain(services=lab.services(("ssh", 22)))
            shown = names((), (MANAGED,), HOST)
            yield replace(
                one,
                code="NOT_SEEN",
                subject=replace(unmanaged, host=HOST),
                evidence=(shown,),
                expect=(("NOT_SEEN", None),),
            )
        else:
            yield replace(one, subject=plain())
    named = plain(host=HOST, addresses=())
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT), ("DNS_CONTRADICTS", CONTRADICTION)):
        asked = lab.site(kind=Kind.HOST, kinds=frozenset({Kind.HOST}), tags=("ipv4-only",), services=())
        yield case(code=code, about="The AAAA is not known.", subject=asked, evidence=(looks,), expect=((code, None),))
    yield case(
        code="ONLY_LINK_LOCAL",
        about="Link-local addresses, which every system makes by itself; nothing is forwarded.",
        evidence=(polled(*INTERFACES, off, LINK_LOCAL, NO_LEGACY),),
        expect=(("ONLY_LINK_LOCAL", None),),
    )
    yield case(
        code="FORWARDS",
        about="Link-local addresses alone, but the device forwards IPv6.",
        evidence=(polled(SYSTEM, *INTERFACES, scalars({oids.IPV6_FORWARDING: 1}), LINK_LOCAL, NO_LEGACY),),
        expect=(("FORWARDS", None),),
    )
    no_v6 = address_table(("198.51.100.1", UPLINK), pointers=False)
    yield case(
        code="NOT_SHOWN",
        variant="forwards",
        trap="D2",
        about="It says that it would forward, and shows no IPv6 address on any interface, also no link-local one.",
        evidence=(polled(SYSTEM, *INTERFACES, scalars({oids.IPV6_FORWARDING: 1}), no_v6, NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )
    yield case(
        code="HAS_ADDRESSES",
        about="A global address on an interface that is up.",
        evidence=(polled(SYSTEM, *INTERFACES, off, ADDRESSES),),
        expect=(("HAS_ADDRESSES", None),),
    )
    unknown = evidence("dns", look(HOST, "A", "host", MANAGED), unanswered("AAAA", "host", HOST), task=HOST)
    managed_host = replace(plain(), host=HOST)
    yield case(
        code="HAS_ADDRESSES",
        variant="name-not-known",
        about="Nobody answered for the AAAA; the device itself shows an address, which is enough.",
        subject=managed_host,
        evidence=(unknown, polled(SYSTEM, *INTERFACES, off, ADDRESSES)),
        expect=(("HAS_ADDRESSES", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="managed",
        about="The device shows no address; whether DNS has one is not known.",
        subject=managed_host,
        evidence=(unknown, polled(*INTERFACES, off, LINK_LOCAL, NO_LEGACY)),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DUAL_STACK",
        variant="declared-address",
        about="The row itself names an IPv6 address: it is meant, whatever the tag says.",
        subject=plain(addresses=(ip_address(V6),)),
        evidence=(polled(SYSTEM, *INTERFACES, off, ADDRESSES),),
        expect=(("DUAL_STACK", None),),
    )
    yield case(
        code="PUBLISHED",
        about="An AAAA record, behind which nothing answers.",
        subject=named,
        evidence=(names((V6,), (MANAGED,), HOST), swept(V6)),
        expect=(("PUBLISHED", None),),
    )
    yield case(
        code="ANSWERS",
        about="An AAAA record, behind which Telnet answers: no rule of the firewall knows of it.",
        subject=named,
        evidence=(names((V6,), (MANAGED,), HOST), swept(V6, answers=(23,))),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="PUBLISHED",
        variant="answers-over-ipv4",
        about="Telnet answers over IPv4, which is how the device is meant to be reached.",
        subject=plain(host=HOST),
        evidence=(names((V6,), (MANAGED,), HOST), swept(V6), swept(MANAGED, answers=(23,))),
        expect=(("PUBLISHED", None),),
    )
    yield case(
        code="PUBLISHED",
        variant="mute",
        about="A port accepts over IPv6 and says nothing: no port answers, and the AAAA record stands.",
        subject=named,
        evidence=(names((V6,), (MANAGED,), HOST), swept(V6, 8291)),
        expect=(("PUBLISHED", None),),
    )
    yield case(
        code="PUBLISHED",
        variant="everything-open",
        about="Something in between accepts every port: what the device itself has open is not known.",
        subject=named,
        evidence=(names((V6,), (MANAGED,), HOST), swept(V6, 1)),
        expect=(("PUBLISHED", None),),
    )
    yield case(
        code="DUAL_STACK",
        about="Nobody declared the device to have IPv4 alone.",
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES),),
        expect=(("DUAL_STACK", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No table shows any IPv6 address, nor whether IPv6 is forwarded: that is not 'none'.",
        evidence=(polled(*INTERFACES, address_table(), NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )


EUI64 = "2001:db8:a::21a:2bff:fe3c:4d5e"
OPAQUE = "2001:db8:a::9b1d:77c2:e0a4:153f".replace("::", ":0:")


def addr_predictability() -> Iterator[Case]:
    check = "security.ipv6.addr-predictability"
    case = partial(Case, check=check, controls=CONTROLS, subject=lab.site())
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT), ("DNS_CONTRADICTS", CONTRADICTION)):
        yield case(code=code, about="The AAAA is not known.", evidence=(looks,), expect=((code, None),))
    for variant, address in (("", OPAQUE), ("low", V6)):
        yield case(
            code="OPAQUE",
            variant=variant,
            about="An address without a MAC in it; a server's may be guessed.",
            evidence=(names((address,)),),
            expect=(("OPAQUE", None),),
        )
    yield case(
        code="SERVER_MAC",
        about="The address of a server holds the MAC address of its network card.",
        evidence=(names((V6, EUI64)),),
        expect=(("SERVER_MAC", None),),
    )
    yield case(
        code="NO_ADDRESS",
        variant="link-local",
        about="The only AAAA is link-local, which is another check's finding.",
        evidence=(names(("fe80::21a:2bff:fe3c:4d5e",)),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="SERVER_MAC",
        variant="declared",
        about="The same of a host that has no name; it answers echo.",
        subject=lab.router(EUI64),
        evidence=(lab.echo(EUI64, 5),),
        expect=(("SERVER_MAC", None),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NOT_MEASURED",
        about="The inventory's word alone: nothing was measured there.",
        subject=lab.router(EUI64),
        evidence=(lab.echo(V6, 5),),
        expect=(("NOT_MEASURED", None),),
    )
    on_lan = router(tags=("lan=ge-0/0/3",))
    base = (SYSTEM, *INTERFACES)

    def hosts(made: int, others: int) -> Evidence:
        rows = [(f"2001:db8:c9::21a:2bff:fe00:{n:x}", CORE, 1) for n in range(1, made + 1)]
        rows += [(f"2001:db8:c9:0:9b1d:77c2:e0a4:{n:x}", CORE, 1) for n in range(1, others + 1)]
        away = [(f"2001:db8:c8::21a:2bff:fe00:{n:x}", UPLINK, 1) for n in range(1, 9)]
        return polled(*base, neighbour_table(*rows, *away, ("fe80::21a:2bff:fe00:1", CORE, 1)))

    yield case(
        code="CLIENTS_FINE",
        about="One of five: an old printer. Hosts on other networks do not count.",
        subject=on_lan,
        evidence=(hosts(1, 4),),
        expect=(("CLIENTS_FINE", None),),
    )
    yield case(
        code="CLIENT_MACS",
        about="Two of five clients make their address of their MAC address.",
        subject=on_lan,
        evidence=(hosts(2, 3),),
        expect=(("CLIENT_MACS", None),),
    )
    yield case(
        code="NO_ADDRESS",
        variant="few",
        about="Four clients are too few to say something.",
        subject=on_lan,
        evidence=(hosts(4, 0),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="NOT_SHOWN",
        about="The table is whole and has no IPv6 neighbour on the network of users.",
        subject=on_lan,
        evidence=(polled(*base, neighbour_table(("10.0.0.9", CORE, 1))),),
        expect=(("NOT_SHOWN", None),),
    )
    yield case(
        code="NOT_READ",
        about="The table was not read to its end.",
        subject=on_lan,
        evidence=(polled(*base, walk(oids.IP_NET_TO_PHYSICAL_ENTRY, stopped="failure")),),
        expect=(("NOT_READ", None),),
    )


def cases() -> Iterator[Case]:
    for group in (rh0, tunnel_endpoints, unintended, addr_predictability):
        yield from group()
