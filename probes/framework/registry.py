"""Registers probes. A probe is a function of a module in ``probes/``; its name is the function's name.

``load()`` imports them; nothing is imported for its side effects before an entry point asks.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from inventory.model import Clearance
from probes.framework.evidence import Observation
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, GroupTask, LanTask, NameTask
from probes.net.api import Net

NameProbeFn = Callable[[NameTask, Net, Recorder], Awaitable[None]]
LanProbeFn = Callable[[LanTask, Net, Recorder], Awaitable[None]]
EndpointProbeFn = Callable[[EndpointTask, Net, Recorder], Awaitable[None]]
DoubtTest = Callable[[Sequence[Observation]], bool]
"""Whether what was seen has to be seen again later before it is held against anybody."""
Disturbing = Callable[[], Awaitable[None]]
GroupProbeFn = Callable[[GroupTask, Net, Recorder], Awaitable[Disturbing | None]]
"""What a probe of groups gives back changes what others would measure, and is done when all of them have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One probe as the runner and the catalogue see it.

    ``records`` are the observations it is run for; ``on_the_way`` are others it may make for them. ``services`` empty:
    runs once per address; otherwise once per endpoint of those services. ``ports`` are TCP ports that a probe of
    addresses dials, so that controls are asked there too; ``crafted`` are words for packets that it sends (forms of
    ``probes.net.raw.forwarding``), for the same reason. ``needs_open``: only where the connect probe
    found the port open, so that a dead host costs one wait; all groups are. ``retry`` names a schedule of
    the profile. ``deadline`` bounds one run, and what it does when others are done, seconds after admission.
    ``needs_life``: only at addresses at which anything answered before.
    ``instead_of`` are probes of endpoints that need not run beside it, as it records what they do.
    ``doubts`` judges the steps of one run together, beside what each step says of itself; ``differs`` those of all
    endpoints of one subject together, each of which is then asked again.
    """

    name: str
    version: int
    title: str
    records: tuple[type[Observation], ...]
    shape: str
    run: NameProbeFn | EndpointProbeFn | GroupProbeFn | LanProbeFn
    on_the_way: tuple[type[Observation], ...] = ()
    services: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    crafted: frozenset[str] = frozenset()
    needs_open: bool = False
    retry: str = "none"
    deadline: float = 60.0
    clearance: Clearance = Clearance.NORMAL
    needs_life: bool = False
    instead_of: frozenset[str] = frozenset()
    doubts: DoubtTest | None = None
    differs: DoubtTest | None = None

    @property
    def stands_alone(self) -> bool:
        """True if it shows nothing that others are there for. Those that do come first behind an open port: where they
        meet with silence, so will most."""
        return not self.instead_of

    def fits(self, task: EndpointTask) -> bool:
        """True if it takes this task: probes of addresses those without a service, others those of their services."""
        return not self.services if task.service is None else task.service.name in self.services


_PROBES: dict[str, Probe] = {}


def is_doubtful(steps: Sequence[Observation], doubts: DoubtTest | None = None) -> bool:
    """True if one run has to be confirmed by a later one."""
    return any(step.worth_confirming for step in steps) or (doubts is not None and doubts(steps))


def _register(probe: Probe) -> None:
    if probe.name in _PROBES:
        raise ValueError(f"probe {probe.name!r} is registered twice")
    _PROBES[probe.name] = probe


def name_probe(
    *,
    version: int,
    title: str,
    records: tuple[type[Observation], ...],
    on_the_way: tuple[type[Observation], ...] = (),
    services: frozenset[str] = frozenset(),
    retry: str = "none",
    deadline: float = 60.0,
    clearance: Clearance = Clearance.PASSIVE,
    doubts: DoubtTest | None = None,
) -> Callable[[NameProbeFn], NameProbeFn]:
    """Register a probe of names. ``services`` are those it asks where a name leads it to one."""

    def register(run: NameProbeFn) -> NameProbeFn:
        name = run.__name__
        _register(
            Probe(
                name=name,
                version=version,
                title=title,
                records=records,
                shape="name",
                run=run,
                retry=retry,
                deadline=deadline,
                clearance=clearance,
                services=services,
                on_the_way=on_the_way,
                doubts=doubts,
            )
        )
        return run

    return register


def endpoint_probe(
    *,
    version: int,
    title: str,
    records: tuple[type[Observation], ...],
    on_the_way: tuple[type[Observation], ...] = (),
    services: frozenset[str] = frozenset(),
    ports: frozenset[int] = frozenset(),
    crafted: frozenset[str] = frozenset(),
    needs_open: bool = False,
    needs_life: bool = False,
    retry: str = "none",
    deadline: float = 60.0,
    clearance: Clearance = Clearance.NORMAL,
    instead_of: frozenset[str] = frozenset(),
    doubts: DoubtTest | None = None,
    differs: DoubtTest | None = None,
) -> Callable[[EndpointProbeFn], EndpointProbeFn]:
    """Register a probe of single endpoints."""

    def register(run: EndpointProbeFn) -> EndpointProbeFn:
        name = run.__name__
        _register(
            Probe(
                name=name,
                version=version,
                title=title,
                records=records,
                shape="endpoint",
                run=run,
                on_the_way=on_the_way,
                services=services,
                ports=ports,
                crafted=crafted,
                needs_open=needs_open,
                needs_life=needs_life,
                retry=retry,
                deadline=deadline,
                clearance=clearance,
                instead_of=instead_of,
                doubts=doubts,
                differs=differs,
            )
        )
        return run

    return register


def group_probe(
    *,
    version: int,
    title: str,
    records: tuple[type[Observation], ...],
    services: frozenset[str],
    on_the_way: tuple[type[Observation], ...] = (),
    deadline: float = 60.0,
) -> Callable[[GroupProbeFn], GroupProbeFn]:
    """Register a probe of all open endpoints of one service together."""

    def register(run: GroupProbeFn) -> GroupProbeFn:
        name = run.__name__
        _register(
            Probe(
                name=name,
                version=version,
                title=title,
                records=records,
                shape="group",
                run=run,
                services=services,
                on_the_way=on_the_way,
                needs_open=True,
                deadline=deadline,
            )
        )
        return run

    return register


def lan_probe(
    *,
    version: int,
    title: str,
    records: tuple[type[Observation], ...],
    deadline: float,
    clearance: Clearance = Clearance.PASSIVE,
) -> Callable[[LanProbeFn], LanProbeFn]:
    """Register a probe of the networks of users that the vantage stands on."""

    def register(run: LanProbeFn) -> LanProbeFn:
        name = run.__name__
        _register(
            Probe(
                name=name,
                version=version,
                title=title,
                records=records,
                shape="lan",
                run=run,
                deadline=deadline,
                clearance=clearance,
            )
        )
        return run

    return register


def load() -> Mapping[str, Probe]:
    """Import every probe module and return the probes by name."""
    _import_all()
    return dict(sorted(_PROBES.items()))


@cache
def _import_all() -> None:
    """Import every probe module, once: looking through their folder takes longer than all else."""
    import probes

    for module in pkgutil.iter_modules(probes.__path__):
        if not module.ispkg:
            importlib.import_module(f"probes.{module.name}")
