"""Check that a connect over IPv6 takes no longer, and fails no more often, than over IPv4.

Judged on the pairs of one moment; fewer of them than the threshold decide nothing, nor does a difference that chance
explains. Extra delay and loss of IPv6 from here to all hosts are left out.

If the first connects, and those made by themselves, took no longer, and of the others in a row the first SYN was lost,
a limit on connects is at work: visitors make a few, and the vantage made many.
"""

from collections.abc import Callable, Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.exposure.port_state import OpenState, port_state
from auditor.facts.path import chance
from auditor.facts.path.vantage_path import Detour, detour
from auditor.facts.web.connects import SENT_AGAIN, ComparedConnects, Family, compared
from auditor.facts.web.visits import doors, http_port, https_port
from auditor.framework.check import FamilyClaim, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import PairedConnects
from probes.observations.transport import TcpConnect

_ID = "ipv6.web.latency-parity"
_FAILING = frozenset({"FAILS_MORE", "FAILS_OFTEN"})
_SLOW = frozenset({"SLOWER", "ABANDONED"})
_ACCUSING = frozenset({"SLOWER", "FAILS_MORE", "ABANDONED", "FAILS_OFTEN"})
_FIGURES = (
    " (median of {count:n} {count/pair/pairs}: IPv6 {v6:n} ms, IPv4 {v4:n} ms; successful: IPv6 {good6:n} %, IPv4"
    " {good4:n} %)."
)


@check(
    version=8,
    title="IPv6 is not slower than IPv4",
    problem="Website is slower over IPv6 than over IPv4",
    problems={
        "FAILS_MORE": "Connections fail more often over IPv6",
        "FAILS_OFTEN": "Connections fail more often over IPv6",
        "ABANDONED": "IPv6 is so slow that browsers give it up",
    },
    why="Where IPv6 takes clearly longer, browsers fall back to IPv4 and nobody uses what was built; visitors with "
    "only IPv6 wait.",
    fix="Compare the IPv4 and IPv6 routes, and repair the IPv6 peering, tunnel or filter that costs the time.",
    references=("RFC 8305 §5",),
    needs=(NameLookup, TcpConnect, PairedConnects),
    kinds=WEB_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/443", "tcp/80"}),
    excused_by=dict.fromkeys(("FAILS_OFTEN", "FAILS_MORE", "ABANDONED", "SLOWER"), frozenset({"tcp"})),
    messages={
        **not_judged.DNS_CODES,
        "AS_FAST": passed("Over IPv6 connects take no longer than over IPv4" + _FIGURES),
        "SLOWER": warn("Over IPv6 connects take longer than over IPv4" + _FIGURES),
        "FAILS_MORE": warn("Over IPv6 connects fail more often than over IPv4" + _FIGURES),
        "ABANDONED": fail("Over IPv6 connects take so much longer than over IPv4 that browsers give it up" + _FIGURES),
        "FAILS_OFTEN": fail("Over IPv6 connects fail far more often than over IPv4" + _FIGURES),
        "TOO_FEW": inconclusive(
            "{count:n} {count/pair/pairs} of connects to {name} {count/was/were} made, too few to compare the"
            " families.",
            reason=Reason.SMPL,
        ),
        "CHANCE": inconclusive(
            "A few more connects failed over IPv6 than over IPv4, which chance explains" + _FIGURES, reason=Reason.SMPL
        ),
        "UNSTEADY": inconclusive(
            "How long connects take varies so much that chance explains why they took longer over IPv6" + _FIGURES,
            reason=Reason.SMPL,
        ),
        "SHUT_OUT": inconclusive(
            "From some moment on no connect to {name} over IPv6 was answered any more: an outage of that moment, or"
            " something on the way that had enough of the vantage" + _FIGURES,
            fix="Look whether IPv6 of the service was down then; if not, let the operator of the firewall or the "
            "intrusion prevention admit the vantage's addresses, and check again.",
            reason=Reason.RATE,
        ),
        "HELD_BACK": inconclusive(
            "The first connects to {name} over IPv6 take no longer than over IPv4; where many were made in a row, the"
            " first packet of the others was dropped: something on the way limits how many one visitor may make"
            + _FIGURES,
            fix="Let the operator of the firewall or the intrusion prevention admit the vantage's addresses, or "
            "allow as many connects over IPv6 as over IPv4; then check again.",
            reason=Reason.RATE,
        ),
        "OWN_WAY": inconclusive(
            "Over IPv6 connects fare worse than over IPv4; whether that is the vantage's own way over IPv6 is"
            " not known" + _FIGURES,
            fix="Name controls with IPv4 and IPv6 addresses under [vantage] control, and see what the run says about "
            "the vantage itself; then measure again.",
            reason=Reason.V6,
        ),
        "UNDECIDED": inconclusive("What was measured does not show whether IPv6 to {name} is as fast as IPv4."),
        "ONE_FAMILY": not_applicable("{name} is open over only one of IPv4 and IPv6, or over neither."),
    },
)
def latency_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    unknown = next((look for look in looks if not look.known), None)
    if unknown is not None:
        yield not_judged.dns(unknown)
        return
    name, ports = subject.host or subject.name, [port for port in (https_port(subject), http_port(subject)) if port]
    found = next(
        (comparison for port in ports if (comparison := compared(evidence, ctx, port)).count), ComparedConnects()
    )
    if not found.count:
        sides = [
            [port_state(evidence, ctx, address, port) for address in side for port in ports]
            for side in (usable_v6(subject, evidence, ctx), looks[1].v4)
        ]
        if any(all(port.shut for port in side) for side in sides):
            ids = doors(subject, evidence, ctx, *usable_v6(subject, evidence, ctx), *looks[1].v4)
            yield Verdict(code="ONE_FAMILY", args={"name": name}, evidence=ids)
            return
        unseen = (side for side in sides if not any(port.state is OpenState.OPEN for port in side))
        found = ComparedConnects(reason=next((port.reason for side in unseen for port in side if port.reason), None))
    yield _judge(name, ctx, found)


def _judge(name: str, ctx: Context, comparison: ComparedConnects) -> Verdict:
    if comparison.reason is not None:
        return Verdict(code="UNDECIDED", args={"name": name}, reason=comparison.reason, evidence=comparison.evidence)
    few = comparison.count < ctx.policy.threshold(_ID, "min_pairs")
    if few or comparison.v4 is None:
        return Verdict(code="TOO_FEW", args={"name": name, "count": comparison.count}, evidence=comparison.evidence)
    v6 = comparison.v6 or Family(delays=(), median=0.0, p95=0.0, success=0.0)
    args: dict[str, Arg] = {
        "count": comparison.count,
        "v4": round(comparison.v4.median, 1),
        "v6": round(v6.median, 1),
        "good4": round(100 * comparison.v4.success, 1),
        "good6": round(100 * v6.success, 1),
    }
    code = _code(ctx, comparison.v4, v6, comparison.count, Detour())
    if code in _ACCUSING:
        known = detour(ctx, _ID)
        code = "OWN_WAY" if known is None else _code(ctx, comparison.v4, v6, comparison.count, known)
        if code in _FAILING and not _fails_before(ctx, comparison.before, known):
            code, args["name"] = "SHUT_OUT", name
        if code in _SLOW | _FAILING and _held_back(ctx, comparison):
            code, args["name"] = "HELD_BACK", name
    return Verdict(code=code, args=args, evidence=comparison.evidence)


def _fails_before(ctx: Context, found: ComparedConnects | None, own: Detour | None) -> bool:
    """True if connects over IPv6 fail even without the row of failures at a round's end; ``found`` None: no row."""
    if found is None:
        return True
    if found.v4 is None or found.v6 is None:
        return False
    return _code(ctx, found.v4, found.v6, found.count, own or Detour()) in _FAILING


def _held_back(ctx: Context, found: ComparedConnects) -> bool:
    """True if of many connects in a row only the first succeeded at once, or none although a single one did.
    The single one was as fast as over IPv4."""
    if found.v4 is None or found.v6 is None:
        return False
    fastest = found.v6.delays[0] if found.alone is None else min(found.alone, found.v6.delays[0])
    none_at_once = found.alone is not None and found.v6.delays[0] >= SENT_AGAIN
    limited = none_at_once or found.chance_of_first < chance.UNLIKELY
    return limited and fastest - found.v4.delays[0] <= ctx.policy.threshold(_ID, "warn_milliseconds")


def _code(ctx: Context, v4: Family, v6: Family, count: int, own: Detour) -> str:
    # A longer path delays its fastest packet too: other delays within seconds may be our own machine's.
    fastest = v6.delays[0] - v4.delays[0] if v6.delays and v4.delays else 0.0
    slower = min(v6.median - v4.median, fastest) - own.milliseconds
    gap = round(100 * (v4.success - v6.success) - own.points, 6)
    failed6, failed4 = (round(count * (1 - family.success)) for family in (v6, v4))

    def over(value: float, threshold: str) -> bool:
        return value > ctx.policy.threshold(_ID, threshold)

    def surely(threshold: str) -> bool:
        by = ctx.policy.threshold(_ID, threshold) + own.milliseconds
        return chance.surely_longer(v6.delays, v4.delays, by)

    slow = _slow(over, surely, slower)
    few = failed6 - failed4 < ctx.policy.threshold(_ID, "min_failed_more")
    if over(gap, "warn_gap_points") and (
        few or chance.explains(failed6, count, failed4, count, unlikely=chance.SELDOM)
    ):
        return slow or "CHANCE"
    if over(gap, "fail_gap_points"):
        return "FAILS_OFTEN"
    if over(gap, "warn_gap_points") and slow != "ABANDONED":
        return "FAILS_MORE"
    return slow or "AS_FAST"


def _slow(over: Callable[[float, str], bool], surely: Callable[[str], bool], milliseconds: float) -> str | None:
    if over(milliseconds, "fail_milliseconds") and surely("fail_milliseconds"):
        return "ABANDONED"
    if over(milliseconds, "warn_milliseconds"):
        return "SLOWER" if surely("warn_milliseconds") else "UNSTEADY"
    return None
