"""Check that every IPv6 address that accepts connections serves the site.

An address that does not accept them is ``ipv6.web.reach``'s finding and not applicable here.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from auditor.facts import not_judged
from auditor.facts.dns import names
from auditor.facts.dns.names import lookup, own, usable_v6
from auditor.facts.path.large_transfer import TransferEnd, transfer
from auditor.facts.web.content import NOTHING_AT_ROOT, is_default_page, title
from auditor.facts.web.filters import UNANSWERED, UNAVAILABLE, WITHHELD, unanswered, withheld
from auditor.facts.web.ipv4 import OverIpv4, over_ipv4
from auditor.facts.web.visits import Page, Visit, host_of, not_open, site_visit
from auditor.framework.check import FamilyClaim, Granularity, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.path import BulkTransfer
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_CODES = {Page.FAILED: "FAILED", Page.OFF_FAMILY: "LEADS_OFF_IPV6"}
_VHOST = "Give the web server or proxy the IPv6 virtual host, and let its back end accept requests that came over IPv6."
_LISTENER = "Look at the IPv6 listener of the web server and at its TLS: it resets, refuses or ends the connection."
_PATH = (
    "Look at the way to the server over IPv6: its path MTU, whether ICMPv6 type 2 (Packet Too Big) gets through, and"
    " the firewall's rules."
)
_LOOP = (
    "Look at the web server's log and correct the redirect; if IPv4 shows the page, at the host that answers over IPv6."
)
_SITE = "The site itself is at fault, not IPv6: look at the web server's log and repair the page."
_TARGET = "Correct the redirect, or have the host that it leads to published and mended."
_WITH_STATUS = frozenset({"SERVED", "DENIED_ALIKE", "DENIED_IPV6_ALONE", "ERROR", "ERROR_IPV6_ONLY", "ERROR_ALIKE"})
_TIMES_OUT = frozenset({"TIMES_OUT", "TIMES_OUT_IPV6_ONLY"})
_UNAUTHORIZED = 401
_COMPARED = frozenset({"DENIED_ALIKE", "CERTIFICATE_WANTED", "ERROR", "FAILED", "TIMES_OUT", "ERROR_ALIKE"})
_FAILED_ALIKE = ("TARGET_FAILS_ALIKE", "FAILED_ALIKE")  # away from the site's own host, and at it


@check(
    version=16,
    title="HTTP works over IPv6",
    problem="Website does not work over IPv6",
    problems={
        "ERROR": "Website returns an error over IPv6",
        "ERROR_IPV6_ONLY": "Website returns an error over IPv6",
        "FAILED": "Website accepts IPv6 connections but sends no page",
        "FAILED_IPV6_ONLY": "Website accepts IPv6 connections but sends no page",
        "TIMES_OUT": "Website stays silent after connecting over IPv6",
        "TIMES_OUT_IPV6_ONLY": "Website stays silent after connecting over IPv6",
        "LOOP": "Website redirects in a loop over IPv6",
        "ERROR_ALIKE": "Website returns an error over both IPv4 and IPv6",
        "FAILED_ALIKE": "Website sends no page over either IPv4 or IPv6",
        "TARGET_FAILS_ALIKE": "Website redirects to a host that sends no page over either IPv4 or IPv6",
        "DEFAULT_PAGE_ALIKE": "Website shows only a default server page",
    },
    why="An open port is not a website: a proxy without the IPv6 virtual host shows an error to visitors with IPv6 "
    "while everybody with IPv4 sees the page.",
    fix=_VHOST,
    references=("khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP", "RFC 9110 §15", "Internet.nl web_ipv46"),
    needs=(NameLookup, TcpConnect, HttpExchange, TlsSupport),
    beside=(BulkTransfer, TlsHandshake),
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    transports=frozenset({"tcp/443", "tcp/80"}),
    unit=Granularity.ADDRESS,
    excused_by={
        "FAILED": frozenset({"tls"}),
        "FAILED_IPV6_ONLY": frozenset({"tls"}),
        "FAILED_ALIKE": frozenset({"tls"}),
        "TIMES_OUT": frozenset({"large_transfer"}),
        "TIMES_OUT_IPV6_ONLY": frozenset({"large_transfer"}),
        "LOOP": frozenset({"http"}),
    },
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "SERVED": passed("{address} serves the site over IPv6 (HTTP {status})."),
        "DENIED_ALIKE": passed("{address} asks for permission over IPv6 as over IPv4 (HTTP {status})."),
        "CERTIFICATE_WANTED": passed(
            "{address} asks visitors for a certificate of their own over IPv6 as over IPv4, and shows others no page."
        ),
        "DENIED_IPV6_ALONE": passed(
            "{address} asks for permission over IPv6 (HTTP {status}); over IPv4 there is nothing to compare it with."
        ),
        "CERTIFICATE_WANTED_IPV6_ALONE": passed(
            "{address} asks visitors for a certificate of their own over IPv6, and shows others no page; over IPv4"
            " there is nothing to compare it with."
        ),
        "ROOT_ALIKE": passed(
            "{address} answers HTTP {status} over IPv6 as over IPv4; an API need not have anything at its root."
        ),
        "ERROR": fail("{address} answers HTTP {status} over IPv6, while the site works over IPv4."),
        "ERROR_IPV6_ONLY": fail("{address} answers HTTP {status}, and the site has no IPv4 address."),
        "FAILED": fail(
            "{address} accepts connections but gives no page, while the site works over IPv4.", fix=_LISTENER
        ),
        "FAILED_IPV6_ONLY": fail(
            "{address} accepts connections but gives no page, and the site has no IPv4 address.", fix=_LISTENER
        ),
        "TIMES_OUT": fail(
            "{address} accepts connections but then stays silent, while the site works over IPv4.", fix=_PATH
        ),
        "TIMES_OUT_IPV6_ONLY": fail(
            "{address} accepts connections but then stays silent, and the site has no IPv4 address.", fix=_PATH
        ),
        "PAGE_ALONE_SILENT": inconclusive(
            "{address} stayed silent when it was asked for the page, but sent a large object whole over IPv6 in the"
            " same run: the way to the server is in order, and what held the page up is not known.",
            fix="Look at how long the web server takes for the page (application, database, limits on requests), then"
            " check again.",
            reason=Reason.AMB,
        ),
        "LEADS_OFF_IPV6": not_applicable(
            "{address} redirects visitors with IPv6 to {target}, which has no IPv6 address; see the finding on"
            " redirects."
        ),
        "ROOT_IPV6_ONLY": inconclusive(
            "{address} answers HTTP {status}; an API need not have anything at its root, and there is no IPv4 address"
            " to compare it with.",
            fix="Name a page of the API that everybody may see in the column test_url.",
            reason=Reason.INV,
        ),
        "DEFAULT_PAGE_ALIKE": warn(
            '{address} shows only a web server\'s default page ("{title}"), and IPv4 shows no site either.',
            fix="Let / show the site or redirect to it. Where the site stands at another path on purpose, name that in"
            " the column test_url.",
        ),
        "LOOP": warn("{address} redirects in a circle or more than eight times.", fix=_LOOP),
        "ERROR_ALIKE": warn(
            "{address} answers HTTP {status} to the auditor; the site does not work over IPv4 either.", fix=_SITE
        ),
        "FAILED_ALIKE": warn(
            "{address} gives the auditor no page; the site does not work over IPv4 either.", fix=_SITE
        ),
        "TARGET_FAILS_ALIKE": warn(
            "{address} redirects to {target}, which gives the auditor no page, nor over IPv4.", fix=_TARGET
        ),
        **WITHHELD,
        **UNANSWERED,
        **not_judged.NOT_OPEN,
        **not_judged.NO_AAAA,
    },
)
def http_ok(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look, usable = own(subject, evidence, ctx, "AAAA"), usable_v6(subject, evidence, ctx)
    if not look.known:
        yield not_judged.dns(look)
    elif not usable:
        yield Verdict(code="NO_AAAA", args={"name": look.name}, evidence=look.evidence)
    else:
        ipv4 = over_ipv4(subject, evidence, ctx)
        for address in usable:
            found = site_visit(subject, evidence, ctx, address)
            if found is None:
                yield not_open(subject, evidence, ctx, address)
                continue
            verdict = _judge(ctx, address, found, ipv4)
            if isinstance(found, Visit):
                verdict = _unless_at_root(subject, found, verdict, ipv4)
                verdict = _unless_default(subject, evidence, ctx, found, verdict, ipv4)
            verdict = _unless_gone(evidence, ctx, verdict, ipv4) if verdict.code == "LEADS_OFF_IPV6" else verdict
            yield _unless_larger_came(evidence, ctx, verdict) if verdict.code in _TIMES_OUT else verdict


def _judge(ctx: Context, address: IPv6Address, found: Visit | Reason, ipv4: OverIpv4) -> Verdict:
    if isinstance(found, Reason):
        return not_judged.at(address, "http", found)
    say = partial(_say, address, found, ipv4)
    alone = found.final.status == UNAVAILABLE and UNAVAILABLE not in ipv4.statuses
    if found.page is Page.GOOD:
        return say("SERVED")
    if found.page is Page.LOOP:
        return say("LOOP")
    if found.page is Page.DENIED and (denied := _denied(found, ipv4)):
        return say(denied)
    if found.page is Page.LIMITED or alone:  # trap W2: a filter that knows the auditor is no defect of IPv6
        return withheld(ctx, address, found.final, found.evidence)
    if found.final.status == UNAVAILABLE:
        return say("ERROR_ALIKE")
    reason = found.reason if found.page is Page.UNKNOWN else ipv4.reason
    if reason is not None or found.page is Page.UNKNOWN:
        return not_judged.at(address, "http", reason, found.evidence)
    if found.unanswered and ipv4.unanswered:
        return unanswered(ctx, address, found.final.port, (*found.evidence, *ipv4.evidence))
    return say(_defect(found, ipv4))


def _say(address: IPv6Address, found: Visit, ipv4: OverIpv4, code: str) -> Verdict:
    args = {"address": str(address)}
    if code in _WITH_STATUS:
        args["status"] = str(found.final.status)
    if code in ("LEADS_OFF_IPV6", "TARGET_FAILS_ALIKE"):
        args["target"] = found.ended_at
    compared = ipv4.evidence if code in (*_COMPARED, *_FAILED_ALIKE) else ()
    return Verdict(code=code, args=args, address=address, evidence=(*found.evidence, *compared))


def _denied(found: Visit, ipv4: OverIpv4) -> str:
    """Return the code for a site that denies access, which is its right and no defect; empty where it is no excuse.
    That a certificate is required is inferred, and accepted unless IPv4 contradicts it."""
    asked = found.final.status == _UNAUTHORIZED
    if ipv4.works:
        alike = "DENIED_ALIKE" if asked else "CERTIFICATE_WANTED"
        return alike if found.final.status in ipv4.statuses else ""
    if ipv4.reason is not None or (ipv4.exists and not asked):
        return ""
    return "DENIED_IPV6_ALONE" if asked else "CERTIFICATE_WANTED_IPV6_ALONE"


def _defect(found: Visit, ipv4: OverIpv4) -> str:
    """Return the code for an address that shows no page, depending on the results over IPv4."""
    code = _CODES.get(found.page, "ERROR" if found.final.status is not None else "FAILED")
    silent = found.final.failure is not None and found.final.failure.kind is FailureKind.TIMEOUT
    code = "TIMES_OUT" if code == "FAILED" and silent else code
    if ipv4.works:
        return code
    if not ipv4.exists:
        return code if found.page is Page.OFF_FAMILY else f"{code}_IPV6_ONLY"
    return "ERROR_ALIKE" if code == "ERROR" else _FAILED_ALIKE[found.ended_at == host_of(found.first.url)]


def _unless_default(
    subject: Subject, evidence: EvidenceSet, ctx: Context, found: Visit, said: Verdict, ipv4: OverIpv4
) -> Verdict:
    """Return the verdict, or DEFAULT_PAGE_ALIKE; a site that only IPv4 shows is ``same-content``'s finding."""
    if said.code != "SERVED" or subject.kind is Kind.API or not is_default_page(found.final.body):
        return said
    visits = (site_visit(subject, evidence, ctx, address) for address in own(subject, evidence, ctx, "A").v4)
    good = [visit for visit in visits if isinstance(visit, Visit) and visit.page is Page.GOOD]
    if ipv4.reason is not None or not all(is_default_page(visit.final.body) for visit in good):
        return said
    args = {"address": said.args["address"], "title": title(found.final.body)}
    return replace(said, code="DEFAULT_PAGE_ALIKE", args=args, evidence=(*said.evidence, *ipv4.evidence))


def _unless_at_root(subject: Subject, found: Visit, said: Verdict, ipv4: OverIpv4) -> Verdict:
    """Return the verdict; an API without a page at ``/`` is excused if no other page was named."""
    at_root = urlsplit(found.final.url).path in ("", "/") and found.final.status in NOTHING_AT_ROOT
    if subject.kind is not Kind.API or not at_root:
        return said
    if said.code == "ERROR_ALIKE" and found.final.status in ipv4.statuses:
        return replace(said, code="ROOT_ALIKE")
    return replace(said, code="ROOT_IPV6_ONLY") if said.code == "ERROR_IPV6_ONLY" else said


def _unless_larger_came(evidence: EvidenceSet, ctx: Context, said: Verdict) -> Verdict:
    """Return the verdict; IPv6 is excused for a missing page if something large arrived from the same address."""
    larger = None if said.address is None else transfer(evidence, ctx, said.address)
    if larger is None or larger.end is not TransferEnd.WHOLE:
        return said
    args = {"address": said.args["address"]}
    return replace(said, code="PAGE_ALONE_SILENT", args=args, evidence=(*said.evidence, *larger.evidence))


def _unless_gone(evidence: EvidenceSet, ctx: Context, said: Verdict, ipv4: OverIpv4) -> Verdict:
    """Return the verdict on a redirect off IPv6, or FAILED_IPV6_ONLY if its target has no address over IPv4 either."""
    target = str(said.args["target"])
    over4 = lookup(evidence, ctx, target, "A", "redirect")
    if ipv4.works or over4.v4 or not over4.known or names.address(target) is not None:
        return said
    return replace(said, code="FAILED_IPV6_ONLY", args={"address": said.args["address"]})
