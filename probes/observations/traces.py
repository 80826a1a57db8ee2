"""Defines the trace of a path: the addresses that answered at each hop on the way to an address."""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import At, Observation, observation
from probes.observations.text import Word, decimal, end

MOST_HOPS = 255
"""The largest hop limit, a field of eight bits (RFC 8200 §3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HopProbe:
    """Holds one probe of a trace. ``answer``: ``time-exceeded``, ``reached``, ``unreachable``, or None for silence.

    ``type`` and ``code`` are ICMP's; of a TCP answer they are 0 and, for a reset, 1. ``rtt`` in seconds.
    """

    hop: int
    source: IPAddress | None = None
    rtt: float | None = None
    answer: str | None = None
    type: int | None = None
    code: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a hop that no packet can have: readers list every hop up to the last."""
        if not 0 <= self.hop <= MOST_HOPS:
            raise ValueError(f"no packet has a hop limit of {self.hop}")


@observation("path-trace", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PathTrace(Observation):
    """Records a Paris traceroute: probes of one flow, hop limits rising, up to the first at which the address answered.

    ``protocol`` is ``udp``, ``tcp`` or ``icmp``; ``port`` the destination's.
    """

    address: IPAddress
    protocol: str
    port: int
    source: IPAddress | None = None
    probes: tuple[HopProbe, ...] = ()

    def at(self) -> At:
        return self.address, "trace"

    def answers(self) -> Iterator[At]:
        if self.reached:
            yield self.address, "trace"

    def lines(self, word: Word) -> Iterator[str]:
        hops: dict[int, list[HopProbe]] = {}
        for probe in self.probes:
            hops.setdefault(probe.hop, []).append(probe)
        ended = end(self, word("reached" if self.reached else "not reached"), word)
        text = word("trace {}/{} {}: {} hops → {}")
        yield text.format(self.protocol, self.port, self.address, len(hops), ended)
        yield from (_hop_text(hop, probes, word) for hop, probes in sorted(hops.items()))

    @property
    def reached(self) -> bool:
        return any(probe.answer == "reached" for probe in self.probes)


def _hop_text(hop: int, probes: list[HopProbe], word: Word) -> str:
    """Return a line for a hop as traceroute shows it: a star for each probe without an answer."""
    sources = ", ".join(dict.fromkeys(str(probe.source) for probe in probes if probe.source is not None))
    times = " ".join("*" if probe.rtt is None else decimal(f"{probe.rtt * 1000:.1f}", word) for probe in probes)
    others = sorted(
        {probe.answer for probe in probes if probe.answer not in (None, "time-exceeded", "reached")}, key=str
    )
    return f"  {hop:<10} {sources} {times}{' ms' if sources else ''} {' '.join(map(str, others))}".rstrip()
