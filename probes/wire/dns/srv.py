"""Reads SRV records (RFC 2782) in the generic form in which look-ups record them. Bytes only, no I/O."""

import re
import struct
from dataclasses import dataclass

_GENERIC = re.compile(r"\\# ([0-9]{1,5}) ([0-9a-f]+)")
_LABEL = re.compile(rb"[A-Za-z0-9_-]{1,63}")
_HEAD = struct.Struct("!HHH")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Srv:
    """Holds one record. ``target`` is lower case; empty if the record says that the service is not offered (a dot)."""

    priority: int
    weight: int
    port: int
    target: str


def read(record: str) -> Srv | None:
    """Return the record; None if it is malformed or its target is no host name. Targets are never compressed."""
    generic = _GENERIC.fullmatch(record)
    if generic is None or len(generic[2]) != 2 * int(generic[1]):
        return None
    data = bytes.fromhex(generic[2])
    if not _HEAD.size < len(data) <= _HEAD.size + _LONGEST_NAME:
        return None
    labels = _labels(data[_HEAD.size :])
    priority, weight, port = _HEAD.unpack_from(data)
    return None if labels is None else Srv(priority, weight, port, ".".join(labels).lower())


def _labels(data: bytes) -> list[str] | None:
    labels, at = [], 0
    while at < len(data) and data[at]:
        label = data[at + 1 : at + 1 + data[at]]
        if len(label) != data[at] or not _LABEL.fullmatch(label):
            return None
        labels.append(label.decode("ascii"))
        at += 1 + len(label)
    return labels if at == len(data) - 1 else None
