"""Defines the observation of a way between vantages: one direction, one family; stored or measured."""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.framework.evidence import observation
from probes.observations.places import Unplaced
from probes.observations.series import SampleSummary
from probes.observations.text import Word, also, decimal, duration, end, label

PROBE = "mesh"
"""The probe that these observations are evidence of, and the subject under which they are stored in a run."""


@observation("mesh-way", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeshPath(Unplaced):
    """Records the samples of ``target`` that ``source`` took over one family in the hour and in the day before the run.

    ``hour`` and ``day`` count samples: 1 where the target answered, else 0. ``loss`` is the mean share of echo requests
    without a reply (0 to 1) and ``rtt`` the median of the samples' median delays in seconds, both of the hour, None
    without any. ``addressed`` is False where the configuration has no address of that family for the target.
    ``round`` tells that there were no samples and one series of echo requests of the run itself stands for the hour.
    """

    source: str
    target: str
    family: int
    addressed: bool = True
    round: bool = False
    hour: SampleSummary
    day: SampleSummary
    loss: float | None = None
    rtt: float | None = None

    def lines(self, word: Word) -> Iterator[str]:
        way = word("mesh {} to {} over IPv{}").format(self.source, self.target, self.family)
        if not self.addressed:
            yield f"{way} → {end(self, word('no address of that family'), word)}"
            return
        loss = "" if self.loss is None else decimal(f"{self.loss:.1%}", word)
        rtt = "" if self.rtt is None else duration(self.rtt, word)
        taken = word("one series of the run") if self.round else self.hour.text(word)
        lost = also(word("loss"), loss)
        yield f"{way}, {word('last hour')} → {end(self, taken, word)}{lost}{also('rtt', rtt)}"
        yield label(word, "last day") + self.day.text(word)
