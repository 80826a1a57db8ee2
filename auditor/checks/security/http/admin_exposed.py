"""Check that no administrative interface is shown to the whole Internet.

One request for ``/`` on six ports; recognised by the product's response before any log-in. No other path, no
credentials.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.path import origins
from auditor.facts.web import admin_pages
from auditor.facts.web.admin_pages import Fronts
from auditor.facts.web.visits import addresses
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import DEVICE_KINDS, WEB_KINDS, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import FrontPage
from probes.observations.routing import RouteOrigin
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_MFA = "mfa"
"""The tag by which an owner declares that the log-in of a site asks for a second factor."""


@check(
    version=8,
    title="No administrative interface on the public web",
    problem="Administrative web page is open to the Internet",
    problems={
        "DECLARED": "Editors' log-in page is open to the Internet",
        "PANEL": "Hosting panel log-in is open to the Internet",
        "PANEL_AT": "Hosting panel log-in is open to the Internet",
    },
    why="Anyone who finds the interface can try passwords and known flaws of the product from anywhere, at any time.",
    fix="Let only the management network or its VPN reach the interface; close the port to everybody else over IPv4 "
    "and IPv6.",
    references=("CIS Controls 4, 12, 13", "RFC 9099 §2.4.2"),
    needs=(NameLookup, TcpConnect, HttpExchange, FrontPage, RouteOrigin),
    kinds=WEB_KINDS | DEVICE_KINDS | {Kind.HOST},
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/80", "tcp/443", "tcp/4443", "tcp/8080", "tcp/8443", "tcp/10443"}),
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"DECLARED", "PANEL", "PANEL_AT", "EXPOSED", "EXPOSED_AT"}),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "NONE": passed("No administrative interface of a known product shows itself on {address}."),
        "DECLARED": warn(
            "{address} shows the log-in of the site's editors to everybody ({products:list}, {ports/port/ports}"
            " {ports:list}); a second factor is declared."
        ),
        "PANEL": warn(
            "{address} shows the log-in of a hosting panel to everybody: {products:list}, {ports/port/ports}"
            " {ports:list}. Where the address is a hoster's, so is the panel.",
            fix="Where the panel is a hoster's, ask the hoster to require a second factor there; where it is your own, "
            "let only the management network or its VPN reach it, over IPv4 and IPv6.",
        ),
        "PANEL_AT": warn(
            "{address} shows the log-in of a hosting panel to everybody: {products:list}, {ports/port/ports}"
            " {ports:list}. The address is announced by {origin}; where it is a hoster's, so is the panel.",
            fix="Where the panel is a hoster's, ask the hoster to require a second factor there; where it is your own, "
            "let only the management network or its VPN reach it, over IPv4 and IPv6.",
        ),
        "EXPOSED": fail(
            "{address} shows an administrative interface to everybody: {products:list}, {ports/port/ports}"
            " {ports:list}."
        ),
        "EXPOSED_AT": fail(
            "{address} shows an administrative interface to everybody: {products:list}, {ports/port/ports}"
            " {ports:list}. The address is announced by {origin}.",
            fix="Let only the management network or its VPN reach the interface, over IPv4 and IPv6; where the address "
            "is a hoster's, have the hoster do so.",
        ),
        "LIMITED": inconclusive(
            "{address} refuses to show its page on {ports/port/ports} {ports:list}: perhaps a filter meant only for "
            "the auditor.",
            reason=Reason.RATE,
        ),
        "NO_ADDRESS": not_applicable("{name} has no address to ask."),
    },
)
def admin_exposed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    yield from (not_judged.dns(look, detail=look.rtype) for look in looks)
    found = addresses(subject, evidence, ctx)
    for address in found:
        yield _judge(
            subject, ctx, address, admin_pages.fronts(subject, evidence, ctx, address), _origin(evidence, address)
        )
    if not found and not looks:
        yield Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name})


def _origin(evidence: EvidenceSet, address: IPAddress) -> str:
    """Return the network that announces the address, empty where no table shows it."""
    found = (origin for origin in origins.of_addresses(evidence) if origin.address == address and origin.announcements)
    return next((origins.label(origin.announcements[0].origin) for origin in found), "")


def _judge(subject: Subject, ctx: Context, address: IPAddress, fronts: Fronts, origin: str) -> Verdict:
    def say(code: str, **more: Arg) -> Verdict:
        return Verdict(code=code, args={"address": str(address), **more}, address=address, evidence=fronts.evidence)

    if fronts.devices or (fronts.sites and _MFA not in subject.tags):
        exposed: dict[str, Arg] = {"products": (*fronts.devices, *fronts.sites), "ports": fronts.ports}
        return say("EXPOSED_AT", **exposed, origin=origin) if origin else say("EXPOSED", **exposed)
    if fronts.panels:
        panels: dict[str, Arg] = {"products": fronts.panels, "ports": fronts.panel_ports}
        return say("PANEL_AT", **panels, origin=origin) if origin else say("PANEL", **panels)
    if fronts.sites:
        return say("DECLARED", products=fronts.sites, ports=fronts.ports)
    if fronts.reason is not None:
        return not_judged.at(address, fronts.transport, fronts.reason, fronts.evidence)
    return say("LIMITED", ports=fronts.limited) if fronts.limited else say("NONE")
