"""Finds addresses that stopped answering us in the midst of a run, and places that answered at times alone.

An intrusion prevention or fail2ban shuts an address to the vantage once it has had enough, for every site and
mail domain that stands there. From here that looks like an outage: what is measured afterwards accuses nobody, and is
no success either. Pure; gathered in one pass, in whatever order evidence comes.
"""

from collections.abc import Iterable, Iterator, Mapping
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


class _Silences:
    """By address, what came of connections since the last that went well, whatever that means to whoever asks."""

    def __init__(self) -> None:
        self._last: dict[IPAddress, tuple[datetime, datetime]] = {}
        """When the last was made that went well, and when what it was made for began."""
        self._since: dict[IPAddress, dict[int, dict[EvidenceId, datetime]]] = {}
        """By ports that failed together, the latest pieces of evidence of that."""

    def went_well(self, address: IPAddress, at: datetime, evidence: Evidence) -> None:
        last = self._last[address] = max((at, evidence.started), self._last.get(address, _NEVER))
        if address in self._since:
            self._since[address] = _after(last[0], self._since[address])

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

    The TCP ports of an address are the bits of a number: a run of thousands of subjects meets a million places.
    """

    def __init__(self, subjects: Iterable[Subject]) -> None:
        """Inside TSLCD nobody bans, and an outage is what is looked for there."""
        self._outside = {subject.id: subject.id for subject in subjects if subject.network is Network.INTERNET}
        """The ids themselves: each piece of evidence has one of its own."""
        self._bits: dict[str, int] = {}
        self._accepted: dict[tuple[IPAddress, SubjectId], int] = {}
        self._turned_away: dict[tuple[IPAddress, SubjectId], int] = {}
        self._refused: dict[IPAddress, int] = {}
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
        for address, ports in accepted.items():
            key = address, self._outside[evidence.subject]
            self._accepted[key] = self._accepted.get(key, 0) | ports
            self._unconnected.went_well(address, at, evidence)
            self._unanswered.went_well(address, at, evidence)
        for address, ports in refused.items():
            self._refused[address] = self._refused.get(address, 0) | ports
            self._unanswered.went_well(address, at, evidence)

    def _note_shut(
        self, evidence: Evidence, at: datetime, silent: Mapping[IPAddress, int], refused: Mapping[IPAddress, int]
    ) -> None:
        for address in {**silent, **refused}:
            ports = silent.get(address, 0) | refused.get(address, 0)
            key = address, self._outside[evidence.subject]
            self._turned_away[key] = self._turned_away.get(key, 0) | ports
            self._unconnected.failed(address, ports, at, evidence)
        for address, ports in silent.items():
            self._unanswered.failed(address, ports, at, evidence)

    def seen(self) -> ShutOut:
        opened: dict[IPAddress, int] = {}
        for (address, _), ports in self._accepted.items():
            opened[address] = opened.get(address, 0) | ports
        return ShutOut(
            limited=self._begun(self._unconnected, opened),
            silenced=self._begun(self._unanswered, self._answered(opened)),
            elsewhere=self._elsewhere(opened),
            sometimes=self._places(self._accepted),
        )

    def _answered(self, opened: Mapping[IPAddress, int]) -> Mapping[IPAddress, int]:
        """The ports that had accepted connections or refused them, of addresses that had accepted any."""
        return {address: ports | self._refused.get(address, 0) for address, ports in opened.items()}

    @staticmethod
    def _begun(silences: _Silences, ports: Mapping[IPAddress, int]) -> Mapping[IPAddress, datetime]:
        """By address, since when enough of its ports failed to the end of the run."""
        begun = ((address, silences.begun(address, of_it)) for address, of_it in ports.items())
        return {address: since for address, since in begun if since is not None}

    def _elsewhere(self, opened: Mapping[IPAddress, int]) -> Mapping[SubjectId, frozenset[At]]:
        """By subject, the places that never accepted its connections and accepted another's. A connection is made
        before any name is said: that it came about for one and not for another is of the moment."""
        own = self._accepted
        return self._places({key: opened.get(key[0], 0) & ~own.get(key, 0) for key in self._turned_away})

    def _places(self, accepted: Mapping[tuple[IPAddress, SubjectId], int]) -> Mapping[SubjectId, frozenset[At]]:
        """By subject, the places among ``accepted`` that turned it away."""
        found: dict[SubjectId, set[At]] = {}
        for (address, subject), ports in self._turned_away.items():
            both = ports & accepted.get((address, subject), 0)
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
    """Whether no connection came about: nothing was answered to it, or a filter said no."""
    failure = step.failure
    if failure is None:
        return False
    silent = failure.kind is FailureKind.TIMEOUT and (isinstance(step, TcpConnect) or failure.detail == NO_CONNECT)
    return silent or failure.kind in _TURNED_AWAY
