"""Serialises what a process of our own needs for its work.

Checks and the store are not written out: the other process loads the same checks, also those of the operator's folders,
and opens the same store by its URL.
"""

import io
import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from auditor.framework import catalogue
from auditor.framework.check import Check
from auditor.framework.findings import CheckId
from auditor.service.config import own_checks
from auditor.service.store.api import Store
from auditor.service.store.url import open_store

_CHECK, _STORE = "check", "store"


class RemoteError(Exception):
    """Holds the traceback of an error in another process."""


def hand_over(value: object, store: Store | None = None) -> bytes:
    """Serialise a value with everything in it but ``store``, which another process can open."""
    written = io.BytesIO()
    pickler = _Pickler(written, store)
    pickler.dump(own_checks.loaded())
    pickler.dump(value)
    return written.getvalue()


def take_over(data: bytes) -> object:
    """Read what ``hand_over`` wrote in a process of our own."""
    unpickler = _Unpickler(io.BytesIO(data))
    own_checks.load(cast(tuple[Path, ...], unpickler.load()), again=True)
    return unpickler.load()


class _Pickler(pickle.Pickler):
    def __init__(self, target: io.BytesIO, store: Store | None) -> None:
        super().__init__(target, pickle.HIGHEST_PROTOCOL)
        self._store = store

    def persistent_id(self, obj: object) -> tuple[str, str] | None:
        if isinstance(obj, Check):
            return _CHECK, obj.id
        if obj is self._store and self._store is not None and self._store.url is not None:
            return _STORE, self._store.url
        return None

    def reducer_override(self, obj: object) -> Any:
        return (_read_only, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, source: io.BytesIO) -> None:
        super().__init__(source)
        self._stores: dict[str, Store] = {}

    def persistent_load(self, pid: tuple[str, str]) -> object:
        kind, name = pid
        if kind == _CHECK:
            return _checks()[CheckId(name)]
        if name not in self._stores:
            self._stores[name] = open_store(name, create=False)
        return self._stores[name]


@cache
def _checks() -> Mapping[CheckId, Check]:
    return catalogue.load().checks


def _read_only(values: dict[object, object]) -> Mapping[object, object]:
    return MappingProxyType(values)
