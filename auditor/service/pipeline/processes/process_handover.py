"""Serialises the data that a separate process needs for its work.

Checks and the store are not written out: the other process loads the same checks, including those of the operator's
folders, and opens the same store by its URL.
"""

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from auditor.framework import catalogue
from auditor.framework.check import Check
from auditor.framework.findings import CheckId
from auditor.service.config import own_checks
from auditor.service.store.api import Store
from auditor.service.store.url import open_store


class RemoteError(Exception):
    """Holds the traceback of an error in another process."""


def hand_over(value: object, store: Store | None = None) -> bytes:
    """Serialise a value with everything in it except ``store``, which another process can open."""
    written = io.BytesIO()
    pickler = _Pickler(written, store)
    pickler.dump(own_checks.loaded())
    pickler.dump(value)
    return written.getvalue()


def take_over(data: bytes) -> object:
    """Return the value that ``hand_over`` serialised in one of our own processes."""
    unpickler = pickle.Unpickler(io.BytesIO(data))  # noqa: S301  # it came over a socket pair of our own
    own_checks.load(cast(tuple[Path, ...], unpickler.load()), again=True)
    return unpickler.load()


class _Pickler(pickle.Pickler):
    def __init__(self, target: io.BytesIO, store: Store | None) -> None:
        super().__init__(target, pickle.HIGHEST_PROTOCOL)
        self._store = store

    def reducer_override(self, obj: object) -> Any:
        if isinstance(obj, Check):
            return _check, (obj.id,)
        if obj is self._store and self._store is not None and self._store.url is not None:
            return _open, (self._store.url,)
        if isinstance(obj, MappingProxyType):
            return _read_only, (dict(obj),)
        kind: type = type(obj)
        values = _values(kind)
        return NotImplemented if values is None else (_filled, (kind, values(obj)))


@cache
def _values(kind: type) -> Callable[[object], object] | None:
    """Return a reader of all fields of a frozen dataclass with slots; None for any other class.

    For such an object the standard library looks up the fields of its class each time, which takes longer than
    everything else.
    """
    getstate = getattr(kind, "__getstate__", None)
    if not is_dataclass(kind) or getattr(getstate, "__module__", None) != is_dataclass.__module__:
        return None
    names = [field.name for field in fields(kind)]
    return attrgetter(*names) if len(names) > 1 else None


@cache
def _slots(kind: type) -> Sequence[Callable[[object, object], None]]:
    return [getattr(kind, field.name).__set__ for field in fields(kind)]


def _filled(kind: type, values: Sequence[object]) -> object:
    made: object = object.__new__(kind)
    for put, value in zip(_slots(kind), values, strict=True):
        put(made, value)
    return made


def _check(name: CheckId) -> Check:
    return _checks(own_checks.loaded())[name]


def _open(url: str) -> Store:
    return open_store(url, create=False)


@cache
def _checks(_: tuple[Path, ...]) -> Mapping[CheckId, Check]:
    """Load the checks of this process, once for its folders."""
    return catalogue.load().checks


def _read_only(values: dict[object, object]) -> Mapping[object, object]:
    return MappingProxyType(values)
