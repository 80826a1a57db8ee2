"""Check that no port is open beyond those that the owner approved in the inventory."""

from collections.abc import Container, Iterator, Mapping

from auditor.facts.exposure import sweeps
from auditor.facts.exposure.edges import edge
from auditor.facts.exposure.site_ports import Front, PortPage, shown
from auditor.facts.exposure.sweeps import Swept
from auditor.facts.targets import for_each
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import HOST_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import DATA, MANAGEMENT, SWEPT, UNUSED, PortSweep
from probes.observations.pages import FrontPage
from probes.observations.web import HttpExchange, TlsHandshake

_HARMFUL = frozenset({*MANAGEMENT, *DATA})
_JUDGED = tuple(port for port in SWEPT if port not in UNUSED)


@check(
    version=9,
    title="Open ports match the approved baseline",
    problem="Open port is not approved",
    problems={"NEW_MANAGEMENT": "Open management or database port is not approved"},
    why="A port that nobody approved is a service that nobody patches; most break-ins begin at one of those.",
    fix="Close the port, or have it approved and add it to allowed_ports in the inventory.",
    references=("CIS Controls 2", "CIS Controls 4", "CIS Controls 12"),
    needs=(NameLookup, PortSweep, FrontPage, HttpExchange, TlsHandshake),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"NEW_PORTS", "NEW_MANAGEMENT"}),
    excused_by={"NEW_PORTS": frozenset({"front_page"}), "NEW_MANAGEMENT": frozenset({"front_page"})},
    messages={
        **sweeps.FRAME,
        "AS_APPROVED": passed("{address} has no port open that is not approved."),
        "NEW_PORTS": warn("{address} has {ports/a port open that is/ports open that are} not approved: {ports:list}."),
        "NEW_MANAGEMENT": fail(
            "{address} has"
            " {ports/a management or database port open that is/management or database ports open that are} not"
            " approved: {ports:list}.",
            fix="Close these ports to the outside at once, or move them behind a VPN.",
        ),
        **sweeps.MUTE_PORTS,
        "NO_BASELINE": not_applicable("The inventory names no approved ports (allowed_ports) for {name}."),
    },
)
def unexpected(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    approved = frozenset(subject.declared.allowed_ports)
    if not approved:
        yield Verdict(code="NO_BASELINE", args={"name": subject.host or subject.name})
        return

    def judge(sweep: Swept) -> Verdict:
        others = tuple(port for port in _JUDGED if port not in approved)
        found = sweep.answering(others)
        fronts = {port: shown(subject, evidence, ctx, sweep.address, port) for port in found if sweep.speaks_web(port)}
        # This owner can neither approve nor close ports that a content network has open for all customers.
        theirs = {port for port, front in fronts.items() if front.operator and front.front is not Front.OTHER}
        theirs |= {port for port in fronts if edge(evidence, sweep.address) and fronts[port].front is Front.SITE}
        new = tuple(port for port in found if port not in theirs)
        harmful = tuple(port for port in new if port in _HARMFUL and port not in _own(fronts))
        if harmful:
            return sweep.say("NEW_MANAGEMENT", ports=sweep.shown(harmful))
        if new:
            return sweep.say("NEW_PORTS", ports=sweep.shown(new))
        at_edge = edge(evidence, sweep.address) is not None
        return sweep.unclear(others, at_edge=at_edge) or sweep.say("AS_APPROVED")

    yield from for_each(
        sweeps.targets(subject, evidence, ctx), sweeps.believable(judge, frozenset({"NEW_MANAGEMENT", "NEW_PORTS"}))
    )


def _own(fronts: Mapping[int, PortPage]) -> Container[int]:
    """Return management ports that show only the site itself or its certificate, or a log-in for users."""
    return {port for port, front in fronts.items() if front.front is not Front.OTHER}
