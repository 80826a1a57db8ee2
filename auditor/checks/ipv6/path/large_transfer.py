"""Check that a large transfer arrives over IPv6, about as fast as over IPv4.

A server that does not answer at all is another check's finding, and so is one that breaks off over both families.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import OpenState, port_state
from auditor.facts.path.large_transfer import GOOD, LARGE, Transfer, TransferEnd, own_seconds, pace, transfer
from auditor.facts.path.packets import loses_any
from auditor.facts.targets import for_each
from auditor.facts.v6_targets import v6_targets
from auditor.facts.web.visits import http_port, https_port
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import BulkTransfer, EchoTrain
from probes.observations.transport import EchoSeries, TcpConnect

_ID = "ipv6.path.large-transfer"
_CODES = {
    TransferEnd.STALLED: "STALLS_ALIKE",
    TransferEnd.OTHER: "LIMITED",
    TransferEnd.BROKEN: "BREAKS_OFF",
    TransferEnd.NO_HANDSHAKE: "NO_HANDSHAKE",
}
_FULL_SEGMENTS = 30_000
"""The bytes that most servers send in packets of full size: a path that loses those brings far less."""
_BOTH = " (IPv6 {v6:n} s, IPv4 {v4:n} s)."


@check(
    version=6,
    title="Large server-to-client transfers complete over IPv6",
    problem="Large transfers stall over IPv6",
    problems={
        "SLOWER": "Large transfers are slower over IPv6",
        "FAR_SLOWER": "Large transfers are far slower over IPv6",
    },
    why="A connection that opens and then hangs is worse than none: browsers have decided for IPv6 by then and do not"
    " go back. It is what a lost Packet Too Big looks like to a visitor.",
    fix="Let ICMPv6 type 2 (Packet Too Big) through everywhere between the server and the Internet, and correct the MTU"
    " and segment size of tunnels and firewalls on the path.",
    references=("RFC 8201", "RFC 2923 §2.1"),
    needs=(NameLookup, TcpConnect, BulkTransfer),
    beside=(EchoSeries, EchoTrain),
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    transports=frozenset({"tcp/443", "tcp/80"}),
    unit=Granularity.ADDRESS,
    excused_by={"STALLS": frozenset({"icmp6"}), "STALLS_LATE": frozenset({"icmp6"})},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "COMPLETES": passed("{address} sends a large object whole, about as fast as over IPv4" + _BOTH),
        "COMPLETES_ALONE": passed(
            "{address} sends a large object whole ({v6:n} s); over IPv4 there is nothing to compare."
        ),
        "COMPLETES_OURS": passed(
            "{address} sends a large object whole ({v6:n} s), in packets of {size:n} bytes: connections were made to"
            " fit the vantage's own path. Whether larger packets arrive cannot be told from here."
        ),
        "SLOWER": warn("{address} takes clearly longer for a large object than IPv4" + _BOTH),
        "FAR_SLOWER": warn("{address} takes far longer for a large object than IPv4" + _BOTH),
        "STALLS": fail(
            "{address} falls silent in the middle of a large object, after a handshake without fault; over IPv4 the"
            " same object arrives."
        ),
        "STALLS_LATE": fail(
            "{address} falls silent in the middle of a large object, after {received:n} bytes of it; over IPv4 the same"
            " object arrives.",
            fix="So much came in packets of full size that the path MTU is hardly the cause: look for loss on the way"
            " over IPv6, for firewalls and load balancers that drop connections or limit them, and at the server's"
            " IPv6 interface.",
        ),
        "STALLS_ALIKE": inconclusive(
            "{address} falls silent in the middle of a large object, and over IPv4 it does not arrive either.",
            reason=Reason.AMB,
        ),
        "STALLS_LOSSY": inconclusive(
            "{address} falls silent in the middle of a large object; but the line loses small packets too, which holds"
            " a transfer up as well.",
            reason=Reason.AMB,
        ),
        "BREAKS_OFF": inconclusive(
            "{address} ends the connection in the middle of a large object; that need not be the path.",
            reason=Reason.AMB,
        ),
        "LIMITED": inconclusive(
            "{address} answers the request for a large object with HTTP {status}: perhaps a rate limit or a filter.",
            reason=Reason.RATE,
        ),
        "NO_OBJECT": not_applicable(
            "{address} shows nothing of 100 kB or more (name one in the inventory as test_url)."
        ),
        "NO_HANDSHAKE": not_applicable(
            "{address} lets no connection come about for it; see the findings on reachability."
        ),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def large_transfer(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    fours = [transfer(evidence, ctx, address) for address in own(subject, evidence, ctx, "A").v4]
    v4 = [four for four in fours if four is not None]
    yield from for_each(v6_targets(subject, evidence, ctx), partial(_judge, subject, evidence, ctx, v4))


def _judge(
    subject: Subject, evidence: EvidenceSet, ctx: Context, v4: Sequence[Transfer], address: IPv6Address
) -> Verdict:
    got = transfer(evidence, ctx, address)
    if got is None:
        return _not_asked(subject, evidence, ctx, address)
    whole = min(
        (transfer for transfer in v4 if transfer.end is TransferEnd.WHOLE),
        key=lambda transfer: transfer.seconds,
        default=None,
    )
    ids = tuple(dict.fromkeys((*got.evidence, *(whole.evidence if whole else ()))))
    args: dict[str, Arg] = {"address": written(address)}
    if got.end is TransferEnd.WHOLE:
        return _timed(ctx, address, got, whole, args)
    if got.end is TransferEnd.UNKNOWN:
        return not_judged.at(address, "http", got.reason, got.evidence)
    code = _CODES[got.end]
    if got.end is TransferEnd.STALLED and whole is not None and loses_any(evidence, address):
        code = "STALLS_LOSSY"
    elif got.end is TransferEnd.STALLED and whole is not None:
        late = got.received >= _FULL_SEGMENTS
        code, args = ("STALLS_LATE", args | {"received": got.received}) if late else ("STALLS", args)
    elif got.end is TransferEnd.OTHER and got.status == GOOD:  # the server closed it early
        code = "BREAKS_OFF"
    elif got.end is TransferEnd.OTHER:
        args |= {"status": str(got.status)}
    return Verdict(code=code, args=args, address=address, evidence=ids)


def _timed(ctx: Context, address: IPv6Address, got: Transfer, v4: Transfer | None, args: dict[str, Arg]) -> Verdict:
    if got.received < LARGE:
        return Verdict(code="NO_OBJECT", args=args, address=address, evidence=got.evidence)
    args = args | {"v6": round(got.seconds, 2)}
    own_way = ctx.vantage.own.get(address.version)
    fitted = own_way.mtu if own_way is not None and own_way.fits and own_way.routers else None
    if v4 is None:
        return _as_told(Verdict(code="COMPLETES_ALONE", args=args, address=address, evidence=got.evidence), fitted)

    ids = tuple(dict.fromkeys((*got.evidence, *v4.evidence)))
    code = pace(ctx, got.seconds, v4.seconds)
    if code != "COMPLETES":
        ours = own_seconds(ctx, address, got)
        if isinstance(ours, Reason):
            return not_judged.at(address, "http", ours, ids)
        code = pace(ctx, got.seconds - ours, v4.seconds)
        slow_anyway = pace(ctx, got.seconds - ours - got.busy, v4.seconds)
        if code != "COMPLETES" and slow_anyway == "COMPLETES":  # our own machine may have delayed it
            return not_judged.at(address, "http", Reason.CUT, ids)
        code = slow_anyway
    args = args | {"v4": round(v4.seconds, 2)}
    return _as_told(Verdict(code=code, args=args, address=address, evidence=ids), fitted)


def _as_told(said: Verdict, fitted: int | None) -> Verdict:
    """Return the verdict; a complete transfer over a narrowed path also states the size of its packets.
    Where our packets were made to fit a narrow path, larger ones that may be lost were not sent."""
    if fitted is None or said.code not in ("COMPLETES", "COMPLETES_ALONE"):
        return said
    args = {name: value for name, value in said.args.items() if name != "v4"}
    return replace(said, code="COMPLETES_OURS", args={**args, "size": fitted})


def _not_asked(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    """Return the verdict where no object was requested: the port is shut, or the site has no page."""
    ports = [port for port in (https_port(subject), http_port(subject)) if port is not None]
    port_states = [port_state(evidence, ctx, address, port) for port in ports]
    args = {"address": written(address)}
    ids = tuple(dict.fromkeys(id_ for port in port_states for id_ in port.evidence))
    if any(port.shut for port in port_states):  # a site with HTTPS is not judged by plain HTTP
        return Verdict(code="NO_HANDSHAKE", args=args, address=address, evidence=ids)
    cut = next(
        (envelope for envelope in evidence if envelope.probe == "large_transfer" and envelope.failure is not None), None
    )
    if cut is None and any(port.state is OpenState.OPEN for port in port_states):
        return Verdict(code="NO_OBJECT", args=args, address=address, evidence=ids)
    return not_judged.at(address, "http", next((port.reason for port in port_states if port.reason), None))
