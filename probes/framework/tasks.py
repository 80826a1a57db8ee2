"""Defines the tasks of probes: one name, one endpoint, a group of endpoints to compare, or one local network."""

from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv6Network

from inventory.model import SERVICE_PORTS, Endpoint, IPAddress, Service
from inventory.scope import Reach
from probes.framework.controls import Controls


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTask:
    """Holds one name to look up.

    ``roles``: ``host``, ``zone``, ``mail`` (several for an ad-hoc name), and ``site`` for a host that is a web site.
    ``senders`` and ``selectors`` are declared in the inventory for a mail domain: addresses that send its mail, and
    DKIM selectors; ``serves_clients``: services for mail clients are at the name itself. ``nameless`` are the addresses
    of a web site without a name; the first is then ``name`` and there is no role.
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
    """Holds the inventory's data on a web site.

    ``page_url`` is the page to test if it is not the first one, ``object_url`` a large file. ``ports`` are those at
    which the page is requested.
    """

    page_url: str = ""
    object_url: str = ""
    ports: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTarget:
    """Holds a device with one or several addresses: names of its uplinks, and IPv6 networks it must have routes to."""

    name: str
    uplinks: tuple[str, ...] = ()
    aggregates: tuple[IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Holds a bounded download that tests the throughput of a channel."""

    url: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TslcdTarget:
    """Marks an address or service inside TSLCD.

    ``is_site``: it is of a connection point or data centre and not of a shared web system; there loss, delay and
    isolation are measured too, and throughput if a download is declared.
    """

    is_site: bool
    download: Download | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTask:
    """Holds one address and, for service probes, one port.

    ``host`` is the name sent inside the protocol; ``zone`` is the zone that a name server is queried for;
    ``mail_domain`` is the domain of a mail host that is tested as an open relay. ``for_mail_clients``: a service of the
    domain for mail clients. ``credentials`` are names of profiles, never their content. ``controls`` are for resolvers
    and data centres.
    """

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
        """The name of the device in limits and evidence, the same for all of its addresses."""
        return self.key if self.device is None else self.device.name

    @property
    def key(self) -> str:
        """The task's unique key in a subject; a service on an unusual port is named, as two may share a port."""
        port = "" if self.endpoint.port is None else f"#{self.endpoint.port}"
        odd = self.service is not None and SERVICE_PORTS.get(self.service.name) != self.endpoint.port
        service = f" {self.service.name}" if self.service is not None and odd else ""
        zone = "" if self.zone is None else f" {self.zone}"
        return f"{self.endpoint.address}{port}{service}{zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTask:
    """Holds endpoints of one service that are compared close together in time (parity, consistency)."""

    endpoints: tuple[Endpoint, ...]
    host: str | None
    service: Service
    web: WebTarget = WebTarget()

    @property
    def key(self) -> str:
        return f"{self.service.name}#{self.service.port} {self.host or ''}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanTask:
    """Holds the user network of one site, at an interface of ours; listen for ``seconds``, 0 for not at all.

    ``receivers`` report which packets with forged sources arrive from there; without a receiver none is sent.
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
    """Return the endpoints of a task; a name or a user network has none."""
    if isinstance(task, EndpointTask):
        return (task.endpoint,)
    return task.endpoints if isinstance(task, GroupTask) else ()


@dataclass(frozen=True, slots=True)
class Target:
    """Holds a task with the data that all its probes need: its key, and the addresses and ports it may reach."""

    task: Task
    key: str
    reach: Reach


def target_of(task: Task, within: Reach) -> Target:
    """Return the target of a task: the reach of its subject, limited to the task's addresses and with its ports."""
    asked = endpoints_of(task)
    ports = within.ports.union(endpoint.port for endpoint in asked if endpoint.port is not None)
    return Target(task, task.key, _narrowed(within, frozenset(endpoint.address for endpoint in asked), ports))


@lru_cache(maxsize=64)
def _narrowed(within: Reach, at: frozenset[IPAddress], ports: frozenset[int]) -> Reach:
    """Return a reach shared by all tasks at one address, as late jobs of every subject keep theirs until they run."""
    return replace(within, at=at, ports=ports)
