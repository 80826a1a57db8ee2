"""Count the subjects whose IPv6 is slower than IPv4: trouble of many at once is the vantage's own.

Gathered in one pass over all evidence. Memory: a few numbers for each subject that was compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from auditor.framework.context import OwnPath
from auditor.framework.gathered import Shared
from auditor.framework.policy import Policy
from inventory.model import SubjectId
from probes.framework.evidence import Evidence
from probes.observations.pages import PairedConnects
from probes.observations.path import EchoTrain

CONNECTS, ECHOES = "ipv6.web.latency-parity", "ipv6.path.loss-rtt-parity"
_PASSED = {CONNECTS: "warn_milliseconds", ECHOES: "pass_milliseconds"}
"""The threshold up to which a difference is none, by check."""


@dataclass(frozen=True, slots=True)
class _Delay:
    """Milliseconds."""

    middle: float
    fastest: float


class Differences:
    """The delays of each subject over each family, by the check that compares them."""

    def __init__(self) -> None:
        self._delays: dict[str, dict[int, dict[SubjectId, _Delay]]] = {
            check: {4: {}, 6: {}} for check in (CONNECTS, ECHOES)
        }
        self._ids: dict[SubjectId, SubjectId] = {}
        """The ids themselves: each piece of evidence has one of its own, and four of them are kept of a subject."""

    def add(self, evidence: Evidence) -> None:
        for step in evidence.steps:
            match step:
                case PairedConnects(pairs=pairs):
                    self._note(CONNECTS, evidence.subject, 4, [pair.seconds4 for pair in pairs])
                    self._note(CONNECTS, evidence.subject, 6, [pair.seconds6 for pair in pairs])
                case EchoTrain(address=address, rtts=rtts):
                    self._note(ECHOES, evidence.subject, address.version, rtts)
                case _:
                    continue

    def _note(
        self, check: str, subject: SubjectId, family: int, seconds: "list[float | None] | tuple[float | None, ...]"
    ) -> None:
        done = [1000 * second for second in seconds if second is not None]
        if done:
            delays, new = self._delays[check][family], _Delay(median(done), min(done))
            known = delays.get(subject)
            if known is None or new.middle < known.middle:
                delays[self._ids.setdefault(subject, subject)] = new

    def seen(self, policy: Policy, own: Mapping[int, OwnPath]) -> Mapping[str, Shared]:
        """By check, what is left without the vantage's own detour, where that is known."""
        six, four = (own.get(family, OwnPath()).milliseconds for family in (6, 4))
        detour = max(0.0, six - four) if six is not None and four is not None else 0.0
        return {check: self._of(check, policy.threshold(check, _PASSED[check]) + detour) for check in self._delays}

    def _of(self, check: str, most: float) -> Shared:
        delays = self._delays[check]
        both = [(six, delays[4][subject]) for subject, six in delays[6].items() if subject in delays[4]]
        slower = sum(1 for six, four in both if min(six.middle - four.middle, six.fastest - four.fastest) > most)
        return Shared(compared=len(both), slower=slower)
