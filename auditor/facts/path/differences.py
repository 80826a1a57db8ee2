"""Counts the subjects with slower IPv6 than IPv4; many at once are a fault of the vantage's own path.

All evidence is read in one pass. Memory: eight numbers for each subject that was compared.
"""

import math
from array import array
from collections.abc import Iterator, Mapping
from itertools import product
from statistics import median
from typing import NamedTuple

from auditor.framework.context import OwnPath
from auditor.framework.gathered import SlowerOverIpv6
from auditor.framework.policy import Policy
from inventory.model import SubjectId
from probes.framework.evidence import Evidence
from probes.observations.pages import PairedConnects
from probes.observations.path import EchoTrain

CONNECTS, ECHOES = "ipv6.web.latency-parity", "ipv6.path.loss-rtt-parity"
_PASSED = {CONNECTS: "warn_milliseconds", ECHOES: "pass_milliseconds"}
"""Name of the threshold below which a difference does not count, by check."""
_PLACES = {(check, family): 2 * place for place, (check, family) in enumerate(product(_PASSED, (4, 6)))}
"""Position of the two numbers of a delay among those of a subject, by check and family."""
_WIDTH = 2 * len(_PLACES)


class _Delay(NamedTuple):
    """Holds the median and the smallest delay in milliseconds."""

    middle: float
    fastest: float


class Differences:
    """Collects the delays of each subject over each family, by the check that compares them.

    They are stored in one array, ``_WIDTH`` numbers a subject: as objects they take four times as much memory.
    """

    def __init__(self) -> None:
        self._rows: dict[SubjectId, int] = {}
        self._milliseconds = array("d")
        """All delays; an unknown one is NaN."""

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
        if not done:
            return
        row = self._rows.setdefault(subject, len(self._rows))
        if row * _WIDTH == len(self._milliseconds):
            self._milliseconds.extend([math.nan] * _WIDTH)
        known, new = self._delay(row, check, family), _Delay(median(done), min(done))
        if known is None or new.middle < known.middle:
            at = row * _WIDTH + _PLACES[check, family]
            self._milliseconds[at : at + 2] = array("d", new)

    def _delay(self, row: int, check: str, family: int) -> _Delay | None:
        at = row * _WIDTH + _PLACES[check, family]
        delay = _Delay(*self._milliseconds[at : at + 2])
        return None if math.isnan(delay.middle) else delay

    def seen(self, policy: Policy, own: Mapping[int, OwnPath]) -> Mapping[str, SlowerOverIpv6]:
        """Return the numbers of compared and slower subjects by check.

        The vantage's own detour is subtracted if it is known.
        """
        six, four = (own.get(family, OwnPath()).milliseconds for family in (6, 4))
        detour = max(0.0, six - four) if six is not None and four is not None else 0.0
        return {check: self._of(check, policy.threshold(check, of) + detour) for check, of in _PASSED.items()}

    def _of(self, check: str, most: float) -> SlowerOverIpv6:
        compared = slower = 0
        for six, four in self._both(check):
            compared += 1
            slower += min(six.middle - four.middle, six.fastest - four.fastest) > most
        return SlowerOverIpv6(compared=compared, slower=slower)

    def _both(self, check: str) -> Iterator[tuple[_Delay, _Delay]]:
        for row in range(len(self._rows)):
            six, four = (self._delay(row, check, family) for family in (6, 4))
            if six is not None and four is not None:
                yield six, four
