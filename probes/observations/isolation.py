"""Defines observations of addresses and ports that must be unreachable from inside TSLCD."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Observation, observation
from probes.observations.places import TcpStep
from probes.observations.text import Word, end


@observation("anchor-reach", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorReach(Observation):
    """Records one anchor on the Internet over one transport (``icmp``, ``tcp/443``); ``failure`` None: it answered.

    ``accepts_all``: a connect to a port that nothing uses was accepted as well, so a middlebox accepts on the way.
    """

    address: IPAddress
    transport: str
    accepts_all: bool = False

    def at(self) -> At:
        return self.address, self.transport

    def answers(self) -> Iterator[At]:
        """Yield nothing: an anchor is no subject, and reaching it proves no way to one."""
        yield from ()

    def lines(self, word: Word) -> Iterator[str]:
        ended = end(self, word("answered"), word) + _as_all(word, accepts_all=self.accepts_all)
        yield f"{word('anchor')} {self.transport} {written(self.address)} → {ended}"


@observation("management-reach", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementReach(TcpStep):
    """Records a connect to a port by which another agency manages its equipment; ``failure`` None: it was accepted.

    ``accepts_all``: as with an anchor.
    """

    accepts_all: bool = False

    def answers(self) -> Iterator[At]:
        """Yield nothing: as with an anchor, a port that must be unreachable proves no way to a subject."""
        yield from ()

    def lines(self, word: Word) -> Iterator[str]:
        ended = end(self, word("accepted"), word) + _as_all(word, accepts_all=self.accepts_all)
        yield word("management tcp/{} {} → {}").format(self.port, self.address, ended)

    def shown_to(self, seen: Container[str]) -> None:
        """Return None: the address is another agency's, and the configuration named it."""
        return


def _as_all(word: Word, *, accepts_all: bool) -> str:
    return f" ({word('so are ports that nothing uses')})" if accepts_all else ""
