"""Exports and imports samples of other measuring points, as JSON lines behind a header.

What is handed over comes from another machine: only points of our own mesh are taken, only what such samples can be,
and nothing twice.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem, unreadable
from auditor.judging.vantage import vantage_subject
from auditor.service.pipeline.plan import Plan
from auditor.service.store.api import Store
from auditor.service.store.records import Quality, Sample, Series
from inventory.safe_open import open_file
from probes.observations.series import JITTER_P95, LOSS, LOSS_SLOW, REACH, RTT_MEDIAN, RTT_P95

FORM = "auditor-mesh"
MOST_BYTES, MOST_LINES = 200_000_000, 2_000_000
AT_ONCE = 10_000
OLDEST = timedelta(days=400)
AHEAD = timedelta(minutes=10)
_HIGHEST: Mapping[str, float] = {REACH: 1, LOSS: 1, LOSS_SLOW: 1, RTT_MEDIAN: 60, RTT_P95: 60, JITTER_P95: 60}
"""The metrics of a way, and the highest value that one can have."""


class HandoverError(OperatorError):
    """A file that is none, or of a point that is none of the mesh; what came before in it was taken."""


def lines(made: Plan, store: Store, since: datetime, until: datetime) -> Iterator[str]:
    """What this point sampled of the others."""
    yield json.dumps({FORM: 1, "vantage": made.vantage.name}, ensure_ascii=False)
    for peer in made.mesh:
        for series in store.series(peer.id, made.vantage.name):
            if series.metric in _HIGHEST:
                for one in store.samples(series, since, until):
                    row = [peer.name, series.metric, series.family, int(one.time.timestamp()), one.value, one.quality]
                    yield json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def take(path: Path, made: Plan, store: Store, now: datetime) -> int:
    """Store what a file holds, some thousand samples at once; the number of samples in it. Raises HandoverError."""
    try:
        with open_file(path) as file:
            return _take(file, path.name, made, store, now)
    except OSError as error:
        raise HandoverError([unreadable(error, at=str(path))]) from error


def _take(file: IO[bytes], name: str, made: Plan, store: Store, now: datetime) -> int:
    source = _header(file.readline(MOST_BYTES), name, made)
    names = {made.vantage.name, *(one.name for one in made.mesh)} - {source}
    some: list[tuple[Series, Sample]] = []
    count, read = 0, 0
    for number, line in enumerate(file, 2):
        read += len(line)
        if number > MOST_LINES or read > MOST_BYTES:
            raise HandoverError([problem("has more than {most:n} {most/row/rows}", at=name, most=MOST_LINES)])
        found = _row(line, source, names, now)
        if found is None:
            raise HandoverError([problem("is no sample of a point of the mesh", at=f"{name}:{number}")])
        some.append(found)
        count += 1
        if len(some) >= AT_ONCE:
            store.add_round(some)
            some = []
    store.add_round(some)
    store.secure()
    return count


def _header(line: bytes, name: str, made: Plan) -> str:
    try:
        held = json.loads(line)
        source = held["vantage"] if held[FORM] == 1 else None
    except (ValueError, TypeError, KeyError, RecursionError):
        source = None
    known = [one.name for one in made.mesh]
    if source in known:
        return str(source)
    faults: Iterable[OperatorProblem] = (
        [problem("is no file of a measuring point's samples", at=name)]
        if not isinstance(source, str)
        else [problem("'{point}' is no other measuring point under [mesh]", at=name, point=source[:100])]
    )
    raise HandoverError(list(faults))


def _row(line: bytes, source: str, names: set[str], now: datetime) -> tuple[Series, Sample] | None:
    try:
        target, metric, family, seconds, value, quality = json.loads(line)
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
