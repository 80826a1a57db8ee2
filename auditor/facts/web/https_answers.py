"""Reads the answer of each address of a site over HTTPS, for the checks of response headers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import port_state
from auditor.facts.targets import JudgedTargets, for_each
from auditor.facts.web.filters import UNANSWERED, UNAVAILABLE, WITHHELD, unanswered, withheld
from auditor.facts.web.visits import Page, Visit, addresses, host_of, https_port, is_limited, unavailable, visit
from auditor.framework.check import Message, inconclusive, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.web import HttpExchange

NO_ANSWER: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    **WITHHELD,
    **UNANSWERED,
    CERTIFICATE_WANTED=inconclusive(
        "{address} shows its pages only to visitors with a certificate of their own; which headers they have is not"
        " known.",
        fix="Name a page that everybody may see in the column test_url.",
        reason=Reason.AMB,
    ),
    NO_HTTPS=not_applicable("{address} does not answer over HTTPS."),
    SERVER_ERROR=not_applicable("{address} answers HTTP {status}: a server error; see the findings on HTTP."),
    NO_ADDRESS=not_applicable("{name} has no address with HTTPS to look at."),
)

NO_PAGE_SEEN: Mapping[str, Message] = standard(
    ERROR_ALONE=inconclusive(
        "{address} answers HTTP {status} to the auditor; which headers its other pages have does not show there.",
        fix="Name a page that everybody may see in the column test_url.",
        reason=Reason.AMB,
    )
)
"""Messages for checks of headers that servers omit from error pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsAnswer:
    """Holds the visit to one address of a site over HTTPS."""

    address: IPAddress
    visit: Visit

    def say(self, code: str, **more: Arg) -> Verdict:
        """Return a verdict about the address, with its visit as evidence."""
        args: dict[str, Arg] = {"address": str(self.address), **more}
        return Verdict(code=code, args=args, address=self.address, evidence=self.visit.evidence)


def targets(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[HttpsAnswer]:
    """Return every address of a site that answers over HTTPS."""
    looks = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    port = https_port(subject)
    found = () if port is None else addresses(subject, evidence, ctx)
    return JudgedTargets(
        found=[_answer(subject, evidence, ctx, address, port or 0) for address in found],
        unknown=[not_judged.dns(look, detail=look.rtype) for look in looks],
        nothing=Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name}),
    )


def page_of(visit_facts: Visit) -> HttpExchange | None:
    """Return the page that the site itself shows at this address; None if it redirects elsewhere or shows none."""
    final = visit_facts.final
    same = final.address == visit_facts.first.address and host_of(final.url) == host_of(visit_facts.first.url)
    shown = final.status is not None and not 300 <= final.status < 400 and final.leads_to is None
    return final if same and shown and final.url.lower().startswith("https://") else None


def same_host(exchange: HttpExchange, other: HttpExchange) -> bool:
    """True if two answers are those of one host."""
    return host_of(exchange.url) == host_of(other.url)


def turned_away(
    subject: Subject, evidence: EvidenceSet, ctx: Context, answer: HttpsAnswer, shown: HttpExchange
) -> Verdict | None:
    """Return the verdict about an answer that is a filter's or a server error, None for a page of the site."""
    status = shown.status or 0
    if is_limited(shown) or (status == UNAVAILABLE and not unavailable(subject, evidence, ctx)):
        return withheld(ctx, answer.address, shown, answer.visit.evidence)
    return None if status < 500 else answer.say("SERVER_ERROR", status=str(status))


def for_each_page(
    subject: Subject,
    evidence: EvidenceSet,
    ctx: Context,
    judge: Callable[[Subject, HttpsAnswer, HttpExchange | None], Verdict],
) -> Iterator[Verdict]:
    """Yield the verdict of ``judge`` about each address's own page, or None as the page if it shows none.

    Answers of a filter and server errors get their own verdicts.
    """

    def of_page(answer: HttpsAnswer) -> Verdict:
        shown = page_of(answer.visit)
        away = None if shown is None else turned_away(subject, evidence, ctx, answer, shown)
        return away or judge(subject, answer, shown)

    return for_each(targets(subject, evidence, ctx), of_page)


def unless_error(answer: HttpsAnswer, shown: HttpExchange, verdict: Verdict) -> Verdict:
    """Return the verdict about missing headers, or ERROR_ALONE if the page is an error.

    Many servers omit the headers from errors, as before a log-in (nginx without ``always``).
    """
    status = shown.status or 0
    return answer.say("ERROR_ALONE", status=str(status)) if 400 <= status < 500 else verdict


def values(answer: HttpExchange, name: str) -> list[str]:
    """Return every value of one response header, in the order they were sent."""
    return [value.strip() for header, value in answer.headers if header.lower() == name]


def words(answer: HttpExchange, name: str) -> list[str]:
    """Return the values in lower case; a proxy may have joined several into one header, separated by commas."""
    return [word.strip().lower() for value in values(answer, name) for word in value.split(",")]


def _answer(
    subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int
) -> HttpsAnswer | Verdict:
    state, visit_facts = port_state(evidence, ctx, address, port), visit(evidence, ctx, address, port)
    none = Verdict(code="NO_HTTPS", args={"address": str(address)}, address=address, evidence=state.evidence)
    if visit_facts is None:
        return none if state.shut else not_judged.port(state)
    if visit_facts.first.status is None:
        if visit_facts.page is Page.UNKNOWN:
            return not_judged.at(address, f"tcp/{port}", visit_facts.reason, visit_facts.evidence)
        if visit_facts.page is Page.DENIED:
            return replace(none, code="CERTIFICATE_WANTED", evidence=visit_facts.evidence)
        if visit_facts.unanswered:
            return unanswered(ctx, address, port, visit_facts.evidence)
        return none
    answer = HttpsAnswer(address=address, visit=visit_facts)
    return turned_away(subject, evidence, ctx, answer, visit_facts.first) or answer
