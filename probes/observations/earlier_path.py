"""Holds the path to an address as earlier runs traced it, so that a run can tell by itself whether its own differs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from inventory.model import IPAddress
from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, end, listed, moment
from probes.observations.traces import HopProbe


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHop:
    """Holds the addresses that answered at one hop limit in any of the earlier traces."""

    hop: int
    sources: tuple[IPAddress, ...]


@observation("earlier-path", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPath(NotMeasured):
    """Records the last trace of one protocol to an address, and every hop that earlier traces of any protocol saw.

    ``ends`` are the hop limits at which the address itself answered.
    """

    address: IPAddress
    protocol: str
    port: int
    measured: datetime
    probes: tuple[HopProbe, ...] = ()
    seen: tuple[SeenHop, ...] = ()
    ends: tuple[int, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        about = word("earlier trace {}/{} {}, measured {}")
        about = about.format(self.protocol, self.port, self.address, moment(self.measured, word))
        hops = word("{} hops").format(len({probe.hop for probe in self.probes}))
        yield f"{about} → {end(self, hops, word)}"
        for hop in self.seen:
            yield f"  {hop.hop:<10} {listed(hop.sources)}"
