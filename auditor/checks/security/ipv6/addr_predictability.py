"""Check that interface identifiers do not reveal the hardware.

For servers, published or declared addresses are read: a server may have an address that is easily guessed, but need not
reveal its network card. For clients, the neighbours are read that a device knows on user networks (tag ``lan=NAME``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from auditor.facts import not_judged
from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import declared
from auditor.facts.dns.names import Lookup, own
from auditor.facts.v6_targets import judged_v6
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import HOST_KINDS, Clearance, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import EchoSeries
from probes.wire.snmp import oids
from probes.wire.snmp.neighbours import neighbours


class Pattern(Enum):
    EUI64 = "eui64"  # the MAC address of the interface, with ff:fe in its middle (RFC 4291 appendix A)
    LOW = "low"  # ::1, ::53, ::1:25
    PORT = "port"  # ::443 of a web server
    IPV4 = "ipv4"  # the host's IPv4 address, in bytes or as decimal digits
    OPAQUE = "opaque"


_ONE_WORD, _TWO_WORDS = 1 << 16, 1 << 32
_ID = "security.ipv6.addr-predictability"


@check(
    version=1,
    title="Interface identifiers do not leak MAC or run in sequence",
    problem="Hosts' IPv6 addresses reveal their MAC addresses",
    problems={"SERVER_MAC": "IPv6 address reveals a network card's MAC address"},
    why="An address made of the MAC address tells which hardware is inside, can be guessed from a maker's range, and"
    " lets a person be followed from network to network.",
    fix="Give servers static addresses of their own; let clients make stable, opaque ones (RFC 7217) and temporary ones"
    " (RFC 8981).",
    references=("RFC 7721", "RFC 8064", "RFC 7217", "RFC 7707"),
    needs=(NameLookup, EchoSeries, *answers.SNMP),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "OPAQUE": passed("The IPv6 addresses of {name} tell nothing about its hardware."),
        "CLIENTS_FINE": passed(
            "Few of the {count} hosts that {name} knows on its networks of users have an address made of their MAC"
            " address."
        ),
        "SERVER_MAC": warn(
            "{addresses/An IPv6 address/IPv6 addresses} of {name} {addresses/is/are} made of the MAC address of a"
            " network card: {addresses:list}."
        ),
        "CLIENT_MACS": fail(
            "{found} of the {count} hosts that {name} knows on its networks of users have an IPv6 address made of their"
            " MAC address."
        ),
        "NO_ADDRESS": not_applicable("{name} has no IPv6 address, and no IPv6 hosts are known on networks of users."),
        "NOT_READ": inconclusive(
            "Which hosts {name} knows on its networks of users was not read to its end from here."
        ),
        "NOT_MEASURED": inconclusive("Nothing was measured at the IPv6 addresses of {name}.", reason=Reason.CUT),
        "NOT_SHOWN": inconclusive(
            "{name} shows no IPv6 neighbours over SNMP on its networks of users.", reason=Reason.OBJ
        ),
    },
)
def addr_predictability(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    clients = _clients(subject, evidence, ctx)
    most = ctx.policy.threshold(_ID, "max_client_share") * clients.count
    if clients.count and clients.found > most:
        yield clients.say("CLIENT_MACS", name)
        return
    look = own(subject, evidence, ctx, "AAAA")
    six = judged_v6(subject, evidence, ctx)
    if six and not _seen(look, evidence):
        yield Verdict(code="NOT_MEASURED", args={"name": name})
        return
    leaking = [address for address in six if pattern(address) is Pattern.EUI64]
    if leaking:
        found: dict[str, Arg] = {"name": name, "addresses": tuple(map(written, leaking))}
        yield Verdict(code="SERVER_MAC", args=found, evidence=_seen(look, evidence))
    elif not look.known:
        yield not_judged.dns(look)
    elif clients.code is not None and not six:
        yield Verdict(
            code=clients.code,
            args={"name": name},
            evidence=clients.evidence,
            reason=Reason.CUT if clients.code == "NOT_READ" else None,
        )
    elif clients.count:
        yield clients.say("CLIENTS_FINE", name)
    else:
        code = "OPAQUE" if six else "NO_ADDRESS"
        yield Verdict(code=code, args={"name": name}, evidence=_seen(look, evidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clients:
    """Counts hosts with addresses beyond link-local, and those with one made of a MAC; ``code`` if not counted."""

    count: int = 0
    found: int = 0
    code: str | None = None
    evidence: tuple[EvidenceId, ...] = ()

    def say(self, code: str, name: str) -> Verdict:
        args: dict[str, Arg] = {"name": name, "count": self.count}
        if code == "CLIENT_MACS":
            args["found"] = self.found
        return Verdict(code=code, args=args, evidence=self.evidence)


def _clients(subject: Subject, evidence: EvidenceSet, ctx: Context) -> _Clients:
    device = answers.device(subject, evidence, ctx)
    if not isinstance(device, SeenDevice):
        return _Clients()
    lans = {interface.index for interface in declared(subject, device, ("lan",)) if interface.index is not None}
    known = [neighbour for neighbour in neighbours(device.tree) if neighbour.is_there and neighbour.if_index in lans]
    six = {
        neighbour.address
        for neighbour in known
        if isinstance(neighbour.address, IPv6Address) and not neighbour.address.is_link_local
    }
    if not lans or len(six) < ctx.policy.threshold(_ID, "min_hosts"):
        table = device.complete(oids.IP_NET_TO_PHYSICAL_ENTRY)
        code = None if not lans or six else "NOT_SHOWN" if table else "NOT_READ"
        return _Clients(code=code, evidence=device.evidence)
    made = sum(pattern(address) is Pattern.EUI64 for address in six)
    return _Clients(count=len(six), found=made, evidence=device.evidence)


def _seen(look: Lookup, evidence: EvidenceSet) -> tuple[EvidenceId, ...]:
    """Return the evidence of the look-up, or without a name the measurements of the inventory's addresses."""
    measured = (envelope.id for envelope, step in evidence.of(EchoSeries) if step.address in look.v6)
    return look.evidence or tuple(dict.fromkeys(measured))


def pattern(address: IPv6Address, fours: Iterable[IPv4Address] = (), ports: Iterable[int] = ()) -> Pattern:
    """Return the pattern of an address; ``fours``: the host's IPv4 addresses, ``ports``: those that it serves."""
    number = int(address) & (1 << 64) - 1
    if number >> 24 & 0xFFFF == 0xFFFE:
        return Pattern.EUI64
    if any(number in (int(four), _as_digits(four)) for four in fours):
        return Pattern.IPV4
    if number < _ONE_WORD and f"{number:x}" in {str(port) for port in ports}:
        return Pattern.PORT
    if number < _TWO_WORDS:
        return Pattern.LOW
    return Pattern.OPAQUE


def _as_digits(four: IPv4Address) -> int:
    """Return 192.0.2.1 as ::192:0:2:1."""
    return sum(int(str(octet), 16) << 16 * (3 - place) for place, octet in enumerate(four.packed))
