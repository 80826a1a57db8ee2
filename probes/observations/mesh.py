"""What measuring points see of each other: one way, one family. Read from the store and measured in a run."""

from dataclasses import dataclass

from probes.framework.evidence import observation
from probes.observations.places import Unplaced
from probes.observations.series import Period

PROBE = "mesh"
"""The probe of which these are evidence, and the subject under which they stand in a run."""


@observation("mesh-way", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeshWay(Unplaced):
    """What ``source`` sampled of ``target`` over one family in the hour and in the day before the run.

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
    hour: Period
    day: Period
    loss: float | None = None
    rtt: float | None = None
