"""Packs samples into rows of the database: all series of a subject at one time together, by their numbers.

The series of a subject are numbered from 0 on, in the order in which they were first sampled, and keep their numbers. A
frame is a byte for each number with the presence and the quality of a sample, then eight bytes for each: the value,
IEEE 754, little-endian. So a subject and a time have one row instead of some twenty, one for each series, which keeps a
round of thousands of subjects cheap to write. Roll-ups are laid out in the same way, compressed.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from auditor.framework.sample_periods import period
from auditor.service.store.records import Quality, Sample
from probes.observations.series import SampleSummary

_QUALITIES = (Quality.OK, Quality.GAP, Quality.VANTAGE, Quality.MAINTENANCE)
_CODES = {quality: 2 * code + 1 for code, quality in enumerate(_QUALITIES)}
"""Codes of qualities: odd with a value, one more (even) without; 0 is no sample at all."""
_SIZE = 9
_VALUE = struct.Struct("<d")
_ROLLED = struct.Struct("<4I5d")

Slot = tuple[float | None, Quality]


def pack(samples: Mapping[int, Slot]) -> bytes:
    """Pack the samples of one time, given by the number of their series."""
    count = max(samples, default=-1) + 1
    codes, values = bytearray(count), [0.0] * count
    for number, (value, quality) in samples.items():
        codes[number] = _CODES[quality] + (value is None)
        values[number] = 0.0 if value is None else value
    return bytes(codes) + struct.pack(f"<{count}d", *values)


def width(body: bytes) -> int:
    """Return the number of series that a frame has room for."""
    return len(body) // _SIZE


def merged(first: bytes, second: bytes) -> bytes:
    """Merge two frames of one time; for a series in both, the sample of the first is kept."""
    return pack({**unpack(second), **unpack(first)})


def unpack(body: bytes) -> dict[int, Slot]:
    count = width(body)
    values = struct.unpack_from(f"<{count}d", body, count)
    return {
        number: (None if code % 2 == 0 else values[number], _QUALITIES[(code - 1) // 2])
        for number, code in enumerate(body[:count])
        if code
    }


def pick(time: datetime, body: bytes, number: int) -> Sample | None:
    """Return the sample of one series; None if the frame has none."""
    count = width(body)
    code = body[number] if number < count else 0
    if not code:
        return None
    value = None if code % 2 == 0 else _VALUE.unpack_from(body, count + 8 * number)[0]
    return Sample(time=time, value=value, quality=_QUALITIES[(code - 1) // 2])


def pack_periods(periods: Mapping[int, SampleSummary]) -> bytes:
    """Pack the roll-ups of one period, given by the number of their series."""
    count = max(periods, default=-1) + 1
    rows = (_row(periods.get(number)) for number in range(count))
    return zlib.compress(b"".join(rows), 1)


def _row(period: SampleSummary | None) -> bytes:
    if period is None:
        return _ROLLED.pack(0, 0, 0, 0, 0, 0, 0, 0, 0)
    counts = (period.counted, period.gaps, period.vantage, period.maintenance)
    values = (period.total, period.minimum, period.maximum, period.median, period.p95)
    return _ROLLED.pack(*counts, *(0.0 if value is None else value for value in values))


def pick_periods(start: datetime, body: bytes, series: Mapping[int, list[SampleSummary]]) -> None:
    """Add the roll-ups of some series, by their numbers, to their lists; series without samples then are left out."""
    rows = zlib.decompress(body)
    for number, periods in series.items():
        if (number + 1) * _ROLLED.size <= len(rows):
            period = _period(start, _ROLLED.unpack_from(rows, number * _ROLLED.size))
            if period is not None:
                periods.append(period)


def samples_of(body: bytes) -> int:
    """Count the samples, of all series together, in the roll-ups of a period."""
    return sum(sum(row[:4]) for row in _ROLLED.iter_unpack(zlib.decompress(body)))


def _period(start: datetime, row: tuple[Any, ...]) -> SampleSummary | None:
    counted, gaps, vantage, maintenance, total, minimum, maximum, median, p95 = row
    if not counted + gaps + vantage + maintenance:
        return None
    if not counted:
        return SampleSummary(start=start, gaps=gaps, vantage=vantage, maintenance=maintenance)
    return SampleSummary(
        start=start,
        counted=counted,
        gaps=gaps,
        vantage=vantage,
        maintenance=maintenance,
        total=total,
        minimum=minimum,
        maximum=maximum,
        median=median,
        p95=p95,
    )


def rolled_up(start: datetime, frames: Sequence[Mapping[int, Slot]]) -> dict[int, SampleSummary]:
    """Roll up the frames of one period, by series."""
    values: dict[int, list[float]] = {}
    counts: dict[int, dict[Quality, int]] = {}
    for frame in frames:
        for number, (value, quality) in frame.items():
            counted = counts.setdefault(number, dict.fromkeys(Quality, 0))
            if quality is Quality.OK and value is not None:
                values.setdefault(number, []).append(value)
            else:
                counted[Quality.GAP if quality is Quality.OK else quality] += 1
    return {
        number: period(
            start,
            values.get(number, ()),
            gaps=counted[Quality.GAP],
            vantage=counted[Quality.VANTAGE],
            maintenance=counted[Quality.MAINTENANCE],
        )
        for number, counted in counts.items()
    }
