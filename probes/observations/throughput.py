"""Defines observations of throughput: one bounded download, and the rate that our own line was shown to carry."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from inventory.model import IPAddress
from probes.framework.evidence import observation
from probes.observations.places import TcpStep
from probes.observations.text import Word, also, decimal, duration, end, label, short, status_text

LEAST = 1_000_000
"""Bytes from which a rate is reported: a smaller transfer is over before TCP has found the speed of the path."""


@observation("throughput-test", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughputTest(TcpStep):
    """Records one GET of at most ``wanted`` bytes, bounded in seconds too; its body is timed and thrown away.

    ``received`` bytes behind the head of the answer arrived within ``seconds`` since that head. ``control`` is the
    server near us that was asked for the same over this family before, ``control_rate`` its rate in bits a second; None
    where the configuration names none, or it gave too little. ``mss`` are the bytes of a segment that we may send,
    after both ends and any clamping on the way (RFC 9293 §3.7.1).
    """

    LARGE: ClassVar[bool] = True

    url: str
    wanted: int
    status: int | None = None
    received: int = 0
    seconds: float = 0.0
    control: IPAddress | None = None
    control_rate: float | None = None
    mss: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        got = word("{} of {} bytes in {}").format(self.received, self.wanted, duration(self.seconds, word))
        got = f"{status_text(self.status, word)}, {got}"
        speed = "" if self.rate is None else decimal(f"{self.rate / 1e6:.1f} Mbit/s", word)
        control = "" if self.control_rate is None else decimal(f"{self.control_rate / 1e6:.1f} Mbit/s", word)
        asked = word("throughput GET {} at {}").format(short(self.url), self.where_text())
        yield f"{asked} → {end(self, got, word)}{also(word('rate'), speed)}{also('MSS', self.mss)}"
        if control:
            yield label(word, "own line") + word("{} from {}").format(control, self.control)

    @property
    def rate(self) -> float | None:
        """The rate in bits a second; None where too few bytes came to tell."""
        return rate(self.received, self.seconds) if self.status == 200 else None


def rate(received: int, seconds: float) -> float | None:
    """Return the rate in bits a second; None for too few bytes."""
    return 8 * received / seconds if received >= LEAST and seconds > 0 else None
