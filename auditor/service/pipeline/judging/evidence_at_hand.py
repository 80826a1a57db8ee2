"""Keeps evidence that was read for the state of a whole run until its subjects are judged: decoding it is slow."""

from collections.abc import Sequence

from inventory.model import SubjectId
from probes.framework.evidence import Evidence

ROOM = 32 * 2**20
"""Bytes of evidence to keep, as stored; decoded it takes two or three times as much."""


class EvidenceAtHand:
    """Takes the evidence of a run subject by subject, and returns that of the first subjects, once for each."""

    def __init__(self, room: int) -> None:
        """Take the bytes of evidence to keep as ``room``; with 0 nothing is kept."""
        self._left = room
        self._kept: dict[SubjectId, list[Evidence]] = {}

    def add(self, evidence: Evidence, size: int) -> None:
        """Keep a piece of ``size`` bytes while there is room; of a subject either all is kept or nothing."""
        self._left -= size
        if self._left >= 0:
            self._kept.setdefault(evidence.subject, []).append(evidence)
        else:
            self._kept.pop(evidence.subject, None)

    def take(self, subjects: Sequence[SubjectId]) -> dict[SubjectId, Sequence[Evidence]]:
        """Return the kept evidence of some subjects, and remove it."""
        return {subject: self._kept.pop(subject) for subject in subjects if subject in self._kept}
