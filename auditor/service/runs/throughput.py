"""Summarises a run's throughput tests, to be shown beside published figures of others; they are no figure of ours."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.framework.findings import CheckId
from auditor.framework.sample_periods import nearest_rank
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.store.api import AT_ONCE, Store

_CHECK = CheckId("tslcd.channel.capacity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indication:
    """Holds for one address family the number of tested sites, and the median of their rates in Mbit/s."""

    family: int
    sites: int
    median: float


def throughput(judged: LoadedJudgement, store: Store) -> tuple[Indication, ...]:
    """Return the results by address family, IPv6 first; nothing if no site was tested."""
    rates = list(_rates(judged, store))
    found = {family: sorted(rate for version, rate in rates if version == family) for family in (6, 4)}
    return tuple(
        Indication(family=family, sites=len(some), median=nearest_rank(some, 0.5))
        for family, some in found.items()
        if some
    )


def _rates(judged: LoadedJudgement, store: Store) -> Iterator[tuple[int, float]]:
    ids = [subject.id for subject in store.subjects(judged.run.id)]
    for start in range(0, len(ids), AT_ONCE):
        outlines = store.outlines_of(judged.id, ids[start : start + AT_ONCE], args_of=(_CHECK,))
        for one in (outline for some in outlines.values() for outline in some if outline.check == _CHECK):
            for family in (6, 4):
                value = one.args.get(f"rate_v{family}")
                if isinstance(value, int | float):
                    yield family, float(value)
