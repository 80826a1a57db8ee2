# SPDX-License-Identifier: GPL-2.0-only
"""Reads the scope file: the limits that the owner of the machine sets for this program, for all callers.

It holds the four lists of the protocol's first line, and ``packets_per_second`` if wanted. A file that a caller could
have written is refused, and this program then does not start work: the file must belong to root or to this program's
own user, as must its folder, and no other user may write to either.
"""

import json
import os
import stat
from dataclasses import dataclass
from typing import Any

from probes.rawpkt import requests
from probes.rawpkt.pace import RATE
from probes.rawpkt.scope import PacketScope

PLACE = "/etc/auditor/rawpkt.json"
"""The path of the scope file, read if it exists, however this program was started."""
_FASTEST = 100_000
_RATE = "packets_per_second"


class Untrusted(Exception):
    """Raised for a scope file that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    scope: PacketScope
    rate: float = RATE


def read(path: str) -> Bounds | None:
    """Return the contents of a scope file; None where there is none. Raises Untrusted."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise Untrusted(f"{path}: {problem.strerror}") from problem
    try:
        _must_be_ours(os.fstat(number), path, stat.S_ISREG)
        _must_be_ours(os.stat(os.path.dirname(path) or "."), os.path.dirname(path) or ".", stat.S_ISDIR)
        data = os.read(number, requests.LINE_LIMIT + 1)
    finally:
        os.close(number)
    try:
        fields = requests.loaded(data)
        rate = fields.pop(_RATE, RATE)
        return Bounds(scope=requests.read_scope(json.dumps(fields).encode()), rate=_speed(rate))
    except requests.Malformed as problem:
        raise Untrusted(f"{path}: {problem}") from problem


def _must_be_ours(status: os.stat_result, path: str, is_kind: Any) -> None:
    if not is_kind(status.st_mode):
        raise Untrusted(f"{path}: not a {'file' if is_kind is stat.S_ISREG else 'folder'}")
    if status.st_uid not in (0, os.geteuid()):
        raise Untrusted(f"{path}: belongs to another user")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Untrusted(f"{path}: can be written by others")


def _speed(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _FASTEST:
        raise requests.Malformed(f"{_RATE}: no number from 1 to {_FASTEST}")
    return float(value)
