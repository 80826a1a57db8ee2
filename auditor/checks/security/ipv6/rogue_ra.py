"""Check that only declared routers send router advertisements on a user network.

Only routers and servers that the inventory declares for a site (``inventory.user_networks``) belong there; without a
declaration there is no verdict. Silence decides nothing: only a declared router that was heard shows that listening
works.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network

from auditor.facts.addresses import UNIQUE_LOCAL
from auditor.facts.attribution import ours
from auditor.framework.check import SilenceMeaning, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Subject
from inventory.user_networks import LAN_KINDS, DeclaredLan
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.link import AdvertisedDhcpServer, AdvertisedRouter, LanWatch

_SHARED = ("00:00:5e:00:02:", "00:05:73:a0:0", "00:07:b4:")
"""Prefixes of MAC addresses that routers share: VRRP for IPv6, HSRP for IPv6, GLBP."""
_DUID_OF_MAC = re.compile(r"0001000[16][0-9a-f]{20}|0003000[16][0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _LinkSenders:
    """Holds the routers and servers heard; ``reason`` is set if no watch was completed."""

    routers: tuple[AdvertisedRouter, ...] = ()
    servers: tuple[AdvertisedDhcpServer, ...] = ()
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


_MESSAGES = {
    "DECLARED": passed(
        "On the network of users of {site} only"
        " {senders/a declared router offers itself/declared routers offer themselves}: {senders:list}."
    ),
    "UNDECLARED": warn(
        "On the network of users of {site} {senders/a router advertises itself/routers advertise themselves} that"
        " nobody declared, though not as the way out: {senders:list}."
    ),
    "ROGUE": fail(
        "On the network of users of {site}"
        " {senders/a router that nobody declared offers itself/routers that nobody declared offer themselves} as the"
        " way out: {senders:list}."
    ),
    "FOREIGN_PREFIX": fail(
        "On the network of users of {site} {prefixes/a prefix is announced that does/prefixes are announced that do}"
        " not belong there: {prefixes:list}, by {senders:list}."
    ),
    "ROGUE_DHCP": fail(
        "On the network of users of {site} {senders/a DHCPv6 server answers/DHCPv6 servers answer} that nobody"
        " declared: {senders:list}.",
        fix="Block DHCPv6 server messages at access ports (DHCPv6-Shield, RFC 7610); find the port by the MAC address.",
    ),
    "NOT_DECLARED": inconclusive(
        "The inventory names no router for the network of users of {site}; {senders/heard was/heard were}"
        " {senders:list}.",
        fix="Declare the routers of the site in the column tags: ra=LINK-LOCAL or ra=MAC; then check again.",
        reason=Reason.INV,
    ),
    "VIRTUAL_NOT_DECLARED": inconclusive(
        "On the network of users of {site} {senders/a virtual router offers itself/virtual routers offer themselves}"
        " that the inventory does not name: {senders:list}. Declared routers may stand behind"
        " {senders/it/them} (VRRP, HSRP).",
        fix="If your routers share this address, declare it in the column tags (ra=LINK-LOCAL or ra=MAC); if not, find"
        " the port of the sender by its MAC address. Then check again.",
        reason=Reason.INV,
    ),
    "PREFIX_NOT_DECLARED": inconclusive(
        "On the network of users of {site} a declared router announces {prefixes/a local prefix/local prefixes} that"
        " the inventory does not name: {prefixes:list}, by {senders:list}.",
        fix="Declare the unique local prefix in the column tags (ra-prefix=PREFIX), or take it off the router; then"
        " check again.",
        reason=Reason.INV,
    ),
    "DHCP_NOT_DECLARED": inconclusive(
        "The inventory says nothing of DHCPv6 servers on the network of users of {site};"
        " {senders/heard was/heard were} {senders:list}.",
        fix="Declare them in the column tags: dhcpv6-server=LINK-LOCAL or MAC, or no-dhcpv6; then check again.",
        reason=Reason.INV,
    ),
    "NOTHING_HEARD": inconclusive(
        "On the network of users of {site} no declared router was heard, so it is not known whether others would have"
        " been.",
        fix="Check that the interface of the configuration stands on that network, and that its router advertises"
        " itself.",
        reason=Reason.SMPL,
    ),
    "NOT_WATCHED": inconclusive("The network of users of {site} could not be listened to from here."),
    "ELSEWHERE": not_applicable("The network of users of {site} is judged with {owner}."),
}


@check(
    version=2,
    title="No rogue router advertisements or DHCPv6 servers",
    problem="Undeclared router offers itself as the way out",
    problems={
        "UNDECLARED": "Undeclared router sends router advertisements",
        "FOREIGN_PREFIX": "Foreign IPv6 prefix is advertised on the user network",
        "ROGUE_DHCP": "Undeclared DHCPv6 server answers on the user network",
    },
    why="Every computer on the network believes any machine that announces itself as the router: that machine can "
    "read and change what all the others send, even where nobody uses IPv6 on purpose.",
    fix="Switch RA-Guard on at the access ports (RFC 6105); find the port of the sender by its MAC address.",
    references=("RFC 6104", "RFC 6105", "RFC 7113", "RFC 9099 §2.3.2"),
    needs=(LanWatch,),
    kinds=LAN_KINDS,
    vantage=frozenset({VantageKind.LAN}),
    clearance=Clearance.PASSIVE,
    question=SilenceMeaning.EXPOSURE,
    others=frozenset({"owner"}),
    messages=_MESSAGES,
)
def rogue_ra(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    lan = ctx.lans.get(subject.declared.site) or DeclaredLan(site=subject.declared.site, owner=subject.id)
    if lan.owner != subject.id:
        yield Verdict(code="ELSEWHERE", args={"site": lan.site, "owner": lan.owner})
        return
    yield _judge(lan, _heard_at(lan.site, evidence, ctx))


def _judge(lan: DeclaredLan, heard: _LinkSenders) -> Verdict:
    def say(code: str, found: Iterable[AdvertisedRouter | AdvertisedDhcpServer] = (), **more: Arg) -> Verdict:
        args: dict[str, Arg] = {"site": lan.site, **more}
        senders = tuple(dict.fromkeys(f"{router.source} ({router.mac})" for router in found))
        if senders:
            args["senders"] = senders
        reason = heard.reason if code == "NOT_WATCHED" else None
        return Verdict(code=code, args=args, evidence=heard.evidence, reason=reason)

    if heard.reason is not None:
        return say("NOT_WATCHED")
    if not lan.routers:
        return say("NOT_DECLARED", heard.routers) if heard.routers else say("NOTHING_HEARD")
    code, found = next(((code, found) for code, found in _undeclared(lan, heard) if found), ("DECLARED", heard.routers))
    if not heard.routers and code in ("DECLARED", "DHCP_NOT_DECLARED"):
        return say("NOTHING_HEARD")
    named = {"FOREIGN_PREFIX": _foreign, "PREFIX_NOT_DECLARED": _local}.get(code)
    if named is None:
        return say(code, found)
    prefixes = dict.fromkeys(str(prefix) for router_heard in heard.routers for prefix in named(lan, router_heard))
    return say(code, found, prefixes=tuple(prefixes))


def _undeclared(
    lan: DeclaredLan, heard: _LinkSenders
) -> Iterator[tuple[str, Sequence[AdvertisedRouter | AdvertisedDhcpServer]]]:
    """Yield the senders that the inventory does not name, by code, the worst first."""
    strange = [router_heard for router_heard in heard.routers if not _is(router_heard, lan.routers)]
    offers = [router_heard for router_heard in strange if router_heard.lifetime > 0]
    servers = [server_heard for server_heard in heard.servers if not _is_server(server_heard, lan)]
    yield "ROGUE", [router_heard for router_heard in offers if not _is_virtual(router_heard)]
    yield "FOREIGN_PREFIX", [router_heard for router_heard in heard.routers if _foreign(lan, router_heard)]
    yield "ROGUE_DHCP", servers if lan.servers or lan.no_dhcp else []
    yield "UNDECLARED", [router_heard for router_heard in strange if router_heard.lifetime == 0]
    yield "VIRTUAL_NOT_DECLARED", [router_heard for router_heard in offers if _is_virtual(router_heard)]
    yield "PREFIX_NOT_DECLARED", [router_heard for router_heard in heard.routers if _local(lan, router_heard)]
    yield "DHCP_NOT_DECLARED", servers


def _is(one: AdvertisedRouter | AdvertisedDhcpServer, known: frozenset[str]) -> bool:
    return str(one.source) in known or one.mac in known


def _is_server(server_heard: AdvertisedDhcpServer, lan: DeclaredLan) -> bool:
    """True if a server is declared by the sender of the message, or by its own MAC address in its DUID.

    The sender may be a relay. See RFC 8415 §11.2, §11.4.
    """
    own = ":".join(_pairs(server_heard.duid[-12:])) if _DUID_OF_MAC.fullmatch(server_heard.duid) else ""
    return _is(server_heard, lan.routers | lan.servers) or own in lan.servers


def _pairs(digits: str) -> Iterator[str]:
    return (digits[start : start + 2] for start in range(0, len(digits), 2))


def _is_virtual(router_heard: AdvertisedRouter) -> bool:
    """True if the frame came from an address that routers share: VRRP over IPv6 (RFC 9568 §7.3), HSRP or GLBP."""
    return router_heard.mac.startswith(_SHARED)


def _foreign(lan: DeclaredLan, router_heard: AdvertisedRouter) -> Sequence[IPv6Network]:
    local = _local(lan, router_heard)
    return [prefix for prefix in _not_named(lan, router_heard) if prefix not in local]


def _local(lan: DeclaredLan, router_heard: AdvertisedRouter) -> Sequence[IPv6Network]:
    """Return unique local prefixes of a declared router, where the inventory names only global ones.

    Routers announce them beside the global ones (RFC 7084, ULA-2).
    """
    if not _is(router_heard, lan.routers) or any(known.subnet_of(UNIQUE_LOCAL) for known in lan.prefixes):
        return []
    return [prefix for prefix in _not_named(lan, router_heard) if prefix.subnet_of(UNIQUE_LOCAL)]


def _not_named(lan: DeclaredLan, router_heard: AdvertisedRouter) -> Sequence[IPv6Network]:
    """Return prefixes that belong to no declared one; without declared prefixes none is foreign.

    Prefixes that a declared router withdraws (preferred lifetime 0, RFC 4192, RFC 9096) are left out: they give no host
    an address any more.
    """
    if not lan.prefixes:
        return []
    declared = _is(router_heard, lan.routers)
    heard = [one.prefix for one in router_heard.prefixes if one.preferred > 0 or not declared]
    return [prefix for prefix in heard if not any(prefix.subnet_of(known) for known in lan.prefixes)]


def _heard_at(site: str, evidence: EvidenceSet, ctx: Context) -> _LinkSenders:
    watches = [(envelope.id, step) for envelope, step in evidence.of(LanWatch) if step.site == site]
    ids = tuple(dict.fromkeys(id_ for id_, _ in watches))
    good = [step for _, step in watches if step.failure is None]
    if not good:
        reasons = [ours(ctx, step.failure) for _, step in watches]
        return _LinkSenders(reason=next((reason for reason in reasons if reason is not None), Reason.CUT), evidence=ids)
    return _LinkSenders(
        routers=tuple(router_heard for step in good for router_heard in step.routers),
        servers=tuple(server_heard for step in good for server_heard in step.servers),
        evidence=ids,
    )
