"""Says what a probe is asked to do: one name, one endpoint, a group of endpoints to compare, or one local network."""

from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv6Network

from inventory.model import SERVICE_PORTS, Endpoint, IPAddress, Service
from inventory.scope import Reach
from probes.framework.controls import Controls


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
class WebTarget:
    """What the inventory says of a web site: ``page_url`` is the page to test where it is not the first one,
    ``object_url`` a large file. ``ports`` are those at which the page is asked for."""

    page_url: str = ""
    object_url: str = ""
    ports: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTarget:
    """A device behind one or several addresses: the names of its uplinks, and the IPv6 networks that it shall have a
    route to."""

    name: str
    uplinks: tuple[str, ...] = ()
    aggregates: tuple[IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A bounded download that tests the throughput of a channel."""

    url: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TslcdTarget:
    """An address or service inside TSLCD. ``is_site``: of a connection point or data centre, and not of a shared web
    system; there loss, delay and isolation are measured too, and throughput where a download is declared."""

    is_site: bool
    download: Download | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTask:
    """One address, and for service probes one port. ``host`` is the name said inside the protocol; ``zone`` is the
    zone a name server is asked about; ``mail_domain`` is the domain that a mail host is asked to relay for.
    ``for_mail_clients``: a service of the domain that people's mail programs use. ``credentials`` are names of
    profiles, never what is in them. ``controls`` are for resolvers and data centres."""

    endpoint: Endpoint
    host: str | None = None
    service: Service | None = None
    zone: str | None = None
    mail_domain: str = ""
    for_mail_clients: bool = False
    credentials: tuple[str, ...] = ()
    web: WebTarget = WebTarget()
    device: DeviceTarget | None = None
    tslcd: TslcdTarget | None = None
    controls: Controls | None = None

    @property
    def device_name(self) -> str:
        """What stands for the device in limits and evidence, whichever of its addresses is asked."""
        return self.key if self.device is None else self.device.name

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
    """Endpoints of one service that are compared close together in time (parity, consistency)."""

    endpoints: tuple[Endpoint, ...]
    host: str | None
    service: Service
    web: WebTarget = WebTarget()

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


def endpoints_of(task: Task) -> tuple[Endpoint, ...]:
    """Return the endpoints that a task looks at; a name or a network of users has none."""
    if isinstance(task, EndpointTask):
        return (task.endpoint,)
    return task.endpoints if isinstance(task, GroupTask) else ()


@dataclass(frozen=True, slots=True)
class Target:
    """A task with what all its probes need of it: its key, and where work on it may lead."""

    task: Task
    key: str
    reach: Reach


def target_of(task: Task, within: Reach) -> Target:
    """Return the target of a task: the reach of its subject, at what the task asks to look at."""
    asked = endpoints_of(task)
    ports = within.ports.union(endpoint.port for endpoint in asked if endpoint.port is not None)
    return Target(task, task.key, _narrowed(within, frozenset(endpoint.address for endpoint in asked), ports))


@lru_cache(maxsize=64)
def _narrowed(within: Reach, at: frozenset[IPAddress], ports: frozenset[int]) -> Reach:
    """Return the same for all tasks at one address: what is asked again later is held until then, for every subject."""
    return replace(within, at=at, ports=ports)
