"""Packs the frames of one day of one track into one body, column by column, and reads them back unchanged.

The values of one series are stored together: they are of one kind and one size, and most of their bytes are equal, so
that a day takes a fraction of the size of its separate frames.

A body is one zlib stream: the number of frames and of series, the times of the frames in microseconds, a column of
codes for each series (see ``frames``), a column of values for each. Times and values are a byte for their form and a
base, then eight bytes for each of them; bytes of the same rank are stored together.
"""

import math
import struct
import zlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from auditor.service.store.database.columns import EPOCH
from auditor.service.store.samples import frames

Frame = tuple[datetime, bytes]
"""The time of samples, and their frame as ``frames`` packed it."""

_HEAD = struct.Struct("<IH")
_FORM = struct.Struct("<Bq")
_MICROSECOND = timedelta(microseconds=1)
_DECIMALS = (0, 3, 6, 9)
"""Decimals that are tried: counts are whole numbers, rates have three decimals, delays six."""
_RISING = 0x80
"""A flag beside the decimals: each value is stored as its excess over the one before it, not over the smallest."""
_DOUBLES = 0xFF
_EXACT = 2**53


def pack(day: Sequence[Frame]) -> bytes:
    """Pack at least one frame, in order of time."""
    width = max(frames.width(body) for _, body in day)
    codes, values = _columns([body for _, body in day], width)
    times = _whole([(time - EPOCH) // _MICROSECOND for time, _ in day], decimals=0)
    return zlib.compress(b"".join([_HEAD.pack(len(day), width), times, *codes, *map(_written, values)]), 6)


def unpack(body: bytes, numbers: Collection[int] | None = None) -> list[Frame]:
    """Read frames that ``pack`` wrote; each has as many series as the widest had.

    With ``numbers``, at least one of a series, only those are decoded, and the frames have no sample of others.
    """
    data = zlib.decompress(body)
    count, width = _HEAD.unpack_from(data)
    size, at = _FORM.size + 8 * count, _HEAD.size
    times = _read(data[at : at + size], count)
    codes_at = at + size
    values_at = codes_at + count * width
    shown = range(width) if numbers is None else range(min(width, max(numbers) + 1))
    codes = [bytes(count)] * len(shown)
    columns: list[Sequence[float]] = [(0.0,) * count] * len(shown)
    for number in shown:
        if numbers is None or number in numbers:
            codes[number] = data[codes_at + count * number :][:count]
            columns[number] = _read(data[values_at + size * number :][:size], count)
    row = struct.Struct(f"<{len(shown)}d")
    return [
        (EPOCH + _MICROSECOND * int(time), bytes(coded) + row.pack(*values))
        for time, coded, values in zip(times, zip(*codes, strict=True), zip(*columns, strict=True), strict=True)
    ]


def _columns(bodies: Sequence[bytes], width: int) -> tuple[list[bytes], list[tuple[float, ...]]]:
    """Return the codes and the values of each series; a frame that lacks a series has no sample of it."""
    codes, values = [], []
    for body in bodies:
        count = frames.width(body)
        codes.append(body[:count] + bytes(width - count))
        values.append((*struct.unpack_from(f"<{count}d", body, count), *(0.0,) * (width - count)))
    return [bytes(column) for column in zip(*codes, strict=True)], list(zip(*values, strict=True))


def _written(column: Sequence[float]) -> bytes:
    for decimals in _DECIMALS:
        numbers = _numbers(column, 10**decimals)
        if numbers is not None:
            return _whole(numbers, decimals=decimals)
    return _FORM.pack(_DOUBLES, 0) + _ranked(struct.pack(f"<{len(column)}d", *column))


def _numbers(column: Sequence[float], scale: int) -> list[int] | None:
    """Return the values as whole numbers of a unit; None if any would not be restored exactly."""
    numbers = []
    for value in column:
        scaled = value * scale
        if not abs(scaled) < _EXACT or (value == 0 and math.copysign(1, value) < 0):
            return None
        number = round(scaled)
        if number / scale != value:
            return None
        numbers.append(number)
    return numbers


def _whole(numbers: Sequence[int], *, decimals: int) -> bytes:
    if all(before <= after for before, after in pairwise(numbers)):
        form, base, told = decimals | _RISING, numbers[0], [0, *(after - before for before, after in pairwise(numbers))]
    else:
        form, base = decimals, min(numbers)
        told = [number - base for number in numbers]
    return _FORM.pack(form, base) + _ranked(struct.pack(f"<{len(told)}q", *told))


def _read(data: bytes, count: int) -> Sequence[float]:
    form, base = _FORM.unpack_from(data)
    if form == _DOUBLES:
        return struct.unpack(f"<{count}d", _mixed(data[_FORM.size :]))
    scale = 10 ** (form & ~_RISING)
    if not any(data[_FORM.size :]):  # most counts are constant all day
        return [base / scale] * count
    told = struct.unpack(f"<{count}q", _mixed(data[_FORM.size :]))
    numbers = accumulate(told, initial=base) if form & _RISING else (base + number for number in told)
    return [number / scale for number in numbers][-count:]


def _ranked(data: bytes) -> bytes:
    """Return the bytes ordered by rank: the lowest byte of every number first."""
    return b"".join(data[rank::8] for rank in range(8))


def _mixed(data: bytes) -> bytes:
    count = len(data) // 8
    mixed = bytearray(len(data))
    for rank in range(8):
        mixed[rank::8] = data[count * rank : count * (rank + 1)]
    return bytes(mixed)
