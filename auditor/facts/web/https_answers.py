"""What each address of a site answers over HTTPS, for the checks of response headers."""

from collections.abc import Callable, Iterator, Mapping

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import knock
from auditor.facts.web.filters import UNAVAILABLE, WITHHELD, withheld
from auditor.facts.web.visits import Page, Visit, addresses, host_of, https_port, is_limited, unavailable, visit
from auditor.framework.check import Message, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.web import HttpExchange

Judge = Callable[[IPAddress, Visit], Verdict]

NO_ANSWER: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    **WITHHELD,
    NO_HTTPS=not_applicable("{address} does not answer over HTTPS."),
    SERVER_ERROR=not_applicable("{address} answers HTTP {status}: a server error; see the findings on HTTP."),
    NO_ADDRESS=not_applicable("{name} has no address with HTTPS to look at."),
)


def judge_each(subject: Subject, evidence: EvidenceSet, ctx: Context, judge: Judge) -> Iterator[Verdict]:
    """One verdict per address; a family whose addresses are not known is one more."""
    looks = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    yield from (not_judged.dns(look, detail=look.rtype) for look in looks)
    port, found = https_port(subject), addresses(subject, evidence, ctx)
    if port is not None and found:
        yield from (_one(subject, evidence, ctx, address, port, judge) for address in found)
    elif not looks:
        yield Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name})


def said(address: IPAddress, found: Visit, code: str, **more: Arg) -> Verdict:
    """The verdict about an address that rests on its visit."""
    return Verdict(code=code, args={"address": str(address), **more}, address=address, evidence=found.evidence)


def page_of(found: Visit) -> HttpExchange | None:
    """The page that the site itself shows at this address; None where it sends visitors elsewhere or shows none."""
    final = found.final
    same = final.address == found.first.address and host_of(final.url) == host_of(found.first.url)
    shown = final.status is not None and not 300 <= final.status < 400
    return final if same and shown and final.url.lower().startswith("https://") else None


def same_host(one: HttpExchange, other: HttpExchange) -> bool:
    """Whether two answers are those of one host."""
    return host_of(one.url) == host_of(other.url)


def turned_away(
    subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, found: Visit, answer: HttpExchange
) -> Verdict | None:
    """The verdict about an answer that is a filter's, or an error of the server, and no page of the site."""
    status = answer.status or 0
    if is_limited(answer) or (status == UNAVAILABLE and not unavailable(subject, evidence, ctx)):
        return withheld(ctx, address, answer, found.evidence)
    if status < 500:
        return None
    return said(address, found, "SERVER_ERROR", status=str(status))


def values(answer: HttpExchange, name: str) -> list[str]:
    """Every value of one response header, in the order they were sent."""
    return [value.strip() for one, value in answer.headers if one.lower() == name]


def words(answer: HttpExchange, name: str) -> list[str]:
    """The values in lower case; a proxy may have put several into one header, with commas between."""
    return [word.strip().lower() for value in values(answer, name) for word in value.split(",")]


def _one(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int, judge: Judge) -> Verdict:
    state, found = knock(evidence, ctx, address, port), visit(evidence, ctx, address, port)
    none = Verdict(code="NO_HTTPS", args={"address": str(address)}, address=address, evidence=state.evidence)
    if found is None:
        return none if state.shut else not_judged.port(state)
    if found.first.status is None:
        if found.page is Page.UNKNOWN:
            return not_judged.at(address, f"tcp/{port}", found.reason, found.evidence)
        return none
    return turned_away(subject, evidence, ctx, address, found, found.first) or judge(address, found)
