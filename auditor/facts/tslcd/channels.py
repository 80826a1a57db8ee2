"""Reads the channels of a site: its declared channels, the ports where they end, their samples."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, combinations
from math import isclose

from auditor.facts.device import interfaces
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.findings import Reason
from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.series import SeriesWindow
from probes.wire.snmp.neighbours import neighbours

_BETWEEN = re.compile(r"[;,+]")
_VIRTUAL = re.compile(r"(vlan|vl\d|irb|bvi|bdi|lo\d|loop|inloop|mgmt|manage|meth|fxp|null)\S*|lo", re.IGNORECASE)
"""Matches names of VLAN interfaces, loopbacks and management interfaces."""
_UNIT = re.compile(r"\S+[.:]\d+")
"""Matches sub-interfaces: ``GigabitEthernet0/0/1.100``."""
FIBRE = "fibre"
_ALIKE = 0.02
"""Share by which two counts of the same packets may differ in a day: only one of them may count VLAN tags."""
_DAYS_ALIKE = 7

NO_WAN: Mapping[str, Message] = standard(
    NO_WAN=inconclusive(
        "The inventory does not say which interface of {name} leads to TSLCD.",
        fix="Name it in the column tags: wan=NAME.",
        reason=Reason.INV,
    )
)
NO_BANDWIDTH: Mapping[str, Message] = standard(
    NO_BANDWIDTH=inconclusive(
        "The bandwidth that {name} is registered with is not on record.",
        fix="Write it into the column bandwidth_mbps.",
        reason=Reason.INV,
    )
)
NOT_COUNTED: Mapping[str, Message] = standard(
    NOT_COUNTED=inconclusive(
        "{name} counts hardly any traffic on {interfaces:list}, but many devices do not count there what they forward.",
        fix="Name the port itself in the column tags (wan=NAME), or let the device count on the interface (Huawei:"
        " statistic enable, H3C: traffic-statistic enable).",
        reason=Reason.OBJ,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Holds the declared ports to TSLCD of a device that answered.

    ``apart``: each port that is up has neighbours, and no two have the same. ``unknown``: the number of ports whose
    state is not known.
    """

    up: tuple[str, ...]
    apart: bool
    unknown: int


def declared(subject: Subject) -> tuple[str, ...]:
    """Return the channels in the column ``channel``, separated by semicolons, commas or plus signs."""
    parts = (part.strip() for part in _BETWEEN.split(subject.declared.channel))
    return tuple(dict.fromkeys(part for part in parts if part))


def routes(subject: Subject) -> tuple[str, ...]:
    """Return the physical directions declared (tag ``route=``), each once."""
    return tuple(dict.fromkeys(text.casefold() for text in subject.tag_values("route")))


def media(subject: Subject) -> tuple[str, ...]:
    """Return the medium of each channel (tags ``medium=``), in their order; a single one applies to all of them."""
    found = tuple(text.casefold() for text in subject.tag_values("medium"))
    return found * len(declared(subject)) if len(found) == 1 else found


def ports(subject: Subject, device: SeenDevice) -> Ports:
    wanted = interfaces.declared(subject, device, ("wan",))
    up = [
        interface for interface in wanted if interface.index is not None and interfaces.is_up(device, interface.index)
    ]
    hops = [_neighbours(device, interface.index) for interface in up if interface.index is not None]
    apart = all(hops) and sum(map(len, hops)) == len(set().union(*hops))
    unknown = sum(1 for interface in wanted if interface.index is None or not interfaces.tells(device, interface.index))
    return Ports(up=tuple(interface.name for interface in up), apart=apart, unknown=unknown)


def _neighbours(device: SeenDevice, index: int) -> frozenset[str]:
    """Return the addresses of the neighbours on a port.

    Link-local addresses are left out: they are the same everywhere and distinguish nothing.
    """
    heard = {
        str(neighbour.address)
        for neighbour in neighbours(device.tree)
        if neighbour.if_index == index and neighbour.is_there
    }
    return frozenset(text for text in heard if not text.startswith("fe80:"))


def wan_windows(subject: Subject, evidence: EvidenceSet, window: str) -> list[tuple[EvidenceId, SeriesWindow]]:
    """Return the samples of the interfaces that lead to TSLCD: the declared ones, or all if none is declared."""
    names = {name.casefold() for name in subject.tag_values("wan")}
    pairs = [
        (envelope.id, step)
        for envelope, step in evidence.of(SeriesWindow)
        if step.window == window and step.family == 0
    ]
    return [(id_, step) for id_, step in pairs if not names or step.interface.casefold() in names]


def leading(subject: Subject, interfaces: Iterable[str]) -> tuple[str, ...]:
    """Return the sampled interfaces to TSLCD, which have the registered bandwidth together.

    They are all declared ones, or the only sampled one if none is declared. Empty if one is missing, or any may be
    meant.
    """
    names = {name.casefold() for name in subject.tag_values("wan")}
    found = tuple(interface for interface in interfaces if not names or interface.casefold() in names)
    return found if len(found) == max(1, len(names)) else ()


def ambiguous(subject: Subject, steps: Iterable[SeriesWindow]) -> bool:
    """True if several interfaces were sampled and none is declared to lead to TSLCD.

    The others may be LANs of the site, whose load and errors are not the channel's.
    """
    sampled = {step.interface for step in steps if step.whole.counted}
    return not subject.tag_values("wan") and len(sampled) > 1


def carried_twice(subject: Subject, steps: Sequence[SeriesWindow]) -> tuple[str, ...]:
    """Return declared interfaces with matching loads in all sampled directions on each of at least seven days.

    They are a bundle and its only port, or a port and its sub-interface.
    """
    names = {name.casefold() for name in subject.tag_values("wan")}
    means: dict[str, dict[tuple[str, datetime], float]] = {}
    for step in steps:
        if step.interface.casefold() in names:
            known = {(step.metric, day.start): day.mean for day in step.periods if day.mean is not None}
            means.setdefault(step.interface, {}).update(known)
    twice = (pair for pair in combinations(means, 2) if _are_alike(*(means[name] for name in pair)))
    return tuple(dict.fromkeys(chain.from_iterable(twice)))


def _are_alike(one: Mapping[tuple[str, datetime], float], other: Mapping[tuple[str, datetime], float]) -> bool:
    both = one.keys() & other.keys()
    return len({start for _, start in both}) >= _DAYS_ALIKE and all(
        isclose(one[key], other[key], rel_tol=_ALIKE) for key in both
    )


def uncounted(steps: Sequence[SeriesWindow], device: SeenDevice | None) -> tuple[str, ...]:
    """Return the interfaces for which little traffic in the samples does not prove little traffic.

    On VLANs many devices count only the packets of their processor. On sub-interfaces devices of Huawei and H3C count
    nothing until counting is enabled; one that counts sees at least our own questions, so that it never stays at zero.
    If all stay at zero, it is because some agents have 64-bit counters but count only with the 32-bit ones. If an
    interface is declared by its description, the device's names for it are used.
    """
    most: dict[str, float] = {}
    for step in steps:
        if step.whole.counted:
            most[step.interface] = max(most.get(step.interface, 0.0), step.whole.maximum or 0.0)
    if not any(most.values()):
        return tuple(most)
    return tuple(name for name in most if _may_not_count(name, device, stands_still=not most[name]))


def _may_not_count(name: str, device: SeenDevice | None, *, stands_still: bool) -> bool:
    names = {name} if device is None else interfaces.names_of(device, name)
    is_unit = stands_still and any(_UNIT.fullmatch(text) for text in names)
    return is_unit or any(_VIRTUAL.fullmatch(text) for text in names)
