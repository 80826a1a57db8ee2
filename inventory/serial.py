"""Frozen dataclasses of this package to plain JSON values and back, exactly.

Driven by the types' own annotations, so that a new field needs no second place. Fields at their default are left out:
a new field with a default neither breaks stored documents nor changes their digests. Decoding is strict: an unknown
field, a missing one without default or a value of another type is a SerialError with the path to it.
"""

import dataclasses
import json
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
T = TypeVar("T")
_SCALARS = (str, int, bool, float)
_TEXTUAL: Mapping[type, Callable[[str], object]] = {date: date.fromisoformat}


class SerialError(ValueError):
    """A stored document is not what this version writes."""


def encode(value: object) -> Json:
    """The JSON value of a dataclass, or of anything a field of one may hold."""
    if isinstance(value, Enum):
        return encode(value.value)
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, IPv4Address | IPv6Address):
        return str(value)
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, frozenset):
        return sorted((encode(each) for each in value), key=str)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            name: encode(held)
            for name, field in _fields(type(value)).items()
            if (held := getattr(value, name)) != _default(field)
        }
    raise TypeError(f"no JSON form for {type(value).__name__}")


def decode(wanted: type[T], data: Json, path: str = "") -> T:
    """The value of type ``wanted`` that ``encode`` made ``data`` from."""
    return cast(T, _decode(wanted, data, path))


def to_bytes(value: object) -> bytes:
    """The one canonical form of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        encode(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def from_bytes(wanted: type[T], data: bytes) -> T:
    try:
        read: Json = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SerialError("not JSON") from error
    return decode(wanted, read)


def _refuse_constant(text: str) -> Json:
    raise ValueError(f"{text} is not JSON")


@cache
def _fields(wanted: type) -> Mapping[str, "dataclasses.Field[object]"]:
    return {field.name: field for field in dataclasses.fields(wanted) if field.init}


@cache
def _hints(wanted: type) -> Mapping[str, object]:
    return get_type_hints(wanted)


def _default(field: "dataclasses.Field[object]") -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _decode(wanted: object, data: Json, path: str) -> object:
    while isinstance(wanted, NewType):
        wanted = wanted.__supertype__
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return _decode_union(arguments, data, path)
    if origin in (tuple, frozenset):
        return _decode_many(origin, arguments[0], data, path)
    if isinstance(wanted, type):
        if dataclasses.is_dataclass(wanted):
            return _decode_fields(wanted, data, path)
        return _decode_scalar(wanted, data, path)
    raise TypeError(f"no decoder for {wanted!r}")


def _decode_union(members: Sequence[object], data: Json, path: str) -> object:
    if data is None and types.NoneType in members:
        return None
    failures: list[SerialError] = []
    for member in members:
        if member is not types.NoneType:
            try:
                return _decode(member, data, path)
            except SerialError as error:
                failures.append(error)
    raise failures[-1]


def _decode_many(origin: object, member: object, data: Json, path: str) -> object:
    if not isinstance(data, list):
        raise SerialError(f"{path}: expected a list")
    items: Iterable[object] = (_decode(member, each, f"{path}[{index}]") for index, each in enumerate(data))
    if origin is tuple:
        return tuple(items)
    found = frozenset(items)
    if len(found) < len(data):
        raise SerialError(f"{path}: a value stands twice")
    return found


def _decode_fields(wanted: type, data: Json, path: str) -> object:
    if not isinstance(data, dict):
        raise SerialError(f"{path}: expected an object")
    fields, hints = _fields(wanted), _hints(wanted)
    for name in data:
        if name not in fields:
            raise SerialError(f"{path}.{name}: unknown field")
    for name, field in fields.items():
        if name not in data and _default(field) is dataclasses.MISSING:
            raise SerialError(f"{path}.{name}: missing")
    values = {name: _decode(hints[name], each, f"{path}.{name}") for name, each in data.items()}
    try:
        return wanted(**values)
    except ValueError as error:
        raise SerialError(f"{path}: {error}") from error


def _decode_scalar(wanted: type, data: Json, path: str) -> object:
    if wanted in _SCALARS:
        if type(data) is wanted or (wanted is float and type(data) is int):
            return float(data) if wanted is float and isinstance(data, int) else data
        raise SerialError(f"{path}: expected {wanted.__name__}")
    if not isinstance(data, str):
        raise SerialError(f"{path}: expected text")
    read = _TEXTUAL.get(wanted) or cast(Callable[[str], object], wanted)
    try:
        value = read(data)
    except ValueError as error:
        raise SerialError(f"{path}: {error}") from error
    if encode(value) != data:
        raise SerialError(f"{path}: {data!r} is not how it is written")
    return value
