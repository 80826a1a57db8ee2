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
ConfirmationTest = Callable[[Sequence[Observation]], bool]
"""Decides from the steps of a run whether it must be confirmed later before it counts as a defect."""
Disturbing = Callable[[], Awaitable[None]]
GroupProbeFn = Callable[[GroupTask, Net, Recorder], Awaitable[Disturbing | None]]
"""A group probe may return an action that disturbs other measurements; it runs when all of them have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Holds one probe as the runner and the catalogue see it.

    ``records`` are the observations it is run for; ``on_the_way`` are others it may make for them. ``services`` empty:
    it runs once per address; otherwise once per endpoint of those services. ``ports`` are TCP ports that a probe of
    addresses dials, so that controls are tested there too; ``crafted`` are words for packets that it sends (forms of
    ``probes.net.raw.forwarding``), for the same reason. ``needs_open``: it runs only if the connect probe found the
    port open, so that a dead host costs one wait; all group probes do. ``retry`` names a schedule of the profile.
    ``deadline`` bounds one run, and its disturbing part, in seconds after admission. ``needs_answer``: it runs only at
    addresses that answered something before. ``instead_of``: endpoint probes that are not needed beside it, as it
    records the same. ``confirm_if`` judges the steps of one run together, in addition to each step by itself;
    ``differs`` those of all endpoints of one subject together, which are then all measured again.
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
    needs_answer: bool = False
    instead_of: frozenset[str] = frozenset()
    confirm_if: ConfirmationTest | None = None
    differs: ConfirmationTest | None = None

    @property
    def stands_alone(self) -> bool:
        """True if it replaces no other probe; probes that do are the first to run on an open port.

        If they are met with silence, so will be most others.
        """
        return not self.instead_of

    def fits(self, task: EndpointTask) -> bool:
        """True if the probe takes this task: without services one without a service, otherwise one of its services."""
        return not self.services if task.service is None else task.service.name in self.services


_PROBES: dict[str, Probe] = {}


def is_worth_confirming(steps: Sequence[Observation], confirm_if: ConfirmationTest | None = None) -> bool:
    """True if a later run must confirm this one."""
    return any(step.worth_confirming for step in steps) or (confirm_if is not None and confirm_if(steps))


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
    confirm_if: ConfirmationTest | None = None,
) -> Callable[[NameProbeFn], NameProbeFn]:
    """Register a probe of names. ``services`` are those that it connects to if a name leads it there."""

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
                confirm_if=confirm_if,
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
    needs_answer: bool = False,
    retry: str = "none",
    deadline: float = 60.0,
    clearance: Clearance = Clearance.NORMAL,
    instead_of: frozenset[str] = frozenset(),
    confirm_if: ConfirmationTest | None = None,
    differs: ConfirmationTest | None = None,
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
                needs_answer=needs_answer,
                retry=retry,
                deadline=deadline,
                clearance=clearance,
                instead_of=instead_of,
                confirm_if=confirm_if,
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
    """Register a probe of the user networks that the vantage is attached to."""

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
    """Import every probe module, once: listing their folder takes most of the time."""
    import probes

    for module in pkgutil.iter_modules(probes.__path__):
        if not module.ispkg:
            importlib.import_module(f"probes.{module.name}")
