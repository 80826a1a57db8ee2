"""Check that a connection point, and something behind it, answers over IPv6 inside TSLCD."""

from collections.abc import Iterator

from auditor.facts.tslcd import points
from auditor.facts.tslcd.points import AddressLife
from auditor.framework.check import FamilyClaim, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Kind, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet


@check(
    version=4,
    title="Connection point works over IPv6 inside TSLCD",
    problem="Connection point does not work over IPv6",
    problems={"DEVICE_ONLY": "Only the device answers over IPv6, no service does"},
    why="The conversion to IPv6 covers the wide area network of the state, not only its web sites.",
    fix="Switch IPv6 on in the VPN up to the site, and at the site on its devices and services.",
    references=("Quyết định số 38/QĐ-BTTTT",),
    needs=points.NEEDS,
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    claims=FamilyClaim.V6,
    transports=frozenset({"icmp"}),
    presence=True,
    excused_by={"DEVICE_ONLY": frozenset({"tcp"})},
    messages={
        **points.UNDECIDED,
        **points.NO_ADDRESS,
        "BOTH": passed("{name} answers over IPv6 inside TSLCD, and so does a service ({methods:list})."),
        "DEVICE_ONLY": warn("{name} answers over IPv6 inside TSLCD ({methods:list}), but no service there does."),
        "NO_V6_ADDRESS": inconclusive(
            "{name} answers over IPv4. The inventory names no IPv6 address of it, which does not say that it has none.",
            fix="Write the IPv6 address of the terminal device into the column ipv6, or give it one, then check again.",
            reason=Reason.INV,
        ),
        "SILENT_V6": fail("{name} answers over IPv4, but not over IPv6: {addresses:list}."),
        "NO_ANSWER": inconclusive(
            "{name} answered over neither family, so nothing can be said of IPv6.",
            fix="See the finding about its reachability, then check again.",
            reason=Reason.SMPL,
        ),
    },
)
def dual_stack(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    lives = points.lives(subject, evidence, ctx)
    v6 = [life for life in lives if life.address.version == 6]
    v4 = [life for life in lives if life.address.version == 4]
    if not lives:
        yield points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    elif any(life.alive for life in v6):
        yield _alive(subject, [life for life in v6 if life.alive])
    elif not any(life.alive for life in v4):
        yield points.says_of(subject, "NO_ANSWER", _ids(lives))
    elif not v6:
        yield points.says_of(subject, "NO_V6_ADDRESS", _ids([life for life in v4 if life.alive]))
    elif all(life.dead for life in v6):
        addresses = points.texts(life.address for life in v6)
        yield points.says_of(subject, "SILENT_V6", _ids(v6), addresses=addresses)
    else:
        reason = next((life.reason for life in v6 if life.reason is not None), Reason.CUT)
        yield points.says_of(subject, "NOT_DECIDED", _ids(v6), reason=reason)


def _alive(subject: Subject, alive: list[AddressLife]) -> Verdict:
    methods = sorted({method for life in alive for method in life.methods})
    served = [method for method in methods if method.startswith("tcp/")]
    return points.says_of(subject, "BOTH" if served else "DEVICE_ONLY", _ids(alive), methods=tuple(served or methods))


def _ids(lives: list[AddressLife] | tuple[AddressLife, ...]) -> list[EvidenceId]:
    return [id_ for life in lives for id_ in life.evidence]
