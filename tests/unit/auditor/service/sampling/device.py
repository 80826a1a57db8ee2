"""Simulates a terminal device with running counters, as its SNMP agent shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.unit.auditor.service.sampling.world import Hands

_IF, _IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
_V6 = "1.3.6.1.2.1.4.31"


@dataclass
class Router:
    """Counts in whole numbers, starting near the end of its counters' range.

    ``machine``: the time it started, if it shows that beside its agent's clock.
    """

    hands: Hands
    index: int = 2
    name: str = "ge-0/0/1"
    booted: float = -864_000.0
    boots: int | None = None
    machine: float | None = None
    in_octets: int = (1 << 64) - 1_000_000
    out_octets: int = 5_000_000
    in_packets: int = 1_000_000
    errors: int = (1 << 32) - 5
    discontinuity: int = 0
    last_change: int = 777
    hidden: frozenset[str] = frozenset()
    more: Mapping[str, int | str] = field(default_factory=dict)

    def run(self, seconds: float, *, inward: float, outward: float = 0.0, packets: int = 0, errors: int = 0) -> None:
        """Count traffic for ``seconds`` at rates in bits a second; packets and errors are totals."""
        self.in_octets += round(inward * seconds / 8)
        self.out_octets += round(outward * seconds / 8)
        self.in_packets += packets
        self.errors += errors

    def restart(self) -> None:
        """Restart the device a minute and a half ago, with all counters at zero since."""
        self.booted = self.hands.steady - 90
        self.in_octets = self.out_octets = self.in_packets = self.errors = 0
        self.last_change = 5

    def objects(self) -> Mapping[str, int | str]:
        n = self.index
        shown: dict[str, int | str] = {
            "1.3.6.1.2.1.1.3.0": round((self.hands.steady - self.booted) * 100) % (1 << 32),
            f"{_IFX}.1.{n}": self.name,
            f"{_IF}.2.{n}": self.name,
            f"{_IFX}.18.{n}": "TSLCD",
            f"{_IFX}.6.{n}": self.in_octets % (1 << 64),
            f"{_IFX}.10.{n}": self.out_octets % (1 << 64),
            f"{_IFX}.7.{n}": self.in_packets,
            f"{_IFX}.8.{n}": 0,
            f"{_IFX}.9.{n}": 0,
            f"{_IF}.14.{n}": self.errors % (1 << 32),
            f"{_IF}.8.{n}": 1,
            f"{_IF}.9.{n}": self.last_change,
            f"{_IFX}.15.{n}": 100,
            f"{_IFX}.19.{n}": self.discontinuity,
            f"{_V6}.3.1.6.2.{n}": (self.in_octets // 4) % (1 << 64),
            "1.3.6.1.2.1.4.20.1.2.10.64.1.1": n,
            "1.3.6.1.2.1.4.20.1.1.10.64.1.1": "",
            **self.more,
        }
        if self.machine is not None:
            shown["1.3.6.1.2.1.25.1.1.0"] = round((self.hands.steady - self.machine) * 100) % (1 << 32)
        if self.boots is not None:
            shown["1.3.6.1.6.3.10.2.1.2.0"] = self.boots
        return {oid: value for oid, value in shown.items() if oid not in self.hidden}
