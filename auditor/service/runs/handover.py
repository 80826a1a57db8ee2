"""Writes a vantage's samples of the other vantages as a sealed file, and imports such a file into another store.

The file comes from another machine: only points of our own mesh are accepted, only valid samples, and each only once.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from auditor.framework.operator_problems import problem
from auditor.judging.vantage import vantage_subject
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.runs import sealed_file
from auditor.service.runs.sealed_file import Fields, SealedFile, SealedFileError, broken_line, dump
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Quality, Sample, Series
from probes.observations.series import JITTER_P95, LOSS, LOSS_SLOW, REACH, RTT_MEDIAN, RTT_P95

KIND = "mesh"
AT_ONCE = 10_000
OLDEST = timedelta(days=400)
AHEAD = timedelta(minutes=10)
_HIGHEST: Mapping[str, float] = {REACH: 1, LOSS: 1, LOSS_SLOW: 1, RTT_MEDIAN: 60, RTT_P95: 60, JITTER_P95: 60}
"""The metrics of a path, and the highest value that each can have."""


def export_samples(file: BinaryIO, plan: Plan, store: Store, since: datetime, until: datetime, key: Path | None) -> str:
    """Write the samples that this vantage took of the others, and return the digest of the file."""
    return sealed_file.write(file, KIND, {"vantage": plan.vantage.name}, _lines(plan, store, since, until), key)


def _lines(plan: Plan, store: Store, since: datetime, until: datetime) -> Iterator[bytes]:
    for peer in plan.mesh:
        for series in store.series(peer.id, plan.vantage.name):
            if series.metric in _HIGHEST:
                for sample in store.samples(series, since, until):
                    row = [
                        peer.name,
                        series.metric,
                        series.family,
                        int(sample.time.timestamp()),
                        sample.value,
                        sample.quality,
                    ]
                    yield dump({"sample": row})


def vantage_of(head: Fields) -> object:
    """Return the vantage that the first line of a file names."""
    return head.get("vantage")


def import_samples(
    file: SealedFile, plan: Plan, store: Store, now: datetime, *, noted: Callable[[int], None] = lambda _: None
) -> int:
    """Store all samples of a file or none, and return the number of samples in it. Raises SealedFileError.

    ``noted`` records that number in the same transaction. The caller must not be in a transaction, because the data is
    committed and secured.
    """
    source = _source(file, plan)
    names = {plan.vantage.name, *(peer.name for peer in plan.mesh)} - {source}
    count = 0
    with store.batch():
        for some in chunks(_rows(file, source, names, now), AT_ONCE):
            store.add_delivered(some, now)
            count += len(some)
        noted(count)
    store.secure()
    return count


def _source(file: SealedFile, plan: Plan) -> str:
    source = vantage_of(file.head)
    if not isinstance(source, str) or source not in {peer.name for peer in plan.mesh}:
        raise SealedFileError(
            [problem("'{point}' is not another vantage under [mesh]", at=str(file.path), point=str(source)[:100])]
        )
    return source


def _rows(file: SealedFile, source: str, names: set[str], now: datetime) -> Iterator[tuple[Series, Sample]]:
    for number, fields in file.lines():
        found = _row(fields.get("sample"), source, names, now)
        if found is None:
            raise broken_line(file.path, number, "it is not a sample of a point of the mesh")
        yield found


def _row(line: Any, source: str, names: set[str], now: datetime) -> tuple[Series, Sample] | None:
    try:
        target, metric, family, seconds, value, quality = line
        time, standing = datetime.fromtimestamp(seconds, UTC), Quality(quality)
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        return None
    if not isinstance(metric, str) or not isinstance(target, str) or target not in names or family not in (0, 4, 6):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | None) or not now - OLDEST < time < now + AHEAD:
        return None
    if value is not None and not (math.isfinite(value) and 0 <= value <= _HIGHEST.get(metric, -1)):
        return None
    if metric not in _HIGHEST or type(family) is not int:
        return None
    series = Series(subject=vantage_subject(target).id, metric=metric, vantage=source, family=family)
    return series, Sample(time=time, value=None if value is None else float(value), quality=standing)
