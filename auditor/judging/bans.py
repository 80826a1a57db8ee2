"""Finds addresses that stopped answering the vantage during a run, and ports that answered only at times.

An intrusion prevention system or fail2ban blocks the vantage at an address after too many connections, for every site
and mail domain there. From here that looks like an outage: later measurements show neither a defect nor a success.
Pure; gathers in one pass, with evidence in any order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from auditor.framework.shut_out import ShutOut
from auditor.judging.shut_times import ShutTimes
from inventory.model import IPAddress, Network, Subject, SubjectId
from probes.framework.evidence import NO_CONNECT, At, Evidence, EvidenceId, FailureKind, Observation, Parts
from probes.observations.transport import TcpConnect

_ENOUGH = 2
"""The pieces of evidence that must show an open port silent: a single connect may be lost by chance."""
_TURNED_AWAY = frozenset({FailureKind.REFUSED, FailureKind.PROHIBITED})
"""Failures by which a filter answers; "unreachable" only says that no host has the address."""
_Made = tuple[datetime, datetime]
"""The time of a connection, and the start of the measurement that it was made for."""
_NEVER: _Made = (datetime.min.replace(tzinfo=UTC),) * 2


class _Ports(NamedTuple):
    """Holds the results of the connections of one subject to one address, by port, as sets of bits."""

    accepted: int = 0
    refused: int = 0
    turned_away: int = 0
    """Refused, or silent."""


_NO_PORTS = _Ports()


class _Silences:
    """Holds by address the failures since its last success; the caller decides which results count as either."""

    def __init__(self) -> None:
        self._last: dict[IPAddress, _Made] = {}
        """The last success at each address."""
        self._since: dict[IPAddress, dict[int, dict[EvidenceId, datetime]]] = {}
        """The latest pieces of evidence of failures, by address and by the set of ports that failed together."""

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
        """Return the start of the last success if enough failures at ``ports`` follow it to the run's end, or None."""
        after = {id_ for shut, latest in self._since.get(address, {}).items() if shut & ports for id_ in latest}
        return self._last[address][1] if len(after) >= _ENOUGH else None


class Bans:
    """Takes every piece of evidence of a run. Memory: some numbers for each address of the subjects on the Internet.

    A run of thousands of subjects meets a million ports of addresses, so ports are bits, and equal values are kept
    once.
    """

    def __init__(self, subjects: Iterable[Subject]) -> None:
        """Leave out subjects inside TSLCD: no filter there bans the vantage, and the run is to find outages there."""
        self._outside = {subject.id: subject.id for subject in subjects if subject.network is Network.INTERNET}
        """The ids themselves, shared: each piece of evidence carries a copy of its own."""
        self._bits: dict[str, int] = {}
        self._ports: dict[tuple[IPAddress, SubjectId], _Ports] = {}
        self._alike: dict[_Ports, _Ports] = {}
        self._unconnected, self._unanswered = _Silences(), _Silences()
        """Addresses silent or refusing since the last connection; addresses silent since any answer, even a refusal."""
        self._times = ShutTimes()

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
            for part in singles:
                self._times.answered(part, at)
            for part, (address, transport) in _tcp(singles):
                if part.failure is not None and part.failure.kind is FailureKind.UNREACHABLE:
                    self._times.shut(address, self._bit(transport), at, evidence)
            self._note_answers(evidence, at, accepted, refused)
            begun = at if step.failure is None else evidence.started + timedelta(seconds=step.t0)
            for address in accepted:  # a connection that fell silent was accepted at its beginning
                self._times.accepted(address, begun)
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
            self._times.shut(address, ports, at, evidence)
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
            times=self._times.seen(opened),
        )

    @staticmethod
    def _begun(
        silences: _Silences, opened: Mapping[IPAddress, int], ports: Mapping[IPAddress, int]
    ) -> Mapping[IPAddress, datetime]:
        """Return, by address that accepted connections, the time since which these ports failed to the run's end."""
        begun = ((address, silences.begun(address, ports[address])) for address, any_of in opened.items() if any_of)
        return {address: since for address, since in begun if since is not None}

    def _places(self, among: Callable[[IPAddress, _Ports], int]) -> Mapping[SubjectId, frozenset[At]]:
        """Return, by subject, the ports that turned it away, of the ports that ``among`` gives.

        These are ports that accepted its connections at times, or that accepted only another subject's. A connection is
        made before any name is sent, so that one succeeds and another does not depends on the moment.
        """
        found: dict[SubjectId, set[At]] = {}
        for (address, subject), ports in self._ports.items():
            both = ports.turned_away & among(address, ports)
            if both:
                places = {(address, transport) for transport, bit in self._bits.items() if bit & both}
                found.setdefault(subject, set()).update(places)
        return {subject: frozenset(places) for subject, places in found.items()}


def _after(last: datetime, shut: Mapping[int, Mapping[EvidenceId, datetime]]) -> dict[int, dict[EvidenceId, datetime]]:
    """Leave out silences and refusals before a connection."""
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
    """True if no connection was made: no answer came, or a filter rejected it."""
    failure = step.failure
    if failure is None:
        return False
    silent = failure.kind is FailureKind.TIMEOUT and (isinstance(step, TcpConnect) or failure.detail == NO_CONNECT)
    return silent or failure.kind in _TURNED_AWAY
