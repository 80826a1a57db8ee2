"""Finds addresses that stopped answering us in the midst of a run, and places that answered for another subject alone.

An intrusion prevention or fail2ban shuts an address to the vantage once it has had enough, for every site and
mail domain that stands there. From here that looks like an outage: what is measured afterwards accuses nobody, and is
no success either. Pure; gathered in one pass, in whatever order evidence comes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from auditor.framework.shut_out import ShutOut
from inventory.model import IPAddress, Network, Subject, SubjectId
from probes.framework.evidence import NO_CONNECT, At, Evidence, EvidenceId, FailureKind, Observation, Parts
from probes.observations.transport import TcpConnect

_ENOUGH = 2
"""So many pieces of evidence must show a port silent that had accepted: one connect may be lost by anybody."""
_TURNED_AWAY = frozenset({FailureKind.REFUSED, FailureKind.PROHIBITED})
"""How a filter says no aloud; that nobody is at an address (unreachable) is no filter's word."""
_NEVER = (datetime.min.replace(tzinfo=UTC),) * 2


@dataclass(slots=True)
class _Place:
    """One TCP port of one address. ``shut`` are the latest pieces of evidence in which it was silent or refused."""

    opened: datetime | None = None
    accepted: set[SubjectId] = field(default_factory=set)
    turned_away: set[SubjectId] = field(default_factory=set)
    shut: dict[EvidenceId, datetime] = field(default_factory=dict)


class Bans:
    """Takes every piece of evidence of a run. Memory: the TCP ports of the subjects' addresses on the Internet."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        """Inside TSLCD nobody bans, and an outage is what is looked for there."""
        self._outside = {subject.id for subject in subjects if subject.network is Network.INTERNET}
        self._places: dict[At, _Place] = {}
        self._last: dict[IPAddress, tuple[datetime, datetime]] = {}
        """Of the last connection of each address, when it was made, and when what it was made for began."""

    def add(self, evidence: Evidence, parts: Parts) -> None:
        """Take a piece of evidence with its ``parts``."""
        if evidence.subject not in self._outside:
            return
        for step, singles in parts:
            at: datetime | None = None
            for part, where in _tcp(singles):
                at = at or evidence.time_of(step)
                place = self._places.get(where)
                if place is None:
                    place = self._places[where] = _Place()
                if _is_shut(part):
                    self._shut(place, evidence, at)
                elif any(answering == where for answering in part.answers()):
                    place.opened = min(at, place.opened or at)
                    place.accepted.add(evidence.subject)
                    self._last[where[0]] = max((at, evidence.started), self._last.get(where[0], _NEVER))

    def _shut(self, place: _Place, evidence: Evidence, at: datetime) -> None:
        place.turned_away.add(evidence.subject)
        place.shut[evidence.id] = at
        if len(place.shut) > _ENOUGH:
            del place.shut[min(place.shut, key=lambda id_: (place.shut[id_], id_))]

    def seen(self) -> ShutOut:
        return ShutOut(limited=self._limited(), elsewhere=self._elsewhere())

    def _limited(self) -> Mapping[IPAddress, datetime]:
        """Since when addresses that had accepted connections answered nothing, to the end of the run."""
        times: dict[IPAddress, dict[EvidenceId, datetime]] = {}
        for (address, _), place in self._places.items():
            if place.opened is not None:
                after = {id_: at for id_, at in place.shut.items() if at > self._last[address][0]}
                times.setdefault(address, {}).update(after)
        return {address: self._last[address][1] for address, after in times.items() if len(after) >= _ENOUGH}

    def _elsewhere(self) -> Mapping[SubjectId, frozenset[At]]:
        """By subject, the places that never accepted its connections and accepted another's. A connection is made
        before any name is said: that it came about for one and not for another is of the moment."""
        found: dict[SubjectId, set[At]] = {}
        for where, place in self._places.items():
            for subject in place.turned_away - place.accepted if place.accepted else ():
                found.setdefault(subject, set()).add(where)
        return {subject: frozenset(places) for subject, places in found.items()}


def _tcp(parts: Iterable[Observation]) -> Iterator[tuple[Observation, At]]:
    for part in parts:
        where = part.at()
        if where is not None and where[1].startswith("tcp/"):
            yield part, where


def _is_shut(step: Observation) -> bool:
    """Whether no connection came about: nothing was answered to it, or a filter said no."""
    failure = step.failure
    if failure is None:
        return False
    silent = failure.kind is FailureKind.TIMEOUT and (isinstance(step, TcpConnect) or failure.detail == NO_CONNECT)
    return silent or failure.kind in _TURNED_AWAY
