"""What a probe is asked to do: one name, one endpoint, or a group of endpoints to compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory.model import SERVICE_PORTS, Endpoint, IPAddress, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTask:
    """Everything to find out about one name. ``roles``: ``host``, ``zone``, ``mail`` (several for an ad-hoc name), and
    ``site`` for a host that is a web site.

    ``senders`` and ``selectors`` are what the inventory declares of a mail domain: addresses that send its mail, and
    DKIM selectors; ``serves_clients``: services for mail programs that stand at the name itself. ``nameless`` are the
    addresses of a web site that no name leads to, with the first as its ``name`` and no role.
    """

    name: str
    roles: frozenset[str]
    senders: tuple[IPAddress, ...] = ()
    selectors: tuple[str, ...] = ()
    serves_clients: bool = False
    nameless: tuple[IPAddress, ...] = ()

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTask:
    """One address, and for service probes one port. ``host`` is the name said inside the protocol; ``zone`` is the
    zone a name server is asked about. ``hints`` are facts from planning: ``path`` for HTTP, ``object`` the URL of
    something large, ``wan`` of a device the names of its uplinks, separated by spaces. ``credentials`` are names of
    profiles, never what is in them; ``device`` names the thing behind several addresses."""

    endpoint: Endpoint
    host: str | None = None
    service: Service | None = None
    zone: str | None = None
    credentials: tuple[str, ...] = ()
    device: str | None = None
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Unique inside a subject: a service on another port than its usual one is named, two may share a port."""
        port = "" if self.endpoint.port is None else f"#{self.endpoint.port}"
        odd = self.service is not None and SERVICE_PORTS.get(self.service.name) != self.endpoint.port
        service = f" {self.service.name}" if self.service is not None and odd else ""
        zone = "" if self.zone is None else f" {self.zone}"
        return f"{self.endpoint.address}{port}{service}{zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTask:
    """Endpoints of one service that are compared close together in time (parity, consistency). ``hints`` as in
    EndpointTask."""

    endpoints: tuple[Endpoint, ...]
    host: str | None
    service: Service
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.service.name}#{self.service.port} {self.host or ''}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanTask:
    """The network of users of one site, at an interface of ours; listen for ``seconds``, 0 for not at all.

    ``receivers`` are told which packets with forged sources arrive from there; without one none is sent.
    """

    site: str
    interface: str
    seconds: float
    receivers: tuple[Endpoint, ...] = ()

    @property
    def key(self) -> str:
        return f"lan:{self.site}"


Task = NameTask | EndpointTask | GroupTask | LanTask
