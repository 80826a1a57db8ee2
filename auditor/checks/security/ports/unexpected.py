"""``security.ports.unexpected``: no port is open beyond those that the owner approved in the inventory."""

from collections.abc import Iterator

from auditor.check import Claim, Place, Question, Unit, check, says
from auditor.context import Context
from auditor.facts import sweeps
from auditor.facts.sweeps import Swept
from auditor.findings import Outcome, Verdict
from inventory.model import HOST_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import DATA, MANAGEMENT, SWEPT, UNUSED, PortSweep

_HARMFUL = frozenset({*MANAGEMENT, *DATA})
_JUDGED = tuple(port for port in SWEPT if port != UNUSED)


@check(
    version=1,
    title="Open ports match the approved baseline",
    why="A port that nobody approved is a service that nobody patches; most break-ins begin at one of those.",
    fix="Close the port, or have it approved and add it to allowed_ports in the inventory.",
    references=("CIS Controls 2", "CIS Controls 4", "CIS Controls 12"),
    needs=(NameLookup, PortSweep),
    kinds=HOST_KINDS,
    vantage=frozenset({Place.INET, Place.TSL}),
    claims=Claim.EACH,
    unit=Unit.ADDRESS,
    question=Question.EXPOSURE,
    messages={
        **sweeps.FRAME,
        "AS_APPROVED": says(Outcome.PASS, "{address} has no port open that is not approved."),
        "NEW_PORTS": says(
            Outcome.WARN, "{address} has {ports/a port open that is/ports open that are} not approved: {ports:list}."
        ),
        "NEW_MANAGEMENT": says(
            Outcome.FAIL,
            "{address} has"
            " {ports/a management or database port open that is/management or database ports open that are} not"
            " approved: {ports:list}.",
            fix="Close these ports towards strangers at once, or move them behind a VPN.",
        ),
        "NO_BASELINE": says(
            Outcome.NOT_APPLICABLE, "The inventory names no approved ports (allowed_ports) for {name}."
        ),
    },
)
def unexpected(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    approved = frozenset(subject.declared.allowed_ports)
    if not approved:
        yield Verdict(code="NO_BASELINE", args={"name": subject.host or subject.name})
        return

    def judge(one: Swept) -> Verdict:
        new = tuple(port for port in one.opened(_JUDGED) if port not in approved)
        harmful = tuple(port for port in new if port in _HARMFUL)
        if harmful:
            return one.say("NEW_MANAGEMENT", ports=tuple(map(str, harmful)))
        if new:
            return one.say("NEW_PORTS", ports=tuple(map(str, new)))
        unknown = one.unknown(port for port in _JUDGED if port not in approved)
        return one.say("UNPROVEN", ports=tuple(map(str, unknown))) if unknown else one.say("AS_APPROVED")

    yield from sweeps.judge_each(subject, evidence, ctx, judge)
