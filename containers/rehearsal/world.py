"""Lists the tasks of the first process inside the namespaces: building them, daemons, and readiness tests."""

from collections.abc import Iterator

from containers.rehearsal import daemons as every_daemon
from containers.rehearsal import filters, namespaces, readiness
from containers.rehearsal.addressing import lay_out
from containers.rehearsal.daemons import Daemon
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.topology import every_seat
from containers.rehearsal.workspace import Workspace


def build() -> None:
    """Make every namespace with its links, addresses, routes, kernel settings and packet filter."""
    layout = lay_out(PROVINCE)
    namespaces.build(every_seat(layout), lambda site: filters.rules(site.name, PROVINCE, layout))


def daemons(space: Workspace) -> tuple[Daemon, ...]:
    """Return all processes of the rehearsal."""
    return every_daemon.daemons(space, PROVINCE)


def questions() -> Iterator[readiness.ReadinessTest]:
    """Yield a test for each service that must answer."""
    return readiness.everything(PROVINCE, lay_out(PROVINCE))
