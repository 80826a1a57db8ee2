"""Reads and writes samples as a worker delivers them: lines of JSON, one for a subject and a time."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from auditor.service.leases.intake import CLOCK, LONGEST, RefusedDelivery
from auditor.service.store.evidence.journal import Fields
from auditor.service.store.lines import BAD_LINE
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import SubjectId

OLDEST = timedelta(days=62)
"""The greatest age of samples that are taken: raw ones are kept as long by default."""
MOST_SERIES = 1_000
"""The most series of one subject at one time: a device with hundreds of interfaces."""
MOST_LINES = 20_000
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_FAMILIES = frozenset({0, 4, 6})
Taken = tuple[Series, Sample]


def dump(samples: Iterable[Taken]) -> bytes:
    """Write samples of one vantage as lines."""
    frames: dict[tuple[SubjectId, datetime], list[list[object]]] = {}
    for series, sample in samples:
        slot = [series.metric, series.family, series.interface, sample.value, sample.quality.value]
        frames.setdefault((series.subject, sample.time), []).append(slot)
    lines = (
        {"subject": subject, "time": time.isoformat(), "samples": slots} for (subject, time), slots in frames.items()
    )
    return b"".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for line in lines)


def read(data: bytes, vantage: str, now: datetime) -> list[Taken]:
    """Read the lines that ``dump`` wrote, as samples of ``vantage``. Raises RefusedDelivery."""
    found: list[Taken] = []
    for number, line in enumerate(data.splitlines(), 1):
        if number > MOST_LINES or len(line) > LONGEST or line.count(b"[") > MOST_SERIES + 1:
            raise RefusedDelivery("TOO_LARGE", number)
        try:
            found += _samples(json.loads(line), vantage, now)
        except BAD_LINE as error:
            raise RefusedDelivery("BAD_LINE", number, str(error)) from error
    return found


def _samples(fields: Fields, vantage: str, now: datetime) -> Iterator[Taken]:
    if not isinstance(fields, Mapping):
        raise TypeError("not a JSON object")
    subject, time = fields["subject"], datetime.fromisoformat(fields["time"])
    if not isinstance(subject, str) or not 0 < len(subject) <= 300 or "\0" in subject:
        raise ValueError("subject: no name of a subject")
    if time.tzinfo is None:
        raise ValueError("time: without a zone")
    if not now - OLDEST <= time <= now + CLOCK:
        raise RefusedDelivery("OTHER_TIME", why=time.isoformat())
    for metric, family, interface, value, quality in fields["samples"]:
        if not _WORD.fullmatch(metric) or family not in _FAMILIES or type(family) is not int:
            raise ValueError("samples: unknown metric or family")
        if not isinstance(interface, str) or len(interface) > 300 or "\0" in interface:
            raise ValueError("samples: no name of an interface")
        series = Series(subject=SubjectId(subject), metric=metric, vantage=vantage, family=family, interface=interface)
        yield series, Sample(time=time, value=_number(value), quality=Quality(quality))


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("samples: no number")
    return float(value)
