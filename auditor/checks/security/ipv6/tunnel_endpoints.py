"""Check that no host unpacks tunnel packets of unauthenticated senders and forwards them.

Tested only where the owner authorised it: the packet inside is an echo request to ourselves. One that arrives has come
through the tunnel; a missing one counts only where such packets were shown to leave here.
"""

from collections.abc import Iterator, Sequence

from auditor.facts import not_judged
from auditor.facts.exposure import sweeps
from auditor.facts.path.forwarding import Passed, forwarded
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, SilenceMeaning, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import HOST_KINDS, Clearance, IPAddress, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import TunnelEntry
from probes.wire.exposure import teredo

_CARRIERS = ("proto-41", "gre")
_WORDS = {"proto-41": "6in4 (41)", "gre": "GRE (47)"}


@check(
    version=2,
    title="No open tunnel endpoint",
    problem="Tunnel endpoint is open to anyone",
    problems={"TEREDO": "Host answers as a Teredo server"},
    why="A tunnel endpoint that takes packets from anyone is a way into the network past the firewall, and lets "
    "outsiders send packets under the agency's addresses.",
    fix="Let the tunnel take packets only from its own other end; filter protocols 41 and 47 and UDP port 3544 at the "
    "border.",
    references=("RFC 6169", "RFC 9099 §2.7.2", "RFC 7123"),
    needs=(NameLookup, TunnelEntry),
    kinds=HOST_KINDS,
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"TEREDO", "DECAPSULATES"}),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "NO_ADDRESS": sweeps.FRAME["NO_ADDRESS"],
        "NONE": passed("{address} forwards nothing that outsiders put into a tunnel."),
        "DECLARED": not_applicable(
            "The inventory declares tunnels that end at this device; {address} takes nothing for them from outsiders."
        ),
        "TEREDO": warn(
            "{address} answers as a Teredo server (UDP port 3544).",
            fix="Switch the Teredo server off: nobody needs it any more.",
        ),
        "DECAPSULATES": fail("{address} lets out what anybody puts into a tunnel to it: {protocols:list}."),
    },
)
def tunnel_endpoints(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(address: IPAddress) -> Verdict:
        wanted = (*_CARRIERS, *((teredo.NAME,) if address.version == 4 else ()))
        return _judge(subject, address, [forwarded(evidence, ctx, address, protocol) for protocol in wanted])

    yield from for_each(sweeps.each_address(subject, evidence, ctx), judge)


def _judge(subject: Subject, address: IPAddress, passages: Sequence[Passed]) -> Verdict:
    args: dict[str, Arg] = {"address": written(address)}
    open_ = [result for result in passages if result.answer == "arrived"]
    if open_:
        args["protocols"] = tuple(_WORDS.get(result.transport, result.transport) for result in open_)
        return _verdict("DECAPSULATES", args, address, open_)
    answers = [result for result in passages if result.transport not in _CARRIERS and result.answer == "reply"]
    if answers:
        return _verdict("TEREDO", args, address, answers)
    unknown = next((result for result in passages if result.answer is None), None)
    if unknown is not None:
        return not_judged.at(address, unknown.transport, unknown.reason, unknown.evidence)
    declared = subject.has_tag("tunnel") or bool(subject.tag_values("tunnel"))
    return _verdict("DECLARED" if declared else "NONE", args, address, passages)


def _verdict(code: str, args: dict[str, Arg], address: IPAddress, passages: Sequence[Passed]) -> Verdict:
    ids = tuple(dict.fromkeys(id_ for result in passages for id_ in result.evidence))
    return Verdict(code=code, args=args, address=address, evidence=ids)
