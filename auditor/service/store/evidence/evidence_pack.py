"""Packs the envelopes of one subject into one compressed body, and reads them back byte for byte.

A body is one zlib stream: a line of JSON that lists id, probe and size of each envelope, then the envelopes themselves.
Envelopes of one subject repeat each other, so that together they take a fraction of their sizes apart.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from probes.framework.evidence import EvidenceId

FULL = 16 * 2**20
"""Bytes of envelopes after which another body is begun."""
LARGEST = 192 * 2**20
"""Bytes that a body may decompress to; the largest envelope, a line of an evidence file, is within it."""
_LEVEL = 6


class DamagedPack(ValueError):
    """Raised if a body cannot be read; states why."""


class Envelope(NamedTuple):
    """Holds the bytes of one envelope with its id and its probe."""

    id: EvidenceId
    probe: str
    data: bytes


def pack(envelopes: Iterable[Envelope]) -> Iterator[bytes]:
    """Pack envelopes into bodies, usually into one.

    They compress best in the order in which they came, because consecutive measurements are alike.
    """
    some: list[Envelope] = []
    size = 0
    for envelope in envelopes:
        if some and size + len(envelope.data) > FULL:
            yield _body(some)
            some, size = [], 0
        some.append(envelope)
        size += len(envelope.data)
    if some:
        yield _body(some)


def unpack(body: bytes) -> Iterator[Envelope]:
    """Iterate over the envelopes of a body. Raises DamagedPack."""
    data = inflate(body)
    listed, newline, _ = data.partition(b"\n")
    start = len(listed) + len(newline)
    for id_, probe, size in _listed(listed):
        if size < 0:
            raise DamagedPack(f"an envelope of {size} bytes")
        yield Envelope(EvidenceId(id_), probe, data[start : start + size])
        start += size
    if start != len(data):
        raise DamagedPack("its envelopes are not those that it lists")


def inflate(body: bytes) -> bytes:
    """Decompress a body of bounded size. Raises DamagedPack."""
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(body, LARGEST + 1)
    except zlib.error as error:
        raise DamagedPack(str(error)) from error
    if len(data) > LARGEST:
        raise DamagedPack(f"it is larger than {LARGEST} bytes")
    if not stream.eof:
        raise DamagedPack("it is cut off")
    return data


def _body(envelopes: Sequence[Envelope]) -> bytes:
    listed = json.dumps(
        [[envelope.id, envelope.probe, len(envelope.data)] for envelope in envelopes], separators=(",", ":")
    )
    return zlib.compress(b"".join([listed.encode(), b"\n", *(envelope.data for envelope in envelopes)]), _LEVEL)


def _listed(line: bytes) -> Iterator[tuple[str, str, int]]:
    try:
        for id_, probe, size in json.loads(line):
            yield str(id_), str(probe), int(size)
    except (ValueError, TypeError, RecursionError) as error:
        raise DamagedPack(str(error)) from error
