"""Check that a shared system inside TSLCD answers there.

Measured from the hub, over the network that communes use; an agent at a site would show more. Each such system is
judged by itself; one tagged ``non-critical`` warns. Where samples of a week are stored, they decide; without them the
round of this run does, and the finding states so.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import port_state
from auditor.facts.tslcd import points
from auditor.facts.web import visits
from auditor.facts.web.visits import Page, Visit
from auditor.framework.check import VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import ROUNDS, Arg, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Kind, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations import series
from probes.observations.dns import NameLookup
from probes.observations.series import SeriesWindow
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_ID = "tslcd.app.reach"
_WORKS = frozenset({Page.GOOD, Page.DENIED, Page.LIMITED})
"""A log-in page and a refusal without one are answers of the system."""


@check(
    version=6,
    title="Shared systems are usable from the commune",
    problem="Shared system does not work inside TSLCD",
    problems={
        "OFTEN_DOWN": "Shared system is often down inside TSLCD",
        "OFTEN_DOWN_NOT_CRITICAL": "Shared system is often down inside TSLCD",
        "NO_NAME": "Shared system has no address inside TSLCD",
    },
    why="TSLCD is there for the shared systems; a commune that cannot open them has a line to nowhere.",
    fix="Correct routing, what the DNS says inside, and the firewall before the system.",
    references=("Điều 6 Thông tư số 06/2026/TT-BKHCN",),
    needs=(NameLookup, TcpConnect, HttpExchange, SeriesWindow),
    kinds=WEB_KINDS,
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    window=series.APP_REACH,
    messages={
        **not_judged.DNS_CODES,
        **points.UNDECIDED,
        "WORKS": passed("{name} answers inside TSLCD, at {addresses:list}."),
        "STEADY": passed(
            "{name} worked inside TSLCD in {share:percent} of {count:n} {count/sample/samples} of the last week."
        ),
        "OFTEN_DOWN": fail(
            "{name} worked inside TSLCD in {share:percent} only of {count:n} {count/sample/samples} of the last week."
        ),
        "OFTEN_DOWN_NOT_CRITICAL": warn(
            "{name}, which is declared not to be critical, worked inside TSLCD in {share:percent} only of {count:n}"
            " {count/sample/samples} of the last week."
        ),
        "NO_NAME": fail("{name} has no address inside TSLCD."),
        "DOWN": fail("{name} does not work inside TSLCD: no usable answer from {addresses:list}."),
        "DOWN_NOT_CRITICAL": warn(
            "{name}, which is declared not to be critical, does not work inside TSLCD: {addresses:list}."
        ),
    },
)
def app_reach(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    least = ctx.policy.threshold(_ID, "min_samples")
    for envelope, step in evidence.of(SeriesWindow):
        if (step.window, step.metric) == (series.APP_REACH, series.APP_OK) and step.whole.counted >= least:
            yield _of_samples(subject, ctx, envelope.id, step)
            return
    yield from _of_round(subject, evidence, ctx)


def _of_samples(subject: Subject, ctx: Context, id_: EvidenceId, step: SeriesWindow) -> Verdict:
    share = step.whole.mean or 0.0
    args: dict[str, Arg] = {"share": round(share, 4), "count": step.whole.counted}
    if share >= ctx.policy.threshold(_ID, "min_share"):
        return points.says_of(subject, "STEADY", (id_,), args)
    return points.says_of(subject, _as_declared(subject, "OFTEN_DOWN"), (id_,), args)


def _as_declared(subject: Subject, code: str) -> str:
    return f"{code}_NOT_CRITICAL" if subject.has_tag("non-critical") else code


def _of_round(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("A", "AAAA")]
    addresses = visits.addresses(subject, evidence, ctx)
    unknown = [look for look in looks if not look.known]
    if unknown and not addresses:
        yield not_judged.dns(unknown[0])
    elif not addresses:
        ids = [id_ for look in looks for id_ in look.evidence]
        missing = "NO_NAME" if ids else "NOT_DECIDED"
        yield points.says_of(subject, missing, ids, reason=None if ids else Reason.CUT)
    else:
        said = _judge(subject, evidence, ctx, addresses)
        silent = said.code in ("DOWN", "DOWN_NOT_CRITICAL")
        yield not_judged.dns(unknown[0]) if silent and unknown else said  # the system may answer over the other family


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, addresses: tuple[IPAddress, ...]) -> Verdict:
    seen = {address: visits.site_visit(subject, evidence, ctx, address) for address in addresses}
    works = {a: visit for a, visit in seen.items() if isinstance(visit, Visit) and _answers(subject, visit)}
    if works:
        ids = [id_ for visit in works.values() for id_ in visit.evidence]
        return points.says_of(subject, "WORKS", ids, addresses=points.texts(works))
    for one in seen.values():
        if isinstance(one, Reason):
            return points.says_of(subject, "NOT_DECIDED", reason=one)
        if isinstance(one, Visit) and one.page is Page.UNKNOWN:
            return points.says_of(subject, "NOT_DECIDED", one.evidence, reason=one.reason or Reason.CUT)
    ids = [id_ for address in addresses for id_ in _ids(subject, evidence, ctx, address, seen[address])]
    if not ids:
        return points.says_of(subject, "NOT_DECIDED", reason=Reason.CUT)
    return points.says_of(subject, _as_declared(subject, "DOWN"), ids, {ROUNDS: 1}, addresses=points.texts(addresses))


def _answers(subject: Subject, visit: Visit) -> bool:
    """True if the system itself answers.

    An API has no page at ``/``, and answers a request for one with an error. A page that redirects browsers is an
    answer, though only clients may be able to resolve the name that it leads to.
    """
    if visit.final.leads_to is not None:
        return True
    refuses = visit.page is Page.ERROR and 400 <= (visit.final.status or 0) < 500
    return visit.page in _WORKS or (refuses and Kind.API in subject.kinds)


def _ids(
    subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, seen: Visit | Reason | None
) -> list[EvidenceId]:
    """Return the evidence that the system does not work at an address: its answer, or that no port accepts."""
    if isinstance(seen, Visit):
        return list(seen.evidence)
    ports = [port for port in (visits.https_port(subject), visits.http_port(subject)) if port is not None]
    return [id_ for port in ports for id_ in port_state(evidence, ctx, address, port).evidence]
