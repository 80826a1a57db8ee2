"""Turns a verdict into INCONCLUSIVE where its evidence does not support it.

The checks see to this themselves; this is the last guard where one forgets. It reads the observations of the kinds that
the check declares, in the evidence that the verdict names, or in all evidence where the verdict names none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv6Address

from auditor.facts.path.forwarding import passed_by
from auditor.framework.check import Check, SilenceMeaning
from auditor.framework.context import LARGE_HELLO, Context
from auditor.framework.findings import Outcome, Reason, Verdict
from inventory.model import IPAddress
from probes.framework.evidence import Blame, Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup
from probes.observations.dnspath import Referral
from probes.observations.dnssec import ZoneAnswer
from probes.observations.exposure import DatagramReply, FtpGreeting, PortSweep, SmbNegotiate
from probes.observations.isolation import AnchorReach, ManagementReach
from probes.observations.link import SourceValidation
from probes.observations.mail import PolicyFetch, SmtpDialogue, SmtpRelay
from probes.observations.pages import FrontPage, LandingPage, PageParts, SecurityTxt
from probes.observations.path import (
    BulkTransfer,
    CraftedExchange,
    EchoTrain,
    FullSegment,
    PathTrace,
    PmtudFlow,
    SegmentSize,
    SourceRoute,
    TunnelEntry,
)
from probes.observations.snmp import SnmpAccess, SnmpCommunity, SnmpDiscovery, SnmpGet, SnmpLevel, SnmpSession, SnmpWalk
from probes.observations.ssh import SshAuthMethods, SshExchange
from probes.observations.tls import BrowserHello, TlsRenegotiation, TlsSupport, TlsWeakness
from probes.observations.transport import EchoSeries, QuicKnock, StampSeries, TcpConnect, UdpKnock
from probes.observations.web import HttpExchange, TlsHandshake

_OVER_TCP = (
    BrowserHello,
    FrontPage,
    LandingPage,
    PageParts,
    SecurityTxt,
    TlsStaple,
    IssuerFetch,
    RevocationList,
    FullSegment,
    SegmentSize,
    TcpConnect,
    ManagementReach,
)
_OVER_UDP = (
    DatagramReply,
    QuicKnock,
    UdpKnock,
    SnmpSession,
    SnmpGet,
    SnmpWalk,
    SnmpDiscovery,
    SnmpAccess,
    SnmpCommunity,
    SnmpLevel,
    StampSeries,
)
_ACCUSING = frozenset({Outcome.WARN, Outcome.FAIL})
_NOWHERE = IPv6Address("::")
_NO_REPLY = Failure(kind=FailureKind.TIMEOUT, detail="no echo reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One observation: whether it failed, and why that may not count (None where it may)."""

    kind: type[Observation]
    address: IPAddress | None
    transport: str
    failed: bool
    reason: Reason | None

    @property
    def held(self) -> bool:
        return self.failed and self.reason is None


def doubt(check: Check, verdict: Verdict, outcome: Outcome, evidence: EvidenceSet, ctx: Context) -> Reason | None:
    """Give the reason why ``outcome`` does not follow from the evidence of ``verdict``; None if it does.

    A defect needs a failure that counts. Without one it may rest on a success (a weak cipher was accepted),
    but not where one family or transport that it names has nothing but failures that do not count: a success over
    IPv4 and silence of unknown origin over IPv6 is no difference between the two. "Nothing is exposed" holds only
    where every silence was shown to be the peer's; "something is exposed" holds on a single answer.
    """
    exposure = check.question is SilenceMeaning.EXPOSURE
    if outcome not in _ACCUSING and not (outcome is Outcome.PASS and exposure):
        return None
    found = (step for one in rests_on(verdict, evidence) for step in _steps(one, evidence, ctx))
    steps = [step for step in found if issubclass(step.kind, check.needs)]
    if outcome is Outcome.PASS:
        return _undecided(steps, lambda one: (one.kind, one.address, one.transport))
    if any(one.held for one in steps):
        return None
    if exposure:
        return _undecided(steps, lambda one: ())
    return _undecided(steps, lambda one: (one.kind, one.address and one.address.version, one.transport))


def rests_on(verdict: Verdict, evidence: EvidenceSet) -> Iterator[Evidence]:
    """The evidence that a verdict names, or all about its address where it names none."""
    for one in evidence:
        named = one.id in verdict.evidence if verdict.evidence else about(one, verdict.address)
        if named:
            yield one


def about(evidence: Evidence, address: IPAddress | None) -> bool:
    """Whether it may tell of an address, or of anything where there is none."""
    return address is None or evidence.endpoint is None or evidence.endpoint.address == address


def _undecided(steps: Iterable[_Step], key: Callable[[_Step], object]) -> Reason | None:
    """The reason of the first group in which no step counts. Several attempts at one thing are one group."""
    groups: dict[object, list[_Step]] = {}
    for step in steps:
        groups.setdefault(key(step), []).append(step)
    return next((group[0].reason for group in groups.values() if all(one.reason for one in group)), None)


def _steps(one: Evidence, evidence: EvidenceSet, ctx: Context) -> tuple[_Step, ...]:
    """Cache the steps of one piece of evidence for all checks."""
    key = (_steps, one.id, id(ctx))
    _, steps = evidence.once(key, lambda: (ctx, tuple(_each_step(one, ctx))))
    return steps


def _each_step(one: Evidence, ctx: Context) -> Iterator[_Step]:
    for step in one.steps:
        for part in _parts(step):
            yield replace(_step(part, one.started, ctx), kind=type(step))


def _parts(step: Observation) -> Iterator[Observation]:
    """A sweep is a connect to each of its ports; one silent port says nothing of another."""
    if not isinstance(step, PortSweep) or step.failure is not None:
        yield step
        return
    for reply in step.replies:
        failure = None if reply.failure is None else Failure(kind=reply.failure)
        yield TcpConnect(address=step.address, port=reply.port, failure=failure)


def _step(step: Observation, at: datetime, ctx: Context) -> _Step:
    address, transport = _where(step)
    failure = step.failure
    if failure is None and _silent(step):
        failure = _NO_REPLY
    reason = None if failure is None else _reason(step, failure, ctx, at)
    return _Step(kind=type(step), address=address, transport=transport, failed=failure is not None, reason=reason)


def _silent(step: Observation) -> bool:
    """Whether nothing came back that a failure would tell of in other steps."""
    match step:
        case EchoSeries() | EchoTrain() | StampSeries():
            return bool(step.sent) and not step.received
        case PmtudFlow():
            return step.ignored
        case _:
            return False


_LARGE = (
    BulkTransfer,
    FrontPage,
    HttpExchange,
    IssuerFetch,
    LandingPage,
    PageParts,
    PolicyFetch,
    RevocationList,
    SecurityTxt,
    TlsHandshake,
    TlsRenegotiation,
    TlsStaple,
    TlsSupport,
    TlsWeakness,
)
"""Steps that wait for what fills packets: a certificate, a page. Large hellos have a control of their own."""


def _where(step: Observation) -> tuple[IPAddress | None, str]:  # noqa: C901 - one table
    match step:
        case PmtudFlow() if step.ignored:
            return step.address, "packet-too-big"
        case BrowserHello(large=True):
            return step.address, LARGE_HELLO
        case (
            PmtudFlow()
            | BulkTransfer()
            | TlsHandshake()
            | TlsSupport()
            | TlsRenegotiation()
            | TlsWeakness()
            | HttpExchange()
            | SmtpDialogue()
            | PolicyFetch()
            | SmtpRelay()
            | SshExchange()
            | SshAuthMethods()
            | FtpGreeting()
            | SmbNegotiate()
        ):
            return step.address, f"tcp/{step.port}"
        case ZoneAnswer(server=server) if server is not None:
            return server, f"{step.transport}/53"
        case Referral():
            return step.server, "tcp/53"
        case DnsExchange() | EdnsAnswer():
            return step.server, f"{step.transport}/{step.port}"
        case CraftedExchange():
            return step.address, step.form
        case AnchorReach():
            return step.address, step.transport
        case SourceRoute() | TunnelEntry():
            return step.address, passed_by(step)
        case SourceValidation():
            return step.receiver, "forged"
        case _ if isinstance(step, _OVER_TCP):
            return step.address, f"tcp/{step.port}"
        case _ if isinstance(step, _OVER_UDP):
            return step.address, f"udp/{step.port}"
        case EchoSeries() | EchoTrain() | PathTrace() | PortSweep():
            return step.address, {PortSweep: "tcp", PathTrace: "trace"}.get(type(step), "icmp")
        case _:
            return None, ""


def _reason(step: Observation, failure: Failure, ctx: Context, at: datetime) -> Reason | None:
    address, transport = _where(step)
    if address is not None:
        return ctx.unproven(failure, address, transport, at, large=isinstance(step, _LARGE))
    match failure.kind.blame:
        case Blame.OURS:
            return ctx.unproven(failure, _NOWHERE, "")
        case Blame.PATH if isinstance(step, NameLookup | Delegation | ZoneAnswer):
            return Reason.DNS  # nobody answered for the name: nothing is known of it
        case _:
            return None
