"""What continuous sampling has gathered, rolled up for a check that looks back. Read from the store, never measured."""

from dataclasses import dataclass
from datetime import datetime

from probes.framework.evidence import Observation, observation

WEB_OK = "web-ok"
"""Metric of one look at a web site over one family: 1 where every address connects and HTTP works, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The seven days from ``start`` on. ``counted`` samples, of which ``good`` had the value 1; ``aside``: of a sick
    vantage or of announced maintenance, which count for nobody."""

    start: datetime
    counted: int = 0
    good: int = 0
    aside: int = 0


@observation("series-weeks", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWeeks(Observation):
    """One metric of one subject by weeks, the latest first, without a hole. ``first`` is the time of the oldest sample
    in them; None, and no weeks, where nothing was ever sampled."""

    metric: str
    family: int = 0
    first: datetime | None = None
    weeks: tuple[Week, ...] = ()
