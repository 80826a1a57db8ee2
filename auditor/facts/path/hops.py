"""Lists the routers on the path to an address from traces, and tells which belong to the audited network.

The owner of a silent router is unknown. It counts as one of the audited network if routers of one owner in that
network answer next to it on both sides, or if one answers before it and the address itself, of the same owner, after
it. Between two sites it may be in the core of an operator, which hides by design: MPLS without IPv6 inside (RFC 4798).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from auditor.facts.attribution import excuse, unseen
from auditor.facts.ranges import PRIVATE
from auditor.framework.address_owners import AddressOwner, IPNetwork, Location
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.traces import HopProbe, PathTrace


@dataclass(frozen=True, slots=True, kw_only=True)
class Hops:
    """Counts the routers inside the audited network.

    ``count``: all of them; ``answering``: those that report an expired hop limit; ``unroutable``: those of them that do
    so from an address that is not routable. ``unowned``: silent ones beside them that may be an operator's.
    ``reason``: why the counts are not known.
    """

    count: int = 0
    answering: int = 0
    unroutable: int = 0
    unowned: int = 0
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def hops(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Hops:
    pairs = [(envelope, step) for envelope, step in evidence.of(PathTrace) if step.address == address]
    done = [(envelope, step) for envelope, step in pairs if step.failure is None and step.probes]
    if not done:
        reasons = [
            excuse(ctx, envelope, step.failure, address, "trace")
            for envelope, step in pairs
            if step.failure is not None
        ]
        ids = tuple(dict.fromkeys(envelope.id for envelope, _ in pairs))
        return Hops(reason=next((reason for reason in reasons if reason), unseen(ctx, address)), evidence=ids)
    probes = [probe for _, step in done for probe in step.probes]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in done))
    networks = (
        *ctx.reference.address_plan,
        *(network for every in ctx.reference.networks.values() for network in every),
    )
    first, last = _stretch(probes, address, networks)
    inside = range(first, last + 1)
    said = _once({hop: [probe for probe in probes if probe.hop == hop and _exceeded(probe)] for hop in inside})
    sources = {hop: [hop.source for hop in every if hop.source is not None] for hop, every in said.items()}
    whose = _Owners(sources, address, networks, Location(network=ctx.location.network))
    ours = {hop: every for hop, every in sources.items() if whose.is_ours(hop)}
    return Hops(
        count=len(ours),
        answering=sum(1 for every in ours.values() if every),
        unroutable=sum(1 for every in ours.values() if every and not any(map(_routable, every))),
        unowned=sum(1 for hop, every in sources.items() if hop not in ours and not every),
        evidence=ids,
    )


@dataclass(frozen=True, slots=True)
class _Owners:
    """Tells which hops belong to the audited network, by the addresses that answered at each."""

    sources: Mapping[int, list[IPAddress]]
    target: IPAddress
    networks: tuple[IPNetwork, ...]
    location: Location

    def is_ours(self, hop: int) -> bool:
        """True if a hop answers from an address of ours, or has none, and both hops next to it are of one owner."""
        named = self._named(hop)
        if named:
            return any(_within(source, self.networks) for source in named)
        around = [(other, found) for other in sorted(self.sources) if (found := self._named(other))]
        before = next((found for other, found in reversed(around) if other < hop), [])
        after = next((found for other, found in around if other > hop), [self.target])
        return not self._owners(before).isdisjoint(self._owners(after))

    def _named(self, hop: int) -> list[IPAddress]:
        """Return the addresses at a hop that can belong to an owner."""
        return [plain(source) for source in self.sources[hop] if _routable(source)]

    def _owners(self, addresses: Iterable[IPAddress]) -> set[AddressOwner]:
        return {self.location.owner(address) for address in addresses if _within(address, self.networks)}


def _once(said: Mapping[int, list[HopProbe]]) -> Mapping[int, list[HopProbe]]:
    """Return the hops without those of a router that already answered nearer, as at both ends of a tunnel."""
    seen: set[IPAddress] = set()
    kept = {}
    for hop, every in sorted(said.items()):
        sources = {hop_probe.source for hop_probe in every if hop_probe.source is not None}
        if not sources or sources - seen:
            kept[hop] = every
        seen |= sources
    return kept


def _stretch(probes: list[HopProbe], address: IPv6Address, networks: tuple[IPNetwork, ...]) -> tuple[int, int]:
    """Return the first and the last hop inside the audited network; (1, 0) if there is none."""
    inside = [hop.hop for hop in probes if _exceeded(hop) and _within(hop.source, networks)]
    if not inside:
        return 1, 0
    reached = [hop.hop for hop in probes if hop.answer == "reached"]
    last = max(inside)
    if reached and _within(address, networks):
        last = max(last, min(reached) - 1)
    return min(inside), last


def _exceeded(hop: HopProbe) -> bool:
    return hop.answer == "time-exceeded" and hop.code == 0


def _within(address: IPAddress | None, networks: tuple[IPNetwork, ...]) -> bool:
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )


def _routable(address: IPAddress) -> bool:
    """True if an address is neither link-local, loopback, unspecified nor multicast.

    ICMP errors (RFC 4443) should come from a global or unique local address, so that their sender can be identified.
    """
    return not (address.is_link_local or address.is_loopback or address.is_unspecified or address.is_multicast)


def before(traces: Iterable[PathTrace], address: IPAddress) -> list[IPAddress | None]:
    """Return the address that answered at each hop before the target, None at a silent hop.

    Silent hops after the last answer of a trace that did not reach the target are left out.
    """
    addresses: list[IPAddress | None] = []
    for trace in traces:
        at: dict[int, IPAddress | None] = {}
        for probe in trace.probes:
            if probe.answer != "reached" and probe.source != address:
                at[probe.hop] = at.get(probe.hop) or probe.source
        reached = [hop.hop for hop in trace.probes if hop.answer == "reached"]
        last = min(reached) - 1 if reached else max((hop for hop, who in at.items() if who is not None), default=0)
        addresses += [at.get(hop) for hop in range(1, last + 1)]
    return addresses


_LINK = {6: 64, 4: 24}
"""Number of bits that an address on the vantage's own link shares with the vantage's address, by IP version."""


def own_routers(traces: Iterable[PathTrace]) -> frozenset[IPAddress]:
    """Return the first hops on the vantage's own link with a private or link-local address; they are not judged.

    A link-local address can only be on the vantage's own link.
    """
    hops: set[IPAddress] = set()
    for trace in traces:
        first = {probe.source for probe in trace.probes if probe.hop == 1 and probe.source is not None}
        link = () if trace.source is None else (ip_network((trace.source, _LINK[trace.source.version]), strict=False),)
        hops |= {hop for hop in first if hop.is_link_local or (_inside(hop, link) and _inside(hop, PRIVATE))}
    return frozenset(hops)


def plain(hop: IPAddress) -> IPAddress:
    """Return the IPv4 address if a hop's address is one mapped into IPv6, else the hop's address.

    Routers of a core without IPv6 answer with mapped addresses (6PE, RFC 4798).
    """
    return (hop.ipv4_mapped or hop) if isinstance(hop, IPv6Address) else hop


def strangers(
    traces: Sequence[PathTrace], address: IPAddress, prefixes: Sequence[IPNetwork]
) -> Mapping[str, tuple[IPAddress, ...]]:
    """Return the hops outside the prefixes of TSLCD, the worst first: Internet, public in the operator's core, private.

    The vantage's own router is left out.
    """
    hops = {plain(hop) for hop in before(traces, address) if hop is not None}
    hops -= own_routers(traces)
    strange = sorted((hop for hop in hops if not _inside(hop, prefixes)), key=lambda hop: (hop.version, int(hop)))
    public, of_core = [hop for hop in strange if not _inside(hop, PRIVATE)], _core(traces, address, prefixes)
    return {
        "OUTSIDE": tuple(hop for hop in public if hop not in of_core),
        "CORE_HOP": tuple(public),
        "UNKNOWN_HOP": tuple(strange),
    }


def _inside(hop: IPAddress, prefixes: Iterable[IPNetwork]) -> bool:
    return any(hop in prefix for prefix in prefixes)


def _core(traces: Iterable[PathTrace], address: IPAddress, prefixes: Sequence[IPNetwork]) -> frozenset[IPAddress]:
    """Return the hops that cannot be on the Internet: IPv4-mapped ones, and those between two hops of TSLCD."""
    addresses: set[IPAddress] = set()
    for trace in traces:
        hops = before([trace], address)
        every = [None if hop is None else plain(hop) for hop in hops]
        inside = [n for n, hop in enumerate(every) if hop is not None and _inside(hop, prefixes)]
        for n, hop in enumerate(every):
            between = bool(inside) and inside[0] < n < inside[-1]
            if hop is not None and (between or hop != hops[n]):
                addresses.add(hop)
    return frozenset(addresses)
