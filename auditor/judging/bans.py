"""Finds addresses that stopped answering us in the midst of a run, and places that answered at times alone.

An intrusion prevention or fail2ban shuts an address to the vantage once it has had enough, for every site and
mail domain that stands there. From here that looks like an outage: what is measured afterwards accuses nobody, and is
no success either. Pure; gathered in one pass, in whatever order evidence comes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from auditor.framework.shut_out import ShutOut
from inventory.model import IPAddress, Network, Subject, SubjectId
from probes.framework.evidence import NO_CONNECT, At, Evidence, EvidenceId, FailureKind, Observation, Parts
from probes.observations.transport import TcpConnect

_ENOUGH = 2
"""So many pieces of evidence must show a port silent that had accepted: one connect may be lost by anybody."""
_TURNED_AWAY = frozenset({FailureKind.REFUSED, FailureKind.PROHIBITED})
"""How a filter says no aloud; that nobody is at an address (unreachable) is no filter's word."""
_Made = tuple[datetime, datetime]
"""When a connection was made, and when what it was made for began."""
_NEVER: _Made = (datetime.min.replace(tzinfo=UTC),) * 2


class _Ports(NamedTuple):
    """What came of the connections of one subject to one address, by port; the ports are the bits of a number."""

    accepted: int = 0
    refused: int = 0
    turned_away: int = 0
    """Refused, or silent."""


_NO_PORTS = _Ports()


class _Silences:
    """By address, what came of connections since the last that went well, whatever that means to whoever asks."""

    def __init__(self) -> None:
        self._last: dict[IPAddress, _Made] = {}
        """The last that went well."""
        self._since: dict[IPAddress, dict[int, dict[EvidenceId, datetime]]] = {}
        """By ports that failed together, the latest pieces of evidence of that."""

    def went_well(self, address: IPAddress, made: _Made) -> None:
        last = self._last[address] = max(made, self._last.get(address, _NEVER))
        since = self._since.pop(address, None)
        if since is not None and (late := _after(last[0], since)):
            self._since[address] = late

    def failed(self, address: IPAddress, ports: int, at: datetime, evidence: Evidence) -> None:
        if at > self._last.get(address, _NEVER)[0]:
            latest = self._since.setdefault(address, {}).setdefault(ports, {})
            latest[evidence.id] = at
            if len(latest) > _ENOUGH:
                del latest[min(latest, key=lambda id_: (latest[id_], id_))]

    def begun(self, address: IPAddress, ports: int) -> datetime | None:
        """Since when enough failed at ``ports``, to the end of the run; None where it did not."""
        after = {id_ for shut, latest in self._since.get(address, {}).items() if shut & ports for id_ in latest}
        return self._last[address][1] if len(after) >= _ENOUGH else None


class Bans:
    """Takes every piece of evidence of a run. Memory: some numbers for each address of the subjects on the Internet.

    A run of thousands of subjects meets a million places, so that ports are bits, and what is alike is kept once.
    """

    def __init__(self, subjects: Iterable[Subject]) -> None:
        """Inside TSLCD nobody bans, and an outage is what is looked for there."""
        self._outside = {subject.id: subject.id for subject in subjects if subject.network is Network.INTERNET}
        """The ids themselves: each piece of evidence has one of its own."""
        self._bits: dict[str, int] = {}
        self._ports: dict[tuple[IPAddress, SubjectId], _Ports] = {}
        self._alike: dict[_Ports, _Ports] = {}
        self._unconnected, self._unanswered = _Silences(), _Silences()
        """Silent or refused since the last connection; silent since anything was answered, a refusal too."""

    def add(self, evidence: Evidence, parts: Parts) -> None:
        """Take a piece of evidence with its ``parts``."""
        if evidence.subject not in self._outside:
            return
        for step, singles in parts:
            accepted: dict[IPAddress, int] = {}
            silent: dict[IPAddress, int] = {}
            refused: dict[IPAddress, int] = {}
            for part, where in _tcp(singles):
                address, transport = where
                if _is_shut(part):
                    among = refused if _is_aloud(part) else silent
                    among[address] = among.get(address, 0) | self._bit(transport)
                elif any(answering == where for answering in part.answers()):
                    accepted[address] = accepted.get(address, 0) | self._bit(transport)
            at = evidence.time_of(step)
            self._note_answers(evidence, at, accepted, refused)
            self._note_shut(evidence, at, silent, refused)

    def _bit(self, transport: str) -> int:
        """Return the bit that stands for a port; those of a run are numbered as they are met."""
        return self._bits.setdefault(transport, 1 << len(self._bits))

    def _note_answers(
        self, evidence: Evidence, at: datetime, accepted: Mapping[IPAddress, int], refused: Mapping[IPAddress, int]
    ) -> None:
        made = at, evidence.started
        for address, ports in accepted.items():
            self._add(address, evidence.subject, accepted=ports)
            self._unconnected.went_well(address, made)
            self._unanswered.went_well(address, made)
        for address, ports in refused.items():
            self._add(address, evidence.subject, refused=ports)
            self._unanswered.went_well(address, made)

    def _note_shut(
        self, evidence: Evidence, at: datetime, silent: Mapping[IPAddress, int], refused: Mapping[IPAddress, int]
    ) -> None:
        for address in {**silent, **refused}:
            ports = silent.get(address, 0) | refused.get(address, 0)
            self._add(address, evidence.subject, turned_away=ports)
            self._unconnected.failed(address, ports, at, evidence)
        for address, ports in silent.items():
            self._unanswered.failed(address, ports, at, evidence)

    def _add(
        self, address: IPAddress, subject: SubjectId, *, accepted: int = 0, refused: int = 0, turned_away: int = 0
    ) -> None:
        key = address, self._outside[subject]
        known = self._ports.get(key, _NO_PORTS)
        ports = _Ports(known.accepted | accepted, known.refused | refused, known.turned_away | turned_away)
        self._ports[key] = self._alike.setdefault(ports, ports)

    def seen(self) -> ShutOut:
        opened, answered = dict[IPAddress, int](), dict[IPAddress, int]()
        for (address, _), ports in self._ports.items():
            opened[address] = opened.get(address, 0) | ports.accepted
            answered[address] = answered.get(address, 0) | ports.accepted | ports.refused
        return ShutOut(
            limited=self._begun(self._unconnected, opened, opened),
            silenced=self._begun(self._unanswered, opened, answered),
            elsewhere=self._places(lambda address, own: opened[address] & ~own.accepted),
            sometimes=self._places(lambda address, own: own.accepted),
        )

    @staticmethod
    def _begun(
        silences: _Silences, opened: Mapping[IPAddress, int], ports: Mapping[IPAddress, int]
    ) -> Mapping[IPAddress, datetime]:
        """By address that had accepted connections, since when enough of these ports failed to the end of the run."""
        begun = ((address, silences.begun(address, ports[address])) for address, any_of in opened.items() if any_of)
        return {address: since for address, since in begun if since is not None}

    def _places(self, among: Callable[[IPAddress, _Ports], int]) -> Mapping[SubjectId, frozenset[At]]:
        """By subject, the places that turned it away, of the ports that ``among`` gives: those that accepted its
        connections at times, or never did and accepted another's. A connection is made before any name is said: that it
        came about for one and not for another is of the moment."""
        found: dict[SubjectId, set[At]] = {}
        for (address, subject), ports in self._ports.items():
            both = ports.turned_away & among(address, ports)
            if both:
                places = {(address, transport) for transport, bit in self._bits.items() if bit & both}
                found.setdefault(subject, set()).update(places)
        return {subject: frozenset(places) for subject, places in found.items()}


def _after(last: datetime, shut: Mapping[int, Mapping[EvidenceId, datetime]]) -> dict[int, dict[EvidenceId, datetime]]:
    """Leave out what was silent or refused before a connection."""
    late = {ports: {id_: at for id_, at in latest.items() if at > last} for ports, latest in shut.items()}
    return {ports: latest for ports, latest in late.items() if latest}


def _tcp(parts: Iterable[Observation]) -> Iterator[tuple[Observation, At]]:
    for part in parts:
        where = part.at()
        if where is not None and where[1].startswith("tcp/"):
            yield part, where


def _is_aloud(step: Observation) -> bool:
    return step.failure is not None and step.failure.kind in _TURNED_AWAY


def _is_shut(step: Observation) -> bool:
    """True if no connection came about: nothing was answered to it, or a filter said no."""
    failure = step.failure
    if failure is None:
        return False
    silent = failure.kind is FailureKind.TIMEOUT and (isinstance(step, TcpConnect) or failure.detail == NO_CONNECT)
    return silent or failure.kind in _TURNED_AWAY
