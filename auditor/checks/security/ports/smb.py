"""Check that SMB 1 is gone, and no SMB can be reached from the internet."""

from collections.abc import Iterator

from auditor.facts.exposure import sweeps
from auditor.facts.exposure.port_state import OpenState
from auditor.facts.exposure.sweeps import Swept
from auditor.facts.targets import for_each
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    inconclusive,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import HOST_KINDS, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import PortSweep, SmbNegotiate
from probes.wire.exposure.port_hellos import SMB

_PORT = 445


@check(
    version=4,
    title="SMBv1 is off and SMB is not exposed",
    problem="SMB is open to the Internet",
    problems={"UNSIGNED": "SMB does not require signing", "SMB1": "Outdated SMB 1 is still accepted"},
    why="SMB 1 is what WannaCry spread through; and no SMB server is made to be attacked from the whole internet.",
    fix="Switch SMB 1 off, and filter TCP 445 and 139 over IPv4 and IPv6.",
    references=("CIS Controls 4.8", "MS17-010"),
    needs=(NameLookup, PortSweep, SmbNegotiate),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"EXPOSED"}),
    messages={
        **sweeps.FRAME,
        "CLOSED": passed("{address} has no SMB open (TCP 445)."),
        "SIGNED": passed("{address} speaks only SMB 2 or later, and insists on signing."),
        "UNSIGNED": warn(
            "{address} speaks only SMB 2 or later, but does not insist on signing.",
            fix="Require SMB signing on the server.",
        ),
        "SMB1": fail("{address} still negotiates SMB 1."),
        "EXPOSED": fail("{address} has SMB open to the internet, and it answers (TCP 445)."),
        "NOT_NEGOTIATED": inconclusive(
            "{address} has TCP 445 open, but gave no answer that tells which SMB it speaks.", reason=Reason.AMB
        ),
    },
)
def smb(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(sweep: Swept) -> Verdict:
        pairs = [
            (e.id, s) for e, s in evidence.of(SmbNegotiate) if s.address == sweep.address and s.accepted is not None
        ]
        return _judge(subject, sweep.beside(id_ for id_, _ in pairs), [step for _, step in pairs])

    yield from for_each(
        sweeps.targets(subject, evidence, ctx), sweeps.believable(judge, frozenset({"SMB1", "EXPOSED"}))
    )


def _judge(subject: Subject, sweep: Swept, smb_negotiates: list[SmbNegotiate]) -> Verdict:
    if sweep.deceives:  # an answer there shows no more than any other
        return sweep.nothing()
    if any(step.version == 1 and step.accepted for step in smb_negotiates):
        return sweep.say("SMB1")
    answers = bool(smb_negotiates) or sweep.speaks(_PORT, SMB)
    seen = sweep.ports.get(_PORT)
    if not answers and (seen is None or seen.state is not OpenState.OPEN):
        return sweep.not_known((_PORT,)) or sweep.say("CLOSED")
    if answers and subject.network is Network.INTERNET:
        return sweep.say("EXPOSED")
    later = next((step for step in smb_negotiates if step.version == 2 and step.accepted), None)
    declined = any(step.version == 1 and step.accepted is False for step in smb_negotiates)
    if later is None or not declined:
        return sweep.say("NOT_NEGOTIATED")
    return sweep.say("SIGNED" if later.signing_required else "UNSIGNED")
