"""Gives observations their common fields by where they are made: a TCP port, a UDP port, a TLS service, or nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from inventory.model import IPAddress
from probes.framework.evidence import At, Observation
from probes.observations.text import Word, host_port, label, short


class Unplaced(Observation):
    """Marks an observation not made at one address of a subject: declared, computed, of a name, or of the vantage."""

    __slots__ = ()

    def at(self) -> At | None:
        return None

    def answers(self) -> Iterator[At]:
        yield from ()


class NotMeasured(Unplaced):
    """Marks an observation that was declared, or that was sampled or measured before the run."""

    __slots__ = ()
    MEASURED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpStep(Observation):
    """Records a step on a connection to one TCP port."""

    address: IPAddress
    port: int

    def at(self) -> At:
        return self.address, f"tcp/{self.port}"

    def answers(self) -> Iterator[At]:
        if self.came_back:
            yield self.address, f"tcp/{self.port}"

    def where_text(self) -> str:
        return host_port(self.address, self.port)


def redirect_lines(location: str | None, word: Word) -> Iterator[str]:
    """Yield the line about the Location of an answer, if it has one."""
    if location is not None:
        yield label(word, "redirect") + short(location)


class SendsOn:
    """Marks an answer that may send browsers on.

    By its status it sends them to ``location``, or as a page that does nothing else to ``leads_to``
    (``probes.wire.web.jumps``).
    """

    __slots__ = ()

    location: str | None
    leads_to: str | None

    @property
    def onward(self) -> str | None:
        """The place that browsers go to from here; None where they stay."""
        return self.leads_to if self.location is None else self.location

    def onward_lines(self, word: Word) -> Iterator[str]:
        yield from redirect_lines(self.location, word)
        if self.leads_to is not None:
            yield label(word, "page leads to") + short(self.leads_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsStep(TcpStep):
    """Records a step with a TLS service. ``protocol`` is the protocol inside: ``https``, or a STARTTLS protocol."""

    server_name: str | None
    protocol: str = "https"

    def service_text(self, word: Word) -> str:
        name = word(" name {}").format(self.server_name) if self.server_name else ""
        inside = "" if self.protocol == "https" else f" ({self.protocol})"
        return f"{self.where_text()}{name}{inside}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpStep(Observation):
    """Records a step with one UDP port."""

    address: IPAddress
    port: int

    def at(self) -> At:
        return self.address, f"udp/{self.port}"

    def answers(self) -> Iterator[At]:
        if self.came_back:
            yield self.address, f"udp/{self.port}"

    def where_text(self) -> str:
        return host_port(self.address, self.port)
