"""Check that visitors with IPv6 see the same site as all others.

Only a recognisably different site fails; any other difference may be the site's own momentary change and is a warning
with both answers as evidence (trap W1). Two visits over IPv4 show how much the site differs from itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from itertools import combinations

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.tls.certificates import covers
from auditor.facts.tls.presented import presented
from auditor.facts.web import content
from auditor.facts.web.filters import UNAVAILABLE, WITHHELD, withheld
from auditor.facts.web.ipv4 import OverIpv4, over_ipv4
from auditor.facts.web.visits import Page, Visit, host_of, http_port, https_port, not_open, site_visit, visit
from auditor.framework.check import FamilyClaim, Granularity, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_ID = "ipv6.web.same-content"


@check(
    version=13,
    title="Same website over IPv4 and IPv6",
    problem="Website shows different pages over IPv4 and IPv6",
    problems={
        "DEFAULT_PAGE": "Website shows a default server page over IPv6",
        "OTHER_SITE": "Another website appears over IPv6",
        "ERROR_PAGE": "Website shows an error page over IPv6",
    },
    why="Where IPv6 leads to another virtual host, citizens see an empty or a foreign page under the agency's name, and"
    " nobody who tests over IPv4 notices.",
    fix="Point IPv4 and IPv6 at the same virtual host, and give it the site's name and certificate.",
    references=("Internet.nl web_ipv6_ws_ipv46", "khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP"),
    needs=(NameLookup, TcpConnect, TlsHandshake, HttpExchange),
    kinds=WEB_KINDS,
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/443", "tcp/80"}),
    unit=Granularity.ADDRESS,
    excused_by=dict.fromkeys(("DIFFERENT", "OTHER_TITLE", "OTHER_PLACE"), frozenset({"tls"})),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "SAME": passed("{address} shows the same site as IPv4 ({percent:n} % alike)."),
        "DIFFERENT": warn("{address} shows a page that differs from the one over IPv4 ({percent:n} % alike)."),
        "OTHER_TITLE": warn('{address} shows the title "{title}", IPv4 shows "{expected}".'),
        "OTHER_PLACE": warn("{address} leads to {target}, IPv4 leads to {expected}."),
        "DEFAULT_PAGE": fail('{address} shows a web server\'s default page ("{title}") instead of the site.'),
        "OTHER_SITE": fail("{address} shows another page than IPv4, with a certificate that is not this site's."),
        "ERROR_PAGE": fail("{address} shows an error page (HTTP {status}) where IPv4 shows the site."),
        "ONE_SAMPLE": inconclusive(
            "{address} shows a page that is {percent:n} % like the one over IPv4; one visit over IPv4 does not tell"
            " whether the site always changes that much.",
            reason=Reason.SMPL,
        ),
        **WITHHELD,
        **not_judged.NO_PAGE,
        **not_judged.NOT_OPEN,
        "NO_COMPARISON": not_applicable("{name} shows no page over IPv4 to compare with."),
        **not_judged.NO_AAAA,
    },
)
def same_content(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look, usable = own(subject, evidence, ctx, "AAAA"), usable_v6(subject, evidence, ctx)
    ipv4 = over_ipv4(subject, evidence, ctx)
    compared = _Compared(subject, evidence, ctx, own(subject, evidence, ctx, "A").v4)
    if not look.known:
        yield not_judged.dns(look)
    elif not usable:
        yield Verdict(code="NO_AAAA", args={"name": look.name}, evidence=look.evidence)
    elif not compared.good and ipv4.reason is None:
        yield Verdict(code="NO_COMPARISON", args={"name": look.name}, evidence=ipv4.evidence)
    else:
        yield from (compared.judge(address, ipv4) for address in usable)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Holds the site with its addresses to compare over IPv4."""

    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    over: tuple[IPAddress, ...]

    @property
    def good(self) -> list[Visit]:
        return [page for address in self.over for page in self.pages(address)]

    def pages(self, address: IPAddress) -> list[Visit]:
        """Return every good page that visits from ``address`` reached; each is a sample."""
        ports = [port for port in (https_port(self.subject), http_port(self.subject)) if port is not None]
        visits = [visit(self.evidence, self.ctx, address, port) for port in dict.fromkeys(ports)]
        return [visit for visit in visits if visit is not None and visit.page is Page.GOOD]

    def judge(self, address: IPv6Address, ipv4: OverIpv4) -> Verdict:
        found, good = site_visit(self.subject, self.evidence, self.ctx, address), self.good
        args: dict[str, Arg] = {"address": str(address)}
        if found is None:
            return not_open(self.subject, self.evidence, self.ctx, address)
        if isinstance(found, Reason):
            return not_judged.at(address, "http", found)
        if found.page is Page.UNKNOWN or not good:
            return not_judged.at(address, "http", found.reason or ipv4.reason, found.evidence)
        if found.page is Page.LIMITED or found.final.status == UNAVAILABLE:
            return withheld(self.ctx, address, found.final, found.evidence)
        ids = tuple(dict.fromkeys((*found.evidence, *(id_ for visit in good for id_ in visit.evidence))))
        if found.page is not Page.GOOD:
            error = found.page in (Page.ERROR, Page.DENIED)
            args |= {"status": str(found.final.status)} if error else {}
            code = "ERROR_PAGE" if error else "NO_PAGE"
        else:
            foreign = self.foreign(address)
            alike_by = content.likeness(self.evidence)
            code, more = _compare(found, self.pages(address), good, self.ctx, alike_by, foreign=foreign is True)
            if foreign is None and code in ("OTHER_TITLE", "OTHER_PLACE", "DIFFERENT"):
                return not_judged.at(address, "tls", Reason.CUT, ids)  # its certificate would decide whether it fails
            args |= more
        elsewhere = all(visit.first.port != found.first.port for visit in good)
        if code not in ("SAME", "NO_PAGE") and elsewhere and ipv4.reason is not None:
            return not_judged.at(address, "http", ipv4.reason, ids)  # IPv4 may show the same at that port
        return Verdict(code=code, args=args, address=address, evidence=ids)

    def foreign(self, address: IPv6Address) -> bool | None:
        """True if ``address`` presents a certificate only for other names; None where its handshake failed."""
        port, host = https_port(self.subject), self.subject.host
        if port is None or host is None:
            return False
        tried = any(step.address == address and step.port == port for _, step in self.evidence.of(TlsHandshake))
        chains = [chain.chain for chain in presented(self.subject, self.evidence, self.ctx, address, port).served]
        if tried and not chains:
            return None
        return bool(chains) and not any(chain is None or covers(chain[0], host) for chain in chains)


def _compare(
    visit_facts: Visit,
    seen: Sequence[Visit],
    good: Sequence[Visit],
    ctx: Context,
    alike_by: content.Likeness,
    *,
    foreign: bool,
) -> tuple[str, dict[str, Arg]]:
    """Return the code; ``seen``, ``good``: pages of the address and of IPv4; ``foreign``: not its certificate."""
    here, there = [visit.final for visit in seen], [visit.final for visit in good]
    alike = max(alike_by.of(exchange, other) for exchange in here for other in there)
    itself = min((alike_by.of(exchange, other) for exchange, other in combinations(there, 2)), default=1.0)
    enough = ctx.policy.threshold(_ID, "min_similarity")
    if itself < enough:  # a site that changes by itself
        enough = max(0.0, itself - ctx.policy.threshold(_ID, "dynamic_margin"))
    title, titles = content.title(visit_facts.final.body), [content.title(exchange.body) for exchange in there]
    target, hosts = host_of(visit_facts.final.url), sorted({host_of(visit.final.url) for visit in good})
    percent: dict[str, Arg] = {"percent": int(alike * 100)}
    at_its_port = [visit.final for visit in good if visit.first.port == visit_facts.first.port] or there
    if content.is_default_page(visit_facts.final.body) and not any(
        content.is_default_page(exchange.body) for exchange in at_its_port
    ):
        return "DEFAULT_PAGE", {"title": title}
    if alike < enough and foreign:
        return "OTHER_SITE", {}
    if target not in hosts:
        return "OTHER_PLACE", {"target": target, "expected": hosts[0]}
    if title not in titles and len(set(titles)) == 1:
        return "OTHER_TITLE", {"title": title, "expected": titles[0]}
    if alike >= enough:
        return "SAME", percent
    return ("DIFFERENT" if len(there) > 1 else "ONE_SAMPLE"), percent
