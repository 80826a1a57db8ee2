"""Check that the declared BGP sessions over IPv6 are established and bring routes.

Declared by tags ``bgp=ADDRESS``, one for each peer, or ``bgp=none``. BGP4-MIB has IPv4 peers only, and peers in virtual
networks may not be seen (trap D6): a session without a row is not shown, which is not "down".
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.routing import PEER_TABLES, peers

_ESTABLISHED = "established"


@check(
    version=3,
    title="IPv6 BGP sessions are established",
    problem="IPv6 BGP session is not established",
    problems={"NO_PREFIXES": "IPv6 BGP session brings no routes"},
    why="A session that is down takes the networks behind it off IPv6, while IPv4 goes on as if nothing were.",
    fix="Repair the session with the peer, and activate the address family IPv6 for it.",
    references=("RFC 4760",),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("bgp-v6"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "ESTABLISHED": passed("All declared BGP sessions of {name} over IPv6 bring routes: {peers:list}."),
        "NO_PREFIXES": warn(
            "{peers/A BGP session/BGP sessions} of {name} {peers/is/are} established but {peers/brings/bring} no"
            " IPv6 route: {peers:list}."
        ),
        "NOT_ESTABLISHED": fail(
            "{peers/A BGP session/BGP sessions} of {name} {peers/is/are} not established: {peers:list}."
        ),
        "NOT_COUNTED": inconclusive(
            "The BGP sessions of {name} over IPv6 are established; how many routes they bring no SNMP object shows.",
            fix="Look at the accepted prefixes on the device itself.",
            reason=Reason.OBJ,
        ),
        "NOT_SEEN": inconclusive(
            "{name} shows no BGP session with {peers:list}; sessions in virtual networks may be hidden.",
            fix="Show the peers of virtual networks over SNMP, or correct the addresses in the column tags.",
            reason=Reason.OBJ,
        ),
        "NOT_DECLARED": inconclusive(
            "{name} has BGP sessions over IPv6, but the inventory does not say which it should have.",
            fix="Declare each peer in the column tags: bgp=ADDRESS.",
            reason=Reason.INV,
        ),
        "NO_BGP": not_applicable("{name} has no BGP session over IPv6, and none is declared."),
    },
)
def bgp_v6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    known = {peer.address: peer for peer in peers(device.tree)}
    wanted = _declared(subject)
    if not wanted:
        return device.says("NOT_DECLARED") if known else _without(subject, device)
    seen = [known[address] for address in wanted if address in known]
    # Without its state: a session that is down cycles through states, and each would look like a change.
    down = [written(peer.address) for peer in seen if peer.state != _ESTABLISHED]
    if down:
        return device.says("NOT_ESTABLISHED", peers=tuple(down))
    empty = [written(peer.address) for peer in seen if peer.accepted == 0]
    if empty:
        return device.says("NO_PREFIXES", peers=tuple(empty))
    hidden = [written(address) for address in wanted if address not in known]
    if hidden and not _read(device):
        return device.not_read()
    if not known:
        return device.says("NOT_SHOWN")
    if hidden:
        return device.says("NOT_SEEN", peers=tuple(hidden))
    if any(peer.accepted is None for peer in seen):
        return device.says("NOT_COUNTED")
    return device.says("ESTABLISHED", peers=tuple(written(peer.address) for peer in seen))


def _without(subject: Subject, device: SeenDevice) -> Verdict:
    """Return the verdict for a device without a shown or declared session."""
    if "none" in {text.casefold() for text in subject.tag_values("bgp")}:
        return device.says("NO_BGP")
    if not _read(device):
        return device.not_read()
    return device.says("NO_BGP" if _could_show(device) else "NOT_SHOWN")


def _could_show(device: SeenDevice) -> bool:
    """True if the device would show a session over IPv6.
    Either no BGP runs on it, or it has a table of peers of both families with others in it."""
    tables = any(device.tree.has_below(root) for root in PEER_TABLES)
    return tables or device.tree.integer(oids.BGP_LOCAL_AS) == 0


def _read(device: SeenDevice) -> bool:
    """True if every table of peers that was requested was read to its end."""
    roots = [root for root in PEER_TABLES if any(walk.root == dotted(root) for walk in device.walks)]
    return bool(roots) and all(device.complete(root) for root in roots)


def _declared(subject: Subject) -> tuple[IPv6Address, ...]:
    """Return the IPv6 addresses in the tags; others, such as an IPv4 peer, are left out."""
    return tuple(
        dict.fromkeys(address for text in subject.tag_values("bgp") if (address := _address(text)) is not None)
    )


def _address(text: str) -> IPv6Address | None:
    try:
        return IPv6Address(text)
    except ValueError:
        return None
