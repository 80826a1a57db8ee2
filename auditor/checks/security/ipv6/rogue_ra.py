"""Check that only declared routers send router advertisements on a user network.

What the inventory declares of a site (``inventory.user_networks``) is what belongs there; without it there is no
verdict. Silence decides nothing: only a declared router that was heard shows that listening works.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network

from auditor.facts.attribution import ours
from auditor.framework.check import SilenceMeaning, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Subject
from inventory.user_networks import LAN_KINDS, DeclaredLan
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.link import LanWatch, RouterHeard, ServerHeard


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """``reason`` set: no watch came to an end, and why."""

    routers: tuple[RouterHeard, ...] = ()
    servers: tuple[ServerHeard, ...] = ()
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
    version=1,
    title="No rogue router advertisements or DHCPv6 servers",
    problem="Undeclared router offers itself as the way out",
    problems={
        "UNDECLARED": "Undeclared router sends router advertisements",
        "FOREIGN_PREFIX": "Foreign IPv6 prefix is advertised on the user network",
        "ROGUE_DHCP": "Undeclared DHCPv6 server answers on the user network",
    },
    why="Every computer on the network believes whoever says that it is the router: one machine that does can read and"
    " change what all the others send, also where nobody uses IPv6 on purpose.",
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


def _judge(lan: DeclaredLan, heard: _Heard) -> Verdict:
    def say(code: str, found: Iterable[RouterHeard | ServerHeard] = (), **more: Arg) -> Verdict:
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
    strange = [router_heard for router_heard in heard.routers if not _is(router_heard, lan.routers)]
    rogue = [router_heard for router_heard in strange if router_heard.lifetime > 0]
    if rogue:
        return say("ROGUE", rogue)
    foreign = [router_heard for router_heard in heard.routers if _foreign(lan, router_heard)]
    if foreign:
        prefixes = dict.fromkeys(str(prefix) for router_heard in foreign for prefix in _foreign(lan, router_heard))
        return say("FOREIGN_PREFIX", foreign, prefixes=tuple(prefixes))
    servers = [server_heard for server_heard in heard.servers if not _is(server_heard, lan.routers | lan.servers)]
    if servers and (lan.servers or lan.no_dhcp):
        return say("ROGUE_DHCP", servers)
    if strange:
        return say("UNDECLARED", strange)
    if not heard.routers:
        return say("NOTHING_HEARD")
    return say("DHCP_NOT_DECLARED", servers) if servers else say("DECLARED", heard.routers)


def _is(one: RouterHeard | ServerHeard, known: frozenset[str]) -> bool:
    return str(one.source) in known or one.mac in known


def _foreign(lan: DeclaredLan, router_heard: RouterHeard) -> Sequence[IPv6Network]:
    """Prefixes that belong to none of those declared; of a network of which none are, nothing is foreign."""
    heard = [announced.prefix for announced in router_heard.prefixes] if lan.prefixes else []
    return [prefix for prefix in heard if not any(prefix.subnet_of(known) for known in lan.prefixes)]


def _heard_at(site: str, evidence: EvidenceSet, ctx: Context) -> _Heard:
    watches = [(envelope.id, step) for envelope, step in evidence.of(LanWatch) if step.site == site]
    ids = tuple(dict.fromkeys(id_ for id_, _ in watches))
    good = [step for _, step in watches if step.failure is None]
    if not good:
        reasons = [ours(ctx, step.failure) for _, step in watches]
        return _Heard(reason=next((reason for reason in reasons if reason is not None), Reason.CUT), evidence=ids)
    return _Heard(
        routers=tuple(router_heard for step in good for router_heard in step.routers),
        servers=tuple(server_heard for step in good for server_heard in step.servers),
        evidence=ids,
    )
