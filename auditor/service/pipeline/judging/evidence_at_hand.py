"""Keeps evidence that was read for what a whole run shows until its subjects are judged: decoding it is much work."""

from collections.abc import Sequence

from inventory.model import SubjectId
from probes.framework.evidence import Evidence

ROOM = 32 * 2**20
"""Bytes of evidence, as it is stored, that are kept; decoded it takes two or three times as much."""


class EvidenceAtHand:
    """Takes the evidence of a run subject by subject, and gives that of the first ones, once for each."""

    def __init__(self, room: int) -> None:
        """``room``: bytes of evidence that are kept; with 0 nothing is."""
        self._left = room
        self._kept: dict[SubjectId, list[Evidence]] = {}

    def add(self, evidence: Evidence, size: int) -> None:
        """Keep a piece of so many bytes while there is room; of a subject all is kept or nothing."""
        self._left -= size
        if self._left >= 0:
            self._kept.setdefault(evidence.subject, []).append(evidence)
        else:
            self._kept.pop(evidence.subject, None)

    def take(self, subjects: Sequence[SubjectId]) -> dict[SubjectId, Sequence[Evidence]]:
        """Give what is kept of some subjects, and keep it no more."""
        return {subject: self._kept.pop(subject) for subject in subjects if subject in self._kept}
